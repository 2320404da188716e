"""One coordinate given to many different places is a centroid, not a place: it gets its true precision.

Geocoders answer with the middle of a district when they do not know the house. A thousand such
answers would be the hottest spot on the map.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.geodesy import distance_m, unit_vectors
from geoservice.locate import words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_NAMES = 5  # one building is called by two or three names, hardly by five
# Radius for so many different names at one point, when no area of the gazetteer explains it; judgement.
_BY_NAMES = ((30, 6000.0, "district"), (10, 2500.0, "township"), (LEAST_NAMES, 1000.0, "village"))
_SAME_POINT_M = 150.0  # the centroid of an area as another source has it
_EXACTLY_M = 15.0
_NUMBERS = re.compile(r"[0-9]+|号楼|号|栋|幢|单元|室|层")
_APART = 10**9  # between the latitudes of two keys: more than any longitude
_SCALE = 1e6  # degrees are compared to the sixth decimal, 0.1 m


def names_at_point(lat: Floats, lon: Floats, texts: pd.Series) -> Ints:
    """How many different places (house numbers aside) the rows at each row's coordinate name; exact from five on."""
    if len(lat) == 1:
        return np.asarray(texts.notna(), np.int64)
    return _count_names(lat, lon, texts)


def _count_names(lat: Floats, lon: Floats, texts: pd.Series) -> Ints:
    point = _point_codes(lat, lon)
    written = _distinct(point, pd.factorize(texts)[0])
    many = np.flatnonzero(written >= LEAST_NAMES)  # fewer texts are fewer names: most need not be compared
    if len(many):
        codes, distinct = pd.factorize(texts.iloc[many])
        bare = [_NUMBERS.sub("", words.normalise(str(text))).strip() for text in distinct]
        name = np.where(codes >= 0, pd.factorize(np.array([*bare, ""], object))[0][codes], -1)
        written[many] = _distinct(point[many], name)
    return written


def _distinct(point: Ints, name: Ints) -> Ints:
    """How many different names (from 0 on) each row's point has."""
    pairs = pd.DataFrame({"point": point, "name": name})[name >= 0].drop_duplicates()
    return np.bincount(pairs["point"], minlength=int(point.max(initial=-1)) + 1)[point].astype(np.int64)


def rank_of(names: Ints) -> Ints:
    """What so many names make of a point: 0 a place, then ever coarser."""
    return np.searchsorted(sorted(least for least, _, _ in _BY_NAMES), names, "right").astype(np.int64)


def point_keys(lat: Floats, lon: Floats) -> Ints:
    """One number for each coordinate, equal for those within 0.1 m."""
    north, east = (np.rint(np.asarray(part, float) * _SCALE).astype(np.int64) for part in (lat, lon))
    return north * _APART + east


def points_of_keys(keys: Ints) -> tuple[Floats, Floats]:
    """Latitude and longitude of :func:`point_keys`."""
    north = (keys + _APART // 2) // _APART
    return north / _SCALE, (keys - north * _APART) / _SCALE


def demote(points: pd.DataFrame, texts: pd.Series, areas: pd.DataFrame, names: Ints | None = None) -> pd.DataFrame:
    """Points with the radius and precision of the area they stand for.

    Parameters
    ----------
    points : columns lat, lon, radius_m, precision.
    texts : (n,) the place text that came with each point; missing where there was none.
    areas : gazetteer entries that are areas: columns lat, lon, radius_m, level.
    names : how many different places each point is known to name; counted among ``points`` unless given.

    Returns
    -------
    ``points`` with radius_m and precision raised for coordinates shared by at least five different
    places, and for coordinates that are, to 15 m, the middle of a district or city.
    """
    if not len(points):
        return points
    lat, lon = points["lat"].to_numpy(float), points["lon"].to_numpy(float)
    names = names_at_point(lat, lon, texts) if names is None else names
    radius, level = _by_names(names)
    metres, area = _nearest_area(lat, lon, areas)
    crowded = names >= LEAST_NAMES
    coarse = np.isin(areas["level"].to_numpy(object)[area], ["district", "city"]) if len(areas) else np.zeros(1, bool)
    explained = (crowded & (metres <= _SAME_POINT_M)) | (coarse & (metres <= _EXACTLY_M))
    if len(areas):
        radius = np.where(explained, areas["radius_m"].to_numpy(float)[area], radius)
        level = np.where(explained, areas["level"].to_numpy(object)[area], level)
    raised = (crowded | explained) & (radius > points["radius_m"].to_numpy(float))
    return points.assign(
        radius_m=np.where(raised, radius, points["radius_m"]), precision=np.where(raised, level, points["precision"])
    )


def _by_names(names: Ints) -> tuple[Floats, NDArray[np.object_]]:
    bounds = [names >= least for least, _, _ in _BY_NAMES]
    radius = np.select(bounds, [r for _, r, _ in _BY_NAMES], 0.0)
    return radius, np.asarray(np.select(bounds, [level for _, _, level in _BY_NAMES], "none"), object)


def _nearest_area(lat: Floats, lon: Floats, areas: pd.DataFrame) -> tuple[Floats, Ints]:
    """Distance to the middle of the nearest area, and which it is."""
    if not len(areas):
        return np.full(len(lat), np.inf), np.zeros(len(lat), np.int64)
    from scipy.spatial import cKDTree

    tree = cKDTree(unit_vectors(areas["lat"].to_numpy(float), areas["lon"].to_numpy(float)))
    codes = _point_codes(lat, lon)
    first = np.unique(codes, return_index=True)[1]
    _, area = tree.query(unit_vectors(lat[first], lon[first]))
    area = area[codes].astype(np.int64)
    at = areas.iloc[area]
    return distance_m(lat, lon, at["lat"], at["lon"]), area


def _point_codes(lat: Floats, lon: Floats) -> Ints:
    return np.unique(point_keys(lat, lon), return_inverse=True)[1].astype(np.int64)
