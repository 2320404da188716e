"""Greedy choice on the lattice: the position and type of most uncovered weight a unit of cost, again and again."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.uint8]
_BLOCK = 32


@njit(cache=True)
def block_around(blocked: Flags, x: float, y: float, radius: float) -> None:
    """Mark every node at most ``radius`` (lattice steps) from (x, y)."""
    rows, columns = blocked.shape
    low, high = max(int(np.ceil(x - radius)), 0), min(int(np.floor(x + radius)), rows - 1)
    for r in range(low, high + 1):
        left, right = max(int(np.ceil(y - radius)), 0), min(int(np.floor(y + radius)), columns - 1)
        for c in range(left, right + 1):
            if (r - x) ** 2 + (c - y) ** 2 <= radius * radius * (1 + 1e-12):
                blocked[r, c] = 1


@njit(cache=True)
def add_disk(values: Floats, half: Integers, row: int, column: int, amount: float) -> None:
    """Add ``amount`` to every node of a disk."""
    rows, columns = values.shape
    reach = len(half) // 2
    for k in range(len(half)):
        r, width = row + k - reach, half[k]
        if 0 <= r < rows and width >= 0:
            for c in range(max(column - width, 0), min(column + width + 1, columns)):
                values[r, c] += amount


@njit(cache=True)
def _refresh(best: Floats, scores: Floats, costs: Floats, blocked: Flags, r0: int, r1: int, c0: int, c1: int) -> None:
    """Recompute the block maxima of the blocks that touch a window."""
    types, rows, columns = scores.shape
    for br in range(max(r0, 0) // _BLOCK, min(r1, rows - 1) // _BLOCK + 1):
        for bc in range(max(c0, 0) // _BLOCK, min(c1, columns - 1) // _BLOCK + 1):
            for t in range(types):
                top = 0.0
                for r in range(br * _BLOCK, min((br + 1) * _BLOCK, rows)):
                    for c in range(bc * _BLOCK, min((bc + 1) * _BLOCK, columns)):
                        if blocked[r, c] == 0 and scores[t, r, c] > top:
                            top = scores[t, r, c]
                best[t, br, bc] = top / costs[t]


@njit(cache=True)
def _find(scores: Floats, blocked: Flags, t: int, br: int, bc: int) -> tuple[int, int]:
    """Best free node of a block."""
    _, rows, columns = scores.shape
    top, at_r, at_c = -1.0, -1, -1
    for r in range(br * _BLOCK, min((br + 1) * _BLOCK, rows)):
        for c in range(bc * _BLOCK, min((bc + 1) * _BLOCK, columns)):
            if blocked[r, c] == 0 and scores[t, r, c] > top:
                top, at_r, at_c = scores[t, r, c], r, c
    return at_r, at_c


@njit(cache=True)
def _choose(best: Floats, costs: Floats, need: float, money: float) -> tuple[int, int, int]:
    """(type, block row, block column) of most still needed weight a unit of cost; type −1 when nothing helps."""
    width = best.shape[2]
    pick, br, bc, top = -1, 0, 0, 0.0
    for t in range(len(costs)):
        if costs[t] <= money:
            flat = int(np.argmax(best[t]))
            ratio = min(best[t, flat // width, flat % width], need / costs[t])
            if ratio > top:
                pick, top, br, bc = t, ratio, flat // width, flat % width
    return pick, br, bc


@njit(cache=True)
def greedy(
    weights: Floats, scores: Floats, halves: Integers, costs: Floats, blocked: Flags, spacing: float,
    target: float, budget: float,
) -> tuple[Integers, Integers, Integers, float]:  # fmt: skip
    """Sites (type, row, column) until ``target`` weight is covered or the budget is spent.

    ``weights`` and ``scores`` (disk sums of the weights, one layer a type) are consumed; ``halves`` is
    (types, 2R+1) with the disks of smaller types padded by −1 rows.
    """
    types, rows, columns = scores.shape
    best = np.zeros((types, (rows - 1) // _BLOCK + 1, (columns - 1) // _BLOCK + 1))
    _refresh(best, scores, costs, blocked, 0, rows - 1, 0, columns - 1)
    reach = halves.shape[1] // 2
    kinds, at_rows, at_columns = [-1], [-1], [-1]
    covered = 0.0
    while covered < target:
        t, br, bc = _choose(best, costs, target - covered, budget)
        if t < 0:
            break
        row, column = _find(scores, blocked, t, br, bc)
        covered += _take(weights, scores, halves, t, row, column)
        budget -= costs[t]
        block_around(blocked, float(row), float(column), spacing)
        wide = max(2 * reach, int(spacing) + 1)
        _refresh(best, scores, costs, blocked, row - wide, row + wide, column - wide, column + wide)
        kinds.append(t)
        at_rows.append(row)
        at_columns.append(column)
    return np.array(kinds[1:]), np.array(at_rows[1:]), np.array(at_columns[1:]), covered


@njit(cache=True)
def _take(weights: Floats, scores: Floats, halves: Integers, t: int, row: int, column: int) -> float:
    """Cover a disk: its weights become 0 and all scores around follow; returns the weight covered."""
    _, rows, columns = scores.shape
    reach = halves.shape[1] // 2
    gained = 0.0
    for k in range(halves.shape[1]):
        r, width = row + k - reach, halves[t, k]
        if 0 <= r < rows and width >= 0:
            for c in range(max(column - width, 0), min(column + width + 1, columns)):
                w = weights[r, c]
                if w > 0.0:
                    gained += w
                    weights[r, c] = 0.0
                    for other in range(scores.shape[0]):
                        add_disk(scores[other], halves[other], r, c, -w)
    return gained
