"""Physical features of a point and its cell for the learned residual.

No feature of a point uses a level measured on its own cell: geometry, obstacles, how the cell's
points lie, who else is near, and the residuals of *other, fitted* cells around the point.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage.points.frames import Field
from geoservice.errors import InputError

Floats = NDArray[np.float64]

RASTER_M = 20.0
COSITE_M = 30.0
# 50 m bins or 20 m squares of an area of 250 km × 250 km; more would be no city.
MOST_SQUARES = 160_000_000
NEAREST_MASTS = 8


@dataclass(frozen=True)
class Memory:
    """Measured points of fitted cells; ``residual_db`` is measured less base level."""

    x: Floats
    y: Floats
    cell: NDArray[np.int32]
    east: NDArray[np.float32]
    north: NDArray[np.float32]
    altitude_m: NDArray[np.float32]
    building_m: NDArray[np.float32]
    residual_db: NDArray[np.float32]
    cell_x: Floats
    cell_y: Floats
    keys: NDArray[np.str_]

    def numbers(self, keys: NDArray[np.object_]) -> NDArray[np.int64]:
        """Number of each remembered cell beside cells ``keys``: its place among them, or one after them.

        A cell that is asked about again is thus known to be the same, and its points do not see
        the levels it was measured to have, wherever else it stands in the table.
        """
        place = pd.Index(keys.astype(str)).get_indexer(pd.Index(self.keys.astype(str)))
        return np.where(place >= 0, place, len(keys) + np.arange(len(self.keys))).astype(np.int64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For ``numpy.savez``."""
        return {f"memory.{f.name}": getattr(self, f.name) for f in fields(self)}

    @staticmethod
    def from_arrays(store: Any) -> Memory:
        """From an opened .npz."""
        return Memory(**{f.name: store[f"memory.{f.name}"] for f in fields(Memory)})


def remember(field: Field, shape: dict[str, Floats], residual_db: Floats) -> Memory:
    """Memory of a fitted field."""
    single = {"east": shape["east"], "north": shape["north"], "residual_db": residual_db}
    single |= {"altitude_m": field.altitude_m, "building_m": field.building_m}
    small = {name: values.astype(np.float32) for name, values in single.items()}
    return Memory(
        x=field.x, y=field.y, cell=field.cell.astype(np.int32), cell_x=field.cells["x"], cell_y=field.cells["y"],
        keys=field.keys.astype(str), **small,
    )  # fmt: skip


def own_features(field: Field, shape: dict[str, Floats]) -> dict[str, Floats]:
    """How the points of each cell lie: shares and quantiles that do not depend on their number."""
    from geoservice.coverage.points import neighbourhood

    found = neighbourhood.own(
        field.x - field.x.min(), field.y - field.y.min(), shape["distance_m"], shape["east"], shape["north"], field.cell
    )
    result = {name: found[:, k].astype(float) for k, name in enumerate(neighbourhood.OWN_COLUMNS)}
    frame = pd.DataFrame(
        {
            "cell": field.cell,
            "log_d": np.log10(shape["distance_m"]),
            "front": np.cos(np.radians(shape["offset_deg"])),
            "built": (field.building_m > 0).astype(float),
            "low": field.of_cell("altitude_m") - field.altitude_m,
        }
    )
    groups = frame.groupby("cell")
    result["cell_rank"] = groups["log_d"].rank(pct=True).to_numpy()
    for share in (0.1, 0.5, 0.9):
        result[f"cell_log_d_{share:g}"] = groups["log_d"].quantile(share).reindex(field.cell).to_numpy()
    for name in ("front", "built", "low"):
        result[f"cell_{name}"] = groups[name].transform("mean").to_numpy()
    return result


def base_design(field: Field, shape: dict[str, Floats], own: dict[str, Floats]) -> Floats:
    """(points, terms) of the linear base level whose residuals are mapped and learned."""
    return np.stack(
        [
            np.ones(len(field.x)),
            np.log10(shape["distance_m"]),
            np.cos(np.radians(shape["offset_deg"])),
            shape["horizontal_db"],
            own["cell_rank"],
            np.log(own["own_100"] + 0.01),
        ],
        axis=1,
    )


def assemble(
    field: Field, shape: dict[str, Floats], own: dict[str, Floats], residual_db: Floats, memory: Memory | None
) -> NDArray[np.float32]:
    """(points, features) float32; ``residual_db`` is NaN where the point's level must not be used."""
    other = memory
    columns = _shape_features(field, shape) | own | _mast_features(field, shape, other)
    blocks = [np.stack(list(columns.values()), axis=1).astype(np.float32)]
    blocks.append(_around(field, shape, residual_db, other))
    blocks.append(_along_path(field, other))
    return np.concatenate(blocks, axis=1)


def _shape_features(field: Field, shape: dict[str, Floats]) -> dict[str, Floats]:
    logs = {"log_d": shape["distance_m"], "log_slant": shape["slant_m"], "log_turn": shape["breakpoint_ratio"]}
    values = {name: np.log10(np.maximum(metres, 1e-3)) for name, metres in logs.items()}
    values |= {name: shape[name] for name in ("offset_deg", "rise_m", "over_roof_m", "down_deg", "tilt_deg")}
    values |= {name: shape[name] for name in ("horizontal_db", "vertical_db")}
    values["off_tilt"] = shape["down_deg"] - shape["tilt_deg"]
    names = (
        "height_m",
        "elec_tilt_deg",
        "mech_tilt_deg",
        "frequency_mhz",
        "rs_power_dbm",
        "altitude_m",
        "building_m",
        "clutter",
    )
    values |= {f"mast_{name}": field.of_cell(name) for name in names}
    values["clutter"], values["building_m"] = field.clutter, field.building_m
    values["climb_m"] = field.altitude_m - field.of_cell("altitude_m")
    return values


