"""Features for other tools: hotspots, hexes, cells and site-build requests with geometry, filters and pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import orjson
import pandas as pd
import shapely

from geoservice import grid
from geoservice.errors import NotFound
from geoservice.geodesy import METRES_PER_DEGREE
from geoservice.service.feature_cells import cell_extent, cell_rows, count_cells
from geoservice.service.feature_collections import COLLECTIONS, Collection
from geoservice.service.hex_view import Window
from geoservice.service.plain import plain
from geoservice.store import Store

# About 1 cm: finer digits only make answers longer.
_DIGITS = 7
_SMALL = 1e-4


class Source(Protocol):
    """What features are made of: the answers of a service."""

    store: Store

    def hotspots(self, run_id: str | None = None, class_group: str | None = None) -> list[dict[str, Any]]:
        """Hotspots with causes."""
        ...

    def site_requests(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Site-build requests."""
        ...

    def frame(self, what: str, run_id: str | None = None) -> pd.DataFrame:
        """Publishable rows of a result table."""
        ...


@dataclass(frozen=True, slots=True)
class FeatureQuery:
    """Which features are wanted.

    ``windows`` are joined by *or* (a box over the antimeridian is two); ``filters`` (property -> typed value)
    and the period by *and*. An open end of the period is None.
    """

    windows: tuple[Window, ...] = ()
    filters: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """GeoJSON features of one page and how many matched in all."""

    features: list[dict[str, Any]]
    matched: int


def collection_of(name: str) -> Collection:
    """The collection of that name.

    Raises
    ------
    NotFound
        There is none.
    """
    if name not in COLLECTIONS:
        raise NotFound(f"there is no collection {name[:40]!r}; use one of {', '.join(COLLECTIONS)}")
    return COLLECTIONS[name]


def page(source: Source, name: str, query: FeatureQuery) -> FeaturePage:
    """Features of a collection that match, from ``offset``, at most ``limit``; order is stable within a run."""
    collection = collection_of(name)
    if name == "cells":
        matched = count_cells(source.store, query.windows, query.filters)
        rows = cell_rows(source.store, query.windows, query.filters, query.limit, query.offset)
    else:
        found = _matching(collection, _rows(source, name), query)
        matched, rows = len(found), found.iloc[query.offset : query.offset + query.limit]
    return FeaturePage(_features(collection, rows), matched)


def one(source: Source, name: str, feature_id: str) -> dict[str, Any]:
    """One feature.

    Raises
    ------
    NotFound
        The collection has no such feature.
    """
    collection = collection_of(name)
    found = page(source, name, FeatureQuery(filters={collection.id_column: feature_id}, limit=1)).features
    if not found:
        raise NotFound(f"collection {name} has no feature of that id", field="feature_id")
    return found[0]


def extent(source: Source, name: str) -> list[float] | None:
    """West, south, east, north of everything in a collection; None when it is empty."""
    if name == "cells":
        bounds = cell_extent(source.store)
    else:
        rows = _rows(source, name)
        if name == "hexes":
            rows = rows.drop_duplicates("hex_number")
        bounds = None if rows.empty else shapely.total_bounds(_GEOMETRY[name](rows)).tolist()
    return None if bounds is None else [round(value, 6) for value in bounds]


def _rows(source: Source, name: str) -> pd.DataFrame:
    """All rows of a collection; none before the first analysis."""
    collection = COLLECTIONS[name]
    columns = [*collection.properties, *collection.hidden]
    if source.store.current_run() is None:
        return pd.DataFrame(columns=columns, dtype=object)
    if name == "hexes":
        return _hex_rows(source.frame("hexes"))
    answers = source.hotspots() if name == "hotspots" else source.site_requests()
    return pd.DataFrame([{key: row.get(key) for key in columns} for row in answers], columns=columns, dtype=object)


def _hex_rows(rates: pd.DataFrame) -> pd.DataFrame:
    text = grid.hex_to_text(rates["hex"].to_numpy(np.int64)) if len(rates) else []
    group = rates["class_group"].astype(str)
    rows = rates.rename(columns={"hex": "hex_number"}).assign(hex=text)
    return rows.assign(id=rows["hex"].astype(str) + "." + group).sort_values("id", ignore_index=True)


