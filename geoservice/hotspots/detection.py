"""From located complaints to hotspots: the room's front door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import tables
from geoservice.config import Config
from geoservice.hotspots.assembly import assemble
from geoservice.hotspots.calendar import Steps, choose_steps
from geoservice.hotspots.events import Events, in_scope, locate
from geoservice.hotspots.expectation import (
    NEARBY_RINGS,
    Exposure,
    read_exposure,
    spread,
    time_profile,
)
from geoservice.hotspots.hexrates import hex_rates
from geoservice.hotspots.merging import merge
from geoservice.hotspots.options import ScanOptions
from geoservice.hotspots.region import Region, choose_resolution, make_region
from geoservice.hotspots.reporters import by_reporter, customers_are_places
from geoservice.hotspots.search import Setting, min_customers, search
from geoservice.records import Progress, silent

Weigh = Callable[[pd.DataFrame, int], pd.DataFrame]


@dataclass(frozen=True)
class Findings:
    """Tables HOTSPOTS, HOTSPOT_MEMBERS and HEX_RATES, and what was decided on the way."""

    hotspots: pd.DataFrame
    members: pd.DataFrame
    hex_rates: pd.DataFrame
    notes: tuple[str, ...]


def detect(
    complaints: pd.DataFrame,
    fixes: pd.DataFrame,
    exposure: pd.DataFrame,
    satisfied: pd.DataFrame,
    weigh: Weigh,
    config: Config,
    options: ScanOptions,
    progress: Progress = silent,
) -> Findings:
    """Places and times with more distinct customers than the exposure explains, beyond chance.

    Parameters
    ----------
    complaints, fixes, exposure, satisfied : the tables of these names.
    weigh : (fixes, resolution) → WEIGHTS.
    config : thresholds; ``hot_watch`` is the fewest customers of a hotspot.

    Returns
    -------
    Findings; hotspots carry provisional ids in order of rank, :func:`track` gives the lasting ones.
    """
    steps, notes = choose_steps(complaints, options, config.timezone) if len(complaints) else (None, ["no complaints"])
    if steps is None:
        return _nothing(notes)
    if customers_are_places(complaints):
        complaints, satisfied = by_reporter(complaints, satisfied)
        notes.append("no customer is named: an operator's reports from about one place count as one customer's")
    scoped = in_scope(complaints, _classes(), steps)
    events, said = _located(scoped, fixes, exposure, satisfied, weigh, options)
    notes += said
    if events.frame.empty:
        return _nothing([*notes, "no complaint with a usable location in the period"])
    setting, said = _setting(events, exposure, satisfied, steps, config, options)
    notes += said
    found = search(setting, progress, setting.min_customers)
    notes += setting.said_of_dispersion()
    progress(0.95, "describe hotspots")
    hotspots, members = assemble(merge(found), setting, steps)
    return Findings(hotspots, members, hex_rates(setting), tuple(notes))


def _nothing(notes: list[str]) -> Findings:
    return Findings(
        tables.empty(tables.HOTSPOTS),
        tables.empty(tables.HOTSPOT_MEMBERS),
        tables.empty(tables.HEX_RATES),
        tuple(notes),
    )


def _classes() -> pd.DataFrame:
    return pd.read_csv(str(files("geoservice") / "reference" / "classes.csv"))


def _located(
    scoped: pd.DataFrame,
    fixes: pd.DataFrame,
    exposure: pd.DataFrame,
    satisfied: pd.DataFrame,
    weigh: Weigh,
    options: ScanOptions,
) -> tuple[Events, list[str]]:
    mine = fixes[fixes["complaint_id"].isin(scoped["complaint_id"])]
    resolution, notes = options.resolution, []
    if resolution is None:
        # What could not be located has a row too, without a point.
        best = mine[(mine["rank"] == 0) & mine["lat"].notna()]
        extra = satisfied.dropna(subset=["lat", "lon"]) if len(satisfied) else exposure
        resolution, said = choose_resolution(
            best["lat"].to_numpy(float), best["lon"].to_numpy(float),
            extra["lat"].to_numpy(float), extra["lon"].to_numpy(float), scoped["customer"].nunique(),
        )  # fmt: skip
        notes.append(said)
    events = locate(scoped, mine, weigh(mine, resolution), resolution)
    missing = len(scoped) - len(events.frame)
    if missing:
        notes.append(f"{missing} of {len(scoped)} complaints are located too coarsely for resolution {resolution}")
    return events, notes


def _setting(
    events: Events,
    exposure: pd.DataFrame,
    satisfied: pd.DataFrame,
    steps: Steps,
    config: Config,
    options: ScanOptions,
) -> tuple[Setting, list[str]]:
    kind, rows = read_exposure(exposure, satisfied, events.frame["customer"].nunique(), events.resolution, steps)
    hexes = np.union1d(events.frame["hex"].to_numpy(np.int64), rows["hex"].to_numpy(np.int64))
    region = make_region(hexes, max(options.max_rings, NEARBY_RINGS))
    everyone = events.first("all", options.prospective)
    counts = np.bincount(everyone["step"].to_numpy(np.int64), minlength=len(steps)).astype(float)
    profile = time_profile(counts, steps.weekdays, steps.unit)
    shape = (len(region.hexes), len(steps))
    setting = Setting(
        region, events, _exposure(kind, rows, region, shape), profile, options, min_customers(config),
        steps.unit == "month",
    )  # fmt: skip
    return setting, [_said(kind)]


def _exposure(kind: str, rows: pd.DataFrame, region: Region, shape: tuple[int, int]) -> Exposure:
    if kind == "none":
        return Exposure(kind)
    at: NDArray[np.int64] = region.positions(rows["hex"].to_numpy(np.int64))
    if kind == "satisfied_calls":
        cell = at * shape[1] + rows["step"].to_numpy(np.int64)
        return Exposure(kind, reports=np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape))
    customers: NDArray[np.float64] = np.bincount(at, weights=rows["count"].to_numpy(float), minlength=shape[0]).astype(
        float
    )
    return Exposure(kind, customers=spread(customers, region.disk(NEARBY_RINGS)))


def _said(kind: str) -> str:
    if kind == "none":
        return "no exposure: groups are compared with the mix of classes, all complaints with the region's own history"
    return f"expectation from {kind.replace('_', ' ')}"