def _mast_features(field: Field, shape: dict[str, Floats], other: Memory | None) -> dict[str, Floats]:
    """Distances to the nearest masts: whether the cell is the natural server of the point."""
    from scipy.spatial import cKDTree

    mine = np.stack([field.cells["x"], field.cells["y"]], axis=1)
    known = mine if other is None else np.concatenate([mine, np.stack([other.cell_x, other.cell_y], axis=1)])
    masts = np.unique(known.round(0), axis=0)
    count = min(NEAREST_MASTS, len(masts))
    tree = cKDTree(masts)
    gaps = _padded(tree.query(np.stack([field.x, field.y], axis=1), k=list(range(1, count + 1)))[0])
    apart = _padded(tree.query(mine, k=list(range(1, count + 1)))[0])
    logs = np.log10(np.maximum(gaps, 5.0))
    spacing = np.log10(np.maximum(apart, 5.0))[field.cell]
    log_d = np.log10(shape["distance_m"])
    return {
        "mast_1": logs[:, 0], "mast_3": logs[:, 2], "mast_8": logs[:, 7],
        "masts_nearer": (gaps < shape["distance_m"][:, None] - 1.0).sum(axis=1).astype(float),
        "mast_ratio": log_d - logs[:, 0], "spacing_1": spacing[:, 1], "spacing_5": spacing[:, 5],
    }  # fmt: skip


def _padded(gaps: Floats) -> Floats:
    missing = NEAREST_MASTS - gaps.shape[1]
    return np.pad(gaps, ((0, 0), (0, missing)), constant_values=1e5) if missing > 0 else gaps


def _around(field: Field, shape: dict[str, Floats], residual_db: Floats, other: Memory | None) -> NDArray[np.float32]:
    from geoservice.coverage.points import neighbourhood

    site, other_site = _sites(field, other)
    own_table = {
        "x": field.x, "y": field.y, "cell": field.cell, "site": site[field.cell], "east": shape["east"],
        "north": shape["north"], "building_m": field.building_m, "residual_db": residual_db,
    }  # fmt: skip
    pool = dict(own_table)
    if other is not None:
        number = other.numbers(field.keys)
        fresh = ~np.isin(field.cell, number)  # points of a remembered cell are in the memory already
        seen = {"cell": number[other.cell], "site": other_site[other.cell]}
        pool = {
            name: np.concatenate([own_table[name][fresh], seen.get(name, getattr(other, name, None))])
            for name in own_table
        }
    left, bottom = pool["x"].min(), pool["y"].min()
    _check_extent(pool["x"] - left, pool["y"] - bottom, neighbourhood.BIN_M)
    pool |= {"x": pool["x"] - left, "y": pool["y"] - bottom}
    crowd = neighbourhood.crowd(**pool)
    spot = (field.x - left, field.y - bottom, field.cell, site[field.cell], shape["east"], shape["north"])
    return neighbourhood.around(crowd, *spot)


def _sites(field: Field, other: Memory | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the mast of each cell of the field and of the memory; 30 m apart is another mast."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    x, y = field.cells["x"], field.cells["y"]
    if other is not None:
        x, y = np.r_[x, other.cell_x], np.r_[y, other.cell_y]
    pairs = cKDTree(np.stack([x, y], axis=1)).query_pairs(COSITE_M, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(x), len(x)))
    number = connected_components(graph, directed=False)[1].astype(np.int64)
    return number[: len(field.keys)], number[len(field.keys) :]


def _along_path(field: Field, other: Memory | None) -> NDArray[np.float32]:
    from geoservice.coverage.points import neighbourhood

    x, y, roof = field.x, field.y, field.building_m
    if other is not None:
        x, y, roof = np.r_[x, other.x], np.r_[y, other.y], np.r_[roof, other.building_m]
    left, bottom = x.min(), y.min()
    _check_extent(x - left, y - bottom, RASTER_M)
    row, column = ((y - bottom) // RASTER_M).astype(np.int64), ((x - left) // RASTER_M).astype(np.int64)
    roofs = np.zeros((int(row.max()) + 1, int(column.max()) + 1), np.float32)
    known = np.zeros(roofs.shape, bool)
    np.maximum.at(roofs, (row, column), roof.astype(np.float32))
    known[row, column] = True
    top = field.of_cell("height_m") + field.of_cell("altitude_m") - field.altitude_m
    mast = (field.of_cell("x") - left, field.of_cell("y") - bottom, top)
    spot = (field.x - left, field.y - bottom, np.full(len(field.x), 1.5))
    return neighbourhood.along_path(roofs, known, RASTER_M, mast, spot)


def _check_extent(x: Floats, y: Floats, step_m: float) -> None:
    squares = (x.max(initial=0) / step_m + 1) * (y.max(initial=0) / step_m + 1)
    if squares > MOST_SQUARES:
        raise InputError(
            "the points are spread over more than one city; calibrate and predict city by city", field="points"
        )
