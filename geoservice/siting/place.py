"""Where a site should stand: the customer-weighted geometric median, hosts near it, the search ring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geoservice import geodesy
from geoservice.config import Config

Floats = NDArray[np.float64]
_HOST_KINDS = frozenset({"tower", "roof", "building", "poi", "estate", "office", "mall"})


@dataclass(frozen=True, slots=True)
class Spot:
    """A candidate position and what stands there (empty when nothing is known)."""

    lat: float
    lon: float
    host: str = ""
    host_kind: str = ""


def geometric_median(x: ArrayLike, y: ArrayLike, weight: ArrayLike, tolerance: float = 1e-6) -> tuple[float, float]:
    """Point of least weighted distance to the others (Weiszfeld, with Vardi and Zhang's step at a data point).

    Source: Vardi & Zhang, PNAS 97(4), 2000, equations 2.6 to 2.8.

    >>> geometric_median([0, 0, 4, 4], [0, 2, 0, 2], [1, 1, 1, 1])
    (2.0, 1.0)
    """
    points = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    weights = _positive(weight)
    at = weights @ points / weights.sum()
    span = float(np.ptp(points, axis=0).max()) or 1.0
    for _ in range(1_000):
        step = _weiszfeld(points, weights, at)
        moved = float(np.hypot(*(step - at)))
        at = step
        if moved < tolerance * span:
            break
    return float(at[0]), float(at[1])


def median_latlon(lat: ArrayLike, lon: ArrayLike, weight: ArrayLike) -> tuple[float, float]:
    """Geometric median of places in degrees, computed in local metres."""
    lat0, lon0 = float(np.mean(np.asarray(lat, float))), float(np.asarray(lon, float)[0])
    east, north = geodesy.to_local_m(lat, lon, lat0, lon0)
    x, y = geometric_median(east, north, weight)
    found_lat, found_lon = geodesy.from_local_m(x, y, lat0, lon0)
    return float(np.ravel(found_lat)[0]), float(np.ravel(found_lon)[0])


def search_ring_m(radius_m: float, config: Config) -> float:
    """A quarter of the radius to be served, between 50 and 500 m (handbook section 7)."""
    return float(np.clip(radius_m / 4.0, config["search_ring_min"], config["search_ring_max"]))


def hosts(gazetteer: pd.DataFrame | None, candidates: pd.DataFrame | None) -> pd.DataFrame:
    """Existing towers and roofs a site could stand on: lat, lon, name, kind; given candidates first."""
    parts = []
    if candidates is not None and len(candidates):
        parts.append(_host_rows(candidates, default_kind="tower"))
    if gazetteer is not None and len(gazetteer):
        known = gazetteer["kind"].astype("object").isin(_HOST_KINDS)
        parts.append(_host_rows(gazetteer[known], default_kind="roof"))
    empty = pd.DataFrame({"lat": [], "lon": [], "name": [], "kind": []})
    return pd.concat(parts, ignore_index=True) if parts else empty


def spots(
    median: tuple[float, float], ring_m: float, host_table: pd.DataFrame, sites: pd.DataFrame, spacing_m: float
) -> list[Spot]:
    """Positions to try, best first: hosts inside the ring by distance, the median, six points on the ring.

    None is nearer than ``spacing_m`` to an existing site.
    """
    found = [*_near_hosts(median, ring_m, host_table), Spot(*median)]
    lat, lon = geodesy.destination(
        np.full(6, median[0]), np.full(6, median[1]), np.arange(6) * 60.0, np.full(6, ring_m)
    )
    found += [Spot(float(a), float(o)) for a, o in zip(lat, lon, strict=True)]
    return [spot for spot in found if nearest_m(spot, sites) >= spacing_m]


def nearest_m(spot: Spot, sites: pd.DataFrame) -> float:
    """Distance to the nearest existing site; infinite when there is none."""
    if sites.empty:
        return float("inf")
    return float(geodesy.distance_m(spot.lat, spot.lon, sites["lat"].to_numpy(), sites["lon"].to_numpy()).min())


def _near_hosts(median: tuple[float, float], ring_m: float, host_table: pd.DataFrame) -> list[Spot]:
    if host_table.empty:
        return []
    distance = geodesy.distance_m(*median, host_table["lat"].to_numpy(float), host_table["lon"].to_numpy(float))
    order = [i for i in np.argsort(distance, kind="stable") if distance[i] <= ring_m]
    return [Spot(*(host_table.iloc[i][c] for c in ("lat", "lon", "name", "kind"))) for i in order[:2]]


def _host_rows(frame: pd.DataFrame, default_kind: str) -> pd.DataFrame:
    kind = frame["kind"] if "kind" in frame else pd.Series(default_kind, index=frame.index)
    name = frame["name"] if "name" in frame else pd.Series("", index=frame.index)
    text = {"name": name.astype(object).fillna(""), "kind": kind.astype(object).fillna(default_kind)}
    return pd.DataFrame({"lat": frame["lat"].astype(float), "lon": frame["lon"].astype(float), **text})


def _weiszfeld(points: Floats, weights: Floats, at: Floats) -> Floats:
    offset = points - at
    distance = np.hypot(offset[:, 0], offset[:, 1])
    away = distance > 1e-12
    if not away.any():
        return at
    pull = weights[away] / distance[away]
    target = pull @ points[away] / pull.sum()
    stuck = float(weights[~away].sum())
    force = float(np.hypot(*(pull @ offset[away])))
    if stuck == 0.0:
        return np.asarray(target)
    share = min(1.0, stuck / force) if force > 0 else 1.0
    return np.asarray((1.0 - share) * target + share * at)


def _positive(weight: ArrayLike) -> Floats:
    weights = np.nan_to_num(np.asarray(weight, float))
    return weights if weights.sum() > 0 else np.ones_like(weights)
