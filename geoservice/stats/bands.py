"""Straight rows of hexes: the windows of a road, a railway or a valley.

A disk round a road is mostly not road, and its ratio is that of a much weaker trouble; a shape grown hex by hex from
there has to pay for every hex. A straight row is named by its middle, its direction and its length alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoservice.stats.zones import Zones

Longs = NDArray[np.int64]
# Half-lengths of rows, and how many directions tell them apart: a row of 2r + 1 hexes has some 3r on a half turn.
SHORT, SHORT_DIRECTIONS = (2, 3, 4), 12
LONG, LONG_DIRECTIONS = (6, 8, 12, 16), 48


def bands(table: Longs, rings: int, few: NDArray[np.bool_]) -> Zones:
    """Rows through every hex in all directions, growing from the middle to both sides.

    Parameters
    ----------
    table : (n, 1 + 3·rings·(rings + 1)) positions of each hex's disk, ring by ring; −1 where there is none.
    rings : rows reach at most twice as far from their middle.
    few : (n,) hexes that are the middle of long rows too; long rows through neighbours are nearly the same.

    A row ends where the lattice does.
    """
    reach = 2 * rings
    everywhere = np.arange(len(table))
    parts = [
        _rows(table, rings, everywhere, tuple(h for h in SHORT if h <= reach), SHORT_DIRECTIONS),
        _rows(table, rings, everywhere[few], tuple(h for h in LONG if h <= reach), LONG_DIRECTIONS),
    ]
    pointer = np.concatenate([[0], np.cumsum(np.concatenate([lengths for lengths, _, _ in parts]))]).astype(np.int64)
    order = np.concatenate([order for _, order, _ in parts])
    closes = np.concatenate([closes for _, _, closes in parts])
    turns = [3.0 * np.repeat(np.arange(SHORT_DIRECTIONS), len(table)) / SHORT_DIRECTIONS]
    turns += [3.0 * np.repeat(np.arange(LONG_DIRECTIONS), few.sum()) / LONG_DIRECTIONS]
    return Zones(pointer, order.astype(np.int32), closes, np.concatenate(turns)[: len(pointer) - 1])


def _rows(
    table: Longs, rings: int, middles: Longs, halves: tuple[int, ...], directions: int
) -> tuple[Longs, Longs, NDArray[np.bool_]]:
    """Lengths, members and ends of the rows of several half-lengths, the shorter inside the longer."""
    if not halves or not len(middles):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool)
    found = [_row(table, rings, middles, halves, 3.0 * k / directions) for k in range(directions)]
    places = np.concatenate([row for row, _ in found])
    ends = np.concatenate([end for _, end in found])
    present = places >= 0
    ends = _moved(ends & _grown(places), present)
    return present.sum(axis=1), places[present], ends[present]


def _row(
    table: Longs, rings: int, middles: Longs, halves: tuple[int, ...], direction: float
) -> tuple[Longs, NDArray[np.bool_]]:
    """(middles, 1 + 2·longest) members from the middle outwards, −1 beyond a gap, and the columns where rows end."""
    one, other = (_arm(table, rings, middles, direction + turn, halves[-1]) for turn in (0.0, 3.0))
    row = np.empty((len(middles), 1 + 2 * halves[-1]), np.int64)
    row[:, 0], row[:, 1::2], row[:, 2::2] = middles, one, other
    ends = np.zeros(row.shape, bool)
    ends[:, [2 * half for half in halves if _distinct(direction, half)]] = True
    return row, ends


def _distinct(direction: float, half: int) -> bool:
    """Whether rows of this half-length differ from those of a coarser set of directions: about 3·half of them do."""
    spacing = 1.0 / max(2, 2 ** int(np.log2(half)))
    return abs(direction / spacing - round(direction / spacing)) < 1e-9


def _arm(table: Longs, rings: int, middles: Longs, direction: float, length: int) -> Longs:
    """(middles, length) positions straight away from each middle; −1 from the first gap on."""
    from geoservice.stats._rows import column

    arm = np.empty((len(middles), length), np.int64)
    base = middles
    for step in range(1, length + 1):
        near = step if step <= rings else step - rings
        arm[:, step - 1] = np.where(base >= 0, table[base, column(direction, near)], -1)
        if step == rings:
            base = arm[:, step - 1]
    arm[np.cumsum(arm < 0, axis=1) > 0] = -1
    return arm


def _grown(places: Longs) -> NDArray[np.bool_]:
    """Whether one of the two last members is there: else the row is the shorter one again."""
    present = places >= 0
    grown = present.copy()
    grown[:, 2::2] |= present[:, 1::2]
    return grown


def _moved(ends: NDArray[np.bool_], present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Ends that fall on a gap belong to the member before."""
    moved = ends & present
    moved[:, 1::2] |= ends[:, 2::2] & ~present[:, 2::2]
    return moved
