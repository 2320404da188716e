"""Tables of cells and points as they come: headings recognised, units metres and dBm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage.plane import offsets_m
from geoservice.errors import FileError, TableError

Floats = NDArray[np.float64]

# Canonical name -> headings, compared without case, spaces, underscores and hyphens.
CELL_HEADINGS = MappingProxyType(
    {
        "key": ("cellindex", "cgi", "cell", "cellid", "小区标识", "小区cgi"),
        "x": ("cellx", "x", "xm", "easting"),
        "y": ("celly", "y", "ym", "northing"),
        "lat": ("lat", "latitude", "纬度"),
        "lon": ("lon", "lng", "longitude", "经度"),
        "height_m": ("height", "heightm", "antennaheight", "挂高", "天线挂高"),
        "azimuth_deg": ("azimuth", "azimuthdeg", "方位角", "方向角"),
        "elec_tilt_deg": ("electricaldowntilt", "electiltdeg", "etilt", "电子下倾角", "电下倾角"),
        "mech_tilt_deg": ("mechanicaldowntilt", "mechtiltdeg", "mtilt", "机械下倾角"),
        "frequency_mhz": ("frequencyband", "frequencymhz", "frequency"),
        "rs_power_dbm": ("rspower", "rspowerdbm", "参考信号功率"),
        "altitude_m": ("cellaltitude", "altitude", "altitudem"),
        "building_m": ("cellbuildingheight", "buildingheight", "buildingm"),
        "clutter": ("cellclutterindex", "clutter", "clutterindex"),
        "hbw_deg": ("hbwdeg", "hbw"),
        "vbw_deg": ("vbwdeg", "vbw"),
    }
)
POINT_HEADINGS = MappingProxyType(
    {
        "key": ("cell", "cellindex", "cgi", "cellid", "小区标识", "小区cgi"),
        "x": ("x", "xm", "easting"),
        "y": ("y", "ym", "northing"),
        "lat": ("lat", "latitude", "纬度"),
        "lon": ("lon", "lng", "longitude", "经度"),
        "altitude_m": ("alt", "altitude", "altitudem"),
        "building_m": ("bldg", "buildingheight", "building", "buildingm"),
        "clutter": ("clutter", "clutterindex"),
        "rsrp_dbm": ("rsrp", "rsrpdbm"),
    }
)
CELL_DEFAULTS = MappingProxyType(
    {
        "height_m": 25.0, "elec_tilt_deg": 6.0, "mech_tilt_deg": 0.0, "frequency_mhz": 2585.0, "rs_power_dbm": 15.2,
        "building_m": 0.0, "clutter": np.nan, "hbw_deg": 65.0, "vbw_deg": 7.0,
    }
)  # fmt: skip
POINT_DEFAULTS = MappingProxyType({"building_m": 0.0, "clutter": np.nan})


@dataclass(frozen=True)
class Field:
    """Cells and points side by side: ``cell[i]`` is the row of point ``i``'s cell."""

    cells: dict[str, Floats]
    keys: NDArray[np.object_]
    cell: NDArray[np.int64]
    x: Floats
    y: Floats
    altitude_m: Floats
    building_m: Floats
    clutter: Floats
    rsrp_dbm: Floats | None

    def of_cell(self, name: str) -> Floats:
        """A cell column carried to the points."""
        return self.cells[name][self.cell]


def read_frame(path: Path) -> pd.DataFrame:
    """A table from .csv or .parquet.

    Raises
    ------
    FileError
        Another suffix, or the file cannot be read as what it says it is.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        if path.suffix.lower() == ".csv":
            return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise FileError(
            f"{path.name}: cannot be read ({type(error).__name__}); give a .csv or .parquet table"
        ) from error
    raise FileError(f"{path.name}: suffix {path.suffix!r} is not .csv or .parquet")


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write .csv or .parquet; the final name appears only when the file is whole."""
    part = path.with_name(path.name + ".part")
    if path.suffix.lower() == ".parquet":
        frame.to_parquet(part, index=False)
    elif path.suffix.lower() == ".csv":
        frame.to_csv(part, index=False)
    else:
        raise FileError(f"{path.name}: suffix {path.suffix!r} is not .csv or .parquet")
    part.replace(path)


