"""The search of one zone in all lanes when there are few steps: months, mostly (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._likelihood import ratio
from geoservice.stats._windows import _level, reach_of

LANES = 64
# With at most so many steps trying every window is cheaper than bounding whole durations.
FEW_STEPS = 24
Ints = NDArray[np.int32]
Small = NDArray[np.int16]
Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def _least_cases(row: Floats, expected: float, most: int) -> int:
    """Fewest cases, up to ``most``, that can exceed the level of ``row`` at this expectation; ``most`` + 1 if none."""
    if most >= row.shape[0]:
        return 0
    low, high = int(expected), most + 1
    while low < high:
        middle = (low + high) // 2
        if row[middle] > expected:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True, nogil=True)
def _any_reaches(before: Small, after: Small, cases: int) -> bool:
    most = before.dtype.type(0)
    for i in range(LANES):
        inside = before.dtype.type(after[i] - before[i])
        most = inside if inside > most else most
    return bool(most >= cases)


@njit(cache=True, nogil=True)
def search_short(
    prefix: Small,
    cumulative: Floats,
    durations: Ints,
    prospective: bool,
    total: int,
    dispersion: float,
    table: Floats,
    min_cases: int,
    floor: float,
    slack: float,
    active: Ints,
    levels: Ints,
    centre: int,
    position: int,
    best: Floats,
    where: Ints,
    top: Floats,
    price: float,
) -> None:
    """Every window of one zone by itself, longest first, against the fewest cases any lane needs."""
    steps = cumulative.shape[0] - 1
    common, most = table.shape[0] - 1, 0
    for i in range(active.shape[0]):
        lane = active[i]
        levels[i] = _level(max(floor, top[lane] - slack, best[lane, centre]) + price)
        common = min(common, levels[i])
        most = max(most, int(prefix[steps * LANES + lane]))
    if most < min_cases:
        return
    row = table[common]
    for j in range(durations.shape[0] - 1, -1, -1):
        duration = durations[j]
        for start in range(steps - duration if prospective else 0, steps - duration + 1):
            expected = cumulative[start + duration] - cumulative[start]
            if most < row.shape[0] and row[most] <= expected:
                continue
            before = prefix[start * LANES : (start + 1) * LANES]
            after = prefix[(start + duration) * LANES : (start + duration + 1) * LANES]
            least = max(min_cases, _least_cases(row, expected, most))
            if not _any_reaches(before, after, least):
                continue
            for i in range(active.shape[0]):
                lane = active[i]
                cases = int(after[lane]) - int(before[lane])
                if cases >= least and expected < reach_of(table, levels[i], cases):
                    value = ratio(cases, expected, total, dispersion) - price
                    if value > max(floor, top[lane] - slack, best[lane, centre]):
                        best[lane, centre] = value
                        where[lane, centre, 0] = position
                        where[lane, centre, 1] = start
                        where[lane, centre, 2] = start + duration
                        top[lane] = max(top[lane], value)
                        levels[i] = _level(max(floor, top[lane] - slack, value) + price)
