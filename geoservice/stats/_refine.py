"""Windows of any connected shape: greedy refinement of ring windows with a compactness penalty (compiled).

Hexes are added to or taken from a window one at a time while the penalised ratio grows; then the time
span is chosen anew and the hexes once more. The penalty is Duczmal, Kulldorff & Huang's (2006)
compactness, here the least possible number of boundary edges over the actual one, to a power.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._likelihood import ratio
from geoservice.stats._windows import _accumulate, _accumulate_expected, best_window, least_expected

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

COMPACTNESS_POWER = 0.5
ROUNDS = 2
MOST_MOVES = 400


@njit(cache=True, nogil=True)
def penalised(llr: float, size: int, boundary: int) -> float:
    """Ratio times compactness: boundary edges of the most compact set of ``size`` hexes over the set's own."""
    if boundary <= 0:
        return llr
    least = 2.0 * np.ceil(np.sqrt(12.0 * size - 3.0))
    return float(llr * min(1.0, least / boundary) ** COMPACTNESS_POWER)


@njit(cache=True, nogil=True)
def _touching(local: int, nearby: Ints, inside: NDArray[np.bool_]) -> int:
    found = 0
    for k in range(nearby.shape[1]):
        other = nearby[local, k]
        if other >= 0 and inside[other]:
            found += 1
    return found


@njit(cache=True, nogil=True)
def _stays_connected(dropped: int, size: int, nearby: Ints, inside: NDArray[np.bool_], stack: Ints) -> bool:
    """True if the set without ``dropped`` is in one piece."""
    seen = np.zeros(inside.shape[0], np.bool_)
    seen[dropped] = True
    start = -1
    for k in range(nearby.shape[1]):
        other = nearby[dropped, k]
        if other >= 0 and inside[other]:
            start = other
            break
    if start < 0:
        return False
    stack[0], depth, reached = start, 1, 1
    seen[start] = True
    while depth > 0:
        depth -= 1
        here = stack[depth]
        for k in range(nearby.shape[1]):
            other = nearby[here, k]
            if other >= 0 and inside[other] and not seen[other]:
                seen[other] = True
                stack[depth] = other
                depth += 1
                reached += 1
    return reached == size - 1


@njit(cache=True, nogil=True)
def _edges(nearby: Ints, inside: NDArray[np.bool_]) -> int:
    """Edges between the set and other hexes of the region; the rim of the region is no boundary."""
    found = 0
    for local in range(nearby.shape[0]):
        if inside[local]:
            for k in range(nearby.shape[1]):
                other = nearby[local, k]
                if other >= 0 and not inside[other]:
                    found += 1
    return found


@njit(cache=True, nogil=True)
def _present(local: int, nearby: Ints) -> int:
    found = 0
    for k in range(nearby.shape[1]):
        found += nearby[local, k] >= 0
    return found


@njit(cache=True, nogil=True)
def _best_move(
    cases: Ints,
    expected: Floats,
    nearby: Ints,
    inside: NDArray[np.bool_],
    state: Floats,
    total: int,
    dispersion: float,
    min_cases: int,
    stack: Ints,
) -> int:
    """The hex whose adding or dropping raises the score most (its local number), −1 if none; updates ``state``.

    state : cases, expected, size, boundary, score.
    """
    best, chosen = state[4] + 1e-9, -1
    new = state.copy()
    for local in range(cases.shape[0]):
        touching = _touching(local, nearby, inside)
        if touching == 0:
            continue
        sign = -1 if inside[local] else 1
        inner = state[0] + sign * cases[local]
        size = state[2] + sign
        if inner < min_cases or size < 1:
            continue
        usual = state[1] + sign * expected[local]
        boundary = state[3] + sign * (_present(local, nearby) - 2 * touching)
        score = penalised(ratio(inner, usual, total, dispersion), int(size), int(boundary))
        if score > best and (sign > 0 or _stays_connected(local, int(state[2]), nearby, inside, stack)):
            best, chosen = score, local
            new[0], new[1], new[2], new[3], new[4] = inner, usual, size, boundary, score
    state[:] = new
    return chosen


@njit(cache=True, nogil=True)
def _grow(
    cases: Ints,
    expected: Floats,
    nearby: Ints,
    inside: NDArray[np.bool_],
    total: int,
    dispersion: float,
    min_cases: int,
) -> float:
    """Improve ``inside`` by single moves until none helps; the penalised ratio reached."""
    state = np.zeros(5)
    for local in range(cases.shape[0]):
        if inside[local]:
            state[0] += cases[local]
            state[1] += expected[local]
            state[2] += 1
    state[3] = _edges(nearby, inside)
    state[4] = penalised(ratio(state[0], state[1], total, dispersion), int(state[2]), int(state[3]))
    stack = np.empty(cases.shape[0], np.int32)
    for _ in range(MOST_MOVES):
        chosen = _best_move(cases, expected, nearby, inside, state, total, dispersion, min_cases, stack)
        if chosen < 0:
            break
        inside[chosen] = not inside[chosen]
    return float(state[4])


@njit(cache=True, nogil=True)
def _localise(disk: Longs, centre: int, slot: Ints) -> tuple[Ints, Ints]:
    """Hexes of the region round a centre and, per hex, the local numbers of its six neighbours (−1 = none)."""
    count = 0
    for k in range(disk.shape[1]):
        count += disk[centre, k] >= 0
    hexes = np.empty(count, np.int32)
    at = 0
    for k in range(disk.shape[1]):
        if disk[centre, k] >= 0:
            hexes[at] = disk[centre, k]
            slot[hexes[at]] = at
            at += 1
    nearby = np.full((count, 6), -1, np.int32)
    for local in range(count):
        for k in range(1, 7):
            other = disk[hexes[local], k]
            if other >= 0:
                nearby[local, k - 1] = slot[other]
    for local in range(count):
        slot[hexes[local]] = -1
    return hexes, nearby


