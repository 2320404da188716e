"""The radio cell a handset showed, as a place: mast + half the range along the azimuth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.geodesy import EARTH_RADIUS_M, destination, unit_vectors
from geoservice.locate.precision import CELL_RURAL_M, CELL_URBAN_M

Floats = NDArray[np.float64]

URBAN_SPACING_M = 1500.0  # masts closer than this are a built-up area; judgement
_COSITE_M = 30.0  # handbook threshold cosite_m
_RANGE_LIMITS_M = (200.0, 15_000.0)
_INDOOR_RANGE_M = 100.0
_RADIUS_OF_RANGE = 0.6  # of a 120° sector's area, 90 % lies within 0.6 ranges of the point at half range
_ARC_OF_DISTANCE = 0.91  # 90 % of a 120° arc lie within ±54°: a chord of 2·sin(27°) of the distance
_TA_STEP_M = 78.07  # one step of LTE timing advance: how sharp the distance is


class ServingCells:
    """Centroid and radius of every radio cell, by its key.

    Parameters
    ----------
    cells : table ``cells``.
    """

    def __init__(self, cells: pd.DataFrame):
        cells = cells.drop_duplicates("cgi", keep="last")
        self._table = _centroids(cells).set_index(cells["cgi"].astype("str").to_numpy())

    def __len__(self) -> int:
        return len(self._table)

    def knows(self, keys: pd.Series) -> NDArray[np.bool_]:
        """Where a key is that of a cell on file."""
        return np.asarray(keys.astype("str").str.strip().isin(self._table.index))

    def find(self, keys: pd.Series) -> pd.DataFrame:
        """Fixes of the cells named: columns row (position in ``keys``), lat, lon, radius_m, precision, label."""
        slot = self._table.index.get_indexer(pd.Index(keys.astype("str").str.strip()))
        rows = np.flatnonzero((slot >= 0) & keys.notna().to_numpy())
        found = self._table.iloc[slot[rows]].reset_index(drop=True)
        return found.assign(row=rows, probability=1.0)


def with_timing_advance(fix: pd.DataFrame, ta_m: Floats) -> pd.DataFrame:
    """The same fixes at the distance the timing advance measured (handbook section 4, "serving cell + TA").

    A sector's user stands on an arc around the mast: the fix is its middle, the radius reaches 90 % of a 120°
    arc. Without a direction the fix stays at the mast and the radius holds the whole ring. Never finer than the
    handbook's 500 m (urban) and 2000 m (rural). Rows without a measured distance, indoor systems and
    crowd-sourced cells (their position is no mast) stay as they are.
    """
    known = np.isfinite(ta_m) & fix["has_mast"].to_numpy(bool)
    azimuth = fix["azimuth_deg"].to_numpy(float)
    directed = known & np.isfinite(azimuth)
    lat, lon = destination(
        fix["mast_lat"], fix["mast_lon"], np.where(directed, azimuth, 0.0), np.where(directed, ta_m, 0.0)
    )
    default = np.where(fix["urban"], CELL_URBAN_M, CELL_RURAL_M)
    reach = np.where(directed, _ARC_OF_DISTANCE * ta_m, ta_m) + _TA_STEP_M
    return fix.assign(
        lat=np.where(known, lat, fix["lat"]),
        lon=np.where(known, lon, fix["lon"]),
        radius_m=np.where(known, np.maximum(default, reach), fix["radius_m"]),
    )


def _centroids(cells: pd.DataFrame) -> pd.DataFrame:
    lat, lon = cells["lat"].to_numpy(float), cells["lon"].to_numpy(float)
    spacing = nearest_other_mast_m(lat, lon)
    urban = spacing <= URBAN_SPACING_M
    indoor = cells["indoor"].fillna(False).to_numpy(bool)
    range_m = _range_m(cells["range_m"].to_numpy(float, na_value=np.nan), spacing, indoor)
    azimuth = cells["azimuth_deg"].to_numpy(float, na_value=np.nan)
    crowd = (cells["position_source"] == "crowd").fillna(False).to_numpy(bool)
    directed = np.isfinite(azimuth) & ~indoor & ~crowd
    at_lat, at_lon = destination(lat, lon, np.where(directed, azimuth, 0.0), np.where(directed, 0.5 * range_m, 0.0))
    default = np.where(urban, CELL_URBAN_M, CELL_RURAL_M)
    radius = np.where(directed, np.maximum(default, _RADIUS_OF_RANGE * range_m), np.maximum(default, range_m))
    radius = np.where(indoor, _INDOOR_RANGE_M, radius)
    label = cells["cell_name"].fillna(cells["site_name"]).fillna(cells["cgi"]).to_numpy()
    return pd.DataFrame(
        {"lat": at_lat, "lon": at_lon, "radius_m": radius, "precision": "cell", "label": label, "mast_lat": lat,
         "mast_lon": lon, "azimuth_deg": azimuth, "urban": urban, "has_mast": ~indoor & ~crowd}
    )  # fmt: skip


def _range_m(stated: Floats, spacing: Floats, indoor: NDArray[np.bool_]) -> Floats:
    """Range of a cell: as stated, else to its nearest other mast (neighbouring cells overlap that far)."""
    low, high = _RANGE_LIMITS_M
    range_m = np.clip(np.where(stated > 0, stated, spacing), low, high)
    return np.where(indoor, _INDOOR_RANGE_M, range_m)


def nearest_other_mast_m(lat: Floats, lon: Floats) -> Floats:
    """Distance from each mast to the nearest one at least 30 m away; the upper range limit where there is none."""
    from scipy.spatial import cKDTree

    if not len(lat):
        return np.empty(0)
    xyz = unit_vectors(lat, lon)
    masts, where = np.unique(np.round(xyz * EARTH_RADIUS_M / _COSITE_M).astype(np.int64), axis=0, return_inverse=True)
    if len(masts) < 2:
        return np.full(len(lat), _RANGE_LIMITS_M[1])
    gap, _ = cKDTree(masts * _COSITE_M).query(masts * _COSITE_M, k=min(4, len(masts)))
    # Neighbouring rounding boxes may hold one mast: the first clearly different one counts.
    gap = np.where(gap > 2 * _COSITE_M, gap, np.inf).min(axis=1)
    return np.minimum(gap, _RANGE_LIMITS_M[1])[where.ravel()]
