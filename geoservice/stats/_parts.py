"""One hotspot, or two with a bridge between them: a shape is one only if two clusters do not explain it better.

A long shape may run from one trouble to the next: both together have a larger ratio than either. Two findings, each
with a span of time of its own, are the better account where their ratios add up to more than the ratio of the whole
and ln(places × steps), what it takes to say where and when a second one is. Shapes are cut at single hexes.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.stats._ground import Ground, Patch, best_span

Ints = NDArray[np.int32]
Marks = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def piece(start: int, inside: Marks, without: int, nearby: Ints, stack: Ints) -> Marks:
    """The members that hang together with ``start`` when ``without`` is taken out."""
    found = np.zeros(inside.shape[0], np.bool_)
    found[start] = True
    stack[0], depth = start, 1
    while depth > 0:
        depth -= 1
        here = stack[depth]
        for k in range(6):
            other = nearby[here, k]
            if other >= 0 and other != without and inside[other] and not found[other]:
                found[other] = True
                stack[depth] = other
                depth += 1
    return found


@njit(cache=True, nogil=True)
def stronger_part(inside: Marks, whole: float, patch: Patch, ground: Ground) -> tuple[float, int, int, Marks]:
    """The stronger of the two best parts (ratio, span, members) if they explain more than the whole, else all of it.

    whole : ratio of all members. The ratio returned is −1 where the shape is left as it is.
    """
    best = whole + np.log(ground.disk.shape[0] * (patch.cases.shape[1] - 1.0))
    ratio, start, stop, part = -1.0, 0, 0, inside
    stack, size = np.empty(inside.shape[0], np.int32), inside.sum()
    for cut in range(inside.shape[0]):
        if not inside[cut]:
            continue
        seen = np.zeros(inside.shape[0], np.bool_)
        first, second, begin, end, strongest = 0.0, 0.0, 0, 0, inside
        for k in range(6):
            other = patch.nearby[cut, k]
            if other < 0 or not inside[other] or seen[other]:
                continue
            mine = piece(other, inside, cut, patch.nearby, stack)
            if mine.sum() == size - 1:
                break
            seen |= mine
            value, since, until = best_span(mine, patch, ground)
            if value > first:
                first, second, begin, end, strongest = value, first, since, until, mine
            else:
                second = max(second, value)
        if second > 0.0 and first + second > best:
            best = first + second
            ratio, start, stop, part = first, begin, end, strongest
    return ratio, start, stop, part
