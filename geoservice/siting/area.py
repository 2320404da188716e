"""The part of a hotspot that is not covered: hexes, weights, levels, size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoservice import geodesy, grid
from geoservice.config import Config

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Area:
    """Uncovered hexes of a hotspot: rows of COVERAGE with ``weight`` (customers behind each hex)."""

    frame: pd.DataFrame
    share: float
    indoor: bool

    @property
    def hexes(self) -> NDArray[np.int64]:
        return self.frame["hex"].to_numpy(np.int64)

    @property
    def level(self) -> str:
        """Column the area was judged by."""
        return "rsrp_indoor_dbm" if self.indoor else "rsrp_dbm"

    def percentile(self, share: float, column: str | None = None) -> float:
        """Weighted percentile of the level; NaN where no level is known."""
        return weighted_quantile(self.frame[column or self.level], self.frame["weight"], share)

    def km2(self) -> float:
        """Area of the hexes on the ground."""
        lat = self.frame["lat"].to_numpy(float)
        # Square degrees to km²: 111.195 km a degree on the mean sphere.
        square = shapely.area(grid.polygons(self.hexes)) * np.cos(np.radians(lat)) * 111.195**2
        return float(square.sum())

    def radius_m(self, lat: float, lon: float) -> float:
        """Distance from a point to the farthest hex's rim."""
        edge = grid.MEAN_EDGE_M[int(grid.resolutions(self.hexes)[0])]
        distance = geodesy.distance_m(lat, lon, self.frame["lat"].to_numpy(float), self.frame["lon"].to_numpy(float))
        return float(distance.max() + edge)

    def part(self, members: NDArray[np.bool_]) -> Area:
        """The area of some of the hexes."""
        return Area(self.frame[members], self.share, self.indoor)


def uncovered(hotspot: Mapping[str, Any], coverage: pd.DataFrame, config: Config, indoor: bool) -> Area:
    """Hexes of ``hotspot`` below the weak threshold, or where no cell is in reach at all.

    The hotspot and the coverage may have different resolutions: the finer one is mapped to its ancestors.
    """
    inside = hotspot_coverage(hotspot, coverage)
    level = inside["rsrp_indoor_dbm" if indoor else "rsrp_dbm"].to_numpy(float, na_value=np.nan)
    weak = ~(level >= config["rsrp_indoor_weak" if indoor else "rsrp_weak"])
    if indoor:
        weak &= ~np.isnan(level)
    total = float(inside["weight"].sum())
    share = float(inside["weight"].to_numpy()[weak].sum() / total) if total > 0 else 0.0
    return Area(inside[weak].reset_index(drop=True), share, indoor)


def hotspot_coverage(hotspot: Mapping[str, Any], coverage: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``coverage`` inside the hotspot, with ``weight``: the hotspot's weight shared over them."""
    hexes, weights = hotspot_hexes(hotspot["hexes"])
    if coverage.empty or not len(hexes):
        return coverage.iloc[:0].assign(weight=0.0)
    ours = coverage["hex"].to_numpy(np.int64)
    fine, coarse = int(grid.resolutions(ours[:1])[0]), int(grid.resolutions(hexes[:1])[0])
    common = min(fine, coarse)
    by_parent = pd.Series(weights).groupby(grid.parents(hexes, common)).sum()
    parents = grid.parents(ours, common)
    inside = np.isin(parents, by_parent.index.to_numpy())
    counts = pd.Series(parents[inside]).value_counts()
    share = by_parent.reindex(parents[inside]).to_numpy() / counts.reindex(parents[inside]).to_numpy()
    return coverage[inside].assign(weight=share).reset_index(drop=True)


def hotspot_hexes(value: Any) -> tuple[NDArray[np.int64], Floats]:
    """Hexes and weights of a hotspot's ``hexes`` column (pairs of text and weight)."""
    pairs = [(item[0], float(item[1])) if isinstance(item, list | tuple) else (item, 1.0) for item in value or []]
    return grid.text_to_hex([str(text) for text, _ in pairs]), np.array([weight for _, weight in pairs], float)


def weighted_quantile(values: Any, weights: Any, share: float) -> float:
    """Smallest value at which the cumulated weight reaches ``share``; NaN without values."""
    value, weight = np.asarray(values, float), np.nan_to_num(np.asarray(weights, float))
    known = ~np.isnan(value)
    if not known.any():
        return float("nan")
    value, weight = value[known], weight[known] if weight[known].sum() > 0 else np.ones(int(known.sum()))
    order = np.argsort(value, kind="stable")
    cumulated = np.cumsum(weight[order]) / weight.sum()
    return float(value[order][min(int(np.searchsorted(cumulated, share - 1e-12)), len(value) - 1)])


def halves(area: Area) -> tuple[Area, Area]:
    """The area cut in two across its longest direction, through the weighted median."""
    lat, lon = area.frame["lat"].to_numpy(float), area.frame["lon"].to_numpy(float)
    east, north = geodesy.to_local_m(lat, lon, float(lat.mean()), float(lon.mean()))
    points = np.column_stack([east, north])
    points = points - points.mean(axis=0)
    axis = np.linalg.eigh(points.T @ points)[1][:, -1]
    along = points @ axis * (1.0 if axis[np.argmax(np.abs(axis))] > 0 else -1.0)
    order = np.argsort(along, kind="stable")
    first = np.zeros(len(along), bool)
    first[order[: len(order) // 2]] = True
    return area.part(first), area.part(~first)
