"""GeoPackage and GeoParquet, written by GDAL and Arrow (GDAL only ever writes here)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoservice.export.report import Altered
from geoservice.export.shapes import Geometries
from geoservice.export.values import flat_frame


def write_gpkg(frame: pd.DataFrame, geometry: Geometries | None, path: Path, layer: str) -> list[Altered]:
    """One layer of a GeoPackage in EPSG:4326; without geometry an attribute table."""
    import pyogrio

    name = layer_name(layer)
    pyogrio.write_dataframe(_plain(frame, geometry), path, layer=name, driver="GPKG")
    return (
        []
        if name == layer
        else [Altered(None, "", f"layer renamed to {name!r}: GeoPackage refuses the name asked for")]
    )


def layer_name(text: str) -> str:
    """A layer name GDAL accepts: letters of any script, digits, ``_ - .`` and spaces inside; no reserved prefix.

    >>> layer_name("建站需求"), layer_name("[x]:gpkg")
    ('建站需求', 'x--gpkg')
    """
    name = re.sub(r"[^\w\-. ]", "-", text).strip("-. ")[:100] or "layer"
    return f"layer_{name}" if name.lower().startswith(("gpkg", "sqlite_", "rtree_")) else name


def write_parquet(frame: pd.DataFrame, geometry: Geometries | None, path: Path) -> None:
    """GeoParquet 1.0 (WKB, EPSG:4326); without geometry plain Parquet."""
    _plain(frame, geometry).to_parquet(path, index=False)


def _plain(frame: pd.DataFrame, geometry: Geometries | None) -> Any:
    import geopandas

    flat = flat_frame(frame.drop(columns="outline", errors="ignore"))
    flat = pd.DataFrame({str(name): _driver_column(flat[name]) for name in flat.columns}).reset_index(drop=True)
    if geometry is None:
        return flat
    return geopandas.GeoDataFrame(flat, geometry=geometry, crs="EPSG:4326")


def _driver_column(series: pd.Series) -> pd.Series:
    """Nullable numbers as floats where there are gaps, everything textual as str."""
    if pd.api.types.is_extension_array_dtype(series.dtype) and pd.api.types.is_integer_dtype(series.dtype):
        return series.astype("float64" if series.isna().any() else "int64")
    if pd.api.types.is_bool_dtype(series.dtype):
        return series.astype("boolean") if series.isna().any() else series.astype(bool)
    if pd.api.types.is_object_dtype(series.dtype):
        return pd.Series([None if _gap(v) else str(v) for v in series], index=series.index, dtype="str")
    return series


def _gap(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))
