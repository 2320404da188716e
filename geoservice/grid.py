"""The hex grid: the only module that imports h3 or h3ronpy.

Hexes are signed 64-bit integers in arrays (H3 leaves the top bit 0), text only at the edges.
H3 indexes latitude 91 or longitude 541 to a valid but wrong hex without an error, so every
entry validates first.
"""

from __future__ import annotations

from collections.abc import Iterable

import h3
import h3.api.basic_int as h3i
import numpy as np
import shapely
from h3ronpy import cells_parse, cells_resolution, cells_to_string, cells_valid, change_resolution, grid_disk
from h3ronpy.vector import cells_to_coordinates, cells_to_wkb_polygons, coordinates_to_cells
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError

Hexes = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_RESOLUTION = 15
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
# H3 4.x mean edge and area, the published table of the H3 documentation ("Tables of cell statistics").
MEAN_EDGE_M: tuple[float, ...] = tuple(
    h3.average_hexagon_edge_length(resolution, unit="m") for resolution in range(MAX_RESOLUTION + 1)
)
MEAN_AREA_KM2: tuple[float, ...] = tuple(
    h3.average_hexagon_area(resolution, unit="km^2") for resolution in range(MAX_RESOLUTION + 1)
)


def check_coordinates(lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Latitudes and longitudes as float arrays of equal length, every one finite and on the globe.

    Raises
    ------
    InputError
        Names the first position that is not a coordinate.
    """
    lat, lon = np.broadcast_arrays(np.atleast_1d(np.asarray(lat_deg, float)), np.atleast_1d(np.asarray(lon_deg, float)))
    good = valid_coordinates(lat, lon)
    if not good.all():
        row = int(np.argmin(good))
        raise InputError(f"row {row}: ({lat[row]}, {lon[row]}) is not a latitude and longitude in degrees", field="lat")
    return np.ascontiguousarray(lat), np.ascontiguousarray(lon)


def valid_coordinates(lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.bool_]:
    """True where latitude is within ±90 and longitude within ±180 (NaN and infinity are not)."""
    lat, lon = np.asarray(lat_deg, float), np.asarray(lon_deg, float)
    return np.asarray((np.abs(lat) <= 90) & (np.abs(lon) <= 180))


def to_hex(lat_deg: ArrayLike, lon_deg: ArrayLike, resolution: int) -> Hexes:
    """Hex of each point at ``resolution``, indexed directly (a parent is not the direct index).

    >>> hex_to_text(to_hex(22.5431, 114.0579, 9))[0]
    '89411caa05bffff'
    """
    lat, lon = check_coordinates(lat_deg, lon_deg)
    return np.asarray(coordinates_to_cells(lat, lon, check_resolution(resolution))).view(np.int64)


def hex_to_latlon(hexes: ArrayLike) -> tuple[Floats, Floats]:
    """Centres (latitudes, longitudes) of hexes in degrees WGS-84."""
    coordinates = cells_to_coordinates(_unsigned(hexes))
    return np.asarray(coordinates.column("lat"), float), np.asarray(coordinates.column("lng"), float)


def hex_to_text(hexes: ArrayLike) -> list[str]:
    """The 15-digit text form used in exports and URLs."""
    return [str(text) for text in cells_to_string(_unsigned(hexes)).to_pylist()]


def text_to_hex(texts: Iterable[str]) -> Hexes:
    """Hexes from their text form; refuses anything that is not 15 ASCII hex digits of a valid hex."""
    found = list(texts)
    for position, text in enumerate(found):
        if not _is_hex_text(text):
            raise InputError(f"item {position}: not an H3 index; 15 hexadecimal digits are expected", field="hex")
    if not found:
        return np.empty(0, np.int64)
    hexes = np.asarray(cells_parse(found)).view(np.int64)
    valid = is_valid(hexes)
    if not valid.all():
        raise InputError(f"item {int(np.argmin(valid))}: not a valid H3 index", field="hex")
    return hexes


def is_valid(hexes: ArrayLike) -> NDArray[np.bool_]:
    """True where the integer is a valid H3 index."""
    return np.asarray(cells_valid(_unsigned(hexes), booleanarray=True), bool)


def resolutions(hexes: ArrayLike) -> NDArray[np.int64]:
    """Resolution of each hex."""
    return np.asarray(cells_resolution(_unsigned(hexes))).astype(np.int64)


def parents(hexes: ArrayLike, resolution: int) -> Hexes:
    """Ancestor of each hex at a coarser resolution."""
    return np.asarray(change_resolution(_unsigned(hexes), check_resolution(resolution))).view(np.int64)


def disk(hexes: ArrayLike, k: int) -> Hexes:
    """All distinct hexes within ``k`` steps of any of ``hexes``, ascending."""
    flat = np.asarray(grid_disk(_unsigned(hexes), k, flatten=True)).view(np.int64)
    return np.unique(flat)


def ring_neighbours(hex_: int, k: int) -> list[int]:
    """Hexes within ``k`` steps of one hex."""
    return [int(h) for h in h3i.grid_disk(int(hex_), k)]


def hexes_in_box(south: float, west: float, north: float, east: float, resolution: int, limit: int = 200_000) -> Hexes:
    """Hexes whose centre lies in a box; refuses boxes whose estimate exceeds ``limit`` before calling H3."""
    check_coordinates([south, north], [west, east])
    if north <= south or east <= west:
        raise InputError("the box must have south < north and west < east", field="bbox")
    estimate = 1.1 * box_area_km2(south, west, north, east) / MEAN_AREA_KM2[check_resolution(resolution)]
    if estimate > limit:
        raise InputError(
            f"about {estimate:,.0f} hexes at resolution {resolution}, limit {limit:,}; use a smaller box", field="bbox"
        )
    ring = [(south, west), (south, east), (north, east), (north, west)]
    return np.sort(np.array(h3i.h3shape_to_cells(h3.LatLngPoly(ring), resolution), np.int64))


def box_area_km2(south: float, west: float, north: float, east: float) -> float:
    """Area of a latitude–longitude box on the mean sphere."""
    band = np.sin(np.radians(north)) - np.sin(np.radians(south))
    return float(6371.0088**2 * np.radians(east - west) * band)


def polygons(hexes: ArrayLike) -> NDArray[np.object_]:
    """Boundary of each hex as a shapely polygon in lon/lat degrees."""
    return np.asarray(shapely.from_wkb(cells_to_wkb_polygons(_unsigned(hexes)).to_pylist()))


def outline(hexes: ArrayLike) -> shapely.Geometry:
    """The union of hexes as one shapely geometry, free of slivers between neighbours."""
    shape = h3.cells_to_geo([h3.int_to_str(int(h)) for h in np.unique(np.asarray(hexes, np.int64))])
    return shapely.geometry.shape(shape)


def finest_resolution(radius_m: ArrayLike) -> NDArray[np.int64]:
    """Finest resolution whose mean edge is at least the radius (handbook section 4); −1 if none is."""
    edges = np.array(MEAN_EDGE_M)[::-1]
    fitting = np.searchsorted(edges, np.asarray(radius_m, float), side="left")
    return np.where(fitting > MAX_RESOLUTION, -1, MAX_RESOLUTION - fitting).astype(np.int64)


def check_resolution(resolution: int) -> int:
    """``resolution`` if it is an H3 resolution, else an ``InputError``."""
    if isinstance(resolution, bool) or not isinstance(resolution, int | np.integer) or not 0 <= resolution <= 15:
        raise InputError(f"resolution {resolution!r} is not a whole number from 0 to 15", field="resolution")
    return int(resolution)


def _is_hex_text(text: object) -> bool:
    return (
        isinstance(text, str)
        and len(text) == 15
        and text.isascii()
        and all(c in "0123456789abcdefABCDEF" for c in text)
    )


def _unsigned(hexes: ArrayLike) -> NDArray[np.uint64]:
    return np.ascontiguousarray(np.atleast_1d(np.asarray(hexes, np.int64))).view(np.uint64)
