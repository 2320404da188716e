"""Coordinates as Chinese map services give them: GCJ-02 and BD-09 from WGS-84 (for writing dirt only)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_AXIS_M = 6_378_245.0  # Krasovsky 1940, as the GCJ-02 shift uses it
_ECCENTRICITY2 = 0.00669342162296594323


def wgs84_to_gcj02(lat_deg: Floats, lon_deg: Floats) -> tuple[Floats, Floats]:
    """The shift applied inside China by public map services; 260-620 m.

    Source: the publicly known polynomial of the shift; checked against (22.5431, 114.0579) -> (22.540383, 114.063014).
    """
    x, y = lon_deg - 105.0, lat_deg - 35.0
    phi = np.radians(lat_deg)
    root = np.sqrt(1 - _ECCENTRICITY2 * np.sin(phi) ** 2)
    meridian = _AXIS_M * (1 - _ECCENTRICITY2) / root**3
    lat = lat_deg + np.degrees(_north_m(x, y) / meridian)
    return lat, lon_deg + np.degrees(_east_m(x, y) / (_AXIS_M / root * np.cos(phi)))


def gcj02_to_bd09(lat_deg: Floats, lon_deg: Floats) -> tuple[Floats, Floats]:
    """Baidu's further shift."""
    turn = np.pi * 3000 / 180
    radius = np.hypot(lon_deg, lat_deg) + 0.00002 * np.sin(lat_deg * turn)
    angle = np.arctan2(lat_deg, lon_deg) + 0.000003 * np.cos(lon_deg * turn)
    return radius * np.sin(angle) + 0.006, radius * np.cos(angle) + 0.0065


def _waves(t: Floats, amplitudes: tuple[float, ...], periods: tuple[float, ...]) -> Floats:
    terms = [a * np.sin(np.pi * t / p) for a, p in zip(amplitudes, periods, strict=True)]
    return np.asarray(np.sum(terms, axis=0) * 2 / 3)


def _north_m(x: Floats, y: Floats) -> Floats:
    plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    fast = _waves(x, (20, 20), (1 / 6, 1 / 2))
    return np.asarray(plain + fast + _waves(y, (20, 40, 160, 320), (1, 3, 12, 30)))


def _east_m(x: Floats, y: Floats) -> Floats:
    plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    fast = _waves(x, (20, 20), (1 / 6, 1 / 2))
    return np.asarray(plain + fast + _waves(x, (20, 40, 150, 300), (1, 3, 12, 30)))
