"""Scan every class group and put all findings under one false-discovery control."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.config import Config
from geoservice.hotspots.control import Finding, controlled, settle
from geoservice.hotspots.events import Events
from geoservice.hotspots.expectation import Expectation, Exposure, by_region, expect
from geoservice.hotspots.options import ScanOptions
from geoservice.hotspots.region import Region
from geoservice.records import Progress
from geoservice.stats.dispersion import Dispersion, estimate, region_factors
from geoservice.stats.lattice import LatticeSearch, recount
from geoservice.stats.montecarlo import EVEN, Problem
from geoservice.stats.zones import Zones

# Rates are compared at the scan's resolution, at so many coarser ones (a factor of 7 in area each), and by region: the
# fifth coarser one, but no larger than resolution 3 (a province has ten). What is usual in a region is no hotspot.
COARSER = 3
REGION_UP, REGION_RESOLUTION = 5, 3
# Windows of a hex and its neighbours are typical; the statistic takes the spread of rates of such a window.
TYPICAL_HEXES = 7


@dataclass(frozen=True)
class Setting:
    """Everything the scans of all groups share; what was computed once per group is kept in ``memo``."""

    region: Region
    events: Events
    exposure: Exposure
    profile: NDArray[np.float64]
    options: ScanOptions
    min_customers: int
    monthly: bool = False
    rates: dict[str, pd.DataFrame | None] = field(default_factory=dict)
    memo: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.region.hexes), len(self.profile)

    def cells(self, frame: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions and steps of events."""
        return self.region.positions(frame["hex"].to_numpy()), frame["step"].to_numpy(np.int64)

    def first(self, group: str) -> pd.DataFrame:
        """The group's events, one per customer and place."""
        frame: pd.DataFrame = self._once("first", group, lambda: self.events.first(group, self.options.prospective))
        return frame

    def usual(self, group: str) -> Expectation:
        """What is expected of the group's events."""
        found: Expectation = self._once("usual", group, lambda: self.expectation(group, self.first(group)))
        return found

    def expectation(self, group: str, frame: pd.DataFrame) -> Expectation:
        """What is expected of the events in ``frame`` (the group's events, or a part of them), region by region."""
        factors, _ = self._rates_of(group)
        plain = self._plain(group, frame)
        return plain if factors is None else by_region(plain, factors)

    def _plain(self, group: str, frame: pd.DataFrame) -> Expectation:
        names = ["all"] if group == "all" else [g for g in self.events.frame["group"].unique() if g != "all"]
        everyone = self._once(
            "everyone", "+".join(names), lambda: self.cells(pd.concat([self.first(name) for name in names]))
        )
        return expect(self.exposure, group, self.cells(frame), everyone, self.shape, self.profile, self.monthly)

    def dispersion(self, group: str) -> Dispersion:
        """How the group's rates vary from place to place beyond chance, at every scale of the lattice."""
        return self._rates_of(group)[1]

    def _rates_of(self, group: str) -> tuple[NDArray[np.float64] | None, Dispersion]:
        """Regional rate factor of every hex (None = the same everywhere), and the dispersion left within regions."""
        found: tuple[NDArray[np.float64] | None, Dispersion] = self._once("rates", group, lambda: self._measured(group))
        return found

    def said_of_dispersion(self) -> list[str]:
        """What the notes say of the groups whose rates vary beyond chance."""
        scanned = [group for kind, group in self.memo if kind == "rates"]
        spread = {group: float(np.sqrt(self.dispersion(group).total)) for group in scanned}
        varied = ", ".join(f"{group} {value:.0%}" for group, value in spread.items() if value > 0)
        regional = [group for group in scanned if self._rates_of(group)[0] is not None]
        notes = (
            [f"regions differ beyond chance; expected within each region: {', '.join(regional)}"] if regional else []
        )
        if varied:
            notes += [f"rates vary from place to place beyond chance; tested against that (spread: {varied})"]
        elif scanned:
            notes += ["rates vary from place to place no more than by chance (Poisson)"]
        return notes

    def zones(self, expectation: Expectation, total: int) -> Zones:
        """Ring windows that hold at most ``max_share`` of the expectation."""
        return self.region.zones(expectation.expected.sum(axis=1) / max(total, 1), self.options.max_share)

    def _measured(self, group: str) -> tuple[NDArray[np.float64] | None, Dispersion]:
        plain = self._plain(group, self.first(group))
        if plain.kind == "history":  # every place is its own yardstick
            return None, EVEN
        positions, _ = self.cells(self.first(group))
        counts = np.bincount(positions, minlength=self.shape[0]).astype(float)
        expected = plain.expected.sum(axis=1)
        levels = self._levels()
        found = estimate(counts, expected, levels)
        wide = self._region_resolution < self.events.resolution
        if wide and found.units and found.units[-1] is levels[-1]:
            factors = region_factors(counts, expected, found.units[-1], found.variances[-1])
            return factors, Dispersion(found.units[:-1], found.variances[:-1])
        return None, found

    def _levels(self) -> list[NDArray[np.int64]]:
        """Unit of every hex at each level: the hex itself, its parent, and so on; last the region."""
        finest = self.events.resolution
        resolutions = {max(finest - up, 0) for up in range(COARSER + 1)}
        levels = [
            grid.parents(self.region.hexes, res)
            for res in sorted(resolutions | {self._region_resolution}, reverse=True)
        ]
        return [np.unique(level, return_inverse=True)[1].astype(np.int64) for level in levels]

    @property
    def _region_resolution(self) -> int:
        """Resolution of regions; the scan's own where even the coarsest region would be too small to be one."""
        coarse = max(self.events.resolution - REGION_UP, REGION_RESOLUTION)
        return coarse if self.events.resolution - coarse >= COARSER else self.events.resolution

    def _once(self, what: str, group: str, compute: Callable[[], Any]) -> Any:
        if (what, group) not in self.memo:
            self.memo[what, group] = compute()
        return self.memo[what, group]


