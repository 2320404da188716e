"""The same service for those who must not find out about single customers: every answer passes the rule first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from geoservice import export
from geoservice.export import ExportReport
from geoservice.export.titles import Language
from geoservice.service import hex_view
from geoservice.service.discreet import TOLD_MEASURES, Discretion, withheld
from geoservice.service.run_view import RunView, ToldView
from geoservice.service.service import Service
from geoservice.service.showing import layer_of
from geoservice.store import Run

_TOLD_FRAMES = ("site-requests", "hotspots", "hexes", "actions", "coverage")
_OF_PEOPLE = ("complaints", "fixes", "satisfied")


class DiscreetService(Service):
    """Shares store and caches with a service; what could give a customer away is rounded, left out or refused."""

    shows_tickets = False

    @classmethod
    def over(cls, service: Service) -> DiscreetService:
        """The discreet side of ``service``."""
        made = object.__new__(cls)
        # One state for both: what one loads the other has too.
        made.__dict__ = service.__dict__
        return made

    @property
    def discretion(self) -> Discretion:
        """The rule of this deployment."""
        return Discretion.of(self.config)

    # --- runs --------------------------------------------------------------------------------

    def view(self, run_id: str | None = None) -> RunView:
        """The newest finished run; what changed since an earlier one would be single customers."""
        found = super().view()
        if run_id not in (None, found.run.run_id):
            super().run(str(run_id))
            raise withheld("an earlier analysis")
        told = found.kept.get("told")
        if told is None:
            finest = self.discretion.told(found)
            hexes = finest[max(finest)].index.to_numpy(np.int64) if finest else np.empty(0, np.int64)
            told = found.kept["told"] = ToldView(found, hexes)
        return cast(RunView, told)

    def run(self, run_id: str) -> Run:
        """One run with its progress; counts rounded."""
        return self._told_run(super().run(run_id))

    def runs(self) -> list[Run]:
        """Runs, newest first; counts rounded."""
        return [self._told_run(run) for run in super().runs()]

    def _told_run(self, run: Run) -> Run:
        count = self.discretion.count
        return replace(run, complaints=count(run.complaints) or 0, customers=count(run.customers) or 0, notes=[])

    def status(self) -> dict[str, Any]:
        """What is stored and what is shown; counts of complaints are left out."""
        found = super().status()
        tables = {name: rows for name, rows in found["tables"].items() if name not in _OF_PEOPLE}
        return {**found, "tables": tables}

    # --- answers -----------------------------------------------------------------------------

    def suggest(self, typed: str, limit: int = 8) -> list[dict[str, Any]]:
        """Places and things of the network; never tickets."""
        return [one for one in super().suggest(typed, limit) if one.get("kind") != "ticket"]

    def hotspots(self, run_id: str | None = None, class_group: str | None = None) -> list[dict[str, Any]]:
        """Hotspots with rounded counts; their order is that of the exact ones only as far as ranks tell it."""
        return [self._hotspot(spot) for spot in super().hotspots(run_id, class_group)]

    def hotspot(self, hotspot_id: str, run_id: str | None = None) -> dict[str, Any]:
        """One hotspot; its history counts customers and is left out."""
        # Found among the told ones: the method above us asks for them.
        return {**super().hotspot(hotspot_id, run_id), "history": []}

    def _hotspot(self, spot: dict[str, Any]) -> dict[str, Any]:
        told = self.discretion.hotspot(spot)
        told.pop("history", None)
        return told

    def hexes(self, asked: hex_view.HexQuestion) -> dict[str, Any]:
        """Hexes of the lattice; measures of the network as they are."""
        if not hex_view.is_of_complaints(asked.measure):
            return super().hexes(replace(asked, period=None))
        if asked.measure not in TOLD_MEASURES:
            raise withheld(f"the measure {asked.measure}")
        if asked.class_group != "all" or asked.period is not None:
            raise withheld("the hexes of single classes or periods")
        view, rule = self.view(asked.run_id), self.discretion
        finest = max(rule.told(view), default=0)
        shown = hex_view.told(lambda resolution: rule.hexes_at(view, resolution), finest, asked)
        return {"run": view.run.run_id, **shown}

    def timeline(self, class_group: str = "all", run_id: str | None = None) -> dict[str, Any]:
        """The time steps of a run with rounded counts."""
        return self.discretion.steps(super().timeline(class_group, run_id))

    def hex_levels(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """The lattice at the run's resolution and coarser ones."""
        view, rule = self.view(run_id), self.discretion
        finest = max(rule.told(view), default=0)
        found = []
        for resolution in range(finest, max(finest - 5, -1), -1):
            level = hex_view.level(rule.hexes_at(view, resolution), resolution, "customers")
            found.append({name: level[name] for name in ("resolution", "hexes", "values", "few")})
        return found

    def site_requests(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Site-build requests in the order of their told priority."""
        return self.discretion.requests(super().site_requests(run_id))

    def site_request(self, request_no: str, run_id: str | None = None) -> dict[str, Any]:
        """One site-build request."""
        return self.discretion.request(super().site_request(request_no, run_id))

    def decide(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Move a request to its next state; versions are those of what was told."""
        return self.discretion.request(super().decide(*arguments, **named))

    def told_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a version is made of: the request as the caller read it."""
        return self.discretion.request(request)

    # --- exports -----------------------------------------------------------------------------

    def frame(self, what: str, run_id: str | None = None) -> pd.DataFrame:
        """Result tables with what may be told."""
        if what not in _TOLD_FRAMES:
            raise withheld(f"the table {what}")
        exact = super().frame(what, run_id)
        if what == "hexes":
            return self.discretion.hex_rows(self.view(run_id))
        if what == "hotspots":
            return self._told_frame(exact, self.hotspots(run_id), "hotspot_id")
        return self._told_frame(exact, self.site_requests(run_id), "request_no") if what == "site-requests" else exact

    def export(
        self,
        what: str,
        path: Path,
        language: Language = "zh",
        run_id: str | None = None,
        only: Collection[str] | None = None,
    ) -> ExportReport:
        """Write what may be told as one table; the sheets beside it in a full export hold more."""
        return export.write(self._asked_for(what, run_id, only), path, layer=layer_of(what), language=language)

    @staticmethod
    def _told_frame(exact: pd.DataFrame, told: list[dict[str, Any]], key: str) -> pd.DataFrame:
        """The exact frame with the columns of the told answers that differ, in their order."""
        order = {row["id"]: number for number, row in enumerate(told)}
        frame = exact.assign(_order=exact[key].map(order)).sort_values("_order").drop(columns="_order")
        frame = frame.drop(columns=list(_DROPPED), errors="ignore").reset_index(drop=True)
        if key == "hotspot_id" and "hexes" in frame:
            frame["hexes"] = pd.Series([[[text, None] for text in row["hexes"]] for row in told], dtype="object")
        for name in frame.columns.intersection(list(_REPLACED)):
            values = pd.Series([row.get(name) for row in told], index=frame.index, dtype="object")
            frame[name] = values if frame[name].dtype == object else _cast(values, frame[name].dtype)
        return frame


# Evidence counts complaints; the words of causes and actions stay.
_DROPPED = ("evidence", "contradictions", "missing", "cause_zh", "cause_en")
_REPLACED = (
    "lat", "lon", "customers", "contacts", "expected", "relative_risk", "risk_low", "risk_high", "llr", "p_raw",
    "p_value", "classes", "trend", "precise_share", "survives_precise", "emerging", "seed", "priority",
    "priority_terms", "sentence_zh", "sentence_en",
)  # fmt: skip


def _cast(values: pd.Series, dtype: Any) -> pd.Series:
    if getattr(dtype, "kind", "O") == "f":
        return values.astype("float64")
    try:
        return values.astype(dtype)
    except (TypeError, ValueError):
        return values.astype("Int64") if getattr(dtype, "kind", "") == "i" else values
