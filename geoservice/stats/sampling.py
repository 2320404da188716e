"""Replicates drawn in fixed blocks, as many as it takes: the result depends on the seed alone, never on threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from geoservice.stats.montecarlo import BLOCK, Distribution, Null, Problem

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Seeds = NDArray[np.uint64]
Statistic = Callable[[Longs], Floats]
# Blocks between two looks at the sequence: few at first, more later.
FIRST_LOOKS, FEW, MANY = 8, 2, 4


class Sampling:
    """The null distribution of the largest statistic, drawn step by step.

    Parameters
    ----------
    observed : (total,) cell (location·steps + step) of each observed case; the ``times`` null shuffles it.
    statistic : maps (b, total) drawn cells to the b largest statistics; must release the GIL.
    replicas : the most replicates to draw.
    """

    def __init__(
        self,
        problem: Problem,
        null: Null,
        observed: Longs,
        statistic: Statistic,
        *,
        replicas: int,
        seed: int,
        threads: int | None = None,
    ) -> None:
        self._draw, self._statistic, self._replicas = sampler(problem, null, observed), statistic, replicas
        seeds = replicate_seeds(seed, replicas)
        self._blocks = [seeds[at : at + BLOCK] for at in range(0, replicas, BLOCK)]
        self._threads = threads or os.cpu_count() or 1
        self._maxima: list[Floats] = []

    @property
    def distribution(self) -> Distribution:
        """What has been drawn so far."""
        return Distribution(np.concatenate(self._maxima) if self._maxima else np.zeros(0), self._replicas)

    @property
    def complete(self) -> bool:
        return len(self._maxima) == len(self._blocks)

    def more(self) -> None:
        """Draw up to the next look at the sequence."""
        drawn = len(self._maxima)
        self._extend(self._blocks[drawn : drawn + (FEW if drawn < FIRST_LOOKS else MANY)])

    def all(self) -> Distribution:
        """Draw all that are left."""
        self._extend(self._blocks[len(self._maxima) :])
        return self.distribution

    def _extend(self, blocks: list[Seeds]) -> None:
        with ThreadPoolExecutor(max(1, min(self._threads, len(blocks)))) as pool:
            self._maxima.extend(pool.map(lambda block: self._statistic(self._draw(block)), blocks))


def replicate_seeds(seed: int, count: int) -> Seeds:
    """One 64-bit seed per replicate; a prefix of a longer sequence is the shorter sequence."""
    children = np.random.SeedSequence(seed).spawn(count)
    return np.array([child.generate_state(1, np.uint64)[0] for child in children], np.uint64)


def sampler(problem: Problem, null: Null, observed: Longs) -> Callable[[Seeds], Longs]:
    """The function that draws replicates under a null: seeds to cells (replicates, total)."""
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
