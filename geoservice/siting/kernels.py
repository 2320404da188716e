"""Compiled inner loops of siting (numba, compiled at first use)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@njit(cache=True)
def _root(parent: Integers, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit(cache=True)
def _touch(x: Floats, y: Floats, a0: int, a1: int, b0: int, b1: int, limit: float) -> bool:
    """Whether any point of the first run is within √limit of any of the second."""
    for i in range(a0, a1):
        for j in range(b0, b1):
            dx, dy = x[i] - x[j], y[i] - y[j]
            if dx * dx + dy * dy <= limit:
                return True
    return False


@njit(cache=True)
def link_bins(x: Floats, y: Floats, starts: Integers, pairs: Integers, limit: float) -> Integers:
    """Root bin of each bin after uniting those with points within √limit of each other."""
    parent = np.arange(len(starts) - 1)
    for k in range(len(pairs)):
        a, b = _root(parent, pairs[k, 0]), _root(parent, pairs[k, 1])
        i, j = pairs[k, 0], pairs[k, 1]
        if a != b and _touch(x, y, starts[i], starts[i + 1], starts[j], starts[j + 1], limit):
            parent[max(a, b)] = min(a, b)
    for node in range(len(parent)):
        parent[node] = _root(parent, node)
    return parent


@njit(cache=True)
def disk_sums(values: Floats, half: Integers) -> Floats:
    """Sum of ``values`` over the disk around every lattice node.

    ``half[k]`` is the half width of the disk's row at offset k − R (−1 for none); running sums along
    the rows make it 2R + 1 additions a node instead of πR².
    """
    rows, columns = values.shape
    reach = len(half) // 2
    running = np.zeros((rows, columns + 1))
    for r in range(rows):
        total = 0.0
        for c in range(columns):
            total += values[r, c]
            running[r, c + 1] = total
    result = np.zeros((rows, columns))
    for r in range(rows):
        for k in range(len(half)):
            other = r + k - reach
            if 0 <= other < rows and half[k] >= 0:
                _add_windows(running[other], half[k], result[r])
    return result


@njit(cache=True)
def _add_windows(running: Floats, width: int, result: Floats) -> None:
    """Add the sums over ±width to a row; the middle part has no edge to mind, so it runs as vectors."""
    columns = len(result)
    low, high = min(width, columns), max(columns - width - 1, 0)
    for c in range(low):
        result[c] += running[min(c + width + 1, columns)]
    for c in range(low, high):
        result[c] += running[c + width + 1] - running[c - width]
    for c in range(max(low, high), columns):
        result[c] += running[columns] - running[c - width]


@njit(cache=True)
def disk_maxima(values: Floats, half: Integers) -> Floats:
    """Greatest value over the disk around every node (zeros count outside)."""
    rows, columns = values.shape
    reach = len(half) // 2
    result = np.zeros((rows, columns))
    for k in range(len(half)):
        width = half[k]
        if width < 0:
            continue
        for r in range(rows):
            other = r + k - reach
            if 0 <= other < rows:
                _row_maxima(values[other], width, result[r])
    return result


@njit(cache=True)
def _row_maxima(row: Floats, width: int, result: Floats) -> None:
    """Sliding maximum over ±width, raised into ``result`` (monotone queue)."""
    n = len(row)
    queue = np.empty(n, np.int64)
    head, tail, nxt = 0, 0, 0
    for c in range(n):
        while nxt < n and nxt <= c + width:
            while tail > head and row[queue[tail - 1]] <= row[nxt]:
                tail -= 1
            queue[tail] = nxt
            tail += 1
            nxt += 1
        while queue[head] < c - width:
            head += 1
        result[c] = max(result[c], row[queue[head]])


@njit(cache=True)
def disk_rows(
    variable_of: Integers, share: Floats, half: Integers, rows: Integers, columns: Integers, variables: int
) -> tuple[Integers, Integers, Floats]:
    """For each disk the share of every variable inside it, as compressed rows (starts, variables, shares)."""
    reach = len(half) // 2
    inside = np.zeros(variables)
    starts = np.zeros(len(rows) + 1, np.int64)
    index, value = [np.int64(0)], [0.0]
    for d in range(len(rows)):
        first = len(index)
        for k in range(len(half)):
            r, width = rows[d] + k - reach, half[k]
            if 0 <= r < variable_of.shape[0] and width >= 0:
                for c in range(max(columns[d] - width, 0), min(columns[d] + width, variable_of.shape[1] - 1) + 1):
                    v = variable_of[r, c]
                    if v >= 0:
                        if inside[v] == 0.0:
                            index.append(v)
                        inside[v] += share[r, c]
        for at in range(first, len(index)):
            value.append(inside[index[at]])
            inside[index[at]] = 0.0
        starts[d + 1] = len(index) - 1
    return starts, np.array(index[1:]), np.array(value[1:])


@njit(cache=True)
def local_peaks(values: Floats, nodes: Integers, reach: int) -> NDArray[np.bool_]:
    """Which of ``nodes`` no node within ±``reach`` rows and columns exceeds."""
    rows, columns = values.shape
    result = np.ones(len(nodes), np.bool_)
    for k in range(len(nodes)):
        r0, c0 = nodes[k]
        for r in range(max(r0 - reach, 0), min(r0 + reach + 1, rows)):
            for c in range(max(c0 - reach, 0), min(c0 + reach + 1, columns)):
                if values[r, c] > values[r0, c0]:
                    result[k] = False
                    break
            if not result[k]:
                break
    return result
