"""The result tables of one run, loaded once and kept for every reader."""

from __future__ import annotations

from datetime import tzinfo
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.service.periods import Periods, periods_of
from geoservice.service.rows import Rows
from geoservice.store import Run, Store


class RunView:
    """Read-only view of a finished run; tables are loaded on first use."""

    def __init__(self, store: Store, run: Run) -> None:
        self.run = run
        self._store = store
        self._periods: Periods | None = None
        # What others computed from this run and want to find again.
        self.kept: dict[Any, Any] = {}
        self._lock = Lock()

    @cached_property
    def hotspots(self) -> pd.DataFrame:
        """Table ``hotspots`` without those that closed since the run before, best rank first."""
        found = self._table("hotspots")
        return found[found["state"].fillna("new") != "closed"].sort_values("rank", ignore_index=True)

    @cached_property
    def diagnoses(self) -> pd.DataFrame:
        """Table ``diagnoses``, likeliest cause first within a subject."""
        return self._table("diagnoses").sort_values(["subject_id", "rank"], ignore_index=True)

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """Table ``evidence``."""
        return self._table("evidence")

    @cached_property
    def actions(self) -> pd.DataFrame:
        """Table ``actions``, first choice first within a subject."""
        return self._table("actions").sort_values(["subject_id", "rank"], ignore_index=True)

    @cached_property
    def hex_rates(self) -> pd.DataFrame:
        """Table ``hex_rates``."""
        return self._table("hex_rates")

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Table ``coverage``, ascending by hex."""
        return self._table("coverage").sort_values("hex", ignore_index=True)

    @cached_property
    def serving(self) -> pd.DataFrame:
        """Table ``serving``, ascending by hex."""
        return self._table("serving").sort_values(["hex", "probability"], ascending=[True, False], ignore_index=True)

    def site_requests(self) -> pd.DataFrame:
        """Table ``site_requests`` as it stands now (people change its states), highest priority first.

        Of equal points that of more customers, then of more net gain, comes first: points are full at ten customers.
        """
        order = ["priority", "customers", "predicted_net_customers"]
        return self._table("site_requests").sort_values(order, ascending=False, kind="stable", ignore_index=True)

    def periods(self, zone: tzinfo) -> Periods:
        """The complaints behind the run by time step; read when the first slider moves."""
        with self._lock:
            if self._periods is None:
                finest = int(grid.resolutions(self.hex_rates["hex"].to_numpy(np.int64)[:1])[0])
                self._periods = periods_of(self._store, self.run, finest, zone)
            return self._periods

    def coverage_of(self, hex_: int) -> dict[str, Any] | None:
        """The coverage row of a hex, or None when the run did not predict it."""
        return self._coverage_rows.first(hex_)

    def serving_of(self, hex_: int) -> list[dict[str, Any]]:
        """Rows of ``serving`` for a hex, likeliest first."""
        return list(self._serving_rows.of(hex_))

    @cached_property
    def coverage_resolution(self) -> int | None:
        """Resolution that coverage was predicted at, None where it was not."""
        hexes = self.coverage["hex"].to_numpy(np.int64)[:1]
        return int(grid.resolutions(hexes)[0]) if hexes.size else None

    @cached_property
    def _coverage_rows(self) -> Rows:
        return Rows(self.coverage)

    @cached_property
    def _serving_rows(self) -> Rows:
        return Rows(self.serving)

    def request_state(self, request_no: str) -> str | None:
        """State of a site-build request as it stands now."""
        run, number = (self._store.column("site_requests", name) for name in ("run_id", "request_no"))
        state = self._store.first("site_requests", "state", run == self.run.run_id, number == request_no)
        return None if state is None else str(state)

    def _table(self, name: str) -> pd.DataFrame:
        return self._store.run_table(self.run.run_id, name)


class ToldView(RunView):
    """The same run for those who must not find out about single customers.

    A run predicts coverage also where somebody complained, even one customer alone: that a hex is there would tell
    so. Kept are hexes with subscribers on file, those of a told lattice, and those around hotspots.

    Parameters
    ----------
    whole : the run as it is; its tables are shared.
    told : (n,) hexes of the lattice that are told at their finest.
    """

    def __init__(self, whole: RunView, told: NDArray[np.int64]) -> None:
        super().__init__(whole._store, whole.run)
        self._whole = whole
        self._told = told

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Table ``coverage`` without hexes that are there for single complaints."""
        return self._only_told(self._whole.coverage)

    @cached_property
    def serving(self) -> pd.DataFrame:
        """Table ``serving`` of the same hexes."""
        rows = self._whole.serving
        return rows[rows["hex"].isin(self.coverage["hex"])].reset_index(drop=True)

    def _only_told(self, rows: pd.DataFrame) -> pd.DataFrame:
        if rows.empty:
            return rows
        resolution = int(grid.resolutions(rows["hex"].to_numpy(np.int64)[:1])[0])
        spots = [grid.text_to_hex([text for text, _ in hexes]) for hexes in self.hotspots["hexes"]]
        near = [grid.disk(_at(hexes, resolution), _HALO) for hexes in spots]
        known = np.unique(np.concatenate([_at(self._told, resolution), *near]))
        told = (rows["customers"].fillna(0.0) > 0) | rows["hex"].isin(known)
        return rows[told].reset_index(drop=True)

    def _table(self, name: str) -> pd.DataFrame:
        return getattr(self._whole, name) if name in _SHARED else super()._table(name)


# As wide as the analysis predicts around hotspots.
_HALO = 2
# Tables that the whole run and what is told of it have in common; each is a property of the same name.
_SHARED = frozenset({"hex_rates", "hotspots", "diagnoses", "evidence", "actions"})


def _at(hexes: NDArray[np.int64], resolution: int) -> NDArray[np.int64]:
    """Hexes of ``resolution`` that hold the centres of these, as the analysis chose what to predict."""
    return grid.to_hex(*grid.hex_to_latlon(hexes), resolution) if hexes.size else hexes
