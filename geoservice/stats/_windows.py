"""The scan itself: nested zones round every centre, all time windows, many replicates at once (compiled).

Zones of a centre are prefixes of its list of locations: rings of a hex lattice or circles round a
point are the same thing here. A replicate's cases are sparse, so a zone grows by adding cases, not
cells; a zone that gained no case cannot beat the smaller one and is skipped; windows are pruned by
exact upper bounds (the ratio is monotone in cases and expectation).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._likelihood import LEVEL_STEP, LEVELS, ratio
from geoservice.stats.profile import Profile

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class Rule(NamedTuple):
    """Which windows are looked at, and what makes one count (as in :class:`geoservice.stats.montecarlo.Problem`).

    table : the pruning table of total, min_cases and dispersion; profile : what locations have in common;
    floor, slack : only ratios above ``max(floor, best of the replicate so far − slack)`` are sought; an infinite
    slack finds every centre's own best.
    """

    durations: Ints
    prospective: bool
    total: int
    dispersion: float
    table: Floats
    min_cases: int
    profile: Profile
    floor: float
    slack: float


class Nested(NamedTuple):
    """Zones as prefixes: centre i owns ``order[pointer[i]:pointer[i + 1]]``, a zone ends where ``closes`` is true.

    price : (centres,) what is taken off the ratio of a centre's windows.
    """

    pointer: NDArray[np.int64]
    order: Ints
    closes: NDArray[np.bool_]
    price: Floats


class Found(NamedTuple):
    """Best windows so far.

    best : (replicates, centres) ratio less price, 0 where nothing was found; where : (replicates, centres, 3) last
    position in ``order``, first step, step after the last; top : (replicates,) best of all centres.
    """

    best: Floats
    where: Ints
    top: Floats


@njit(cache=True, nogil=True, inline="always")
def needed(found: Found, rule: Rule, replicate: int, centre: int) -> float:
    """What a window of a centre must exceed to be worth keeping."""
    return max(rule.floor, found.top[replicate] - rule.slack, found.best[replicate, centre])


@njit(cache=True, nogil=True, inline="always")
def keep(found: Found, replicate: int, centre: int, position: int, start: int, stop: int, value: float) -> None:
    """Note a centre's best window."""
    found.best[replicate, centre] = value
    found.where[replicate, centre, 0] = position
    found.where[replicate, centre, 1] = start
    found.where[replicate, centre, 2] = stop
    found.top[replicate] = max(found.top[replicate], value)


@njit(cache=True, nogil=True, inline="always")
def _level(value: float) -> int:
    return min(int(value / LEVEL_STEP), LEVELS - 1)


@njit(cache=True, nogil=True, inline="always")
def _can_exceed(table: Floats, level: int, cases: int, expected: float) -> bool:
    return cases >= table.shape[1] or expected < table[level, cases]


@njit(cache=True, nogil=True, inline="always")
def reach_of(table: Floats, level: int, cases: int) -> float:
    """Largest expectation at which ``cases`` may still exceed the level."""
    return np.inf if cases >= table.shape[1] else table[level, cases]


@njit(cache=True, nogil=True)
def _shorter(mu_min: Floats, table: Floats, level: int, cases: int, upper: int) -> int:
    """Last duration index below ``upper`` that ``cases`` could still make exceed the level; −1 if none."""
    return last_below(mu_min, reach_of(table, level, cases), upper)


@njit(cache=True, nogil=True)
def last_below(mu_min: Floats, limit: float, upper: int) -> int:
    """Last index below ``upper`` of the ascending ``mu_min`` with an entry less than ``limit``; −1 if none."""
    low, high = -1, upper - 1
    while low < high:
        middle = (low + high + 1) // 2
        if mu_min[middle] < limit:
            low = middle
        else:
            high = middle - 1
    return low


@njit(cache=True, nogil=True)
def _busiest(prefix: Ints, duration: int, first: int) -> int:
    """Most cases in any window of ``duration`` steps that starts at ``first`` or later."""
    windows = prefix.shape[0] - duration - first
    before, after = prefix[first : first + windows], prefix[first + duration :]
    most = np.int32(0)
    for start in range(windows):
        cases = np.int32(after[start] - before[start])
        most = cases if cases > most else most
    return int(most)


# fastmath here only lets the compiler reorder a minimum of finite numbers, which changes nothing.
@njit(cache=True, nogil=True, fastmath={"nnan", "ninf", "nsz", "reassoc"})
def _least(before: Floats, after: Floats) -> float:
    least = after[0] - before[0]
    for start in range(before.shape[0]):
        value = after[start] - before[start]
        least = value if value < least else least
    return float(least)


