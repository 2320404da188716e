"""The scan of many random replicates at once: one vector lane per replicate (compiled).

The same search as :mod:`geoservice.stats._windows`, laid out so that the processor handles all lanes of a
block in one instruction: counts are stored step by step, all lanes of a step side by side.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._likelihood import ratio
from geoservice.stats._windows import _can_exceed, _level, accumulate, last_below, least_expected

LANES = 64
# With at most so many steps (months, mostly) trying every window is cheaper than bounding whole durations.
FEW_STEPS = 24
Ints = NDArray[np.int32]
Small = NDArray[np.int16]
Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def _accumulate(counts: Small, prefix: Small) -> None:
    """Running sums over the steps, all lanes at once; the first row of ``prefix`` stays 0."""
    for i in range(counts.shape[0]):
        prefix[i + LANES] = prefix.dtype.type(prefix[i] + counts[i])


@njit(cache=True, nogil=True)
def _busiest(prefix: Small, duration: int, first: int, steps: int, buffer: Small) -> None:
    """Most cases of every lane in any window of ``duration`` steps, into the first LANES of ``buffer``."""
    windows = steps - duration + 1 - first
    half = (windows + 1) // 2
    before = prefix[first * LANES : (first + windows) * LANES]
    after = prefix[(first + duration) * LANES : (first + duration + windows) * LANES]
    for i in range(half * LANES):
        buffer[i] = buffer.dtype.type(after[i] - before[i])
    late_before, late_after = before[half * LANES :], after[half * LANES :]
    for i in range((windows - half) * LANES):
        cases = buffer.dtype.type(late_after[i] - late_before[i])
        buffer[i] = cases if cases > buffer[i] else buffer[i]
    while half > 1:
        kept = (half + 1) // 2
        low, high = buffer[: kept * LANES], buffer[kept * LANES : half * LANES]
        for i in range((half - kept) * LANES):
            low[i] = high[i] if high[i] > low[i] else low[i]
        half = kept


@njit(cache=True, nogil=True)
def _best_of_lane(
    prefix: Small,
    cumulative: Floats,
    lane: int,
    duration: int,
    first: int,
    total: int,
    dispersion: float,
    table: Floats,
    min_cases: int,
    floor: float,
) -> tuple[float, int]:
    """Best (ratio, start) of one lane over the windows of one duration if above ``floor``; else (floor, −1)."""
    best, best_start = floor, -1
    level = _level(best)
    for start in range(first, cumulative.shape[0] - duration):
        cases = int(prefix[(start + duration) * LANES + lane]) - int(prefix[start * LANES + lane])
        expected = cumulative[start + duration] - cumulative[start]
        if cases >= min_cases and _can_exceed(table, level, cases, expected):
            value = ratio(cases, expected, total, dispersion)
            if value > best:
                best, best_start, level = value, start, _level(value)
    return best, best_start


@njit(cache=True, nogil=True, inline="always")
def _reach(table: Floats, level: int, cases: int) -> float:
    """Largest expectation at which ``cases`` may still exceed the level."""
    return np.inf if cases >= table.shape[1] else table[level, cases]


@njit(cache=True, nogil=True)
def _search_zone(
    prefix: Small,
    cumulative: Floats,
    mu_min: Floats,
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
    buffer: Small,
    centre: int,
    position: int,
    best: Floats,
    where: Ints,
    top: Floats,
    price: float,
) -> None:
    """Windows of one zone, longest first; durations that no lane needs, each at its own level, are jumped over."""
    steps = cumulative.shape[0] - 1
    reach = -1.0
    for i in range(active.shape[0]):
        lane = active[i]
        levels[i] = _level(max(floor, top[lane] - slack, best[lane, centre]) + price)
        reach = max(reach, _reach(table, levels[i], int(prefix[steps * LANES + lane])))
    j = last_below(mu_min, reach, durations.shape[0])
    while j >= 0:
        duration = durations[j]
        first = steps - duration if prospective else 0
        _busiest(prefix, duration, first, steps, buffer)
        reach = -1.0
        for i in range(active.shape[0]):
            lane = active[i]
            limit = _reach(table, levels[i], int(buffer[lane]))
            if mu_min[j] < limit:
                need = max(floor, top[lane] - slack, best[lane, centre]) + price
                value, start = _best_of_lane(
                    prefix, cumulative, lane, duration, first, total, dispersion, table, min_cases, need
                )
                if start >= 0:
                    best[lane, centre] = value - price
                    where[lane, centre, 0] = position
                    where[lane, centre, 1] = start
                    where[lane, centre, 2] = start + duration
                    top[lane] = max(top[lane], value - price)
                    levels[i] = _level(max(floor + price, top[lane] - slack + price, value))
                    limit = _reach(table, levels[i], int(buffer[lane]))
            reach = max(reach, limit)
        j = last_below(mu_min, reach, j)


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
def _search_short(
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
    """As :func:`_search_zone` for few steps: every window by itself, against the fewest cases any lane needs."""
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
                if cases >= least and expected < _reach(table, levels[i], cases):
                    value = ratio(cases, expected, total, dispersion) - price
                    if value > max(floor, top[lane] - slack, best[lane, centre]):
                        best[lane, centre] = value
                        where[lane, centre, 0] = position
                        where[lane, centre, 1] = start
                        where[lane, centre, 2] = start + duration
                        top[lane] = max(top[lane], value)
                        levels[i] = _level(max(floor, top[lane] - slack, value) + price)


@njit(cache=True, nogil=True)
def scan_lanes(
    order_ptr: NDArray[np.int64],
    order: Ints,
    closes: NDArray[np.bool_],
    price: Floats,
    expected: Floats,
    case_ptr: Ints,
    case_slot: Ints,
    durations: Ints,
    prospective: bool,
    total: int,
    dispersion: float,
    table: Floats,
    min_cases: int,
    floor: float,
    slack: float,
    counts: Small,
    best: Floats,
    where: Ints,
) -> None:
    """Best windows of at most LANES replicates; parameters as in :func:`geoservice.stats._windows.scan_block`.

    case_slot : step·LANES + lane of every case, by location. counts : (steps·LANES,) scratch; its type
    must hold the total of one replicate.
    """
    steps = expected.shape[1]
    prefix = np.zeros(counts.shape[0] + LANES, counts.dtype)
    buffer = np.zeros(counts.shape[0] + LANES, counts.dtype)
    grew = np.zeros(LANES, np.bool_)
    active, levels = np.zeros(LANES, np.int32), np.zeros(LANES, np.int32)
    zone, cumulative = np.zeros(steps), np.zeros(steps + 1)
    mu_min = np.zeros(durations.shape[0])
    top = np.zeros(LANES)
    for centre in range(order_ptr.shape[0] - 1):
        counts[:] = 0
        zone[:] = 0.0
        grew[:] = False
        lively = 0
        for position in range(order_ptr[centre], order_ptr[centre + 1]):
            location = order[position]
            for k in range(case_ptr[location], case_ptr[location + 1]):
                slot = case_slot[k]
                counts[slot] += 1
                lane = slot % LANES
                if not grew[lane]:
                    grew[lane] = True
                    active[lively] = lane
                    lively += 1
            zone += expected[location]
            if not closes[position] or lively == 0:
                continue
            _accumulate(counts, prefix)
            accumulate(zone, cumulative)
            if steps <= FEW_STEPS:
                _search_short(
                    prefix, cumulative, durations, prospective, total, dispersion, table, min_cases, floor, slack,
                    active[:lively], levels, centre, position, best, where, top, price[centre],
                )  # fmt: skip
            else:
                least_expected(cumulative, durations, prospective, mu_min)
                _search_zone(
                    prefix, cumulative, mu_min, durations, prospective, total, dispersion, table, min_cases, floor,
                    slack, active[:lively], levels, buffer, centre, position, best, where, top, price[centre],
                )  # fmt: skip
            grew[:] = False
            lively = 0
