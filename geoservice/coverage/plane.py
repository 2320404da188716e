"""Flat coordinates around a place, and chords for neighbour searches over the globe."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.geodesy import EARTH_RADIUS_M

Floats = NDArray[np.float64]


def offsets_m(lat: ArrayLike, lon: ArrayLike, lat0: ArrayLike, lon0: ArrayLike) -> tuple[Floats, Floats]:
    """Metres east and north of (lat0, lon0); within 0.1 % up to 15 km away outside the polar caps."""
    lon_step = (np.asarray(lon, float) - np.asarray(lon0, float) + 180) % 360 - 180
    east = np.radians(lon_step) * np.cos(np.radians(np.asarray(lat0, float))) * EARTH_RADIUS_M
    north = np.radians(np.asarray(lat, float) - np.asarray(lat0, float)) * EARTH_RADIUS_M
    return np.asarray(east), np.asarray(north)
