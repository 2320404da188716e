"""How precise a place is: handbook section 4 as data, kinds of place and their radius."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geoservice.grid import finest_resolution

Floats = NDArray[np.float64]

GNSS_OUTDOOR_M = 30.0  # handbook section 4: max(reported, 30)
GNSS_INDOOR_M = 50.0  # handbook section 4: indoors 50
CELL_URBAN_M = 500.0  # handbook section 4: serving cell + TA, urban
CELL_RURAL_M = 2000.0  # the same, rural
AREA_RADIUS_M = 6000.0  # handbook section 4: district and city are at least this
PEOPLE_PER_KM2 = 8000.0  # built-up density of towns, to turn a population into a radius; judgement
NAMING_MARGIN_M = 100.0  # people name the landmark nearest to them; decision 0033
_FINE_M = 200.0  # handbook section 4: street and number; a place that small stays on resolution 9
LEVELS = ("gnss", "building", "street", "cell", "village", "township", "district", "city", "none")
CONTEXT_ONLY = frozenset({"district", "city", "none"})

# Finest level a radius can honestly claim, for points whose level follows from their radius.
_LEVEL_BY_RADIUS = ((60.0, "gnss"), (100.0, "building"), (200.0, "street"), (1000.0, "village"), (2500.0, "township"))


# Radius of a point whose source declares a precision but no radius: handbook section 4 (a cell may be a rural one).
DECLARED_RADIUS_M = pd.Series(
    {"gnss": GNSS_OUTDOOR_M, "building": 100.0, "street": 200.0, "cell": CELL_RURAL_M, "village": 1000.0,
     "township": 2500.0, "district": AREA_RADIUS_M, "city": AREA_RADIUS_M}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """What a gazetteer's kind of place says about precision."""

    name: str
    level: str
    radius_m: float
    is_area: bool


@cache
def place_kinds() -> MappingProxyType[str, PlaceKind]:
    """Every known spelling of a kind of place (``reference/place_kinds.csv``)."""
    text = (files("geoservice") / "reference" / "place_kinds.csv").read_text("utf-8")
    kinds: dict[str, PlaceKind] = {}
    for row in csv.DictReader(text.splitlines()):
        kind = PlaceKind(row["kind"], row["level"], float(row["radius_m"]), row["area"] == "yes")
        kinds.update(dict.fromkeys([row["kind"], *row["aliases"].split()], kind))
    return MappingProxyType(kinds)


def describe_places(kind: pd.Series, radius_m: pd.Series, population: pd.Series) -> pd.DataFrame:
    """Kind, level and radius of gazetteer entries.

    A stated radius is the extent of the place, widened by 100 m; a populated place of unknown or town
    kind grows with its inhabitants (a disk of 8,000 people a square kilometre); district and city are
    never below 6 km.

    Returns
    -------
    DataFrame with columns kind, level, radius_m, is_area and the rows of ``kind``.
    """
    codes, spellings = pd.factorize(kind.astype("str").str.strip().str.lower())
    known = [place_kinds().get(str(s), place_kinds()["poi"]) for s in spellings] or [place_kinds()["poi"]]
    missing = codes < 0
    pick = np.where(missing, 0, codes)
    people = population.to_numpy(float, na_value=np.nan)
    name = np.array([k.name for k in known], object)[pick]
    level = np.array([k.level for k in known], object)[pick]
    radius = np.array([k.radius_m for k in known])[pick]
    is_area = np.array([k.is_area for k in known])[pick]
    name[missing] = np.where(people[missing] > 0, "town", "poi")
    level[missing] = np.where(people[missing] > 0, "township", "building")
    radius[missing] = np.where(people[missing] > 0, 2500.0, 100.0)
    is_area = np.where(missing, people > 0, is_area)
    level, radius = _grown_by_population(level, radius, people)
    stated = radius_m.to_numpy(float, na_value=np.nan)
    radius = np.where(stated > 0, widened(stated), radius)
    coarse = np.isin(level, ["district", "city"])
    radius = np.where(coarse, np.maximum(radius, AREA_RADIUS_M), np.maximum(radius, GNSS_OUTDOOR_M))
    frame = {"kind": name, "level": level, "radius_m": radius, "is_area": is_area.astype(bool)}
    return pd.DataFrame(frame, index=kind.index)


def level_of_radius(radius_m: ArrayLike) -> NDArray[np.object_]:
    """Precision level a bare radius amounts to: 30 → gnss, 900 → village, 9,000 → district."""
    radius = np.asarray(radius_m, float)
    bounds = [radius <= limit for limit, _ in _LEVEL_BY_RADIUS]
    return np.asarray(np.select(bounds, [name for _, name in _LEVEL_BY_RADIUS], "district"), object)


def coarser(a: ArrayLike, b: ArrayLike) -> NDArray[np.object_]:
    """The coarser of two precision levels, pair by pair."""
    rank = pd.Series(range(len(LEVELS)), index=list(LEVELS))
    first, second = (rank.reindex(np.asarray(levels, object)).to_numpy(np.int64) for levels in (a, b))
    return np.asarray(LEVELS, object)[np.maximum(first, second)]


def allowed_resolution(radius_m: ArrayLike, precision: ArrayLike) -> NDArray[np.int64]:
    """Finest resolution a fix may be put on; −1 for district, city and none (context only)."""
    barred = np.isin(np.asarray(precision, object).astype(str), list(CONTEXT_ONLY))
    radius = np.nan_to_num(np.asarray(radius_m, float), nan=np.inf)
    return np.where(barred, -1, finest_resolution(radius))


def widened(extent_m: Floats) -> Floats:
    """Radius that holds 90 % of those who name a place of that extent, or say they are near it."""
    wide = np.hypot(extent_m, NAMING_MARGIN_M)
    return np.where(extent_m <= _FINE_M, np.minimum(wide, _FINE_M), wide)


def _grown_by_population(level: NDArray, radius: Floats, people: Floats) -> tuple[NDArray, Floats]:
    """Towns and cities as wide as their people need; a town wider than 6 km is a city."""
    with np.errstate(invalid="ignore"):
        disk = 1000.0 * np.sqrt(people / (np.pi * PEOPLE_PER_KM2))
    settled = np.isin(level, ["township", "city"]) & (people > 0)
    radius = np.where(settled, np.fmax(radius, disk), radius)
    return np.where(settled & (disk > AREA_RADIUS_M), "city", level), radius
