"""The share of a Gaussian that falls into a hexagon, from a small table.

The hexagon is taken as the disc of equal area: after normalising over the neighbourhood the
shares are within 0.03 of those counted from samples, 0.06 beside a pentagon where hexes are
most distorted (tests/locate/test_weights.py), at a hundredth of the work of integrating over hexagons.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Hexagon with neighbours one unit away has area √3/2; the disc of that area has this radius.
DISC_PER_SPACING = float(np.sqrt(np.sqrt(3.0) / (2.0 * np.pi)))

_WIDTHS = np.geomspace(0.05, 2.0, 60)  # σ over the disc's radius
_REACH = np.linspace(0.0, 5.0, 251)  # distance over the disc's radius
_NODES = 64


def gaussian_in_disc(distance: ArrayLike, sigma: ArrayLike) -> Floats:
    """Mass of an isotropic Gaussian inside a unit disc whose centre is ``distance`` away.

    Parameters
    ----------
    distance, sigma : arrays that broadcast, in units of the disc's radius; ``sigma`` is held to 0.05 … 2.
    """
    distance, sigma = np.broadcast_arrays(np.asarray(distance, float), np.asarray(sigma, float))
    row = np.log(sigma / _WIDTHS[0]) / np.log(_WIDTHS[1] / _WIDTHS[0])
    row = np.rint(np.clip(row, 0, len(_WIDTHS) - 1)).astype(np.int64)
    place = np.minimum(distance / _REACH[1], len(_REACH) - 1.000001)
    left = place.astype(np.int64)
    share = place - left
    table = _table().ravel()
    start = row * len(_REACH) + left
    return np.asarray(table[start] * (1 - share) + table[start + 1] * share)


@cache
def _table() -> Floats:
    """∫₀¹ t/σ² · exp(−(t² + d²)/2σ²) · I₀(t·d/σ²) dt by Gauss–Legendre, for each width and distance (Rice)."""
    from scipy.special import i0e

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    t, w = (nodes + 1) / 2, weights / 2
    s2 = (_WIDTHS**2)[:, None, None]
    d = _REACH[None, :, None]
    density = t / s2 * np.exp(-((t - d) ** 2) / (2 * s2)) * i0e(t * d / s2)
    return np.clip((density * w).sum(axis=2), 0.0, 1.0)
