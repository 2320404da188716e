"""Compiled sums over the neighbourhood of points: buildings, crowding, residuals of other cells.

Measured points lie on a grid of a few metres. Around a point they tell how built-up it is; what
*other* cells were measured to lose there tells of shadowing common to all cells (correlation about
0.4 at 20 m). A point never sees the level of its own cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "fastmath": {"reassoc", "contract", "arcp", "nsz"}}

BIN_M = 50.0
RADIUS_M = 100.0
NARROW_M, WIDE_M = 15.0, 40.0
# Paths that arrive from the same side share their shadow: weight e^(4 (cos − 1)).
SIDE_SHARPNESS = 4.0
# Residuals shrink towards zero where little was measured: so many points' weight of "no residual".
PRIOR_NARROW, PRIOR_WIDE = 0.5, 1.0
CLOSE_M = 25.0
OWN_RADII_M = (25.0, 50.0, 100.0, 200.0, 400.0)
FIRST_FRESNEL_WAVELENGTH_M = 0.116
AROUND_COLUMNS = (
    "res_narrow", "res_narrow_n", "res_wide", "res_wide_n", "res_side", "res_side_n", "res_site", "res_site_n",
    "others", "built_25", "built_100", "roof_25", "roof_100", "roof_max",
)  # fmt: skip
OWN_COLUMNS = ("own_25", "own_50", "own_100", "own_200", "own_400", "own_sector_rank", "own_beyond")
PATH_COLUMNS = ("path_roof", "path_blocked", "path_worst", "path_worst_near", "path_known")


@dataclass(frozen=True)
class Crowd:
    """Points sorted by bin; all arrays float32 or int32 of one length but ``start``."""

    start: NDArray[np.int64]
    width: int
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    cell: NDArray[np.int32]
    site: NDArray[np.int32]
    east: NDArray[np.float32]
    north: NDArray[np.float32]
    building_m: NDArray[np.float32]
    residual_db: NDArray[np.float32]  # NaN where the level is not known


def crowd(x: NDArray, y: NDArray, **columns: NDArray) -> Crowd:
    """Sort points (metres from the south-west corner, never negative) into bins of 50 m."""
    column, row = (x // BIN_M).astype(np.int64), (y // BIN_M).astype(np.int64)
    width, height = int(column.max(initial=0)) + 1, int(row.max(initial=0)) + 1
    key = row * width + column
    order = np.argsort(key, kind="stable")
    start = np.searchsorted(key[order], np.arange(width * height + 1))
    kinds = {"cell": np.int32, "site": np.int32}
    values: dict[str, Any] = {name: np.asarray(v, kinds.get(name, np.float32))[order] for name, v in columns.items()}
    return Crowd(start, width, x[order].astype(np.float32), y[order].astype(np.float32), **values)


def around(
    found: Crowd, x: NDArray, y: NDArray, cell: NDArray, site: NDArray, east: NDArray, north: NDArray
) -> NDArray:
    """(points, len(AROUND_COLUMNS)) float32 sums within 100 m of each point."""
    out = np.zeros((len(x), len(AROUND_COLUMNS)), np.float32)
    own = np.asarray(cell, np.int32), np.asarray(site, np.int32)
    spot = tuple(np.asarray(values, np.float32) for values in (x, y, east, north))
    table = (found.x, found.y, found.east, found.north, found.building_m, found.residual_db)
    _around(spot, own, found.start, found.width, table, (found.cell, found.site), out)
    return out


@njit(**_OPTIONS)
def _around(spot, own, start, width, table, owners, out):  # type: ignore[no-untyped-def]
    x, y, _, _ = spot
    height = (start.size - 1) // width
    reach = int(np.ceil(RADIUS_M / BIN_M))
    sums = np.zeros(16, np.float32)
    for i in range(x.size):
        sums[:] = 0
        column, row = int(x[i] // BIN_M), int(y[i] // BIN_M)
        for r in range(max(row - reach, 0), min(row + reach + 1, height)):
            for c in range(max(column - reach, 0), min(column + reach + 1, width)):
                bin_ = r * width + c
                for m in range(start[bin_], start[bin_ + 1]):
                    _add_neighbour(spot, own, i, table, owners, m, sums)
        _finish(sums, out[i])


@njit(**_OPTIONS)
def _add_neighbour(spot, own, i, table, owners, m, sums):  # type: ignore[no-untyped-def]
    x, y, east, north = spot
    xs, ys, easts, norths, roofs, residuals = table
    dx, dy = xs[m] - x[i], ys[m] - y[i]
    square = dx * dx + dy * dy
    if square > RADIUS_M * RADIUS_M:
        return
    roof = roofs[m]
    sums[0] += 1
    sums[1] += roof > 0
    sums[2] += roof
    sums[3] = max(sums[3], roof)
    if square <= CLOSE_M * CLOSE_M:
        sums[4] += 1
        sums[5] += roof > 0
        sums[6] += roof
    if owners[0][m] == own[0][i]:
        return
    sums[7] += 1
    residual = residuals[m]
    if np.isnan(residual):
        return
    narrow = np.exp(-square / np.float32(2 * NARROW_M * NARROW_M))
    wide = np.exp(-square / np.float32(2 * WIDE_M * WIDE_M))
    cosine = east[i] * easts[m] + north[i] * norths[m]
    side = wide * np.exp((cosine - 1) * np.float32(SIDE_SHARPNESS))
    sums[8] += narrow * residual
    sums[9] += narrow
    sums[10] += wide * residual
    sums[11] += wide
    sums[12] += side * residual
    sums[13] += side
    if owners[1][m] == own[1][i]:
        sums[14] += side * residual
        sums[15] += side


@njit(**_OPTIONS)
def _finish(sums, row):  # type: ignore[no-untyped-def]
    row[0], row[1] = sums[8] / (sums[9] + PRIOR_NARROW), sums[9]
    row[2], row[3] = sums[10] / (sums[11] + PRIOR_WIDE), sums[11]
    row[4], row[5] = sums[12] / (sums[13] + PRIOR_NARROW), sums[13]
    row[6], row[7] = sums[14] / (sums[15] + PRIOR_NARROW), sums[15]
    row[8] = sums[7]
    row[9], row[10] = sums[5] / max(sums[4], 1), sums[1] / max(sums[0], 1)
    row[11], row[12] = sums[6] / max(sums[5], 1), sums[2] / max(sums[1], 1)
    row[13] = sums[3]


def own(x: NDArray, y: NDArray, distance_m: NDArray, east: NDArray, north: NDArray, cell: NDArray) -> NDArray:
    """(points, len(OWN_COLUMNS)): how the points of the same cell lie around each point.

    Shares of the cell's points within each radius, the share within ±20° of its direction that is
    nearer to the mast, and the share of all that is farther out. Shares do not depend on how many
    points were drawn.
    """
    order = np.argsort(cell, kind="stable")
    sorted_cells = cell[order]
    start = np.r_[np.flatnonzero(np.r_[True, sorted_cells[1:] != sorted_cells[:-1]]), len(cell)].astype(np.int64)
    out = np.zeros((len(x), len(OWN_COLUMNS)), np.float32)
    spot = tuple(np.asarray(v, np.float32)[order] for v in (x, y, distance_m, east, north))
    radii = np.array(OWN_RADII_M, np.float32) ** 2
    result = np.zeros_like(out)
    _own(spot, start, radii, np.float32(np.cos(np.radians(20.0))), result)
    out[order] = result
    return out


@njit(**_OPTIONS)
def _own(spot, start, radii, cosine, out):  # type: ignore[no-untyped-def]
    x, y, distance, east, north = spot
    for g in range(start.size - 1):
        first, last = start[g], start[g + 1]
        for i in range(first, last):
            sector, nearer = 0.0, 0.0
            for m in range(first, last):
                dx, dy = x[m] - x[i], y[m] - y[i]
                square = dx * dx + dy * dy
                for k in range(radii.size):
                    out[i, k] += square <= radii[k]
                beyond = distance[m] > distance[i]
                out[i, radii.size + 1] += beyond
                same_side = east[m] * east[i] + north[m] * north[i] >= cosine
                sector += same_side
                nearer += same_side and not beyond
            for k in range(radii.size):
                out[i, k] /= last - first
            out[i, radii.size] = nearer / max(sector, 1.0)
            out[i, radii.size + 1] /= last - first


def along_path(
    roofs: NDArray,
    known: NDArray,
    step_m: float,
    mast: tuple[NDArray, NDArray, NDArray],
    spot: tuple[NDArray, NDArray, NDArray],
) -> NDArray:
    """(points, len(PATH_COLUMNS)): roofs between mast and point against the line of sight.

    Parameters
    ----------
    roofs, known : (rows, columns) raster of the highest roof and of where anything is known.
    step_m : side of a raster square.
    mast, spot : x, y and height of both ends per point, metres in the raster's frame.

    Notes
    -----
    The excess of a roof over the line is measured in radii of the first Fresnel zone at 2.6 GHz.
    """
    out = np.zeros((len(spot[0]), len(PATH_COLUMNS)), np.float32)
    ends = tuple(np.asarray(values, np.float32) for values in (*mast, *spot))
    _along_path(roofs, known, np.float32(step_m), ends, out)
    return out


@njit(**_OPTIONS)
def _along_path(roofs, known, step, ends, out):  # type: ignore[no-untyped-def]
    mx, my, mh, px, py, ph = ends
    for i in range(px.size):
        length = np.sqrt((px[i] - mx[i]) ** 2 + (py[i] - my[i]) ** 2)
        steps = min(max(int(length / step), 1), 60)
        total, seen, blocked, worst, near = 0.0, 0.0, 0.0, -50.0, -50.0
        for s in range(1, steps):
            t = s / steps
            row = int((my[i] + (py[i] - my[i]) * t) // step)
            column = int((mx[i] + (px[i] - mx[i]) * t) // step)
            outside = row < 0 or column < 0 or row >= roofs.shape[0] or column >= roofs.shape[1]
            if outside or not known[row, column]:
                continue
            seen += 1
            roof = roofs[row, column]
            total += roof
            excess = roof - (mh[i] + (ph[i] - mh[i]) * t)
            blocked += excess > 0
            zones = excess / np.sqrt(FIRST_FRESNEL_WAVELENGTH_M * length * t * (1 - t) + 1.0)
            worst = max(worst, zones)
            if length * (1 - t) < 200:
                near = max(near, zones)
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = total / max(seen, 1.0), blocked, worst, near
        out[i, 4] = seen / max(steps - 1, 1)
