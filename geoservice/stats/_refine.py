"""Windows of any connected shape: rings and rows whose hexes are added or taken away at a price (compiled).

Every hex in which a shape differs from the window it grew from costs ln 4.1508, the connective constant of the
triangular lattice (Jensen 2004): a chain that goes on by a hex may do so in about 4.15 ways, and that is what it takes
to say which. Then the time span is chosen anew and the hexes once more; a shape that two clusters explain better is
cut (:mod:`geoservice.stats._parts`).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._ground import Cases, Ground, Patch, best_span, by_place, patch_round
from geoservice.stats._likelihood import ratio
from geoservice.stats._parts import piece, stronger_part
from geoservice.stats._rows import straightened

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

PER_HEX = np.log(4.150797)
ROUNDS = 4
MOST_MOVES = 400
# Shapes grow within so many columns of their window's disks: three rings.
COLUMNS = 37
# Windows whose ratio is within this of the best are refined too: one shape may overtake another.
SLACK = 1.5
TRIES = 2


@njit(cache=True, nogil=True)
def _joins(local: int, nearby: Ints, inside: Marks) -> bool:
    found = False
    for k in range(6):
        found |= nearby[local, k] >= 0 and inside[nearby[local, k]]
    return found


@njit(cache=True, nogil=True)
def _may_leave(local: int, nearby: Ints, inside: Marks, size: float, stack: Ints) -> bool:
    """True if the set without ``local`` is in one piece."""
    for k in range(6):
        other = nearby[local, k]
        if other >= 0 and inside[other]:
            return bool(piece(other, inside, local, nearby, stack).sum() == size - 1)
    return False


@njit(cache=True, nogil=True)
def _best_move(
    held: Ints, usual: Floats, nearby: Ints, origin: Marks, inside: Marks, state: Floats, ground: Ground, stack: Ints
) -> int:
    """The hex whose adding or dropping raises the score most (its number), −1 if none; updates ``state``.

    state : cases, expected, size, score of the set.
    """
    best, chosen = state[3] + 1e-9, -1
    here = ratio(state[0], state[1], ground.rule.total, ground.rule.dispersion)
    for local in range(held.shape[0]):
        if not inside[local] and not _joins(local, nearby, inside):
            continue
        sign = -1.0 if inside[local] else 1.0
        cases, size = state[0] + sign * held[local], state[2] + sign
        if cases < ground.rule.min_cases or size < 1:
            continue
        cost = PER_HEX if inside[local] == origin[local] else -PER_HEX
        gain = ratio(cases, state[1] + sign * usual[local], ground.rule.total, ground.rule.dispersion) - here - cost
        if state[3] + gain > best and (sign > 0 or _may_leave(local, nearby, inside, state[2], stack)):
            best, chosen = state[3] + gain, local
    if chosen >= 0:
        sign = -1.0 if inside[chosen] else 1.0
        state[0] += sign * held[chosen]
        state[1] += sign * usual[chosen]
        state[2] += sign
        state[3] = best
    return chosen


@njit(cache=True, nogil=True)
def _grow(origin: Marks, inside: Marks, start: int, stop: int, patch: Patch, ground: Ground) -> float:
    """Improve ``inside`` by single moves until none helps; the ratio less the price reached."""
    held = patch.cases[:, stop] - patch.cases[:, start]
    usual = patch.running[:, stop] - patch.running[:, start]
    state = np.zeros(4)
    state[0], state[1], state[2] = held[inside].sum(), usual[inside].sum(), inside.sum()
    state[3] = ratio(state[0], state[1], ground.rule.total, ground.rule.dispersion) - PER_HEX * (inside != origin).sum()
    stack = np.empty(inside.shape[0], np.int32)
    for _ in range(MOST_MOVES):
        chosen = _best_move(held, usual, patch.nearby, origin, inside, state, ground, stack)
        if chosen < 0:
            break
        inside[chosen] = not inside[chosen]
    return float(state[3])


@njit(cache=True, nogil=True)
def _marked(members: Ints, hexes: Ints) -> Marks:
    marks = np.zeros(hexes.shape[0], np.bool_)
    for m in range(members.shape[0]):
        for local in range(hexes.shape[0]):
            marks[local] |= hexes[local] == members[m]
    return marks


@njit(cache=True, nogil=True)
def refine(
    members: Ints, turn: float, start: int, stop: int, ground: Ground, cases: Cases, slot: Ints
) -> tuple[float, int, int, Ints]:
    """Score (ratio less price), span and hexes of the best shape grown from a window.

    turn : direction of a row, −1 for a disk; slot : (n,) scratch, all −1.
    """
    if turn >= 0.0:
        members, start, stop = straightened(members, turn, start, stop, ground, cases)
    patch = patch_round(members, min(COLUMNS, ground.disk.shape[1]), ground, cases, slot)
    origin = _marked(members, patch.hexes)
    inside = origin.copy()
    best, best_start, best_stop, best_inside = -1.0, start, stop, inside.copy()
    for left in range(ROUNDS, 0, -1):
        score = _grow(origin, inside, start, stop, patch, ground)
        if score > best + 1e-9:
            best, best_start, best_stop, best_inside = score, start, stop, inside.copy()
        elif best >= 0.0:
            break
        whole = score + PER_HEX * (inside != origin).sum()
        value, begin, end, part = stronger_part(inside, whole, patch, ground)
        if value >= 0.0 and left > 1:
            origin &= part
            best, inside, start, stop = -1.0, part.copy(), begin, end
            continue
        _, start, stop = best_span(inside, patch, ground)
        if start < 0 or (start == best_start and stop == best_stop):
            break
    return best, best_start, best_stop, patch.hexes[best_inside]


@njit(cache=True, nogil=True)
def _apart(
    members: Ints, start: int, stop: int, pointer: Longs, order: Ints, where: Ints, tried: Ints, count: int
) -> bool:
    """Whether a window shares no place and time with the first ``count`` of those ``tried``."""
    for t in range(count):
        centre = tried[t]
        last, begin, end = where[centre]
        if start < end and begin < stop:
            for position in range(pointer[centre], last + 1):
                for m in range(members.shape[0]):
                    if order[position] == members[m]:
                        return False
    return True


@njit(cache=True, nogil=True)
def _tries(
    pointer: Longs, order: Ints, best: Floats, where: Ints, least: float, first: int, stop: int, tried: Ints
) -> int:
    """The best windows of the centres from ``first`` to ``stop`` that do not overlap, into ``tried``; how many."""
    count = 0
    spent = np.zeros(stop - first, np.bool_)
    while count < TRIES:
        centre, most = -1, least
        for c in range(first, stop):
            if best[c] > most and not spent[c - first]:
                centre, most = c, best[c]
        if centre < 0:
            break
        spent[centre - first] = True
        last, begin, end = where[centre]
        if _apart(order[pointer[centre] : last + 1], begin, end, pointer, order, where, tried, count):
            tried[count] = centre
            count += 1
    return count


@njit(cache=True, nogil=True)
def strongest(
    pointer: Longs, order: Ints, turn: Floats, price: Floats, best: Floats, where: Ints, ground: Ground, cells: Longs,
    slot: Ints,
) -> tuple[float, int, int, Ints]:  # fmt: skip
    """The strongest shape of one replicate or of the data: score, span and hexes; score 0 if there is none.

    Parameters
    ----------
    turn, price : (centres,) of the zones; rows are tried beside disks, which come first.
    best, where : (centres,), (centres, 3) each centre's window; only those within :data:`SLACK` of the best count.
    """
    cases = by_place(cells, ground.cumulative.shape[0], ground.cumulative.shape[1] - 1)
    tried = np.empty(TRIES, np.int32)
    largest, start, stop, members = 0.0, 0, 0, np.empty(0, np.int32)
    least = max(best.max() - SLACK, 0.0)
    disks = int((turn < 0.0).sum())
    for family in range(2):
        low, high = (0, disks) if family == 0 else (disks, best.shape[0])
        for t in range(_tries(pointer, order, best, where, least, low, high, tried)):
            centre = tried[t]
            last, begin, end = where[centre]
            found = refine(order[pointer[centre] : last + 1], turn[centre], begin, end, ground, cases, slot)
            if found[0] - price[centre] > largest:
                largest, start, stop, members = found[0] - price[centre], found[1], found[2], found[3]
    return largest, start, stop, members


@njit(cache=True, nogil=True)
def strongest_scores(
    pointer: Longs, order: Ints, turn: Floats, price: Floats, best: Floats, where: Ints, ground: Ground, cells: Longs
) -> Floats:
    """Score of the strongest shape of every replicate."""
    slot = np.full(ground.cumulative.shape[0], -1, np.int32)
    scores = np.zeros(best.shape[0])
    for lane in range(best.shape[0]):
        scores[lane] = strongest(
            pointer, order, turn, price, best[lane], where[lane], ground, cells[lane], slot
        )[0]  # fmt: skip
    return scores
