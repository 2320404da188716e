"""Monte Carlo of the scan statistic: replicates in fixed blocks, early stopping, Gumbel tail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from geoservice.stats.zones import Zones

Floats = NDArray[np.float64]
BLOCK = 64  # lanes of the compiled scan
# Besag & Clifford (1991): stop once this many replicates reached the observed value; p is then h / draws.
EXCEEDANCES = 25
# From this many replicates on, a Gumbel p outside these bounds is beyond doubt.
DECIDE_FROM = 250
SURELY_LOW, SURELY_HIGH = 2e-3, 0.12
# Floating-point noise must not make an equal replicate look smaller than the observation.
EQUAL = 1e-9


@dataclass(frozen=True)
class Problem:
    """What is scanned.

    zones : nested zones of every centre; expected : (locations, steps), sums to ``total``;
    durations : ascending lengths of time windows; prospective : windows end at the last step only;
    min_cases : fewer cases never make a window.
    """

    zones: Zones
    expected: Floats
    total: int
    durations: NDArray[np.int32]
    prospective: bool = False
    min_cases: int = 2

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
    """

    kind: str = "expected"
    reports: NDArray[np.int64] | None = None


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
    """True once more replicates cannot change what is reported."""
    if (drawn.maxima >= values[0] - EQUAL).sum() >= EXCEEDANCES:
        return True
    if len(drawn.maxima) < DECIDE_FROM:
        return False
    p_values = np.array([drawn.tail_p_value(float(value)) for value in values])
    return bool(((p_values < SURELY_LOW) | (p_values > SURELY_HIGH)).all())


def _rounds(blocks: list[NDArray[np.uint64]]) -> Iterator[list[NDArray[np.uint64]]]:
    """Blocks between two looks at the sequence: few at first, more later; never depends on the threads."""
    at, size = 0, 2
    while at < len(blocks):
        yield blocks[at : at + size]
        at, size = at + size, min(2 * size, 8)


def _sampler(
    problem: Problem, null: Null, observed: NDArray[np.int64]
) -> Callable[[NDArray[np.uint64]], NDArray[np.int64]]:
    from geoservice.stats import _nulls

    if null.kind == "times":
        return lambda seeds: _draw(
            seeds, problem.total, lambda s, row: _nulls.draw_times(s, observed, problem.steps, row)
        )
    if null.kind == "labels":
        reports = np.ascontiguousarray(null.reports, np.int64)

        def labels(seeds: NDArray[np.uint64]) -> NDArray[np.int64]:
            scratch = np.empty_like(reports)
            return _draw(seeds, problem.total, lambda s, row: _nulls.draw_labels(s, reports, scratch, row))

        return labels
    share, alias = _nulls.alias_table(problem.expected.ravel())
    return lambda seeds: _draw(seeds, problem.total, lambda s, row: _nulls.draw_multinomial(s, share, alias, row))


def _draw(
    seeds: NDArray[np.uint64], total: int, fill: Callable[[np.uint64, NDArray[np.int64]], None]
) -> NDArray[np.int64]:
    cells = np.empty((len(seeds), total), np.int64)
    for row, seed in enumerate(seeds):
        fill(seed, cells[row])
    return cells


@cache
def pruning(total: int, min_cases: int) -> Floats:
    """The pruning table of a total; shared by everything that scans the same number of cases."""
    from geoservice.stats._likelihood import pruning_table

    return pruning_table(total, min_cases)


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
        step * np.int32(LANES) + replicate, len(cells), problem.durations, problem.prospective, problem.total,
        pruning(problem.total, problem.min_cases), problem.min_cases, floor, slack,
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
        problem.total, pruning(problem.total, problem.min_cases), problem.min_cases, floor, slack, best, where,
    )  # fmt: skip
