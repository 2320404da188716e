"""Frames to database rows and back, column by column, without loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from geoservice.tables import PANDAS_DTYPES, Column, Table

# A fixed key keeps the hashes of one deployment comparable for ever (pandas' default may change).
_HASH_KEY = "geoservice-rows1"


def encode(frame: pd.DataFrame, table: Table) -> dict[str, NDArray[np.object_]]:
    """Columns of ``frame`` as arrays of Python values; columns that are empty throughout are left out."""
    columns = {}
    for name in table.names:
        if name in frame.columns and not frame[name].isna().all():
            columns[name] = encode_column(frame[name], table.by_name[name])
    return columns


def encode_column(series: pd.Series, column: Column) -> NDArray[np.object_]:
    """One column as Python values the database understands, None where missing."""
    missing = series.isna().to_numpy()
    values = _plain(series, column, missing)
    if missing.any():
        values[missing] = None
    return values


def _plain(series: pd.Series, column: Column, missing: NDArray[np.bool_]) -> NDArray[np.object_]:
    if column.dtype == "time":
        return series.dt.tz_localize(None).to_numpy("datetime64[us]").view(np.int64).astype(object)
    if column.dtype == "date":
        return np.datetime_as_string(series.to_numpy("datetime64[D]")).astype(object)
    if column.dtype == "json":
        return np.array([None if gone else dump(value) for value, gone in zip(series, missing, strict=True)], object)
    if column.dtype == "bool":
        return series.fillna(False).to_numpy(dtype="int64").astype(object)
    if column.dtype == "int":
        return series.fillna(0).to_numpy(dtype="int64").astype(object)
    return series.to_numpy(dtype=object).copy()


def decode(rows: Sequence[Sequence[Any]], names: Sequence[str], table: Table) -> pd.DataFrame:
    """Database rows as a frame with the declared dtypes of ``names``."""
    raw = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pd.DataFrame({name: _decode_column(raw[i], table.by_name.get(name)) for i, name in enumerate(names)})


def _decode_column(values: Sequence[Any], column: Column | None) -> pd.Series:
    if column is None:
        return pd.Series(list(values), dtype="object")
    if len(values) and values.count(None) == len(values) and column.dtype != "json":
        return pd.Series([None] * len(values), dtype="object").astype(PANDAS_DTYPES[column.dtype])
    if column.dtype == "time":
        numbers = pd.array(list(values), dtype="Int64")
        return pd.Series(pd.to_datetime(numbers, unit="us", utc=True)).astype(PANDAS_DTYPES["time"])
    if column.dtype == "json":
        return pd.Series([None if v is None else orjson.loads(v) for v in values], dtype="object")
    if column.dtype == "bool":
        return pd.Series([None if v is None else bool(v) for v in values], dtype="boolean")
    if column.dtype == "float":
        return pd.Series(np.array(values, dtype="float64"))
    return pd.Series(list(values), dtype="object").astype(PANDAS_DTYPES[column.dtype])


def dump(value: object) -> str:
    """A JSON text of a value that may hold NumPy numbers and arrays."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY, default=str).decode()


def row_keys(frame: pd.DataFrame, columns: Sequence[str], table: Table) -> NDArray[np.int64]:
    """A 64-bit hash per row over ``columns``; equal content gives equal hashes on every machine."""
    total = np.zeros(len(frame), np.uint64)
    for name in columns:
        if name in frame.columns:
            # A missing value adds nothing, so a column that is empty hashes like one that is not there.
            present = frame[name].notna().to_numpy()
            if present.any():
                total[present] += _hash_column(frame[name][present], table.by_name[name])
    return total.view(np.int64)


def _hash_column(series: pd.Series, column: Column) -> NDArray[np.uint64]:
    """Hash of each value, salted with the column's name so that values cannot change places unseen."""
    salt = pd.util.hash_array(np.array([column.name], object), hash_key=_HASH_KEY)[0] | np.uint64(1)
    return (_hash_values(series, column) ^ salt) * salt


def _hash_values(series: pd.Series, column: Column) -> NDArray[np.uint64]:
    if column.dtype == "float":
        return pd.util.hash_array(series.to_numpy("float64"))
    if column.dtype in {"text", "local_time"}:
        values = series.to_numpy(dtype=object)
    else:
        values = np.array([str(value) for value in encode_column(series, column)], object)
    return pd.util.hash_array(values, hash_key=_HASH_KEY, categorize=True)
