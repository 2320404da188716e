"""Frames to database rows and back, column by column, without loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geoservice.store.times import from_us, to_us
from geoservice.tables import PANDAS_DTYPES, Column, Table, absent

# A fixed key keeps the hashes of one deployment comparable for ever (pandas' default may change).
_HASH_KEY = "geoservice-rows1"
_ALL_BITS = (1 << 64) - 1
_AS_TEXT = frozenset({"text", "local_time"})


def encode(frame: pd.DataFrame, table: Table) -> dict[str, NDArray[np.object_]]:
    """Columns of ``frame`` as arrays of Python values; columns that are empty throughout are left out."""
    return {name: encode_column(frame[name], table.by_name[name]) for name in filled(frame, table)}


def filled(frame: pd.DataFrame, table: Table) -> list[str]:
    """Declared columns of ``frame`` that hold something."""
    return [name for name in table.names if name in frame.columns and not frame[name].isna().all()]


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
        return pd.Series(absent(column.dtype, len(values)), copy=True)
    if column.dtype == "time":
        return pd.Series(_times(values))
    if column.dtype == "json":
        return pd.Series([None if v is None else orjson.loads(v) for v in values], dtype="object")
    if column.dtype == "bool":
        return pd.Series([None if v is None else bool(v) for v in values], dtype="boolean")
    if column.dtype == "float":
        return pd.Series(np.array(values, dtype="float64"))
    if column.dtype == "int":
        return pd.Series(pd.array(values, dtype="Int64"))
    return pd.Series(list(values), dtype="object").astype(PANDAS_DTYPES[column.dtype])


def _times(values: Sequence[Any]) -> pd.DatetimeIndex:
    """Microseconds since 1970 as times, None as missing."""
    missing = np.iinfo(np.int64).min  # what NumPy and pandas mean by no time
    gaps = None in values
    stamps = np.array([missing if v is None else v for v in values] if gaps else values, dtype=np.int64)
    return pd.DatetimeIndex(stamps.view("datetime64[us]")).tz_localize("UTC")


def value_of(raw: Any, column: Column) -> Any:
    """One database value as what it means; for single rows, where a frame costs more than the row."""
    if raw is None:
        return None
    if column.dtype == "time":
        return from_us(raw)
    if column.dtype == "json":
        return orjson.loads(raw)
    return bool(raw) if column.dtype == "bool" else raw


def dump(value: object) -> str:
    """A JSON text of a value that may hold NumPy numbers and arrays."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY, default=str).decode()


@dataclass(frozen=True, slots=True)
class Encoded:
    """A column as the database takes it (None where missing) and a hash of each value (0 where missing)."""

    values: NDArray[np.object_]
    hashes: NDArray[np.uint64]


def encoded(series: pd.Series, column: Column) -> Encoded:
    """Values and hashes of one column, each distinct text or whole number looked at once.

    The hash is salted with the column's name, so that values cannot change places unseen.
    """
    if column.dtype in _AS_TEXT:
        return _encoded_texts(series, column)
    values, present = encode_column(series, column), series.notna().to_numpy()
    hashes = np.zeros(len(series), np.uint64)
    if column.dtype == "float":
        hashes[present] = _salted(pd.util.hash_array(series.to_numpy("float64")[present]), column)
    elif present.any():
        codes, distinct = pd.factorize(values[present])
        texts = np.array([str(value) for value in distinct], object)
        hashes[present] = _salted(_hash_texts(texts), column)[codes]
    return Encoded(values, hashes)


def row_hashes(columns: Iterable[Encoded], rows: int) -> NDArray[np.int64]:
    """A 64-bit hash per row over ``columns``; equal content gives equal hashes on every machine.

    A missing value adds nothing, so a column that is empty hashes like one that is not there.
    """
    total = np.zeros(rows, np.uint64)
    for column in columns:
        total += column.hashes
    return total.view(np.int64)


def encoded_row(values: Mapping[str, Any], table: Table) -> tuple[dict[str, Any], dict[str, int]]:
    """Values of one row as the database takes them and their hashes, in the order of the table's columns."""
    names = [name for name in table.names if values.get(name) is not None]
    plain = {name: _plain_value(values[name], table.by_name[name]) for name in names}
    floats = [name for name in names if table.by_name[name].dtype == "float"]
    others = [name for name in names if table.by_name[name].dtype != "float"]
    found = dict(zip(floats, pd.util.hash_array(np.array([plain[name] for name in floats], "float64")), strict=True))
    found |= dict(zip(others, _hash_texts(np.array([str(plain[name]) for name in others], object)), strict=True))
    return plain, {name: _with_salt(int(found[name]), name) for name in names}


def _plain_value(value: Any, column: Column) -> Any:
    """The inverse of :func:`value_of`."""
    if column.dtype == "time":
        return to_us(value)
    if column.dtype == "json":
        return dump(value)
    return int(value) if column.dtype in {"bool", "int"} else value


def joined_hash(hashes: Iterable[int]) -> int:
    """:func:`row_hashes` of one row: the sum of 64-bit hashes as a signed number."""
    total = sum(hashes) & _ALL_BITS
    return total - (1 << 64) if total >> 63 else total


@cache
def _salt(name: str) -> int:
    return int(_hash_texts(np.array([name], object))[0]) | 1


def _with_salt(value: int, name: str) -> int:
    return ((value ^ _salt(name)) * _salt(name)) & _ALL_BITS


def _encoded_texts(series: pd.Series, column: Column) -> Encoded:
    array = pa.array(series, type=pa.large_string(), from_pandas=True)
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    coded = whole.dictionary_encode()
    codes = coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False)
    texts = coded.dictionary.to_numpy(zero_copy_only=False)
    hashes = _salted(_hash_texts(texts), column) if len(texts) else np.empty(0, np.uint64)
    return Encoded(np.append(texts, [None])[codes], np.append(hashes, np.uint64(0))[codes])


def _hash_texts(texts: NDArray[np.object_]) -> NDArray[np.uint64]:
    return pd.util.hash_array(texts, hash_key=_HASH_KEY, categorize=False)


def _salted(hashes: NDArray[np.uint64], column: Column) -> NDArray[np.uint64]:
    salt = np.uint64(_salt(column.name))
    return np.asarray((hashes ^ salt) * salt, np.uint64)