@njit(cache=True, nogil=True)
def least_expected(cumulative: Floats, durations: Ints, prospective: bool, mu_min: Floats) -> None:
    """Smallest expectation of a zone over all windows of each duration, into ``mu_min``."""
    steps = cumulative.shape[0] - 1
    for j in range(durations.shape[0]):
        first = steps - durations[j] if prospective else 0
        last = steps - durations[j] + 1
        mu_min[j] = _least(cumulative[first:last], cumulative[first + durations[j] :])
    for j in range(durations.shape[0] - 2, -1, -1):  # make it monotone against rounding
        mu_min[j] = min(mu_min[j], mu_min[j + 1])


@njit(cache=True, nogil=True, inline="always")
def smallest(cumulative: Floats, alike: bool, rule: Rule, mu_min: Floats) -> None:
    """As :func:`least_expected`; a zone whose locations are ``alike`` needs its total only."""
    if alike:
        for j in range(mu_min.shape[0]):
            mu_min[j] = cumulative[-1] * rule.profile.least[j]
    else:
        least_expected(cumulative, rule.durations, rule.prospective, mu_min)


@njit(cache=True, nogil=True)
def best_window(prefix: Ints, cumulative: Floats, mu_min: Floats, rule: Rule, floor: float) -> tuple[float, int, int]:
    """Best (ratio, start, stop) over the windows of one zone if above ``floor``; else (floor, −1, −1)."""
    steps, table = prefix.shape[0] - 1, rule.table
    best, best_start, best_stop = floor, -1, -1
    level = _level(best)
    j = _shorter(mu_min, table, level, prefix[steps], mu_min.shape[0])
    while j >= 0:
        duration = rule.durations[j]
        first = steps - duration if rule.prospective else 0
        most = _busiest(prefix, duration, first)
        if most < rule.min_cases:
            break
        if not _can_exceed(table, level, most, mu_min[j]):
            j = _shorter(mu_min, table, level, most, j)
            continue
        for start in range(first, steps - duration + 1):
            cases = prefix[start + duration] - prefix[start]
            expected = cumulative[start + duration] - cumulative[start]
            if cases >= rule.min_cases and _can_exceed(table, level, cases, expected):
                value = ratio(cases, expected, rule.total, rule.dispersion)
                if value > best:
                    best, best_start, best_stop = value, start, start + duration
                    level = _level(best)
        j -= 1
    return best, best_start, best_stop


@njit(cache=True, nogil=True, inline="always")
def accumulate(values: NDArray[Any], running: NDArray[Any]) -> None:
    """Sums of the values before each position; ``running`` is one longer."""
    running[0] = 0
    for step in range(values.shape[0]):
        running[step + 1] = running[step] + values[step]


@njit(cache=True, nogil=True)
def _add_location(
    location: int,
    case_ptr: Ints,
    case_replicate: Ints,
    case_step: Ints,
    counts: Ints,
    grew: NDArray[np.bool_],
) -> None:
    for k in range(case_ptr[location], case_ptr[location + 1]):
        replicate = case_replicate[k]
        counts[replicate, case_step[k]] += 1
        grew[replicate] = True


@njit(cache=True, nogil=True)
def scan_block(
    zones: Nested,
    expected: Floats,
    case_ptr: Ints,
    case_replicate: Ints,
    case_step: Ints,
    rule: Rule,
    found: Found,
) -> None:
    """Best window of every centre in every replicate, into ``found``.

    Parameters
    ----------
    expected : (locations, steps), sums to the rule's total.
    case_ptr, case_replicate, case_step : cases of all replicates by location.
    """
    steps, replicates = expected.shape[1], found.top.shape[0]
    counts = np.zeros((replicates, steps), np.int32)
    grew = np.zeros(replicates, np.bool_)
    zone, cumulative, prefix = np.zeros(steps), np.zeros(steps + 1), np.zeros(steps + 1, np.int32)
    mu_min = np.zeros(rule.durations.shape[0])
    for centre in range(zones.pointer.shape[0] - 1):
        counts[:] = 0
        grew[:] = False
        zone[:] = 0.0
        alike = True
        for position in range(zones.pointer[centre], zones.pointer[centre + 1]):
            location = zones.order[position]
            _add_location(location, case_ptr, case_replicate, case_step, counts, grew)
            zone += expected[location]
            alike &= rule.profile.alike[location]
            if not zones.closes[position] or not grew.any():
                continue
            accumulate(zone, cumulative)
            smallest(cumulative, alike, rule, mu_min)
            for r in range(replicates):
                if not grew[r]:
                    continue
                grew[r] = False
                price = zones.price[centre]
                accumulate(counts[r], prefix)
                value, start, stop = best_window(
                    prefix, cumulative, mu_min, rule, needed(found, rule, r, centre) + price
                )
                if start >= 0:
                    keep(found, r, centre, position, start, stop, value - price)
