"""Explicit coordinates of complaints: how precise they really are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geoservice.geodesy import METRES_PER_DEGREE
from geoservice.grid import valid_coordinates
from geoservice.locate.precision import DECLARED_RADIUS_M, GNSS_INDOOR_M, GNSS_OUTDOOR_M, coarser, level_of_radius

Floats = NDArray[np.float64]

_MOST_DECIMALS = 5  # the fifth is a metre, below every radius


def from_coordinates(complaints: pd.DataFrame) -> pd.DataFrame:
    """Fixes at the coordinates the complaints bring.

    The radius is what the source reported, else that of the precision it declares (handbook section 4), at least
    30 m (50 m indoors), and at least half the last digit written: 22.5, 114.1 is a point somewhere within 8 km.
    The level is never finer than the one declared: the centre of a district stays context, however round its radius.

    Returns
    -------
    DataFrame with columns row (position), lat, lon, radius_m, precision, probability.
    """
    lat, lon = (complaints[name].to_numpy(float, na_value=np.nan) for name in ("lat", "lon"))
    rows = np.flatnonzero(valid_coordinates(lat, lon) & ~((lat == 0) & (lon == 0)))
    lat, lon = lat[rows], lon[rows]
    indoor = complaints["indoor"].fillna(False).to_numpy(bool)[rows]
    reported = complaints["radius_m"].to_numpy(float, na_value=np.nan)[rows]
    declared = _declared(complaints, rows)
    stated = np.where(np.isnan(reported), DECLARED_RADIUS_M.reindex(declared).to_numpy(float), reported)
    radius = np.fmax(np.where(indoor, GNSS_INDOOR_M, GNSS_OUTDOOR_M), stated)
    radius = np.maximum(radius, rounding_radius_m(lat, lon))
    level = level_of_radius(radius)
    level = np.where(declared == "", level, coarser(level, np.where(declared == "", "gnss", declared)))
    return pd.DataFrame(
        {"row": rows, "lat": lat, "lon": lon, "radius_m": radius, "precision": level, "probability": 1.0}
    )


def _declared(complaints: pd.DataFrame, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """Precision the source declares for its points; a source that says "none" knows no more than the district."""
    if "precision" not in complaints:
        return np.full(len(rows), "", object)
    return np.asarray(complaints["precision"].iloc[rows].replace("none", "district").fillna("").to_numpy(object))


def rounding_radius_m(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Radius left open by the digits written: 0 when either coordinate has five decimals or more."""
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    decimals = np.full(lat.shape, _MOST_DECIMALS)
    for count in range(_MOST_DECIMALS - 1, -1, -1):
        scale = 10.0**count
        written = (np.abs(lat * scale - np.round(lat * scale)) < 1e-6) & (
            np.abs(lon * scale - np.round(lon * scale)) < 1e-6
        )
        decimals[written] = count
    radius = 0.71 * METRES_PER_DEGREE * 10.0 ** -decimals.astype(float)
    return np.where(decimals >= _MOST_DECIMALS, 0.0, radius)
