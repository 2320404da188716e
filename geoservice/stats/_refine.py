"""Ring windows refined to connected shapes with the span that suits them, in every replicate alike (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._likelihood import ratio
from geoservice.stats._shapes import AHEAD, Cases, Ground, Scratch, grow
from geoservice.stats._windows import _accumulate, best_window, least_expected

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

ROUNDS = 3
TICKS = 2 * ROUNDS


@njit(cache=True, nogil=True)
def _retime(size: int, ground: Ground, cases: Cases, work: Scratch) -> tuple[float, int, int]:
    """Best time span of the members."""
    steps = ground.cumulative.shape[1] - 1
    counts, prefix = np.zeros(steps, np.int32), np.zeros(steps + 1, np.int32)
    cumulative, mu_min = np.zeros(steps + 1), np.zeros(ground.durations.shape[0])
    for m in range(size):
        place = work.members[m]
        cumulative += ground.cumulative[place]
        for k in range(cases.pointer[place], cases.pointer[place + 1]):
            counts[cases.step[k]] += 1
    _accumulate(counts, prefix)
    least_expected(cumulative, ground.durations, ground.prospective, mu_min)
    return best_window(
        prefix, cumulative, mu_min, ground.durations, ground.prospective, ground.total, ground.dispersion,
        ground.table, ground.min_cases, 0.0,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def refine(
    members: Ints, start: int, stop: int, ground: Ground, cases: Cases, work: Scratch, tick: int
) -> tuple[float, int, int, Ints]:
    """Score, span and hexes of the best shape grown from a ring window, and from the hex that stands out most in it.

    A disk round a narrow road takes in much that does not belong to it; from a single hex the road grows by itself.
    tick : a number no call has used with this scratch, in steps of :data:`TICKS`.
    """
    whole = _refine_from(members, start, stop, ground, cases, work, tick)
    if members.shape[0] == 1:
        return whole
    core = _hottest(members, start, stop, ground, cases)
    single = _refine_from(members[core : core + 1], start, stop, ground, cases, work, tick + ROUNDS)
    return single if single[0] > whole[0] + 1e-9 else whole


@njit(cache=True, nogil=True)
def _hottest(members: Ints, start: int, stop: int, ground: Ground, cases: Cases) -> int:
    """Number of the member with the largest ratio of its own."""
    best, found = -1.0, 0
    for m in range(members.shape[0]):
        place = members[m]
        held = 0
        for k in range(cases.pointer[place], cases.pointer[place + 1]):
            held += start <= cases.step[k] < stop
        usual = ground.cumulative[place, stop] - ground.cumulative[place, start]
        value = ratio(held, usual, ground.total, ground.dispersion)
        if value > best:
            best, found = value, m
    return found


@njit(cache=True, nogil=True)
def _refine_from(
    members: Ints, start: int, stop: int, ground: Ground, cases: Cases, work: Scratch, tick: int
) -> tuple[float, int, int, Ints]:
    """Shape and span take turns: the shape grows within the span, the span is chosen anew for the shape."""
    size = members.shape[0]
    work.members[:size] = members
    for m in range(size):
        work.inside[members[m]] = True
    walk, span = np.zeros(2 * AHEAD, np.int32), np.zeros(3, np.int64)
    best, first, last, found = -1.0, start, stop, members.copy()
    for turn in range(ROUNDS):
        span[0], span[1], span[2] = start, stop, tick + turn
        size, score = grow(size, span, ground, cases, work, walk)
        if score <= best + 1e-9:
            break
        best, first, last, found = score, start, stop, work.members[:size].copy()
        _, start, stop = _retime(size, ground, cases, work)
        if start < 0 or (start == first and stop == last):
            break
    for m in range(size):
        work.inside[work.members[m]] = False
    return best, first, last, found


@njit(cache=True, nogil=True)
def next_seed(best: Floats, floor: float) -> int:
    """The centre with the best window left, −1 if none exceeds ``floor``."""
    centre = int(np.argmax(best))
    return centre if best[centre] > floor else -1


@njit(cache=True, nogil=True)
def largest_scores(
    order_ptr: Longs, order: Ints, best: Floats, where: Ints, tries: int, slack: float, ground: Ground,
    pointer: Ints, step: Ints, work: Scratch,
) -> Floats:  # fmt: skip
    """Largest refined score of every replicate over its ``tries`` best ring windows that do not overlap.

    ``best`` is used up: centres inside a window already refined are set to 0.
    pointer : (replicates, n + 1), step : (replicates, cases) of the replicates' cases by location.
    """
    largest = np.zeros(best.shape[0])
    tick = 0
    for lane in range(best.shape[0]):
        cases = Cases(pointer[lane], step[lane])
        floor = max(best[lane].max() - slack, 0.0)
        for _ in range(tries):
            centre = next_seed(best[lane], floor)
            if centre < 0:
                break
            last, start, stop = where[lane, centre]
            members = order[order_ptr[centre] : last + 1]
            score, _, _, _ = refine(members, start, stop, ground, cases, work, tick)
            tick += TICKS
            largest[lane] = max(largest[lane], score)
            for k in range(members.shape[0]):
                best[lane, members[k]] = 0.0
            best[lane, centre] = 0.0
    return largest
