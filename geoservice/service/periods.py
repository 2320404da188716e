"""Complaints of a run by time step: what the map's time slider and its comparison of two periods show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid, hotspots, locate, names
from geoservice.errors import InputError
from geoservice.hotspots.calendar import Steps, choose_steps
from geoservice.service.plain import plain
from geoservice.stats.gistar import gi_star
from geoservice.stats.rates import empirical_bayes
from geoservice.store import Run, Store, period_of, to_us

Floats = NDArray[np.float64]
_COLUMNS = ("complaint_id", "customer_key", "class", "accepted_at", "time_step")
# The slider plays over the same steps again and again.
_KEPT = 256


@dataclass(frozen=True)
class Period:
    """Half-open time window; None leaves a side open."""

    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise InputError("the period must begin before it ends", field="until")


@dataclass(frozen=True)
class Periods:
    """Events of a run in the order of their steps.

    ``events`` holds one row per complaint and hex: step, hex, customer (a number), group, weight.
    """

    steps: Steps
    events: pd.DataFrame
    _kept: dict[tuple[int, int, str], pd.DataFrame] = field(default_factory=dict, repr=False)

    def timeline(self, class_group: str) -> dict[str, Any]:
        """Every step with its distinct customers and contacts, for the slider and its bars."""
        mine = self._of_group(self.events, class_group)
        once = mine.drop_duplicates(["step", "complaint"])
        contacts = np.bincount(once["step"], minlength=len(self.steps))
        customers = np.bincount(mine.drop_duplicates(["step", "customer"])["step"], minlength=len(self.steps))
        edges = [plain(edge) for edge in self.steps.edges]
        rows = zip(edges[:-1], edges[1:], customers.tolist(), contacts.tolist(), strict=True)
        keys = ("from", "to", "customers", "contacts")
        return {
            "unit": self.steps.unit,
            "class_group": class_group,
            "steps": [dict(zip(keys, row, strict=True)) for row in rows],
        }

    def rates(self, period: Period, class_group: str, usual: pd.DataFrame) -> pd.DataFrame:
        """Rows like those of ``hex_rates`` for the steps that lie in the period.

        ``usual`` (hex, expected over the whole run) is scaled by the share of the run's time; the smoothed rate
        and Gi* are computed from the period alone.
        """
        first, last = self._range(period)
        key = (first, last, class_group)
        frame = self._kept.get(key)
        if frame is None:
            frame = self._rates(first, last, class_group, usual)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = frame
        return frame

    def _rates(self, first: int, last: int, class_group: str, usual: pd.DataFrame) -> pd.DataFrame:
        begin, end = np.searchsorted(self.events["step"], [first, last])
        mine = self._of_group(self.events.iloc[int(begin) : int(end)], class_group)
        expected = usual["expected"].to_numpy(float) * self._share(first, last)
        contacts = mine.groupby("hex")["weight"].sum()
        customers = mine.groupby(["hex", "customer"])["weight"].max().groupby("hex").sum()
        frame = pd.DataFrame({"hex": usual["hex"].to_numpy(np.int64), "expected": expected})
        frame["customers"] = customers.reindex(frame["hex"], fill_value=0.0).to_numpy(float)
        frame["contacts"] = contacts.reindex(frame["hex"], fill_value=0.0).to_numpy(float)
        frame["rate"] = empirical_bayes(frame["customers"], frame["expected"])
        frame["gi_z"] = _significance(frame)
        return frame[["hex", "customers", "contacts", "expected", "rate", "gi_z"]]

    def _range(self, period: Period) -> tuple[int, int]:
        edges = self.steps.edges
        first = 0 if period.since is None else int(edges.searchsorted(pd.Timestamp(period.since), side="left"))
        last = len(self.steps) if period.until is None else int(edges.searchsorted(pd.Timestamp(period.until)))
        first, last = min(first, len(self.steps)), min(last, len(self.steps))
        if first >= last:
            raise InputError("the period holds no whole time step of this run", field="since")
        return first, last

    def _share(self, first: int, last: int) -> float:
        edges = self.steps.edges
        return float((edges[last] - edges[first]) / (edges[-1] - edges[0]))

    @staticmethod
    def _of_group(events: pd.DataFrame, class_group: str) -> pd.DataFrame:
        return events if class_group == "all" else events[events["group"] == class_group]


def periods_of(store: Store, run: Run, resolution: int, zone: tzinfo) -> Periods:
    """The complaints behind a run, spread over its hexes and sorted into its steps."""
    since, until = (None if moment is None else pd.Timestamp(moment) for moment in period_of(run.options))
    complaints = store.read("complaints", _COLUMNS, where=_accepted(store, since, until))
    if complaints.empty:
        raise InputError("there are no complaints in the period of this run", field="run")
    scan = hotspots.ScanOptions(since=since, until=until, resolution=resolution)
    steps, _ = choose_steps(complaints, scan, zone)
    scoped = _scoped(complaints, steps)
    fixes = store.read("fixes", where=[store.column("fixes", "precision") != "none"])
    fixes = fixes[fixes["complaint_id"].isin(scoped["complaint_id"])]
    weights = locate.hex_weights(fixes, resolution, store.read("exposure"))
    weights = weights[weights["weight"] > 0].merge(scoped, on="complaint_id")
    events = pd.DataFrame(
        {
            "step": weights["step"].to_numpy(np.int64),
            "hex": weights["hex"].to_numpy(np.int64),
            "complaint": pd.factorize(weights["complaint_id"])[0],
            "customer": pd.factorize(weights["customer"])[0],
            "group": weights["group"].astype("category"),
            "weight": weights["weight"].to_numpy(float),
        }
    )
    return Periods(steps, events.sort_values("step", kind="stable", ignore_index=True))


def _accepted(store: Store, since: pd.Timestamp | None, until: pd.Timestamp | None) -> list[Any]:
    column = store.column("complaints", "accepted_at")
    lower = [] if since is None else [column >= to_us(since)]
    return lower if until is None else [*lower, column < to_us(until)]


def _scoped(complaints: pd.DataFrame, steps: Steps) -> pd.DataFrame:
    """Complaints about the network inside the steps, with group, step and customer (nameless: each its own)."""
    groups = {code: names.class_group(code) for code in complaints["class"].dropna().unique()}
    frame = complaints.assign(
        group=complaints["class"].map(groups).fillna("all"),
        step=steps.of(complaints["accepted_at"]),
        customer=complaints["customer_key"].fillna(complaints["complaint_id"]),
    )
    chosen = (frame["group"] != "none") & (frame["step"] >= 0)
    return frame.loc[chosen, ["complaint_id", "group", "step", "customer"]]


def _significance(frame: pd.DataFrame) -> Floats:
    """Gi* of the standardised excess among a hex and its neighbours, as the run's own map computes it."""
    usual = frame["expected"].to_numpy(float)
    residual = (frame["customers"].to_numpy(float) - usual) / np.sqrt(np.maximum(usual + usual.mean(), 1e-12))
    return gi_star(residual, grid.neighbour_table(frame["hex"].to_numpy(np.int64), 1))
