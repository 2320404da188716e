"""The search of one zone in all lanes when there are few steps: months, mostly (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._likelihood import ratio
from geoservice.stats._windows import Found, Rule, _level, keep, needed, reach_of

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
    rule: Rule,
    found: Found,
    active: Ints,
    levels: Ints,
    centre: int,
    position: int,
    price: float,
) -> None:
    """Every window of one zone by itself, longest first, against the fewest cases any lane needs."""
    steps, table = cumulative.shape[0] - 1, rule.table
    common, most = table.shape[0] - 1, 0
    for i in range(active.shape[0]):
        lane = active[i]
        levels[i] = _level(needed(found, rule, lane, centre) + price)
        common = min(common, levels[i])
        most = max(most, int(prefix[steps * LANES + lane]))
    if most < rule.min_cases:
        return
    row = table[common]
    for duration in rule.durations[::-1]:
        for start in range(steps - duration if rule.prospective else 0, steps - duration + 1):
            expected = cumulative[start + duration] - cumulative[start]
            if most < row.shape[0] and row[most] <= expected:
                continue
            before = prefix[start * LANES : (start + 1) * LANES]
            after = prefix[(start + duration) * LANES : (start + duration + 1) * LANES]
            least = max(rule.min_cases, _least_cases(row, expected, most))
            if not _any_reaches(before, after, least):
                continue
            for i in range(active.shape[0]):
                lane = active[i]
                cases = int(after[lane]) - int(before[lane])
                if cases >= least and expected < reach_of(table, levels[i], cases):
                    value = ratio(cases, expected, rule.total, rule.dispersion) - price
                    if value > needed(found, rule, lane, centre):
                        keep(found, lane, centre, position, start, start + duration, value)
                        levels[i] = _level(needed(found, rule, lane, centre) + price)