def _matching(collection: Collection, rows: pd.DataFrame, query: FeatureQuery) -> pd.DataFrame:
    for name, value in query.filters.items():
        rows = rows[(rows[name] == value).to_numpy(bool)]
    if collection.period and (query.since or query.until) and len(rows):
        rows = rows[_in_period(rows, collection.period, query)]
    if query.windows and len(rows):
        if collection.name == "hexes":
            rows = rows[_near_windows(rows, query.windows)]
        rows = rows[_in_windows(_GEOMETRY[collection.name](rows), query.windows)]
    return rows


def _near_windows(rows: pd.DataFrame, windows: tuple[Window, ...]) -> np.ndarray:
    """Hexes whose centre is so near a window that they may touch it: spares drawing all the others."""
    hexes = rows["hex_number"].to_numpy(np.int64)
    lat, lon = grid.hex_to_latlon(hexes)
    # No corner is farther from the centre than two mean edges (H3's distortion stays below that).
    reach = 2 * grid.MEAN_EDGE_M[int(grid.resolutions(hexes[:1])[0])] / METRES_PER_DEGREE
    narrow = np.cos(np.radians(np.minimum(np.abs(lat) + reach, 89.9)))
    near = [
        (lat >= w.south - reach)
        & (lat <= w.north + reach)
        & (lon >= w.west - reach / narrow)
        & (lon <= w.east + reach / narrow)
        for w in windows
    ]
    return np.asarray(np.logical_or.reduce(near))


def _in_windows(shapes: np.ndarray, windows: tuple[Window, ...]) -> np.ndarray:
    boxes = [shapely.box(window.west, window.south, window.east, window.north) for window in windows]
    return np.logical_or.reduce([shapely.intersects(shapes, box) for box in boxes])


def _in_period(rows: pd.DataFrame, period: tuple[str, str], query: FeatureQuery) -> np.ndarray:
    start, end = (pd.to_datetime(rows[name], utc=True) for name in period)
    inside = np.ones(len(rows), bool)
    if query.since is not None:
        inside &= (end >= pd.Timestamp(query.since)).to_numpy(bool)
    if query.until is not None:
        inside &= (start <= pd.Timestamp(query.until)).to_numpy(bool)
    return inside


def _features(collection: Collection, rows: pd.DataFrame) -> list[dict[str, Any]]:
    if rows.empty:
        return []
    shapes = shapely.transform(_GEOMETRY[collection.name](rows), lambda points: np.round(points, _DIGITS))
    columns = [_plain_column(rows[name]) for name in collection.properties]
    return [
        {
            "type": "Feature",
            "id": identity,
            "geometry": orjson.loads(text),
            "properties": dict(zip(collection.properties, values, strict=True)),
        }
        for identity, text, *values in zip(
            rows[collection.id_column], shapely.to_geojson(shapes), *columns, strict=True
        )
    ]


def _plain_column(values: pd.Series) -> list[Any]:
    """A column as JSON values: what :func:`plain` makes of each, in one go for numbers and texts."""
    if values.dtype.kind == "f":
        numbers = values.tolist()
        return [round(number, 4) if _SMALL <= abs(number) < math.inf else plain(number) for number in numbers]
    if isinstance(values.dtype, pd.StringDtype):
        return [text if isinstance(text, str) else None for text in values.tolist()]
    return [plain(value) for value in values]


def _points(rows: pd.DataFrame) -> np.ndarray:
    return np.asarray(shapely.points(rows["lon"].to_numpy(float), rows["lat"].to_numpy(float)))


def _hex_shapes(rows: pd.DataFrame) -> np.ndarray:
    return grid.polygons(rows["hex_number"].to_numpy(np.int64))


def _outlines(rows: pd.DataFrame) -> np.ndarray:
    shapes = [
        shapely.from_geojson(orjson.dumps(outline)) if outline else grid.outline(grid.text_to_hex(hexes))
        for outline, hexes in zip(rows["outline"], rows["hexes"], strict=True)
    ]
    # RFC 7946: outer rings run counter-clockwise.
    return np.asarray(shapely.orient_polygons(np.array(shapes, object)))


_GEOMETRY: Mapping[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "hotspots": _outlines,
    "hexes": _hex_shapes,
    "cells": _points,
    "site-requests": _points,
}
