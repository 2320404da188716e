"""Scan every class group and put all findings under one false-discovery control."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config
from geoservice.hotspots.events import Events
from geoservice.hotspots.expectation import Expectation, Exposure, expect
from geoservice.hotspots.options import ScanOptions
from geoservice.hotspots.region import Region
from geoservice.records import Progress
from geoservice.stats.lattice import LatticeScan, Window, recount, scan_lattice
from geoservice.stats.montecarlo import Distribution, Problem
from geoservice.stats.multiple import benjamini_hochberg, selected_families


@dataclass(frozen=True)
class Setting:
    """Everything the scans of all groups share."""

    region: Region
    events: Events
    exposure: Exposure
    profile: NDArray[np.float64]
    options: ScanOptions
    min_customers: int
    rates: dict[str, pd.DataFrame | None] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.region.hexes), len(self.profile)

    def cells(self, frame: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions and steps of events."""
        return self.region.positions(frame["hex"].to_numpy()), frame["step"].to_numpy(np.int64)

    def expectation(self, group: str, frame: pd.DataFrame) -> Expectation:
        """What is expected of the events in ``frame`` (the group's events, or a part of them)."""
        prospective = self.options.prospective
        groups = ["all"] if group == "all" else [g for g in self.events.frame["group"].unique() if g != "all"]
        everyone = pd.concat([self.events.first(name, prospective) for name in groups])
        return expect(self.exposure, group, self.cells(frame), self.cells(everyone), self.shape, self.profile)


@dataclass(frozen=True)
class Finding:
    """A window of one group that stands out.

    p_adjusted : after the control over all groups; limit : the raw p-value up to which windows are reported;
    distribution : largest scores of the group's replicates.
    """

    group: str
    window: Window
    p_adjusted: float
    kind: str
    distribution: Distribution
    limit: float


def search(setting: Setting, progress: Progress, least: int) -> list[Finding]:
    """Findings of all groups with adjusted p at most alpha, strongest first."""
    scans: dict[str, tuple[LatticeScan, str]] = {}
    groups = setting.options.scanned
    for number, group in enumerate(groups):
        progress(number / len(groups), f"scan {group}")
        frame = setting.events.first(group, setting.options.prospective)
        if len(frame) >= least:
            scans[group] = scan_group(setting, group, frame, setting.options.seed + number)
    return _controlled(scans, setting.options.alpha)


def scan_group(setting: Setting, group: str, frame: pd.DataFrame, seed: int) -> tuple[LatticeScan, str]:
    """Scan of one group's events, and what the expectation rests on."""
    expectation = setting.expectation(group, frame)
    problem = make_problem(setting, expectation, len(frame))
    positions, steps = setting.cells(frame)
    found = scan_lattice(
        problem, setting.region.table, expectation.null, positions * problem.steps + steps,
        replicas=setting.options.replicas, seed=seed, threads=setting.options.threads,
    )  # fmt: skip
    return found, expectation.kind


def survives_precise(finding: Finding, setting: Setting) -> bool:
    """Whether the window still stands out when only point-precise complaints count.

    The window's score is computed again with them alone and held against the same null distribution
    and the same false-discovery limit as the finding itself.
    """
    frame = setting.events.first(finding.group, setting.options.prospective)
    precise = frame[frame["precise"]]
    if len(precise) < setting.min_customers:
        return False
    expectation = setting.expectation(finding.group, precise)
    problem = make_problem(setting, expectation, len(precise))
    positions, steps = setting.cells(precise)
    cells = positions * problem.steps + steps
    window = finding.window
    ratio = recount(problem, cells, window)
    score = ratio * window.score / max(window.llr, 1e-9)  # the same shape has the same compactness
    return finding.distribution.tail_p_value(score) <= finding.limit


def make_problem(setting: Setting, expectation: Expectation, total: int) -> Problem:
    """The scan problem of an expectation: ring windows, durations up to half the period and the whole of it."""
    steps = setting.shape[1]
    half = np.arange(1, max(steps // 2, 1) + 1)
    whole = [] if expectation.kind == "history" else [steps]  # a whole period is always as usual
    durations = np.unique(np.append(half, whole)).astype(np.int32)
    share = expectation.expected.sum(axis=1) / max(total, 1)
    zones = setting.region.zones(share, setting.options.max_share)
    return Problem(
        zones, np.ascontiguousarray(expectation.expected), total, durations, setting.options.prospective,
        setting.min_customers,
    )  # fmt: skip


def _controlled(scans: dict[str, tuple[LatticeScan, str]], alpha: float) -> list[Finding]:
    """One false-discovery control over all groups: families are groups, selected by their strongest window."""
    primary = np.array([scan.primary_p for scan, _ in scans.values()])
    found = [(group, window, scan, kind) for group, (scan, kind) in scans.items() for window in scan.windows]
    adjusted = selected_families(primary, [window.p_value for _, window, _, _ in found])
    limit = alpha * float((benjamini_hochberg(primary) <= alpha).mean()) if len(primary) else 0.0
    findings = [
        Finding(group, window, float(p), kind, scan.distribution, limit)
        for (group, window, scan, kind), p in zip(found, adjusted, strict=True)
        if p <= alpha
    ]
    return sorted(findings, key=lambda f: (-f.window.llr, f.group))


def min_customers(config: Config) -> int:
    """Fewer distinct customers than this never make a hotspot (the handbook's watch level)."""
    return int(config["hot_watch"])
