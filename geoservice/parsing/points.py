"""Coordinates of a table: read, bounded, un-swapped by rule, brought to WGS-84."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.errors import InputError
from geoservice.geodesy import to_wgs84
from geoservice.parsing.numbers import floats
from geoservice.parsing.rejects import Rejects
from geoservice.parsing.text import Mask, choose, synonyms

CRS_WORDS = synonyms(
    {
        "WGS84": (
            "WGS-84",
            "GPS",
            "EPSG:4326",
            "4326",
            "CGCS2000",
            "天地图",
            "地球坐标",
            "真实坐标",
            "OSM",
            "OpenStreetMap",
        ),
        "GCJ02": (
            "GCJ-02",
            "GCJ",
            "火星",
            "火星坐标",
            "高德",
            "高德坐标",
            "AMap",
            "腾讯",
            "腾讯坐标",
            "Tencent",
            "国测局",
        ),
        "BD09": ("BD-09", "BD09LL", "百度", "百度坐标", "Baidu"),
    }
)
# No land lies within 1.5° of 0°N 0°E: a point there is a placeholder (0,0 or −1,−1), not a place.
_NULL_ISLAND_DEG = 1.5
# Nearly nobody lives beyond these latitudes: a point there whose swap is habitable is a swapped point.
_SOUTHMOST_DEG, _NORTHMOST_DEG = -60.0, 72.0


@dataclass(frozen=True, slots=True)
class Points:
    """Coordinates of rows in WGS-84 degrees; NaN where a row gives none."""

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    crs: pd.Series
    swapped: Mask


def crs_name(text: str | None) -> str | None:
    """Canonical datum name for a spelling a person may use; None stays None.

    Raises
    ------
    InputError
        The datum is not one this product converts.
    """
    if text is None:
        return None
    words, unknown = choose(pd.Series([text], dtype="str"), CRS_WORDS)
    if unknown[0] or words.isna()[0]:
        raise InputError(f"unknown datum {text!r}; use WGS84, GCJ02 or BD09", field="crs")
    return str(words.iloc[0])


def read_points(frame: pd.DataFrame, rejects: Rejects, default_crs: str | None, swapped_rule: str = "reject") -> Points:
    """Columns ``lat``, ``lon`` and ``crs`` of ``frame`` as points; what is wrong goes to ``rejects``.

    A per-row ``crs`` beats ``default_crs``; without either the point is WGS-84. A placeholder
    point (0,0 or −1,−1) reads as "no coordinates". A swapped pair is refused with that reason;
    ``swapped_rule`` ``correct`` exchanges and flags it, ``keep`` takes it as it stands (Svalbard).
    """
    lat = _degrees(frame, "lat", rejects)
    lon = _degrees(frame, "lon", rejects)
    rejects.add(
        np.isfinite(lat) ^ np.isfinite(lon), "lat", "half-a-coordinate", "latitude and longitude are needed both"
    )
    lat, lon = without_placeholders(lat, lon)
    swapped = looks_swapped(lat, lon)
    if swapped_rule == "correct":
        lat, lon = np.where(swapped, lon, lat), np.where(swapped, lat, lon)
    elif swapped_rule == "reject":
        rejects.add(swapped, "lat", "swapped", "latitude and longitude look exchanged; exchange them", _pair(lat, lon))
    outside = (np.abs(lat) > 90) | (np.abs(lon) > 180)
    rejects.add(outside, "lat", "outside", "no such place: latitude is −90…90, longitude −180…180", _pair(lat, lon))
    crs = _datums(frame, rejects, crs_name(default_crs) or "WGS84")
    usable = np.isfinite(lat) & np.isfinite(lon) & rejects.kept
    return _converted(lat, lon, crs, usable, swapped & (swapped_rule == "correct"))


def without_placeholders(
    lat: NDArray[np.float64], lon: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The coordinates with points on "null island" turned into unknown."""
    placeholder = (np.abs(lat) <= _NULL_ISLAND_DEG) & (np.abs(lon) <= _NULL_ISLAND_DEG)
    return np.where(placeholder, np.nan, lat), np.where(placeholder, np.nan, lon)


def looks_swapped(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> Mask:
    """Where the pair is off the inhabited globe but its exchange is on it (handbook section 9.1)."""
    off = (lat < _SOUTHMOST_DEG) | (lat > _NORTHMOST_DEG)
    exchanged = (lon >= _SOUTHMOST_DEG) & (lon <= _NORTHMOST_DEG) & (np.abs(lat) <= 180)
    return np.asarray(off & exchanged)


def _degrees(frame: pd.DataFrame, name: str, rejects: Rejects) -> NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), np.nan)
    values, bad = floats(frame[name])
    rejects.add(bad, name, "not-a-number", "not a finite number of degrees", frame[name])
    return values


def _datums(frame: pd.DataFrame, rejects: Rejects, default: str) -> pd.Series:
    if "crs" not in frame:
        return pd.Series(default, index=frame.index, dtype="str")
    words, unknown = choose(frame["crs"], CRS_WORDS)
    rejects.add(unknown, "crs", "unknown-datum", "unknown datum; use WGS84, GCJ02 or BD09", frame["crs"])
    return words.fillna(default)


def _converted(
    lat: NDArray[np.float64], lon: NDArray[np.float64], crs: pd.Series, usable: Mask, swapped: Mask
) -> Points:
    lat, lon = np.where(usable, lat, np.nan), np.where(usable, lon, np.nan)
    shifted = usable & (crs != "WGS84").to_numpy()
    if shifted.any():
        lat[shifted], lon[shifted] = to_wgs84(lat[shifted], lon[shifted], crs[shifted].to_numpy())
    return Points(lat, lon, crs.where(usable), swapped)


def _pair(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> pd.Series:
    """Only whole degrees are shown: a home address is personal."""
    shown = [pd.Series(np.clip(np.nan_to_num(v), -1e6, 1e6)).round().astype("int64").astype("str") for v in (lat, lon)]
    return shown[0] + "," + shown[1]
