"""The best straight row near one: its middle, direction and both ends are moved until nothing is gained (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._ground import Cases, Ground, strongest_span
from geoservice.stats._likelihood import ratio

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

# Directions are told apart by what moves the end of a long arm by one hex.
LONGEST = 16
TURN = 1.0 / LONGEST
TURNS = 2
ROUNDS = 4
# Where nobody complained along so many hexes in a row, whatever lies beyond is another matter.
SILENT = 5


@njit(cache=True, nogil=True)
def column(direction: float, ring: int) -> int:
    """Column of a disk table: ring by ring, each ring beginning one step past its corner (direction 0 of 6)."""
    return int(1 + 3 * ring * (ring - 1) + (np.floor(direction * ring + 0.5) - 1) % (6 * ring))


@njit(cache=True, nogil=True)
def arm(disk: Longs, middle: int, direction: float, length: int, places: Longs) -> int:
    """Positions straight away from a middle, at most ``length``, up to the first gap; how many there are."""
    rings = int((-3.0 + np.sqrt(12.0 * disk.shape[1] - 3.0)) / 6.0 + 0.5)
    base, far = middle, 0
    for step in range(1, min(length, 2 * rings) + 1):
        if step == rings + 1:
            base, far = places[rings - 1], rings
        place = disk[base, column(direction, step - far)]
        if place < 0:
            return step - 1
        places[step - 1] = place
    return min(length, 2 * rings)


@njit(cache=True, nogil=True)
def _inside(place: int, start: int, stop: int, cases: Cases) -> int:
    found = 0
    for k in range(cases.pointer[place], cases.pointer[place + 1]):
        found += start <= cases.step[k] < stop
    return found


@njit(cache=True, nogil=True)
def _slopes(held: float, usual: float, ground: Ground) -> tuple[float, float]:
    """Change of the ratio per case and per expectation. The ratio is convex, so linear gains are lower bounds."""
    here = ratio(held, usual, ground.rule.total, ground.rule.dispersion)
    per_case = ratio(held + 1.0, usual, ground.rule.total, ground.rule.dispersion) - here
    small = 1e-3 * usual
    per_expected = (ratio(held, usual + small, ground.rule.total, ground.rule.dispersion) - here) / max(small, 1e-12)
    return per_case, per_expected


@njit(cache=True, nogil=True)
def _best_length(
    places: Longs, count: int, slopes: tuple[float, float], start: int, stop: int, ground: Ground, cases: Cases
) -> tuple[int, float, float]:
    """How far an arm goes for the largest gain, its cases and expectation."""
    best, length, held, usual, silent = 0.0, 0, 0.0, 0.0, 0
    gain, c, e = 0.0, 0.0, 0.0
    for step in range(count):
        own = _inside(places[step], start, stop, cases)
        expected = ground.cumulative[places[step], stop] - ground.cumulative[places[step], start]
        silent = 0 if own else silent + 1
        if silent == SILENT:
            break
        c, e = c + own, e + expected
        gain += slopes[0] * own + slopes[1] * expected
        if gain > best:
            best, length, held, usual = gain, step + 1, c, e
    return length, held, usual


@njit(cache=True, nogil=True)
def _nearby_row(
    middle: int, direction: float, start: int, stop: int, state: Floats, ground: Ground, cases: Cases
) -> tuple[float, int, float, Ints]:
    """The best of the rows whose middle is next to the given one and whose direction is about the same."""
    slopes = _slopes(state[0], state[1], ground)
    one, other = np.empty(LONGEST, np.int64), np.empty(LONGEST, np.int64)
    best, best_middle, best_direction, members = state[2] + 1e-9, -1, direction, np.empty(0, np.int32)
    held, usual = state[0], state[1]
    for k in range(7):
        here = ground.disk[middle, k]
        if here < 0:
            continue
        own = _inside(here, start, stop, cases)
        expected = ground.cumulative[here, stop] - ground.cumulative[here, start]
        for turn in range(-TURNS, TURNS + 1):
            towards = direction + turn * TURN
            ahead = arm(ground.disk, here, towards, LONGEST, one)
            behind = arm(ground.disk, here, towards + 3.0, LONGEST, other)
            a, c, e = _best_length(one, ahead, slopes, start, stop, ground, cases)
            b, d, f = _best_length(other, behind, slopes, start, stop, ground, cases)
            value = ratio(own + c + d, expected + e + f, ground.rule.total, ground.rule.dispersion)
            if value > best and own + c + d >= ground.rule.min_cases:
                best, best_middle, best_direction = value, here, towards
                held, usual = own + c + d, expected + e + f
                members = np.empty(1 + a + b, np.int32)
                members[:b] = other[:b][::-1]
                members[b] = here
                members[b + 1 :] = one[:a]
    state[0], state[1] = held, usual
    state[2] = best if best_middle >= 0 else state[2]
    return state[2], best_middle, best_direction, members


@njit(cache=True, nogil=True)
def _unbroken(row: Ints, start: int, stop: int, ground: Ground, cases: Cases) -> Ints:
    """The stronger side of a row that reads better with a gap in it, else all of it.

    Two troubles on one line are no road: where leaving out some hexes between gains more than ln(length² / 2), what
    it takes to say where the gap begins and ends, each side is a matter of its own.
    """
    size = row.shape[0]
    held, usual = np.zeros(size + 1), np.zeros(size + 1)
    for m in range(size):
        held[m + 1] = held[m] + _inside(row[m], start, stop, cases)
        usual[m + 1] = usual[m] + ground.cumulative[row[m], stop] - ground.cumulative[row[m], start]
    best = ratio(held[size], usual[size], ground.rule.total, ground.rule.dispersion) + np.log(
        max(0.5 * size * size, 1.0)
    )
    left, right = 0, 0
    for begin in range(1, size - 1):
        for end in range(begin + 1, size):
            cases_out, usual_out = held[end] - held[begin], usual[end] - usual[begin]
            value = ratio(held[size] - cases_out, usual[size] - usual_out, ground.rule.total, ground.rule.dispersion)
            if value > best:
                best, left, right = value, begin, end
    if right == 0:
        return row
    before = ratio(held[left], usual[left], ground.rule.total, ground.rule.dispersion)
    after = ratio(held[size] - held[right], usual[size] - usual[right], ground.rule.total, ground.rule.dispersion)
    return row[:left] if before >= after else row[right:]


@njit(cache=True, nogil=True)
def _span(members: Ints, ground: Ground, cases: Cases) -> tuple[float, int, int]:
    """Ratio and span of the best time window of a few places."""
    prefix, cumulative = np.zeros(ground.cumulative.shape[1], np.int32), np.zeros(ground.cumulative.shape[1])
    for m in range(members.shape[0]):
        cumulative += ground.cumulative[members[m]]
        for k in range(cases.pointer[members[m]], cases.pointer[members[m] + 1]):
            prefix[cases.step[k] + 1] += 1
    for step in range(1, prefix.shape[0]):
        prefix[step] += prefix[step - 1]
    return strongest_span(prefix, cumulative, ground)


@njit(cache=True, nogil=True)
def straightened(
    members: Ints, direction: float, start: int, stop: int, ground: Ground, cases: Cases
) -> tuple[Ints, int, int]:
    """Members and span of the best row reached from one by small moves; its first member is its middle."""
    middle = int(members[0])
    state = np.zeros(3)
    for number in range(ROUNDS):
        state[:] = 0.0
        for m in range(members.shape[0]):
            state[0] += _inside(members[m], start, stop, cases)
            state[1] += ground.cumulative[members[m], stop] - ground.cumulative[members[m], start]
        # The first time any row will do, so that one that is best already is looked through for gaps too.
        state[2] = ratio(state[0], state[1], ground.rule.total, ground.rule.dispersion) if number > 0 else 0.0
        _, moved, turned, found = _nearby_row(middle, direction, start, stop, state, ground, cases)
        if moved < 0:
            break
        middle, direction, members = moved, turned, _unbroken(found, start, stop, ground, cases)
        if members.shape[0] < found.shape[0]:
            middle = int(members[members.shape[0] // 2])
        _, since, until = _span(members, ground, cases)
        if since >= 0:
            start, stop = since, until
    return members, start, stop
