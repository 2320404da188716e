"""The siting problem: demand, existing sites, types of sites; read from files and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import geodesy, grid
from geoservice.errors import FileError, InputError

Floats = NDArray[np.float64]
_ALIASES = {
    "traffic": "weight", "customers": "weight", "latitude": "lat", "longitude": "lon", "lng": "lon", "long": "lon",
}  # fmt: skip
_MAX_TYPES = 8


@dataclass(frozen=True, slots=True)
class SiteType:
    """A type of site: it covers every point at most ``radius`` away (closed disk) and costs ``cost``."""

    name: str
    radius: float
    cost: float


@dataclass(frozen=True)
class Problem:
    """Demand and existing sites in one plane (metres, or the units given), types cheapest first."""

    x: Floats
    y: Floats
    weight: Floats
    existing_x: Floats
    existing_y: Floats
    types: tuple[SiteType, ...]
    origin: tuple[float, float] | None

    @property
    def total(self) -> float:
        return float(self.weight.sum())

    def locate(self, frame: pd.DataFrame, where: str) -> tuple[Floats, Floats]:
        """Other places (x, y or lat, lon like the demand) in the problem's plane."""
        named = _named(frame)
        names = ("x", "y") if self.origin is None else ("lat", "lon")
        first, second = (_column(named, name, where) for name in names)
        if self.origin is None:
            return first, second
        grid.check_coordinates(first, second)
        return _plane(first, second, self.origin)

    def columns(self, x: Floats, y: Floats) -> dict[str, Floats]:
        """Plane coordinates as output columns: x and y, and lat and lon when the input had them."""
        if self.origin is None:
            return {"x": x, "y": y}
        lat, lon = geodesy.from_local_m(x, y, *self.origin)
        return {"x": x, "y": y, "lat": np.asarray(lat), "lon": np.asarray(lon)}


def read_problem(
    demand_path: Path | str, existing_path: Path | str | None, types_path: Path | str
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, SiteType]]:
    """Demand (x, y or lat, lon; weight), existing sites and types as :func:`geoservice.siting.solve` takes them.

    Raises
    ------
    FileError, InputError
        A file cannot be read; a column is missing; a row is not a number (names file, row and column).
    """
    demand = _read_places(Path(demand_path), weighted=True)
    existing = (
        demand.iloc[:0].drop(columns="weight") if existing_path is None else _read_places(Path(existing_path), False)
    )
    return demand, existing, read_types(Path(types_path))


def read_candidates(path: Path | str | None) -> pd.DataFrame | None:
    """Positions that may be used (existing towers and roofs) from a CSV with x, y or lat, lon; None without a file."""
    return None if path is None else _read_places(Path(path), weighted=False)


