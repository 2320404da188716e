"""Zones of a scan: every centre's locations in order of distance, cut where a zone may end."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoservice.errors import InputError
from geoservice.geodesy import unit_vectors

# Distances that differ by less are the same circle; floating-point noise must not split a tie.
TIE = 1e-9
# A finding pays for being named among more others: the rows searched are some eight times as many as the disks, all
# rows of up to 33 hexes (6·r of half-length r: 816 through every hex) some 170 times as many.
ROW_PRICE, ANY_ROW_PRICE = float(np.log(8.0)), float(np.log(170.0))


@dataclass(frozen=True)
class Zones:
    """Nested zones: centre i owns ``order[pointer[i]:pointer[i + 1]]``; ``closes`` marks the last member of a zone.

    turn : (centres,) direction of a row of hexes, in sixths of a full turn; −1 where zones are disks. None = all disks.
    """

    pointer: NDArray[np.int64]
    order: NDArray[np.int32]
    closes: NDArray[np.bool_]
    turn: NDArray[np.float64] | None = None

    @property
    def centres(self) -> int:
        return len(self.pointer) - 1

    @property
    def turns(self) -> NDArray[np.float64]:
        return np.full(self.centres, -1.0) if self.turn is None else self.turn

    @property
    def prices(self) -> NDArray[np.float64]:
        """(centres,) what is taken off the ratio of a centre's windows."""
        return np.where(self.turns >= 0.0, ROW_PRICE, 0.0)

    def within(self, share: NDArray[np.float64], most: float) -> Zones:
        """The zones that hold at most ``most`` of the whole; share : (n,) share of each location."""
        held = np.cumsum(share[self.order])
        before = np.concatenate([[0.0], held])[self.pointer[:-1]]
        inside = held - np.repeat(before, np.diff(self.pointer))
        return replace(self, closes=self.closes & (inside <= most))

    def members(self, centre: int, last: int) -> NDArray[np.int32]:
        """Locations of the zone of ``centre`` that ends at position ``last`` of ``order``."""
        return self.order[self.pointer[centre] : last + 1]


def circles(
    x: NDArray[np.float64], y: NDArray[np.float64], share: NDArray[np.float64], max_share: float, geodesic: bool = False
) -> Zones:
    """Circles round every location that hold at most ``max_share`` of the population.

    Parameters
    ----------
    x, y : (n,) projected coordinates, or longitude and latitude in degrees when ``geodesic``.
    share : (n,) share of the population at each location.

    Locations at equal distance enter together, as they lie on the same circle.
    """
    if not 0.0 < max_share <= 1.0:
        raise InputError(f"max_share {max_share} is not in (0, 1]", field="max_share")
    points = unit_vectors(y, x) if geodesic else np.column_stack([x, y])
    rows = [_circle(points, centre, share, max_share) for centre in range(len(points))]
    lengths = [len(order) for order, _ in rows]
    return Zones(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.concatenate([order for order, _ in rows]).astype(np.int32),
        np.concatenate([closes for _, closes in rows]),
    )


def lattice(table: NDArray[np.int64], rings: int) -> Zones:
    """Zones of a hex lattice: disks of 0 … ``rings`` steps round every hex.

    Parameters
    ----------
    table : (n, 1 + 3·rings·(rings + 1)) positions of each hex's disk, ring by ring; −1 where there is none
        (``grid.neighbour_table``).
    """
    ends = np.cumsum([1] + [6 * ring for ring in range(1, rings + 1)])
    present = table >= 0
    ring = np.repeat(np.arange(rings + 1), np.diff(ends, prepend=0))
    held = np.cumsum(present.sum(axis=1))
    pointer = np.concatenate([[0], held]).astype(np.int64)
    rows, columns = np.nonzero(present)
    closes = np.ones(len(rows), bool)
    closes[:-1] = (rows[1:] != rows[:-1]) | (ring[columns[1:]] != ring[columns[:-1]])
    return Zones(pointer, table[present].astype(np.int32), closes)


def joined(first: Zones, second: Zones) -> Zones:
    """The zones of both."""
    return Zones(
        np.concatenate([first.pointer, first.pointer[-1] + second.pointer[1:]]),
        np.concatenate([first.order, second.order]),
        np.concatenate([first.closes, second.closes]),
        np.concatenate([first.turns, second.turns]),
    )


def _circle(
    points: NDArray[np.float64], centre: int, share: NDArray[np.float64], max_share: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    distance = np.sqrt(((points - points[centre]) ** 2).sum(axis=1))
    order = np.argsort(distance, kind="stable")
    held = np.cumsum(share[order])
    closes = np.append(np.diff(distance[order]) > TIE * max(float(distance[order[-1]]), 1e-300), True)
    closes &= held <= max_share + 1e-12
    last = int(np.flatnonzero(closes)[-1]) + 1 if closes.any() else 0
    return order[:last], closes[:last]
