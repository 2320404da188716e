"""The city's local metre plane and its way back to degrees; the datum shift of Chinese map services."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
METRES_PER_DEGREE = 6_371_008.8 * np.pi / 180


@dataclass(frozen=True, slots=True)
class Plane:
    """Equirectangular metres about a centre: x east, y north; better than 0.1 % within 15 km."""

    lat_deg: float
    lon_deg: float

    def to_latlon(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """WGS-84 degrees of points of the plane."""
        lat = self.lat_deg + np.asarray(y_m, float) / METRES_PER_DEGREE
        lon = self.lon_deg + np.asarray(x_m, float) / (METRES_PER_DEGREE * np.cos(np.radians(self.lat_deg)))
        return lat, lon

    def to_xy(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[Floats, Floats]:
        """Metres of WGS-84 points; the inverse of :meth:`to_latlon`."""
        x = (np.asarray(lon_deg, float) - self.lon_deg) * METRES_PER_DEGREE * np.cos(np.radians(self.lat_deg))
        return x, (np.asarray(lat_deg, float) - self.lat_deg) * METRES_PER_DEGREE