def read_types(path: Path) -> dict[str, SiteType]:
    """Types of sites from a TOML file: one table a type with ``radius`` and ``cost``."""
    try:
        return site_types(tomllib.loads(path.read_text("utf-8")), str(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError(f"{path}: cannot be read as TOML ({error})", field="types") from error


def site_types(raw: Mapping[str, Any], where: str = "types") -> dict[str, SiteType]:
    """Checked types from a mapping of name to ``SiteType`` or to ``{radius, cost}``."""
    if not 1 <= len(raw) <= _MAX_TYPES:
        raise InputError(f"{where}: give one to {_MAX_TYPES} types of sites, each with radius and cost", field="types")
    return {name: _site_type(name, entry, where) for name, entry in raw.items()}


def make_problem(demand: pd.DataFrame, existing: pd.DataFrame | None, types: Mapping[str, Any]) -> Problem:
    """The problem in one plane; latitude and longitude become metres around their middle."""
    kinds = tuple(sorted(site_types(types).values(), key=lambda t: (t.cost, t.radius, t.name)))
    demand = _named(demand)
    names, origin = _axes(demand, "demand"), None
    first, second = (_column(demand, name, "demand") for name in names)
    weight = _column(demand, "weight", "demand")
    if (weight < 0).any():
        raise InputError(f"demand, row {int(np.argmax(weight < 0))}: weight must not be negative", field="weight")
    if not len(weight) or weight.sum() <= 0:
        raise InputError("demand: there is no weight to cover", field="weight")
    old = pd.DataFrame({names[0]: [], names[1]: []}) if existing is None else _named(existing)
    old_first, old_second = (_column(old, name, "existing") for name in names)
    if names == ("lat", "lon"):
        grid.check_coordinates(first, second)
        origin = (float(np.median(first)), float(np.median(second)))
        first, second = _plane(first, second, origin)
        old_first, old_second = _plane(old_first, old_second, origin)
    return Problem(first, second, weight, old_first, old_second, kinds, origin)


def _plane(lat: Floats, lon: Floats, origin: tuple[float, float]) -> tuple[Floats, Floats]:
    east, north = geodesy.to_local_m(lat, lon, *origin)
    return np.asarray(east, float).reshape(-1), np.asarray(north, float).reshape(-1)


def _read_places(path: Path, weighted: bool) -> pd.DataFrame:
    try:
        raw = pd.read_csv(path.open("rb"), dtype=str, keep_default_na=False, index_col=False, encoding="utf-8-sig")
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise FileError(
            f"{path}: cannot be read as CSV ({type(error).__name__}); UTF-8 with a header is expected"
        ) from error
    frame = _named(raw)
    names = [*_axes(frame, str(path)), *(["weight"] if weighted else [])]
    return pd.DataFrame({name: _numbers(frame, name, path) for name in names})


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    lowered = {name: str(name).strip().lower() for name in frame.columns}
    present = set(lowered.values())
    renamed = {
        name: _ALIASES[low] if low in _ALIASES and _ALIASES[low] not in present else low
        for name, low in lowered.items()
    }
    return frame.rename(columns=renamed)


def _axes(frame: pd.DataFrame, where: str) -> tuple[str, str]:
    for pair in (("x", "y"), ("lat", "lon")):
        if set(pair) <= set(frame.columns):
            return pair
    raise InputError(
        f"{where}: columns x and y, or lat and lon, are needed; found {', '.join(map(str, frame.columns))}"
    )


def _numbers(frame: pd.DataFrame, name: str, path: Path) -> Floats:
    if name not in frame.columns:
        raise InputError(f"{path}: column {name!r} is missing (alias of weight: traffic)", field=name)
    values = pd.to_numeric(frame[name].str.strip(), errors="coerce").to_numpy(float)
    _finite(values, name, str(path), first_line=2)
    return values


def _column(frame: pd.DataFrame, name: str, where: str) -> Floats:
    if name not in frame.columns:
        raise InputError(f"{where}: column {name!r} is missing", field=name)
    values = frame[name].to_numpy(dtype=float, na_value=np.nan)
    _finite(values, name, where, first_line=0)
    return values


def _finite(values: Floats, name: str, where: str, first_line: int) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        line = int(np.argmax(bad)) + first_line
        raise InputError(f"{where}, {'line' if first_line else 'row'} {line}: {name} is not a number", field=name)


def _site_type(name: str, entry: Any, where: str) -> SiteType:
    radius, cost = (entry.radius, entry.cost) if isinstance(entry, SiteType) else _pair(name, entry, where)
    if not (np.isfinite([radius, cost]).all() and radius > 0 and cost > 0):
        raise InputError(f"{where}: type {name!r} needs a radius and a cost above 0", field="types")
    return SiteType(str(name), float(radius), float(cost))


def _pair(name: str, entry: Any, where: str) -> tuple[float, float]:
    if not isinstance(entry, Mapping) or not all(isinstance(entry.get(k), int | float) for k in ("radius", "cost")):
        raise InputError(f"{where}: type {name!r} needs numbers radius and cost", field="types")
    return float(entry["radius"]), float(entry["cost"])
