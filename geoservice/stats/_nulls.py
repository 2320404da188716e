"""Random cases under the null hypothesis, from a counter-based generator (compiled).

A replicate's stream depends on its own seed only, so the result does not depend on the number of
threads or on how replicates are packed into blocks.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Cells = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@njit(cache=True, nogil=True, inline="always")
def uniform(seed: np.uint64, counter: int) -> float:
    """The ``counter``-th uniform in [0, 1) of a stream: SplitMix64 (Steele, Lea, Flood 2014)."""
    z = seed + np.uint64(counter + 1) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], Ints]:
    """Vose's alias tables (1991): draw a cell in constant time with probability ∝ weight."""
    size = weights.shape[0]
    share = weights * (size / weights.sum())
    alias = np.arange(size).astype(np.int32)
    small = np.empty(size, np.int32)
    large = np.empty(size, np.int32)
    n_small = n_large = 0
    for i in range(size):
        if share[i] < 1.0:
            small[n_small] = i
            n_small += 1
        else:
            large[n_large] = i
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        low, high = small[n_small], large[n_large - 1]
        alias[low] = high
        share[high] -= 1.0 - share[low]
        if share[high] < 1.0:
            n_large -= 1
            small[n_small] = high
            n_small += 1
    for k in range(n_small):
        share[small[k]] = 1.0
    for k in range(n_large):
        share[large[k]] = 1.0
    return share, alias


@njit(cache=True, nogil=True)
def draw_multinomial(seed: np.uint64, share: NDArray[np.float64], alias: Ints, cells: Cells) -> None:
    """Independent cells with the probabilities of the alias tables."""
    size = share.shape[0]
    for i in range(cells.shape[0]):
        scaled = uniform(seed, i) * size
        cell = min(int(scaled), size - 1)
        cells[i] = cell if scaled - cell < share[cell] else alias[cell]


@njit(cache=True, nogil=True)
def draw_times(seed: np.uint64, observed: Cells, steps: int, cells: Cells) -> None:
    """Every case keeps its place; the times are shuffled among the cases (Kulldorff et al. 2005)."""
    cells[:] = observed
    for i in range(cells.shape[0] - 1, 0, -1):
        j = int(uniform(seed, i) * (i + 1))
        mine, other = cells[i] % steps, cells[j] % steps
        cells[i] += other - mine
        cells[j] += mine - other


@njit(cache=True, nogil=True)
def draw_labels(seed: np.uint64, reports: Cells, scratch: Cells, cells: Cells) -> None:
    """A random subset of all reports carries the label *case* (partial Fisher-Yates shuffle)."""
    scratch[:] = reports
    size = scratch.shape[0]
    for i in range(cells.shape[0]):
        j = i + int(uniform(seed, i) * (size - i))
        scratch[i], scratch[j] = scratch[j], scratch[i]
        cells[i] = scratch[i]


@njit(cache=True, nogil=True)
def _gamma(seed: np.uint64, counter: int, shape: float) -> tuple[float, int]:
    """A Gamma variate of mean 1 and the next counter: Marsaglia & Tsang (2000), boosted below shape 1."""
    boosted = shape if shape >= 1.0 else shape + 1.0
    d = boosted - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    value = boosted
    for _ in range(64):
        radius = np.sqrt(-2.0 * np.log(1.0 - uniform(seed, counter)))
        normal = radius * np.cos(2.0 * np.pi * uniform(seed, counter + 1))
        v = (1.0 + c * normal) ** 3
        chance = uniform(seed, counter + 2)
        counter += 3
        if v > 0.0 and np.log(max(chance, 1e-300)) < 0.5 * normal * normal + d - d * v + d * np.log(v):
            value = d * v
            break
    if shape < 1.0:
        value *= max(uniform(seed, counter), 1e-300) ** (1.0 / shape)
        counter += 1
    return value / shape, counter


@njit(cache=True, nogil=True)
def draw_factors(seed: np.uint64, units: Cells, variances: NDArray[np.float64]) -> NDArray[np.float64]:
    """A rate factor of mean 1 for every location: the product of one Gamma factor per level.

    units : (levels, locations) unit of each location; variances : (levels,) of the factors.
    """
    factors = np.ones(units.shape[1])
    counter = 0
    for level in range(units.shape[0]):
        drawn = np.empty(units[level].max() + 1)
        for unit in range(drawn.shape[0]):
            drawn[unit], counter = _gamma(seed, counter, 1.0 / variances[level])
        for location in range(units.shape[1]):
            factors[location] *= drawn[units[level, location]]
    return factors


@njit(cache=True, nogil=True)
def draw_weighted(seed: np.uint64, cumulative: NDArray[np.float64], cells: Cells) -> None:
    """Independent cells with probabilities in proportion to the differences of ``cumulative``."""
    total = cumulative[-1]
    for i in range(cells.shape[0]):
        cells[i] = min(np.searchsorted(cumulative, uniform(seed, i) * total, side="right"), cumulative.shape[0] - 1)


@njit(cache=True, nogil=True)
def race_times(seed: np.uint64, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exponential times with rates ``weights``: the first n are a weighted draw of n without replacement
    (Efraimidis & Spirakis 2006)."""
    times = np.empty(weights.shape[0])
    for i in range(times.shape[0]):
        times[i] = -np.log(1.0 - uniform(seed, i)) / max(weights[i], 1e-300)
    return times


@njit(cache=True, nogil=True)
def pack(cells: Cells, locations: int, steps: int) -> tuple[Ints, Ints, Ints]:
    """Cases (replicates, cases) sorted by location: pointers, replicate and step of each case."""
    pointer = np.zeros(locations + 1, np.int32)
    for r in range(cells.shape[0]):
        for i in range(cells.shape[1]):
            pointer[cells[r, i] // steps + 1] += 1
    for location in range(locations):
        pointer[location + 1] += pointer[location]
    fill = pointer[:-1].copy()
    replicate = np.empty(cells.size, np.int32)
    step = np.empty(cells.size, np.int32)
    for r in range(cells.shape[0]):
        for i in range(cells.shape[1]):
            location = cells[r, i] // steps
            at = fill[location]
            replicate[at] = r
            step[at] = cells[r, i] - location * steps
            fill[location] = at + 1
    return pointer, replicate, step
