"""Monte Carlo of the scan statistic: replicates in fixed blocks, early stopping, Gumbel tail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geoservice.stats.dispersion import Dispersion
from geoservice.stats.zones import Zones

Floats = NDArray[np.float64]
EVEN = Dispersion()
BLOCK = 64  # lanes of the compiled scan
# Besag & Clifford (1991): stop once this many replicates reached the observed value; p is then h / draws.
EXCEEDANCES = 25
# From so many replicates on, a Gumbel p outside these bounds is beyond doubt: its relative standard error is
# about √((1 + (ln 1/p)²) / n): a factor of two at the first look, of 1.4 at the second, 1.2 at the third.
DOUBTS = ((120, 5e-4, 0.25), (250, 4e-3, 0.12), (500, 2e-2, 0.08))
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
        if len(self.maxima) < 99 or (self.maxima >= value - EQUAL).sum() >= 5:
            return plain
        location, scale = gumbel_fit(self.maxima)
        return float(np.clip(-np.expm1(-np.exp(-(value - location) / scale)), 1e-12, plain))

    def critical(self, alpha: float) -> float:
        """Value that only ``alpha`` of the replicates exceed."""
        return float(np.quantile(self.maxima, 1.0 - alpha)) if len(self.maxima) else 0.0


def gumbel_fit(maxima: Floats) -> tuple[float, float]:
    """Location and scale by the method of moments: β = s·√6/π, μ = mean − γβ."""
    scale = max(float(np.std(maxima, ddof=1)) * np.sqrt(6.0) / np.pi, 1e-9)
    return float(np.mean(maxima)) - np.euler_gamma * scale, scale


def replicate_seeds(seed: int, count: int) -> NDArray[np.uint64]:
    """One 64-bit seed per replicate; a prefix of a longer sequence is the shorter sequence."""
    children = np.random.SeedSequence(seed).spawn(count)
    return np.array([child.generate_state(1, np.uint64)[0] for child in children], np.uint64)


Statistic = Callable[[NDArray[np.int64]], Floats]


def run(
    problem: Problem,
    null: Null,
    observed: NDArray[np.int64],
    statistic: Statistic,
    *,
    replicas: int,
    seed: int,
    values: Floats | None = None,
    threads: int | None = None,
) -> Distribution:
    """Null distribution of the largest statistic.

    Parameters
    ----------
    observed : (total,) cell (location·steps + step) of each observed case; the ``times`` null shuffles it.
    statistic : maps (b, total) drawn cells to the b largest statistics; must release the GIL.
    values : statistics observed, largest first; sampling stops early once the largest is certain to be
        unremarkable, or every one of them is far from any doubt. None = never stop early.
    """
    sampler = _sampler(problem, null, observed)
    seeds = replicate_seeds(seed, replicas)
    blocks = [seeds[at : at + BLOCK] for at in range(0, replicas, BLOCK)]
    workers = threads or min(os.cpu_count() or 1, len(blocks)) or 1
    maxima: list[Floats] = []
    with ThreadPoolExecutor(workers) as pool:
        for round_ in _rounds(blocks):
            maxima.extend(pool.map(lambda block: statistic(sampler(block)), round_))
            if values is not None and _decided(Distribution(np.concatenate(maxima), replicas), values):
                break
    return Distribution(np.concatenate(maxima) if maxima else np.zeros(0), replicas)


def _decided(drawn: Distribution, values: Floats) -> bool:
    """True once more replicates cannot change what is reported: the strongest value is unremarkable, or each value
    has its exceedances or a tail p-value beyond doubt."""
    reached = (drawn.maxima[:, None] >= values[None, :] - EQUAL).sum(axis=0)
    if reached[0] >= EXCEEDANCES:
        return True
    bounds = [(low, high) for draws, low, high in DOUBTS if len(drawn.maxima) >= draws]
    if not bounds:
        return False
    low, high = bounds[-1]
    p_values = np.array([drawn.tail_p_value(float(value)) for value in values])
    return bool(((p_values < low) | (p_values > high) | (reached >= EXCEEDANCES)).all())


def _rounds(blocks: list[NDArray[np.uint64]]) -> Iterator[list[NDArray[np.uint64]]]:
    """Blocks between two looks at the sequence: few at first, more later; never depends on the threads."""
    at = 0
    while at < len(blocks):
        size = 2 if at < 8 else 4
        yield blocks[at : at + size]
        at += size


def _sampler(
    problem: Problem, null: Null, observed: NDArray[np.int64]
) -> Callable[[NDArray[np.uint64]], NDArray[np.int64]]:
    from geoservice.stats import _nulls

    if null.kind == "times":
        return lambda seeds: _draw(
            seeds, problem.total, lambda s, row: _nulls.draw_times(s, observed, problem.steps, row)
        )
    if null.weighted:
        return lambda seeds: _draw(seeds, problem.total, _weighted_fill(problem, null))
    if null.kind == "labels":
        reports = np.ascontiguousarray(null.reports, np.int64)

        def labels(seeds: NDArray[np.uint64]) -> NDArray[np.int64]:
            scratch = np.empty_like(reports)
            return _draw(seeds, problem.total, lambda s, row: _nulls.draw_labels(s, reports, scratch, row))

        return labels
    share, alias = _nulls.alias_table(problem.expected.ravel())
    return lambda seeds: _draw(seeds, problem.total, lambda s, row: _nulls.draw_multinomial(s, share, alias, row))


def _weighted_fill(problem: Problem, null: Null) -> Callable[[np.uint64, NDArray[np.int64]], None]:
    """One replicate under rates that vary from place to place, and from step to step among reports."""
    from geoservice.stats import _nulls

    levels = np.array(null.dispersion.units, np.int64).reshape(-1, problem.locations)
    variances = np.array(null.dispersion.variances, float)
    rates = np.ones(problem.steps) if null.step_rates is None else null.step_rates

    def fill(seed: np.uint64, row: NDArray[np.int64]) -> None:
        factors = _nulls.draw_factors(~seed, levels, variances)
        if null.reports is None:
            _nulls.draw_weighted(seed, np.cumsum(problem.expected * factors[:, None]), row)
            return
        if null.place_rates is not None:
            factors = factors * null.place_rates
        weights = factors[null.reports // problem.steps] * rates[null.reports % problem.steps]
        times = _nulls.race_times(seed, weights)
        row[:] = null.reports[np.argpartition(times, len(row) - 1)[: len(row)]]

    return fill


def _draw(
    seeds: NDArray[np.uint64], total: int, fill: Callable[[np.uint64, NDArray[np.int64]], None]
) -> NDArray[np.int64]:
    cells = np.empty((len(seeds), total), np.int64)
    for row, seed in enumerate(seeds):
        fill(seed, cells[row])
    return cells


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
    where = np.full((len(cells), problem.zones.centres, 3), -1, np.int32)
    if problem.total >= problem.min_cases and cells.size:
        scan = _scan_lanes if len(cells) > 1 else _scan_one
        for at in range(0, len(cells), BLOCK):
            part = slice(at, at + BLOCK)
            scan(problem, np.ascontiguousarray(cells[part]), floor, slack, best[part], where[part])
    return best, where


def _scan_lanes(
    problem: Problem, cells: NDArray[np.int64], floor: float, slack: float, best: Floats, where: NDArray[np.int32]
) -> None:
    from geoservice.stats._lanes import LANES, scan_lanes
    from geoservice.stats._nulls import pack

    pointer, replicate, step = pack(cells, problem.locations, problem.steps)
    narrow = np.int16 if problem.total < np.iinfo(np.int16).max else np.int32
    scan_lanes(
        problem.zones.pointer, problem.zones.order, problem.zones.closes, problem.expected, pointer,
        step * np.int32(LANES) + replicate, problem.durations, problem.prospective, problem.total, problem.dispersion,
        problem.pruning, problem.min_cases, floor, slack,
        np.zeros(problem.steps * LANES, narrow), best, where,
    )  # fmt: skip


def _scan_one(
    problem: Problem, cells: NDArray[np.int64], floor: float, slack: float, best: Floats, where: NDArray[np.int32]
) -> None:
    from geoservice.stats._nulls import pack
    from geoservice.stats._windows import scan_block

    scan_block(
        problem.zones.pointer, problem.zones.order, problem.zones.closes, problem.expected,
        *pack(cells, problem.locations, problem.steps), len(cells), problem.durations, problem.prospective,
        problem.total, problem.dispersion, problem.pruning, problem.min_cases, floor, slack, best, where,
    )  # fmt: skip
