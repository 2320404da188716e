"""Windows of any connected shape: a window grows while its ratio gains more than its outline costs (compiled).

Every boundary edge costs a quarter of ln 4.1508, the connective constant of the triangular lattice (Jensen 2004): a
road that goes on by one hex lengthens its outline by four edges and may go on in about 4.15 ways, and that is what it
takes to say which. Shapes are chosen by ratio − cost; for the test, what the outline of the most compact shape of the
same size costs is given back, so that disks cost nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._likelihood import ratio

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

EDGE = 0.25 * np.log(4.150797)
MOST_MOVES = 400
AHEAD = 5


class Ground(NamedTuple):
    """What all shapes of a scan have in common.

    disk : (n, k) positions of the hexes round each hex, itself first, its six neighbours next (−1 = none);
    cumulative : (n, steps + 1) running expectation; the rest as in :class:`geoservice.stats.montecarlo.Problem`.
    """

    disk: Longs
    cumulative: Floats
    durations: Ints
    prospective: bool
    total: int
    dispersion: float
    table: Floats
    min_cases: int


class Cases(NamedTuple):
    """The cases of one replicate by location: ``step[pointer[i]:pointer[i + 1]]``."""

    pointer: Ints
    step: Ints


class Scratch(NamedTuple):
    """Per location: whether it is inside, and cases and expectation of the span ``stamp`` says they belong to."""

    inside: Marks
    stamp: Longs
    held: Ints
    usual: Floats
    members: Ints


def scratch(locations: int) -> Scratch:
    """Working memory for one thread."""
    return Scratch(
        np.zeros(locations, np.bool_), np.full(locations, -1, np.int64), np.zeros(locations, np.int32),
        np.zeros(locations), np.zeros(locations, np.int32),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def tested_score(value: float, size: int, boundary: int) -> float:
    """The ratio ``value`` of a shape less what its outline costs beyond that of the most compact shape of its size."""
    least = 2.0 * np.ceil(np.sqrt(12.0 * size - 3.0))
    return float(value - EDGE * max(boundary - least, 0.0))


@njit(cache=True, nogil=True)
def _edges_gained(disk: Longs, place: int, inside: Marks) -> int:
    """Change of the boundary when ``place`` joins the set; the rim of the region is no boundary."""
    gained = 0
    for k in range(1, 7):
        other = disk[place, k]
        if other >= 0:
            gained += -1 if inside[other] else 1
    return gained


@njit(cache=True, nogil=True)
def _count(place: int, span: Longs, ground: Ground, cases: Cases, work: Scratch) -> None:
    """Cases and expectation of a hex within ``span`` (start, stop, its number), once per span."""
    if work.stamp[place] != span[2]:
        found = 0
        for k in range(cases.pointer[place], cases.pointer[place + 1]):
            found += span[0] <= cases.step[k] < span[1]
        work.stamp[place] = span[2]
        work.held[place] = found
        work.usual[place] = ground.cumulative[place, span[1]] - ground.cumulative[place, span[0]]


@njit(cache=True, nogil=True)
def _slopes(held: float, usual: float, ground: Ground) -> tuple[float, float]:
    """Change of the ratio per case and per expectation. The ratio is convex, so linear gains are lower bounds."""
    here = ratio(held, usual, ground.total, ground.dispersion)
    per_case = ratio(held + 1.0, usual, ground.total, ground.dispersion) - here
    small = 1e-3 * usual
    per_expected = (ratio(held, usual + small, ground.total, ground.dispersion) - here) / max(small, 1e-12)
    return per_case, per_expected


@njit(cache=True, nogil=True)
def _best_walk(
    size: int, slopes: tuple[float, float], span: Longs, ground: Ground, cases: Cases, work: Scratch, walk: Ints
) -> int:
    """The walk of at most :data:`AHEAD` hexes outwards from the edge that gains most, into the front of ``walk``.

    A road has gaps, by chance and where few people live: a walk may pass hexes that gain nothing to reach those that
    do. Every step goes on straight or bends by 60°, whichever gains most. Returns its length, 0 if none gains.
    """
    best, length = 1e-9, 0
    for m in range(size):
        for side in range(6):
            gain, steps = _walk(work.members[m], side, slopes, span, ground, cases, work, walk[AHEAD:])
            if gain > best:
                best, length = gain, steps
                walk[:steps] = walk[AHEAD : AHEAD + steps]
    return length


@njit(cache=True, nogil=True)
def _walk(
    place: int, side: int, slopes: tuple[float, float], span: Longs, ground: Ground, cases: Cases, work: Scratch,
    walk: Ints,
) -> tuple[float, int]:  # fmt: skip
    """Gain and length of the best beginning of the walk that leaves ``place`` by a ``side``; its hexes in ``walk``."""
    best, length, gain, steps = -np.inf, 0, 0.0, 0
    while steps < AHEAD:
        bends = 1 if steps == 0 else 3
        chosen, most, turned = -1, -np.inf, side
        for bend in range(bends):
            turn = (side + (0, 1, 5)[bend]) % 6
            ahead = ground.disk[place, 1 + turn]
            if ahead < 0 or work.inside[ahead]:
                continue
            _count(ahead, span, ground, cases, work)
            worth = slopes[0] * work.held[ahead] + slopes[1] * work.usual[ahead]
            worth -= EDGE * _edges_gained(ground.disk, ahead, work.inside)
            if worth > most:
                chosen, most, turned = ahead, worth, turn
        if chosen < 0:
            break
        gain += most
        work.inside[chosen] = True
        walk[steps] = chosen
        place, side, steps = chosen, turned, steps + 1
        if gain > best:
            best, length = gain, steps
    for k in range(steps):
        work.inside[walk[k]] = False
    return best, length


@njit(cache=True, nogil=True)
def _worst_member(size: int, slopes: tuple[float, float], ground: Ground, work: Scratch) -> int:
    """The member whose leaving gains most while the rest stays in one piece, −1 if none."""
    found, best = -1, 1e-9
    for m in range(size):
        place = work.members[m]
        worth = slopes[0] * work.held[place] + slopes[1] * work.usual[place]
        gain = EDGE * _edges_gained(ground.disk, place, work.inside) - worth
        if gain > best and _ring_unbroken(ground.disk, place, work.inside):
            found, best = m, gain
    return found


@njit(cache=True, nogil=True)
def _ring_unbroken(disk: Longs, place: int, inside: Marks) -> bool:
    """Whether the members next to ``place`` hang together without it: every one but one touches an earlier one.

    Looks at the six neighbours only, so that a few harmless removals are refused too.
    """
    groups = 0
    for i in range(1, 7):
        here = disk[place, i]
        if here < 0 or not inside[here]:
            continue
        linked = 0
        for j in range(1, 7):
            other = disk[place, j]
            if other >= 0 and other != here and inside[other]:
                for k in range(1, 7):
                    linked += disk[here, k] == other
        groups += 2 - linked  # an arc of m hexes has m − 1 links, each seen from both ends
    return groups == 2 or groups == 0


@njit(cache=True, nogil=True)
def _state_of(size: int, span: Longs, ground: Ground, cases: Cases, work: Scratch) -> Floats:
    """Cases, expectation and boundary of the members within a span."""
    state = np.zeros(3)
    for m in range(size):
        place = work.members[m]
        _count(place, span, ground, cases, work)
        state[0] += work.held[place]
        state[1] += work.usual[place]
        for k in range(1, 7):
            other = ground.disk[place, k]
            state[2] += other >= 0 and not work.inside[other]
    return state


@njit(cache=True, nogil=True)
def grow(size: int, span: Longs, ground: Ground, cases: Cases, work: Scratch, walk: Ints) -> tuple[int, float]:
    """Improve the members by walks added and hexes dropped until neither helps; their number and score."""
    state = _state_of(size, span, ground, cases, work)
    for _ in range(MOST_MOVES):
        slopes = _slopes(state[0], state[1], ground)
        leaving = _worst_member(size, slopes, ground, work)
        if leaving >= 0 and size > 1 and state[0] - work.held[work.members[leaving]] >= ground.min_cases:
            _drop(size, leaving, state, ground.disk, work)
            size -= 1
            continue
        length = 0
        if size + AHEAD <= work.members.shape[0]:
            length = _best_walk(size, slopes, span, ground, cases, work, walk)
        if length == 0:
            break
        for k in range(length):
            _join(size + k, walk[k], state, ground.disk, work)
        size += length
    value = ratio(state[0], state[1], ground.total, ground.dispersion)
    return size, tested_score(value, size, int(state[2]))


@njit(cache=True, nogil=True)
def _join(at: int, place: int, state: Floats, disk: Longs, work: Scratch) -> None:
    state[0] += work.held[place]
    state[1] += work.usual[place]
    state[2] += _edges_gained(disk, place, work.inside)
    work.inside[place] = True
    work.members[at] = place


@njit(cache=True, nogil=True)
def _drop(size: int, at: int, state: Floats, disk: Longs, work: Scratch) -> None:
    place = work.members[at]
    work.inside[place] = False
    work.members[at] = work.members[size - 1]
    state[0] -= work.held[place]
    state[1] -= work.usual[place]
    state[2] -= _edges_gained(disk, place, work.inside)