@njit(cache=True, nogil=True)
def _tabulate(
    hexes: Ints, expected: Floats, pointer: Ints, replicate: Ints, step: Ints, lane: int
) -> tuple[Ints, Floats]:
    """Cases and running expectation of every hex of the region and step, for one replicate."""
    steps = expected.shape[1]
    cases = np.zeros((hexes.shape[0], steps), np.int32)
    running = np.zeros((hexes.shape[0], steps + 1))
    for local in range(hexes.shape[0]):
        for k in range(pointer[hexes[local]], pointer[hexes[local] + 1]):
            if replicate[k] == lane:
                cases[local, step[k]] += 1
        _accumulate_expected(expected[hexes[local]], running[local])
    return cases, running


@njit(cache=True, nogil=True)
def _window_sums(cases: Ints, running: Floats, start: int, stop: int) -> tuple[Ints, Floats]:
    inner = np.zeros(cases.shape[0], np.int32)
    for local in range(cases.shape[0]):
        for step in range(start, stop):
            inner[local] += cases[local, step]
    return inner, running[:, stop] - running[:, start]


@njit(cache=True, nogil=True)
def _retime(
    cases: Ints,
    running: Floats,
    inside: NDArray[np.bool_],
    durations: Ints,
    prospective: bool,
    total: int,
    dispersion: float,
    table: Floats,
    min_cases: int,
) -> tuple[float, int, int]:
    """Best time span of a set of hexes."""
    steps = cases.shape[1]
    counts, prefix = np.zeros(steps, np.int32), np.zeros(steps + 1, np.int32)
    cumulative, mu_min = np.zeros(steps + 1), np.zeros(durations.shape[0])
    for local in range(cases.shape[0]):
        if inside[local]:
            counts += cases[local]
            cumulative += running[local]
    _accumulate(counts, prefix)
    least_expected(cumulative, durations, prospective, mu_min)
    return best_window(prefix, cumulative, mu_min, durations, prospective, total, dispersion, table, min_cases, 0.0)


@njit(cache=True, nogil=True)
def refine(
    disk: Longs,
    centre: int,
    members: Ints,
    start: int,
    stop: int,
    expected: Floats,
    pointer: Ints,
    replicate: Ints,
    step: Ints,
    lane: int,
    durations: Ints,
    prospective: bool,
    total: int,
    dispersion: float,
    table: Floats,
    min_cases: int,
    slot: Ints,
) -> tuple[float, int, int, Ints]:
    """Penalised ratio, span and hexes of the best shape grown from a ring window.

    Parameters
    ----------
    disk : (n, k) positions of the hexes round each hex, itself first, its six neighbours next; growth ends there.
    members, start, stop : the ring window. pointer, replicate, step : packed cases; lane : the replicate.
    slot : (n,) scratch, all −1.
    """
    hexes, nearby = _localise(disk, centre, slot)
    cases, running = _tabulate(hexes, expected, pointer, replicate, step, lane)
    inside = np.zeros(hexes.shape[0], np.bool_)
    for k in range(members.shape[0]):
        for local in range(hexes.shape[0]):
            if hexes[local] == members[k]:
                inside[local] = True
    best, best_start, best_stop, best_inside = -1.0, start, stop, inside.copy()
    for _ in range(ROUNDS):
        inner, usual = _window_sums(cases, running, start, stop)
        score = _grow(inner, usual, nearby, inside, total, dispersion, min_cases)
        if score <= best + 1e-9:
            break
        best, best_start, best_stop, best_inside = score, start, stop, inside.copy()
        _, start, stop = _retime(cases, running, inside, durations, prospective, total, dispersion, table, min_cases)
        if start < 0 or (start == best_start and stop == best_stop):
            break
    return best, best_start, best_stop, hexes[best_inside]


@njit(cache=True, nogil=True)
def refine_lanes(
    order_ptr: Longs,
    order: Ints,
    best: Floats,
    where: Ints,
    tries: int,
    disk: Longs,
    expected: Floats,
    pointer: Ints,
    replicate: Ints,
    step: Ints,
    durations: Ints,
    prospective: bool,
    total: int,
    dispersion: float,
    table: Floats,
    min_cases: int,
) -> Floats:
    """Largest refined score of every replicate, refining its ``tries`` best windows that do not overlap.

    ``best`` is used up: centres inside a window already refined are set to 0.
    """
    largest = np.zeros(best.shape[0])
    slot = np.full(expected.shape[0], -1, np.int32)
    for lane in range(best.shape[0]):
        for _ in range(tries):
            centre = int(np.argmax(best[lane]))
            if best[lane, centre] <= 0.0:
                break
            last, start, stop = where[lane, centre]
            members = order[order_ptr[centre] : last + 1]
            score, _, _, _ = refine(
                disk, centre, members, start, stop, expected, pointer, replicate, step, lane, durations,
                prospective, total, dispersion, table, min_cases, slot,
            )  # fmt: skip
            largest[lane] = max(largest[lane], score)
            for k in range(members.shape[0]):
                best[lane, members[k]] = 0.0
            best[lane, centre] = 0.0
    return largest
