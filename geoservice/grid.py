"""The hex grid: the only module that imports h3 or h3ronpy.

Hexes are signed 64-bit integers in arrays (H3 leaves the top bit 0), text only at the edges.
H3 indexes latitude 91 or longitude 541 to a valid but wrong hex without an error, so every
entry validates first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import h3
import h3.api.basic_int as h3i
import numpy as np
import shapely
from h3ronpy import (
    cells_resolution,
    cells_to_localij,
    cells_to_string,
    cells_valid,
    change_resolution,
    grid_disk,
    grid_disk_distances,
)
from h3ronpy.vector import cells_to_coordinates, cells_to_wkb_polygons, coordinates_to_cells
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError

Hexes = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_RESOLUTION = 15
MAX_VERTICES = 100_000
MAX_DISK_STEPS = 100  # 30,301 hexes a disk; more is a mistake or an attack
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


def hex_at(lat_deg: float, lon_deg: float, resolution: int) -> int:
    """Hex of one point: as :func:`to_hex`, without the cost of arrays.

    >>> hex_at(22.5431, 114.0579, 9) == to_hex(22.5431, 114.0579, 9)[0]
    True
    """
    if not (abs(lat_deg) <= 90 and abs(lon_deg) <= 180):
        raise InputError(f"({lat_deg}, {lon_deg}) is not a latitude and longitude in degrees", field="lat")
    return int(h3i.latlng_to_cell(lat_deg, lon_deg, check_resolution(resolution)))


def centre_of(hex_: int) -> tuple[float, float]:
    """Centre (latitude, longitude) of one hex in degrees WGS-84."""
    lat, lon = h3i.cell_to_latlng(int(hex_))
    return float(lat), float(lon)


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
    # Not H3's own parser: it would read fifteen decimal digits as a decimal number.
    hexes = np.array([int(text, 16) for text in found], np.int64)
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


def disk(hexes: ArrayLike, k: int, most: int = MAX_DISK_STEPS) -> Hexes:
    """All distinct hexes within ``k`` steps of any of ``hexes``, ascending; more than ``most`` steps are refused.

    Raises
    ------
    InputError
        ``k`` is no whole number from 0 to ``most``: H3 would end the process for want of memory.
    """
    disk_size(k, most)
    flat = np.asarray(grid_disk(_unsigned(hexes), k, flatten=True)).view(np.int64)
    return np.unique(flat)


def ring_neighbours(hex_: int, k: int) -> list[int]:
    """Hexes within ``k`` steps of one hex."""
    return [int(h) for h in h3i.grid_disk(int(hex_), k)]


def disk_size(k: int, most: int = MAX_DISK_STEPS) -> int:
    """Hexes within ``k`` steps of a hexagon, itself included: 1 + 3·k·(k + 1)."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 0 <= k <= most:
        raise InputError(f"k = {k!r} is not a whole number from 0 to {most}", field="k")
    return 1 + 3 * int(k) * (int(k) + 1)


def disk_rings(k: int) -> NDArray[np.int64]:
    """Steps from the centre of each column of :func:`disk_table`: 0, then six 1s, twelve 2s, …"""
    disk_size(k)
    return np.repeat(np.arange(k + 1), [1] + [6 * ring for ring in range(1, k + 1)])


def disk_table(hexes: ArrayLike, k: int) -> Hexes:
    """Disk of every hex as one row, the hex itself first, then ring by ring; 0 where a pentagon leaves a gap.

    Parameters
    ----------
    hexes : (n,) hexes, any resolutions.
    k : steps, 0 … 100.

    Returns
    -------
    (n, 1 + 3·k·(k + 1)) int64; column ``c`` lies ``disk_rings(k)[c]`` steps away in every row.
    """
    width = disk_size(k)
    origins = _unsigned(hexes)
    table = np.zeros((len(origins), width), np.int64)
    if not len(origins):
        return table
    cells, steps, starts = _disks(origins, k)
    rows = np.repeat(np.arange(len(origins)), np.diff(starts))
    columns = np.arange(len(cells)) - starts[rows]
    rings = disk_rings(k)
    regular = _regular_rows(steps, starts, rings)
    if not regular.all():
        columns = np.where(regular[rows], columns, _columns_by_ring(rows, steps))
    table[rows, columns] = cells
    return table


def neighbour_table(hexes: ArrayLike, k: int) -> NDArray[np.int64]:
    """Positions of each hex's disk within the given set; −1 where the neighbour is not in the set.

    Parameters
    ----------
    hexes : (n,) distinct hexes of one resolution, any order.
    k : steps, 0 … 100.

    Returns
    -------
    (n, 1 + 3·k·(k + 1)) int64 in the column order of :func:`disk_table`: column 0 is the hex itself.

    >>> neighbour_table(to_hex([22.5431, 22.6], [114.0579, 114.2], 9), 1)[:, 0].tolist()
    [0, 1]
    """
    members = np.atleast_1d(np.asarray(hexes, np.int64))
    return positions(members, disk_table(members, k))


