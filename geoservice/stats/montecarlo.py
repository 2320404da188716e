"""What is scanned, what chance is, and the distribution of the largest statistic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geoservice.stats.dispersion import Dispersion
from geoservice.stats.profile import Profile, common_profile
from geoservice.stats.zones import Zones

if TYPE_CHECKING:  # compiled modules are imported where they are needed
    from geoservice.stats._windows import Found, Nested, Rule

Floats = NDArray[np.float64]
EVEN = Dispersion()
BLOCK = 64  # lanes of the compiled scan
# Besag & Clifford (1991): stop once this many replicates reached the observed value; p is then h / draws, exact for
# any h and known to a third.
EXCEEDANCES = 10
# A p-value is beyond doubt once its limit lies so many standard errors away.
BEYOND_DOUBT = 2.5
# Floating-point noise must not make an equal replicate look smaller than the observation.
EQUAL = 1e-9


@dataclass(frozen=True)
class Problem:
    """What is scanned.

    zones : nested zones of every centre; expected : (locations, steps), sums to ``total``;
    durations : ascending lengths of time windows; prospective : windows end at the last step only;
    min_cases : fewer cases never make a window; dispersion : relative variance of the rates that windows are
    tested against (0 = Poisson).
    """

    zones: Zones
    expected: Floats
    total: int
    durations: NDArray[np.int32]
    prospective: bool = False
    min_cases: int = 2
    dispersion: float = 0.0

    @property
    def pruning(self) -> Floats:
        """Largest expectation, by level and count, at which a window can exceed the level."""
        return _pruning(self.total, self.min_cases, self.dispersion)

    @cached_property
    def profile(self) -> Profile:
        """Locations whose expectation follows one profile over the steps."""
        return common_profile(self.expected, self.durations, self.prospective)

    def rule(self, floor: float = 0.0, slack: float = np.inf) -> Rule:
        """The problem as the compiled search takes it (parameters: :class:`geoservice.stats._windows.Rule`)."""
        from geoservice.stats._windows import Rule

        return Rule(
            self.durations, self.prospective, self.total, self.dispersion, self.pruning, self.min_cases, self.profile,
            float(floor), float(slack),
        )  # fmt: skip

    @property
    def steps(self) -> int:
        return self.expected.shape[1]

    @property
    def locations(self) -> int:
        return self.expected.shape[0]


@dataclass(frozen=True)
class Null:
    """How cases fall when nothing is the matter.

    kind ``expected``: independently, in proportion to the expectation; ``times``: each keeps its
    place and the times are shuffled; ``labels``: a random subset of all ``reports`` (cells).
    step_rates, place_rates : (steps,), (locations,) chance of a report to be a case, up to a factor (``labels``);
        None = the same everywhere.
    dispersion : how true rates vary from place to place; drawn anew in every replicate.
    """

    kind: str = "expected"
    reports: NDArray[np.int64] | None = None
    step_rates: Floats | None = None
    place_rates: Floats | None = None
    dispersion: Dispersion = EVEN

    @property
    def weighted(self) -> bool:
        """Whether some cells are likelier than their expectation or number of reports says."""
        return self.step_rates is not None or self.place_rates is not None or bool(self.dispersion.variances)


@dataclass(frozen=True)
class Distribution:
    """Largest statistic of each replicate, and where the sequence was stopped early (0 = never)."""

    maxima: Floats
    wanted: int

    def reached(self, value: float) -> int:
        """How many replicates reached a value."""
        return int((self.maxima >= value - EQUAL).sum())

    def p_value(self, value: float) -> float:
        """Monte Carlo p: (1 + exceedances) / (1 + replicates), or Besag-Clifford when stopped early."""
        reached = self.maxima >= value - EQUAL
        if len(self.maxima) < self.wanted and reached.sum() >= EXCEEDANCES:
            draws = int(np.flatnonzero(reached)[EXCEEDANCES - 1]) + 1
            return EXCEEDANCES / draws
        return float((1 + reached.sum()) / (1 + len(self.maxima)))

    def tail_p_value(self, value: float) -> float:
        """p below the resolution of the replicates by a Gumbel fit (Abrams, Kulldorff, Kleinman 2010).

        Uses the Monte Carlo p wherever at least five replicates reached the value.
        """
        plain = self.p_value(value)
        if len(self.maxima) < 99 or self.reached(value) >= 5:
            return plain
        location, scale = gumbel_fit(self.maxima)
        return float(np.clip(-np.expm1(-np.exp(-(value - location) / scale)), 1e-12, plain))

    def band(self, value: float) -> tuple[float, float]:
        """Bounds that hold the p-value of ``value`` but for once in eighty.

        The error is that of a count, or of a Gumbel tail (relative standard error about √((1 + ln² p) / n)) where
        fewer than five replicates reached it. Such a tail errs on the large side, up to half again of the truth near
        a hundredth, so that it can show that a p-value is small, never that it is not.
        """
        p_value, draws = self.tail_p_value(value), max(len(self.maxima), 1)
        reached = self.reached(value)
        relative = np.sqrt(1.0 / reached if reached >= 5 else (1.0 + np.log(p_value) ** 2) / draws)
        factor = float(np.exp(BEYOND_DOUBT * relative))
        return p_value / factor if reached >= 5 else 0.0, min(p_value * factor, 1.0)

    def critical(self, alpha: float) -> float:
        """Value that only ``alpha`` of the replicates exceed."""
        return float(np.quantile(self.maxima, 1.0 - alpha)) if len(self.maxima) else 0.0


def gumbel_fit(maxima: Floats) -> tuple[float, float]:
    """Location and scale by the method of moments: β = s·√6/π, μ = mean − γβ."""
    scale = max(float(np.std(maxima, ddof=1)) * np.sqrt(6.0) / np.pi, 1e-9)
    return float(np.mean(maxima)) - np.euler_gamma * scale, scale


@lru_cache(maxsize=16)
def _pruning(total: int, min_cases: int, dispersion: float) -> Floats:
    """The pruning table of a total; shared by everything that scans the same number of cases."""
    from geoservice.stats._likelihood import pruning_table

    return pruning_table(total, min_cases, dispersion)


def scan_cells(
    problem: Problem, cells: NDArray[np.int64], *, floor: float = 0.0, slack: float = np.inf
) -> tuple[Floats, NDArray[np.int32]]:
    """Best window of every centre for (b, total) case cells: ratios (b, centres) and places (b, centres, 3).

    Ratios of at most ``max(floor, the replicate's best − slack)`` may come back as 0. Replicates are
    scanned in blocks of :data:`BLOCK` lanes.
    """
    best = np.zeros((len(cells), problem.zones.centres))
    # Zeros, not a mark: where nothing is found nothing is written, and the pages are never taken.
    where = np.zeros((len(cells), problem.zones.centres, 3), np.int32)
    if problem.total >= problem.min_cases and cells.size:
        from geoservice.stats._windows import Found

        scan, rule = _scan_lanes if len(cells) > 1 else _scan_one, problem.rule(floor, slack)
        for at in range(0, len(cells), BLOCK):
            part = np.ascontiguousarray(cells[at : at + BLOCK])
            block = slice(at, at + len(part))
            scan(problem, part, rule, Found(best[block], where[block], np.zeros(len(part))))
    return best, where


def _scan_lanes(problem: Problem, cells: NDArray[np.int64], rule: Rule, found: Found) -> None:
    from geoservice.stats._lanes import scan_lanes
    from geoservice.stats._nulls import pack
    from geoservice.stats._short import LANES

    pointer, replicate, step = pack(cells, problem.locations, problem.steps)
    narrow = np.int16 if problem.total < np.iinfo(np.int16).max else np.int32
    scratch = np.zeros(problem.steps * LANES, narrow)
    scan_lanes(
        _nested(problem.zones), problem.expected, pointer, step * np.int32(LANES) + replicate, rule, scratch, found
    )


def _scan_one(problem: Problem, cells: NDArray[np.int64], rule: Rule, found: Found) -> None:
    from geoservice.stats._nulls import pack
    from geoservice.stats._windows import scan_block

    cases = pack(cells, problem.locations, problem.steps)
    scan_block(_nested(problem.zones), problem.expected, *cases, rule, found)


def _nested(zones: Zones) -> Nested:
    from geoservice.stats._windows import Nested

    return Nested(zones.pointer, zones.order, zones.closes, zones.prices)