def search(setting: Setting, progress: Progress, least: int) -> list[Finding]:
    """Findings of all groups with adjusted p at most alpha, strongest first."""
    groups = {group: number for number, group in enumerate(setting.options.scanned)}
    begun: dict[str, tuple[Callable[[], LatticeSearch], str]] = {}
    for group, number in groups.items():
        progress(0.1 * number / len(groups), f"scan {group}")
        frame = setting.first(group)
        if len(frame) >= least:
            begun[group] = begin(setting, group, frame, setting.options.seed + number)
    # Groups do not touch one another, and the compiled search lets other threads run.
    with ThreadPoolExecutor(setting.options.threads or os.cpu_count() or 1) as pool:
        scans = dict(zip(begun, pool.map(lambda one: one[0](), begun.values()), strict=True))
        settle(scans, setting.options.alpha, progress)
        results = dict(zip(scans, pool.map(LatticeSearch.result, scans.values()), strict=True))
    return controlled(results, {group: kind for group, (_, kind) in begun.items()}, setting.options.alpha)


def begin(setting: Setting, group: str, frame: pd.DataFrame, seed: int) -> tuple[Callable[[], LatticeSearch], str]:
    """What scans one group's events, no replicate drawn yet, and what the expectation rests on."""
    expectation, rates = setting.usual(group), setting.dispersion(group)
    problem = make_problem(setting, expectation, len(frame), rates.of_window(TYPICAL_HEXES))
    positions, steps = setting.cells(frame)
    search = partial(
        LatticeSearch, problem, setting.region.table, replace(expectation.null, dispersion=rates),
        positions * problem.steps + steps,
        replicas=setting.options.replicas, seed=seed, threads=setting.options.threads,
    )  # fmt: skip
    return search, expectation.kind


def survives_precise(finding: Finding, setting: Setting) -> bool:
    """Whether the window still stands out when only point-precise complaints count.

    The window's score is computed again with them alone and held against the same null distribution
    and the same false-discovery limit as the finding itself.
    """
    frame = setting.first(finding.group)
    precise = frame[frame["precise"]]
    if len(precise) < setting.min_customers:
        return False
    if len(precise) == len(frame):
        return True
    expected = setting.expectation(finding.group, precise).expected
    positions, steps = setting.cells(precise)
    window = finding.window
    spread = setting.dispersion(finding.group).of_window(TYPICAL_HEXES)
    ratio = recount(expected, positions * setting.shape[1] + steps, window, spread)
    score = ratio - (window.llr - window.score)  # the same shape has the same price
    return finding.distribution.tail_p_value(score) <= finding.limit


def make_problem(setting: Setting, expectation: Expectation, total: int, dispersion: float = 0.0) -> Problem:
    """The scan problem of an expectation: ring windows, durations up to half the period and the whole of it."""
    steps = setting.shape[1]
    half = np.arange(1, max(steps // 2, 1) + 1)
    whole = [] if expectation.kind == "history" else [steps]  # a whole period is always as usual
    durations = np.unique(np.append(half, whole)).astype(np.int32)
    return Problem(
        setting.zones(expectation, total), np.ascontiguousarray(expectation.expected), total, durations,
        setting.options.prospective, setting.min_customers, dispersion,
    )  # fmt: skip


def min_customers(config: Config) -> int:
    """Fewer distinct customers than this never make a hotspot (the handbook's watch level)."""
    return int(config["hot_watch"])
