"""Points that stand for a hexagon when a density is summed over it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A Gaussian summed over a triangular lattice is right to 0.2 % when the lattice step is at most 2 σ.
_SIGMAS_PER_STEP = 2.0
_ORDERS = (2, 3, 4, 6, 9)


def lattice_order(sigma_m: ArrayLike, edge_m: float) -> Ints:
    """Lattice steps between neighbouring hexes that a Gaussian of ``sigma_m`` needs (2, 3, 4, 6 or 9)."""
    spacing = np.sqrt(3.0) * edge_m
    needed = spacing / (_SIGMAS_PER_STEP * np.asarray(sigma_m, float))
    slot = np.minimum(np.searchsorted(_ORDERS, needed), len(_ORDERS) - 1)
    return np.asarray(_ORDERS, np.int64)[slot]


def hexagon_lattice(ring_east: Floats, ring_north: Floats, order: int) -> Iterator[tuple[Floats, Floats, float]]:
    """Offsets (east, north, weight) of the lattice points that belong to a hexagon, for each of ``n`` hexagons.

    Parameters
    ----------
    ring_east, ring_north : (n, 6) metres from each hexagon's centre to its neighbours' centres.
    order : lattice steps between neighbouring centres.

    Yields
    ------
    (n,) east, (n,) north, weight; weights of all points sum to ``order ** 2`` (points on a side
    count half, corners a third).
    """
    spacing = np.mean(np.hypot(ring_east, ring_north), axis=1)
    heading = np.arctan2(ring_north[:, 0], ring_east[:, 0])
    for i, j, weight in _lattice(order):
        x, y = (i + j / 2) / order, j * np.sqrt(3.0) / 2 / order
        length, angle = spacing * np.hypot(x, y), heading + np.arctan2(y, x)
        yield length * np.cos(angle), length * np.sin(angle), weight


def _lattice(order: int) -> Iterator[tuple[int, int, float]]:
    """Lattice coordinates inside the hexagon around the origin whose neighbours lie ``order`` steps away."""
    for i in range(-order, order + 1):
        for j in range(-order, order + 1):
            # Twice the projection on each of the three axes; a point on a side reaches exactly ``order``.
            reach = [abs(2 * i + j), abs(i + 2 * j), abs(i - j)]
            if max(reach) <= order:
                yield i, j, 1.0 / (1 + sum(r == order for r in reach))