def join(
    cells: pd.DataFrame, points: pd.DataFrame, measured: bool, typical: Mapping[str, float] | None = None
) -> Field:
    """Cells and points under canonical names, positions in metres.

    Columns may stand in any order and may be missing, all but the key and the position: what a cell
    does not say is taken from ``typical`` (the medians of the fitted cells) or is a usual value; a
    missing azimuth means omni; a missing altitude is that of the cell (of its points), flat ground.

    Parameters
    ----------
    measured : the points must bring their level.
    typical : cell values to fill gaps with.

    Raises
    ------
    TableError
        A needed column is missing or not a number, or a point names an unknown cell.
    """
    mast, spot = _canonical(cells, CELL_HEADINGS).drop_duplicates(ignore_index=True), _canonical(points, POINT_HEADINGS)
    keys = _keys(mast, "cells")
    index = pd.Index(keys)
    if index.has_duplicates:
        raise TableError(
            "cells", "key", "the same cell twice with different values", int(np.argmax(index.duplicated()))
        )
    cell = index.get_indexer(pd.Index(_keys(spot, "points")))
    if (cell < 0).any():
        raise TableError("points", "cell", "is not in the cell table", int(np.argmax(cell < 0)))
    origin = _origin(mast)
    usual = {**CELL_DEFAULTS, **(typical or {})}
    columns = _positions(mast, origin, "cells") | {n: _number(mast, n, "cells", d) for n, d in usual.items()}
    columns["azimuth_deg"] = _number(mast, "azimuth_deg", "cells", np.nan)
    place = _positions(spot, origin, "points")
    ground = {name: _number(spot, name, "points", default) for name, default in POINT_DEFAULTS.items()}
    columns["altitude_m"], ground["altitude_m"] = _altitudes(mast, spot, cell)
    level = _number(spot, "rsrp_dbm", "points", None) if measured else None
    return Field(columns, keys, cell.astype(np.int64), place["x"], place["y"], rsrp_dbm=level, **ground)


def typical(field: Field) -> dict[str, float]:
    """Medians of the fitted cells, to fill the gaps of others."""
    names = ("height_m", "elec_tilt_deg", "mech_tilt_deg", "frequency_mhz", "rs_power_dbm")
    return {name: float(np.median(field.cells[name])) for name in names}


def _altitudes(mast: pd.DataFrame, spot: pd.DataFrame, cell: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Altitude of cells and points; where one side is silent the ground between them counts as flat."""
    base, ground = (_number(frame, "altitude_m", name, np.nan) for frame, name in ((mast, "cells"), (spot, "points")))
    known = np.isfinite(ground)
    count = np.bincount(cell[known], minlength=len(base))
    mean = np.bincount(cell[known], ground[known], len(base)) / np.maximum(count, 1)
    base = np.where(np.isfinite(base), base, np.where(count > 0, mean, 0.0))
    return base, np.where(known, ground, base[cell])


def point_keys(points: pd.DataFrame) -> NDArray[np.object_]:
    """Cell key of each point as text."""
    return _keys(_canonical(points, POINT_HEADINGS), "points")


def _canonical(frame: pd.DataFrame, headings: MappingProxyType[str, tuple[str, ...]]) -> pd.DataFrame:
    plain = {_plain(str(column)): column for column in frame.columns}
    found = {
        name: next((plain[alias] for alias in aliases if alias in plain), None) for name, aliases in headings.items()
    }
    return pd.DataFrame({name: frame[column] for name, column in found.items() if column is not None})


def _plain(heading: str) -> str:
    return "".join(letter for letter in heading.casefold() if letter not in " _-")


def _keys(frame: pd.DataFrame, table: str) -> NDArray[np.object_]:
    if "key" not in frame:
        raise TableError(table, "cell", "required column is missing (Cell Index, cell or cgi)")
    column = frame["key"]
    if pd.api.types.is_numeric_dtype(column):
        if column.isna().any():
            raise TableError(table, "cell", "required value is missing", int(column.isna().to_numpy().argmax()))
        whole = bool((column == np.floor(column)).all())
        column = column.astype(np.int64) if whole else column
    elif column.isna().any():
        raise TableError(table, "cell", "required value is missing", int(column.isna().to_numpy().argmax()))
    distinct, code = np.unique(column.astype(str).to_numpy(dtype=object), return_inverse=True)
    # A spreadsheet writes the number 1001701 as 1001701.0.
    plain = [text.strip().removesuffix(".0") for text in distinct.tolist()]
    return np.array(plain, dtype=object)[code]


def _origin(cells: pd.DataFrame) -> tuple[float, float] | None:
    if {"x", "y"} <= set(cells) or not {"lat", "lon"} <= set(cells) or not len(cells):
        return None
    return float(cells["lat"].iloc[0]), float(cells["lon"].iloc[0])


def _positions(frame: pd.DataFrame, origin: tuple[float, float] | None, table: str) -> dict[str, Floats]:
    if origin is None:
        if not {"x", "y"} <= set(frame):
            need = "x and y in metres in both files, or lat and lon in both"
            raise TableError(table, "x" if "x" not in frame else "y", f"required column is missing; give {need}")
        return {axis: _number(frame, axis, table, None) for axis in ("x", "y")}
    lat, lon = (_number(frame, name, table, None) for name in ("lat", "lon"))
    x, y = offsets_m(lat, lon, origin[0], origin[1])
    return {"x": x, "y": y}


def _number(frame: pd.DataFrame, name: str, table: str, default: float | None) -> Floats:
    if name not in frame:
        if default is None:
            raise TableError(table, name, "required column is missing")
        return np.full(len(frame), default)
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    bad = ~np.isfinite(values)
    if bad.any() and default is None:
        raise TableError(table, name, "is not a number", int(bad.argmax()))
    return np.where(bad, np.nan if default is None else default, values)
