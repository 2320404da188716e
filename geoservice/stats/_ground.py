"""What all shapes of a scan have in common, and the cases of one replicate by place (compiled)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._windows import Rule, accumulate, best_window, least_expected

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]


class Ground(NamedTuple):
    """The problem as shapes see it.

    disk : (n, k) positions of the hexes round each hex, itself first, ring by ring (−1 = none);
    cumulative : (n, steps + 1) running expectation.
    """

    disk: Longs
    cumulative: Floats
    rule: Rule


class Cases(NamedTuple):
    """The cases of one replicate by place: ``step[pointer[i]:pointer[i + 1]]``."""

    pointer: Ints
    step: Ints


class Patch(NamedTuple):
    """The hexes a shape may take, numbered from 0, and what happens there.

    hexes : (m,) positions; nearby : (m, 6) numbers of the neighbours (−1 = none); cases, running : (m, steps + 1)
    running cases and expectation.
    """

    hexes: Ints
    nearby: Ints
    cases: Ints
    running: Floats


@njit(cache=True, nogil=True)
def by_place(cells: Longs, locations: int, steps: int) -> Cases:
    """Cases of one replicate (location·steps + step each) sorted by place."""
    pointer = np.zeros(locations + 1, np.int32)
    for i in range(cells.shape[0]):
        pointer[cells[i] // steps + 1] += 1
    for location in range(locations):
        pointer[location + 1] += pointer[location]
    fill, step = pointer[:-1].copy(), np.empty(cells.shape[0], np.int32)
    for i in range(cells.shape[0]):
        location = cells[i] // steps
        step[fill[location]] = cells[i] - location * steps
        fill[location] += 1
    return Cases(pointer, step)


@njit(cache=True, nogil=True)
def patch_round(members: Ints, columns: int, ground: Ground, cases: Cases, slot: Ints) -> Patch:
    """Everything within the first ``columns`` of the members' disks; slot : (n,) scratch, all −1."""
    hexes = np.empty(members.shape[0] * columns, np.int32)
    count = 0
    for m in range(members.shape[0]):
        for k in range(columns):
            place = ground.disk[members[m], k]
            if place >= 0 and slot[place] < 0:
                slot[place] = count
                hexes[count] = place
                count += 1
    nearby = np.full((count, 6), -1, np.int32)
    running = np.empty((count, ground.cumulative.shape[1]))
    held = np.zeros((count, ground.cumulative.shape[1]), np.int32)
    for local in range(count):
        place = hexes[local]
        for k in range(6):
            other = ground.disk[place, k + 1]
            if other >= 0:
                nearby[local, k] = slot[other]
        running[local] = ground.cumulative[place]
        for c in range(cases.pointer[place], cases.pointer[place + 1]):
            held[local, cases.step[c] + 1] += 1
        for step in range(1, held.shape[1]):
            held[local, step] += held[local, step - 1]
    for local in range(count):
        slot[hexes[local]] = -1
    return Patch(hexes[:count].copy(), nearby, held, running)


@njit(cache=True, nogil=True)
def strongest_span(prefix: Ints, cumulative: Floats, ground: Ground) -> tuple[float, int, int]:
    """Ratio and span of the best time window, from running sums of cases and expectations."""
    mu_min = np.zeros(ground.rule.durations.shape[0])
    least_expected(cumulative, ground.rule.durations, ground.rule.prospective, mu_min)
    return best_window(prefix, cumulative, mu_min, ground.rule, 0.0)


@njit(cache=True, nogil=True)
def best_span(inside: Marks, patch: Patch, ground: Ground) -> tuple[float, int, int]:
    """Ratio and span of the best time window of a set of hexes."""
    steps = patch.cases.shape[1] - 1
    prefix, cumulative = np.zeros(steps + 1, np.int32), np.zeros(steps + 1)
    for local in range(inside.shape[0]):
        if inside[local]:
            prefix += patch.cases[local]
            cumulative += patch.running[local]
    return strongest_span(prefix, cumulative, ground)


@njit(cache=True, nogil=True)
def running_expectation(expected: Floats) -> Floats:
    """(n, steps + 1) sums over the steps before each."""
    running = np.zeros((expected.shape[0], expected.shape[1] + 1))
    for place in range(expected.shape[0]):
        accumulate(expected[place], running[place])
    return running
