"""Simulated annealing on the lattice: shift, add, drop and move sites while the worth of the plan grows.

The worth of a plan is the value of the weight it covers (weight times a price) less its cost; the price
is the multiplier of the coverage constraint (Lagrangian relaxation). A shift only looks at the two
crescents in which the disks differ, so that a million moves take about a second.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Integers = NDArray[np.int64]
Counts = NDArray[np.int16]
Flags = NDArray[np.uint8]
Buckets = NDArray[np.int32]

_SHIFT, _ADD, _DROP = 0.80, 0.88, 0.94
# Moves spent around one site before another is drawn: its surroundings are then in the processor's cache.
_DWELL = 16


@njit(cache=True)
def _run(values: Values | Floats, counts: Counts, row: int, low: int, high: int, covered_by: int) -> float:
    """Value of the nodes of a row segment that are covered exactly ``covered_by`` times."""
    total = 0.0
    for c in range(max(low, 0), min(high, values.shape[1] - 1) + 1):
        if counts[row, c] == covered_by:
            total += values[row, c]
    return total


@njit(cache=True)
def _less(
    values: Values, counts: Counts, half: Integers, r0: int, c0: int, other: Integers, r1: int, c1: int, covered_by: int
) -> float:
    """Value of the disk (half, r0, c0) outside the disk (other, r1, c1), of nodes covered ``covered_by`` times."""
    reach, reach1, rows = len(half) // 2, len(other) // 2, values.shape[0]
    total = 0.0
    for k in range(len(half)):
        row, width = r0 + k - reach, half[k]
        if row < 0 or row >= rows or width < 0:
            continue
        low, high = c0 - width, c0 + width
        k1 = row - r1 + reach1
        if 0 <= k1 < len(other) and other[k1] >= 0:
            a, b = c1 - other[k1], c1 + other[k1]
            total += _run(values, counts, row, low, min(high, a - 1), covered_by)
            total += _run(values, counts, row, max(low, b + 1), high, covered_by)
        else:
            total += _run(values, counts, row, low, high, covered_by)
    return total


@njit(cache=True)
def _worth(values: Values | Floats, counts: Counts, half: Integers, r: int, c: int, covered_by: int) -> float:
    """Value of the nodes of a disk covered exactly ``covered_by`` times."""
    reach, rows = len(half) // 2, values.shape[0]
    total = 0.0
    for k in range(len(half)):
        row, width = r + k - reach, half[k]
        if 0 <= row < rows and width >= 0:
            total += _run(values, counts, row, c - width, c + width, covered_by)
    return total


@njit(cache=True)
def own_values(values: Floats, counts: Counts, halves: Integers, sites: Integers) -> Floats:
    """Value that only this site covers, for each of ``sites`` (type, row, column)."""
    result = np.zeros(len(sites))
    for k in range(len(sites)):
        result[k] = _worth(values, counts, halves[sites[k, 0]], sites[k, 1], sites[k, 2], 1)
    return result


@njit(cache=True)
def put(counts: Counts, half: Integers, r: int, c: int, step: int) -> None:
    """Count a disk in (step 1) or out (step −1)."""
    rows, columns = counts.shape
    reach = len(half) // 2
    for k in range(len(half)):
        row, width = r + k - reach, half[k]
        if 0 <= row < rows and width >= 0:
            for col in range(max(c - width, 0), min(c + width, columns - 1) + 1):
                counts[row, col] += step


@njit(cache=True)
def _free(buckets: Buckets, side: int, sites: Integers, r: int, c: int, limit: float, skip: int) -> bool:
    """Whether no site other than ``skip`` is at most √limit from (r, c); a bucket holds one site at most."""
    wide = int(np.ceil(np.sqrt(limit) / side))
    for br in range(max(r // side - wide, 0), min(r // side + wide, buckets.shape[0] - 1) + 1):
        for bc in range(max(c // side - wide, 0), min(c // side + wide, buckets.shape[1] - 1) + 1):
            k = buckets[br, bc]
            if k >= 0 and k != skip:
                dr, dc = sites[k, 1] - r, sites[k, 2] - c
                if dr * dr + dc * dc <= limit:
                    return False
    return True


@njit(cache=True)
def _move_disk(counts: Counts, halves: Integers, site: Integers, t: int, r: int, c: int) -> None:
    put(counts, halves[site[0]], site[1], site[2], -1)
    site[0], site[1], site[2] = t, r, c
    put(counts, halves[t], r, c, 1)


@njit(cache=True)
def _accept(rng: np.random.Generator, delta: float, temperature: float) -> bool:
    return delta >= 0.0 or rng.random() < np.exp(delta / temperature)


@njit(cache=True)
def _shift(
    rng: np.random.Generator,
    values: Values, counts: Counts, halves: Integers, blocked: Flags, buckets: Buckets, side: int, sites: Integers,
    k: int, r: int, c: int, limit: float, temperature: float,
) -> None:  # fmt: skip
    """Try to put site ``k`` at (r, c) instead."""
    rows, columns = counts.shape
    if r < 0 or c < 0 or r >= rows or c >= columns or blocked[r, c] != 0:
        return
    half, r0, c0 = halves[sites[k, 0]], sites[k, 1], sites[k, 2]
    gain = _less(values, counts, half, r, c, half, r0, c0, 0)
    loss = _less(values, counts, half, r0, c0, half, r, c, 1)
    if _accept(rng, gain - loss, temperature) and _free(buckets, side, sites, r, c, limit, k):
        buckets[r0 // side, c0 // side] = -1
        _move_disk(counts, halves, sites[k], sites[k, 0], r, c)
        buckets[r // side, c // side] = k


@njit(cache=True)
def _add(
    rng: np.random.Generator,
    values: Values, counts: Counts, halves: Integers, costs: Floats, blocked: Flags, buckets: Buckets, side: int,
    sites: Integers, n: int, t: int, r: int, c: int, limit: float, temperature: float,
) -> int:  # fmt: skip
    """Try a new site; returns the new number of sites."""
    rows, columns = counts.shape
    if n >= len(sites) or r < 0 or c < 0 or r >= rows or c >= columns or blocked[r, c] != 0:
        return n
    delta = _worth(values, counts, halves[t], r, c, 0) - costs[t]
    if _accept(rng, delta, temperature) and _free(buckets, side, sites, r, c, limit, -1):
        sites[n, 0], sites[n, 1], sites[n, 2] = t, r, c
        put(counts, halves[t], r, c, 1)
        buckets[r // side, c // side] = n
        return n + 1
    return n


@njit(cache=True)
def _remove(counts: Counts, halves: Integers, buckets: Buckets, side: int, sites: Integers, n: int, k: int) -> int:
    put(counts, halves[sites[k, 0]], sites[k, 1], sites[k, 2], -1)
    buckets[sites[k, 1] // side, sites[k, 2] // side] = -1
    last = n - 1
    if k != last:
        sites[k] = sites[last]
        buckets[sites[k, 1] // side, sites[k, 2] // side] = k
    return last


@njit(cache=True)
def _drop(
    rng: np.random.Generator,
    values: Values, counts: Counts, halves: Integers, costs: Floats, buckets: Buckets, side: int, sites: Integers,
    n: int, temperature: float,
) -> int:  # fmt: skip
    """Try to do without a random site; returns the new number of sites."""
    if n == 0:
        return n
    k = _below(rng, n)
    loss = _worth(values, counts, halves[sites[k, 0]], sites[k, 1], sites[k, 2], 1)
    if _accept(rng, costs[sites[k, 0]] - loss, temperature):
        return _remove(counts, halves, buckets, side, sites, n, k)
    return n


@njit(cache=True)
def _below(rng: np.random.Generator, n: int) -> int:
    """A whole number from 0 to n − 1."""
    return int(rng.random() * n)


@njit(cache=True)
def _within(rng: np.random.Generator, reach: int) -> int:
    """A whole number from −reach to reach."""
    return int(rng.random() * (2 * reach + 1)) - reach


@njit(cache=True)
def _near(rng: np.random.Generator, points: Integers, reach: int) -> tuple[int, int, int]:
    """A random demand node and a random offset within ``reach`` of it."""
    i = _below(rng, len(points))
    return i, points[i, 0] + _within(rng, reach), points[i, 1] + _within(rng, reach)


@njit(cache=True)
def anneal(
    rng: np.random.Generator,
    values: Values, points: Integers, halves: Integers, costs: Floats, blocked: Flags, spacing: float,
    sites: Integers, n: int, moves: int, hot: float, cold: float,
) -> int:  # fmt: skip
    """Improve ``sites`` (rows of type, row, column; the first ``n`` in use) in place; returns how many remain.

    ``values`` is the price times the weight of every node, ``points`` the nodes worth covering, ``hot``
    and ``cold`` the first and last temperature in units of cost. The same generator gives the same plan.
    """
    counts = np.zeros(values.shape, np.int16)
    side = max(1, int(spacing / np.sqrt(2.0)))
    buckets = np.full((values.shape[0] // side + 1, values.shape[1] // side + 1), -1, np.int32)
    for k in range(n):
        put(counts, halves[sites[k, 0]], sites[k, 1], sites[k, 2], 1)
        buckets[sites[k, 1] // side, sites[k, 2] // side] = k
    limit = spacing * spacing * (1 + 1e-12)
    reach = halves.shape[1] // 2
    k = 0
    for move in range(moves):
        temperature = hot * (cold / hot) ** (move / moves)
        kind = rng.random()
        if kind < _SHIFT and n > 0:
            if move % _DWELL == 0 or k >= n:
                k = _below(rng, n)
            far = 1 + int(rng.random() * 4.0 * rng.random())
            r, c = sites[k, 1] + _within(rng, far), sites[k, 2] + _within(rng, far)
            _shift(rng, values, counts, halves, blocked, buckets, side, sites, k, r, c, limit, temperature)
        elif kind < _ADD:
            i, r, c = _near(rng, points, reach)
            t = _below(rng, len(costs))
            if counts[points[i, 0], points[i, 1]] == 0:
                n = _add(
                    rng, values, counts, halves, costs, blocked, buckets, side, sites, n, t, r, c, limit, temperature
                )
        elif kind < _DROP:
            n = _drop(rng, values, counts, halves, costs, buckets, side, sites, n, temperature)
        elif n > 0:
            i, r, c = _near(rng, points, reach)
            if counts[points[i, 0], points[i, 1]] == 0:
                j = _below(rng, n)
                _shift(rng, values, counts, halves, blocked, buckets, side, sites, j, r, c, limit, temperature)
    return n
