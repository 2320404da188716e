"""The scan of many random replicates at once: one vector lane per replicate (compiled).

The same search as :mod:`geoservice.stats._windows`, laid out so that the processor handles all lanes of a
block in one instruction: counts are stored step by step, all lanes of a step side by side.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._likelihood import ratio
from geoservice.stats._short import FEW_STEPS, LANES, search_short
from geoservice.stats._windows import (
    Found,
    Nested,
    Rule,
    _can_exceed,
    _level,
    accumulate,
    keep,
    last_below,
    needed,
    reach_of,
    smallest,
)

Ints = NDArray[np.int32]
Small = NDArray[np.int16]
Floats = NDArray[np.float64]
Masks = NDArray[np.uint64]


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
    prefix: Small, cumulative: Floats, lane: int, duration: int, first: int, rule: Rule, floor: float
) -> tuple[float, int]:
    """Best (ratio, start) of one lane over the windows of one duration if above ``floor``; else (floor, −1)."""
    best, best_start = floor, -1
    level = _level(best)
    for start in range(first, cumulative.shape[0] - duration):
        cases = int(prefix[(start + duration) * LANES + lane]) - int(prefix[start * LANES + lane])
        expected = cumulative[start + duration] - cumulative[start]
        if cases >= rule.min_cases and _can_exceed(rule.table, level, cases, expected):
            value = ratio(cases, expected, rule.total, rule.dispersion)
            if value > best:
                best, best_start, level = value, start, _level(value)
    return best, best_start


@njit(cache=True, nogil=True)
def _search_zone(
    prefix: Small,
    cumulative: Floats,
    mu_min: Floats,
    rule: Rule,
    found: Found,
    active: Ints,
    levels: Ints,
    buffer: Small,
    centre: int,
    position: int,
    price: float,
) -> None:
    """Windows of one zone, longest first; durations that no lane needs, each at its own level, are jumped over."""
    steps, table = cumulative.shape[0] - 1, rule.table
    reach = -1.0
    for i in range(active.shape[0]):
        lane = active[i]
        levels[i] = _level(needed(found, rule, lane, centre) + price)
        reach = max(reach, reach_of(table, levels[i], int(prefix[steps * LANES + lane])))
    j = last_below(mu_min, reach, mu_min.shape[0])
    while j >= 0:
        duration = rule.durations[j]
        first = steps - duration if rule.prospective else 0
        _busiest(prefix, duration, first, steps, buffer)
        reach = -1.0
        for i in range(active.shape[0]):
            lane = active[i]
            limit = reach_of(table, levels[i], int(buffer[lane]))
            if mu_min[j] < limit:
                least = needed(found, rule, lane, centre) + price
                value, start = _best_of_lane(prefix, cumulative, lane, duration, first, rule, least)
                if start >= 0:
                    keep(found, lane, centre, position, start, start + duration, value - price)
                    levels[i] = _level(needed(found, rule, lane, centre) + price)
                    limit = reach_of(table, levels[i], int(buffer[lane]))
            reach = max(reach, limit)
        j = last_below(mu_min, reach, j)


@njit(cache=True, nogil=True)
def _lanes_by_place(case_ptr: Ints, case_slot: Ints) -> Masks:
    """Which lanes have a case at each location, one bit a lane."""
    held = np.zeros(case_ptr.shape[0] - 1, np.uint64)
    for location in range(held.shape[0]):
        for k in range(case_ptr[location], case_ptr[location + 1]):
            held[location] |= np.uint64(1) << np.uint64(case_slot[k] % LANES)
    return held


@njit(cache=True, nogil=True)
def _listed(mask: int, lanes: Ints) -> int:
    """The lanes whose bits are set, ascending, into ``lanes`` (LANES + 1 long); how many there are."""
    size = 0
    for lane in range(LANES):
        lanes[size] = lane
        size += int((np.uint64(mask) >> np.uint64(lane)) & np.uint64(1))
    return size


@njit(cache=True, nogil=True)
def scan_lanes(
    zones: Nested, expected: Floats, case_ptr: Ints, case_slot: Ints, rule: Rule, counts: Small, found: Found
) -> None:
    """Best windows of at most LANES replicates; parameters as in :func:`geoservice.stats._windows.scan_block`.

    case_slot : step·LANES + lane of every case, by location; lanes without a new case are left out.
    counts : (steps·LANES,) scratch; its type must hold the total of one replicate.
    """
    steps = expected.shape[1]
    prefix = np.zeros(counts.shape[0] + LANES, counts.dtype)
    buffer = np.zeros(counts.shape[0] + LANES, counts.dtype)
    held, one = _lanes_by_place(case_ptr, case_slot), counts.dtype.type(1)
    active, levels = np.zeros(LANES + 1, np.int32), np.zeros(LANES, np.int32)
    zone, cumulative = np.zeros(steps), np.zeros(steps + 1)
    mu_min = np.zeros(rule.durations.shape[0])
    for centre in range(zones.pointer.shape[0] - 1):
        counts[:] = 0
        zone[:] = 0.0
        grew = np.uint64(0)
        alike = True
        for position in range(zones.pointer[centre], zones.pointer[centre + 1]):
            location = zones.order[position]
            for k in range(case_ptr[location], case_ptr[location + 1]):
                counts[case_slot[k]] += one
            grew |= held[location]
            alike &= rule.profile.alike[location]
            zone += expected[location]
            if not zones.closes[position] or grew == 0:
                continue
            lanes, price = active[: _listed(grew, active)], zones.price[centre]
            _accumulate(counts, prefix)
            accumulate(zone, cumulative)
            if steps <= FEW_STEPS:
                search_short(prefix, cumulative, rule, found, lanes, levels, centre, position, price)
            else:
                smallest(cumulative, alike, rule, mu_min)
                _search_zone(
                    prefix, cumulative, mu_min, rule, found, lanes, levels, buffer, centre, position, price
                )  # fmt: skip
            grew = np.uint64(0)
