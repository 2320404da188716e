"""Which environment a cell stands in, and which path-loss model follows from it.

The scene written in the table decides where there is one; else the density of sites: the median
distance to the three nearest other sites [J]. Dense networks stand where buildings are dense.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.geodesy import EARTH_RADIUS_M, unit_vectors

Floats = NDArray[np.float64]

DENSE_URBAN, URBAN, SUBURBAN, RURAL, INDOOR = "dense_urban", "urban", "suburban", "rural", "indoor"


@dataclass(frozen=True, slots=True)
class Environment:
    """Path-loss model of an environment and the constant laid on top of it (dB, positive = more loss)."""

    model: str
    offset_db: float
    source: str


ENVIRONMENTS: MappingProxyType[str, Environment] = MappingProxyType(
    {
        DENSE_URBAN: Environment("uma", 3.0, "UMa with the metropolitan constant of COST 231"),
        URBAN: Environment("uma", 0.0, "TR 38.901 UMa"),
        SUBURBAN: Environment("uma", -5.4, "UMa with the constant part of Hata's suburban correction"),
        RURAL: Environment("rma", 0.0, "TR 38.901 RMa"),
        INDOOR: Environment("umi", 0.0, "indoor systems do not radiate outdoors; never evaluated"),
    }
)
SMALL_CELL_MODEL = "umi"
# Median distance to the three nearest sites up to which an environment reaches, metres [J].
SPACING_LIMITS_M = ((400.0, DENSE_URBAN), (900.0, URBAN), (2500.0, SUBURBAN))

# First match wins: "suburban" contains "urban", 密集城区 contains 城区. Scenes that name a purpose
# (hospital, road, residential) say nothing of the buildings around: site density decides there.
_SCENE_WORDS = (
    (DENSE_URBAN, ("dense", "密集")),
    (SUBURBAN, ("suburb", "郊")),
    (RURAL, ("rural", "农村", "乡村", "village")),
    (URBAN, ("urban", "城区", "市区")),
)


def from_scene(scenes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Environment the scene's words name, ``None`` where they name none."""
    known = {scene: _scene(scene) for scene in set(scenes.tolist())}
    return np.array([known[scene] for scene in scenes.tolist()], dtype=object)


def from_spacing(lat: Floats, lon: Floats, site_lat: Floats, site_lon: Floats) -> NDArray[np.object_]:
    """Environment of each cell by the density of ``sites`` around it."""
    spacing = site_spacing_m(lat, lon, site_lat, site_lon)
    limits = np.array([limit for limit, _ in SPACING_LIMITS_M])
    names = np.array([name for _, name in SPACING_LIMITS_M] + [RURAL], dtype=object)
    return names[np.searchsorted(limits, spacing)]


def site_spacing_m(lat: Floats, lon: Floats, site_lat: Floats, site_lon: Floats) -> Floats:
    """Median distance to the three nearest other sites; infinite where there is none."""
    from scipy.spatial import cKDTree

    if len(site_lat) < 2:
        return np.full(len(lat), np.inf)
    nearest = min(4, len(site_lat))
    found, _ = cKDTree(unit_vectors(site_lat, site_lon)).query(unit_vectors(lat, lon), k=nearest)
    return np.asarray(np.median(found[:, 1:], axis=1) * EARTH_RADIUS_M)


def given(cgi: NDArray[np.object_], environment: pd.Series | None) -> NDArray[np.object_]:
    """Environment a caller names by cgi, ``None`` where not."""
    names = {} if environment is None else environment.to_dict()
    return np.array([names.get(key) if names.get(key) in ENVIRONMENTS else None for key in cgi], dtype=object)


def _scene(scene: object) -> str | None:
    if not isinstance(scene, str):
        return None
    text = scene.casefold()
    return next((name for name, words in _SCENE_WORDS if any(word in text for word in words)), None)