def positions(members: ArrayLike, wanted: ArrayLike) -> NDArray[np.int64]:
    """Position in ``members`` (distinct hexes, any order) of each of ``wanted``; −1 where absent."""
    known, asked = np.atleast_1d(np.asarray(members, np.int64)), np.asarray(wanted, np.int64)
    if not len(known):
        return np.full(asked.shape, -1, np.int64)
    order = np.argsort(known, kind="stable")
    ascending = known[order]
    if (ascending[1:] == ascending[:-1]).any():
        raise InputError("the hexes are not distinct", field="hex")
    slots = np.minimum(np.searchsorted(ascending, asked), len(known) - 1)
    return np.where(ascending[slots] == asked, order[slots], -1)


def local_ij(hexes: ArrayLike, anchor: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """(i, j, known): H3 local coordinates of hexes around an anchor; ``known`` is False where H3 has none.

    Coordinates of one anchor are comparable; across a pentagon they may be missing or warped.
    """
    frame = cells_to_localij(_unsigned(hexes), int(anchor), set_failing_to_invalid=True)
    i, j = _nullable(frame.column("i")), _nullable(frame.column("j"))
    known = ~(np.isnan(i) | np.isnan(j))
    return np.where(known, i, 0).astype(np.int64), np.where(known, j, 0).astype(np.int64), known


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
    return _filled(shapely.box(west, south, east, north), resolution, "bbox")


def hexes_in_polygon(shape: Any, resolution: int, limit: int = 200_000) -> Hexes:
    """Hexes whose centre lies in a polygon or multipolygon (lon, lat degrees), ascending.

    Raises
    ------
    InputError
        The shape has no area, leaves the globe, has too many vertices, or would take more than ``limit`` hexes
        (estimated from its box, before H3 is asked); an edge spans half the globe, or a ring runs round a pole.
    """
    if shape.is_empty or shape.geom_type not in {"Polygon", "MultiPolygon"}:
        raise InputError(f"a polygon is expected, not {shape.geom_type}", field="polygon")
    if shapely.get_num_coordinates(shape) > MAX_VERTICES:
        raise InputError(f"more than {MAX_VERTICES:,} vertices; simplify the polygon", field="polygon")
    west, south, east, north = shape.bounds
    check_coordinates([south, north], [west, east])
    estimate = 1.1 * box_area_km2(south, west, north, east) / MEAN_AREA_KM2[check_resolution(resolution)]
    if estimate > limit:
        raise InputError(f"about {estimate:,.0f} hexes at resolution {resolution}, limit {limit:,}", field="polygon")
    return _filled(shape, resolution, "polygon")


def _filled(shape: Any, resolution: int, field: str) -> Hexes:
    """Hexes of a checked shape; H3 reads an edge of 180° or more the other way round and fails near the poles."""
    rings, part = shapely.get_coordinates(shapely.get_rings(shape), return_index=True)
    if (np.abs(np.diff(rings[:, 0])) >= 180.0)[np.diff(part) == 0].any():
        raise InputError(
            "an edge spans 180° of longitude or more (a ring round a pole or over ±180°); split it at meridians",
            field=field,
        )
    try:
        return np.sort(np.array(h3i.geo_to_cells(shape, resolution), np.int64))
    except h3.H3BaseException as error:
        raise InputError(
            "H3 cannot fill this shape (it touches a pole or crosses itself); cut it off short of the pole", field=field
        ) from error


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


def _disks(origins: NDArray[np.uint64], k: int) -> tuple[Hexes, NDArray[np.int64], NDArray[np.int64]]:
    """Cells and steps of all disks end to end, and where each disk starts (n + 1 offsets)."""
    import pyarrow

    found = grid_disk_distances(origins, int(k))
    cells, steps = pyarrow.array(found.column("cell")), pyarrow.array(found.column("k"))
    flat = np.asarray(cells.values).view(np.int64)
    return flat, np.asarray(steps.values).astype(np.int64), np.asarray(cells.offsets).astype(np.int64)


def _regular_rows(steps: NDArray[np.int64], starts: NDArray[np.int64], rings: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows whose disk is whole and already ordered ring by ring (all but those near a pentagon)."""
    regular = np.asarray(np.diff(starts) == len(rings))
    whole = np.flatnonzero(regular)
    regular[whole] = (steps[starts[whole][:, None] + np.arange(len(rings))] == rings).all(axis=1)
    return regular


def _columns_by_ring(rows: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Column of each cell: the start of its ring plus its rank among the cells of that row and ring."""
    group = rows * (MAX_DISK_STEPS + 1) + steps
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first = np.searchsorted(ordered, ordered, side="left")
    rank = np.empty(len(group), np.int64)
    rank[order] = np.arange(len(group)) - first
    return np.where(steps > 0, 1 + 3 * steps * (steps - 1), 0) + rank


def _nullable(column: object) -> Floats:
    import pyarrow

    return np.asarray(pyarrow.array(column).to_numpy(zero_copy_only=False), float)


def _is_hex_text(text: object) -> bool:
    return (
        isinstance(text, str)
        and len(text) == 15
        and text.isascii()
        and all(c in "0123456789abcdefABCDEF" for c in text)
    )


def _unsigned(hexes: ArrayLike) -> NDArray[np.uint64]:
    return np.ascontiguousarray(np.atleast_1d(np.asarray(hexes, np.int64))).view(np.uint64)
