"""The geometry of a table's rows in lon/lat degrees WGS-84, and the rings and wedges of sites."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoservice import geodesy, grid
from geoservice.errors import InputError
from geoservice.export.values import parse_json

Geometries = NDArray[np.object_]
_WEDGE_HALF_WIDTH_DEG = 32.5


def geometry_of(frame: pd.DataFrame) -> Geometries:
    """One geometry a row: the hex's polygon, else the outline, else the union of hexes, else the point.

    Rows without any become None.

    Raises
    ------
    InputError
        The table has nothing that could be drawn.
    """
    if "hex" in frame.columns:
        return hex_polygons(frame["hex"])
    if "outline" in frame.columns and frame["outline"].notna().any():
        return np.array([_outline(value) for value in frame["outline"]] + [None], dtype=object)[:-1]
    if {"lat", "lon"} <= set(frame.columns):
        return _points(frame)
    raise InputError("this table has no hex, outline or lat and lon to draw; export .csv, .xlsx or .html")


def hex_polygons(hexes: pd.Series) -> Geometries:
    """Hex boundaries, split where they cross the antimeridian (RFC 7946 section 3.1.9)."""
    if not len(hexes):
        return np.empty(0, dtype=object)
    values = grid.text_to_hex(hexes) if not pd.api.types.is_integer_dtype(hexes.dtype) else hexes.to_numpy(np.int64)
    shapes = grid.polygons(values)
    bounds = shapely.bounds(shapes)
    for row in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180):
        shapes[row] = split_at_antimeridian(shapes[row])
    return shapes


def split_at_antimeridian(shape: Any) -> Any:
    """A polygon drawn across ±180° as parts on either side of it."""
    east = shapely.transform(
        shape, lambda xy: np.column_stack([np.where(xy[:, 0] < 0, xy[:, 0] + 360, xy[:, 0]), xy[:, 1]])
    )
    left = shapely.intersection(east, shapely.box(0, -90, 180, 90))
    right = shapely.intersection(east, shapely.box(180, -90, 360, 90))
    parts = [*_polygons(left), *(shapely.transform(p, lambda xy: xy - [360.0, 0.0]) for p in _polygons(right))]
    return shapely.MultiPolygon(parts)


def around(lat_deg: float, lon_deg: float, bearing_deg: Any, distance_m: float) -> NDArray[np.float64]:
    """Points (lon, lat), shape (n, 2), at bearings and a distance from one point."""
    bearing = np.asarray(bearing_deg, float)
    lat, lon = geodesy.destination(np.full(len(bearing), lat_deg), lon_deg, bearing, distance_m)
    return np.column_stack([lon, lat])


def ring(lat_deg: float, lon_deg: float, radius_m: float) -> Any:
    """A circle of 64 corners as a polygon."""
    return shapely.Polygon(around(lat_deg, lon_deg, np.linspace(360.0, 0.0, 65), radius_m))


def wedge(lat_deg: float, lon_deg: float, azimuth_deg: float, length_m: float) -> Any:
    """A sector of 65° (the usual half-power width) as a polygon."""
    low, high = azimuth_deg - _WEDGE_HALF_WIDTH_DEG, azimuth_deg + _WEDGE_HALF_WIDTH_DEG
    arc = around(lat_deg, lon_deg, np.linspace(high, low, 12), length_m)
    return shapely.Polygon([(lon_deg, lat_deg), *arc, (lon_deg, lat_deg)])


def _points(frame: pd.DataFrame) -> Geometries:
    lat, lon = frame["lat"].to_numpy(float, na_value=np.nan), frame["lon"].to_numpy(float, na_value=np.nan)
    points = np.full(len(frame), None, dtype=object)
    good = grid.valid_coordinates(lat, lon)
    points[good] = shapely.points(lon[good], lat[good])
    return points


def _outline(value: object) -> Any:
    shape = parse_json(value)
    if not isinstance(shape, dict) or "type" not in shape:
        return None
    try:
        return shapely.geometry.shape(shape)
    except (ValueError, TypeError, KeyError, AttributeError, shapely.errors.GEOSException) as error:
        raise InputError("a hotspot outline is not a GeoJSON geometry", field="outline") from error


def _polygons(shape: Any) -> list[Any]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
