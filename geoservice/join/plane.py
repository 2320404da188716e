"""Local flat coordinates: metres east and north of a reference point, good to 0.1 % within 100 km."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.geodesy import METRES_PER_DEGREE

Floats = NDArray[np.float64]


def to_plane(lat_deg: ArrayLike, lon_deg: ArrayLike, lat0_deg: float, lon0_deg: float) -> tuple[Floats, Floats]:
    """East and north of (``lat0_deg``, ``lon0_deg``) in metres, equirectangular on the mean sphere."""
    lat, lon = np.asarray(lat_deg, float), np.asarray(lon_deg, float)
    east = (lon - lon0_deg) * METRES_PER_DEGREE * np.cos(np.radians(lat0_deg))
    return east, (lat - lat0_deg) * METRES_PER_DEGREE


def distance_m(lat_deg: ArrayLike, lon_deg: ArrayLike, lat0_deg: float, lon0_deg: float) -> Floats:
    """Distance in metres of each point from one point."""
    return np.asarray(np.hypot(*to_plane(lat_deg, lon_deg, lat0_deg, lon0_deg)))


def weighted_quantile(values: ArrayLike, weights: ArrayLike, share: float) -> float:
    """Smallest value with at least ``share`` of the weight at or below it; NaN without weight.

    >>> weighted_quantile([1.0, 2.0, 3.0], [1, 1, 2], 0.5)
    2.0
    """
    value, weight = np.asarray(values, float), np.asarray(weights, float)
    good = np.isfinite(value) & (weight > 0)
    if not good.any():
        return float("nan")
    order = np.argsort(value[good], kind="stable")
    heap = np.cumsum(weight[good][order])
    position = int(np.searchsorted(heap, share * heap[-1] * (1 - 1e-12)))
    return float(value[good][order][min(position, len(heap) - 1)])
