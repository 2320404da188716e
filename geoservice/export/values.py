"""Values of a frame as JSON, as one line of text, and as spreadsheet cells."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.export.clean import writable

Json = None | bool | int | float | str | list[Any] | dict[str, Any]


def to_json(value: object) -> Json:
    """A JSON value: gaps and infinities null, times ISO 8601 in UTC, NumPy scalars as Python's."""
    if isinstance(value, Mapping):
        return {writable(str(key)): to_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | np.ndarray):
        return [to_json(inner) for inner in value]
    return _scalar(value)


def to_text(value: object) -> str:
    """A table cell as text: JSON for nested values, empty for gaps."""
    plain = to_json(value)
    if plain is None:
        return ""
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def prose(value: object) -> str:
    """A nested value in words: ``a: 1; b: 2`` instead of brackets and quotes."""
    plain = to_json(value)
    if isinstance(plain, dict):
        return "; ".join(f"{key}: {prose(inner)}" for key, inner in plain.items())
    if isinstance(plain, list):
        return " | ".join(prose(inner) for inner in plain)
    if isinstance(plain, float):
        return f"{plain:g}"
    return "" if plain is None else str(plain)


def parse_json(value: object) -> Json:
    """A ``json`` column's value, whether it comes as an object or (from a database) as text."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return to_json(json.loads(value))
        except ValueError:
            return value
    return to_json(value)


def json_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with every column as JSON values and hexes as their text."""
    return pd.DataFrame({name: _json_column(frame[name]) for name in frame.columns}, index=frame.index, dtype=object)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as mappings from column name to value."""
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def flat_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with nested values as JSON text and hexes as text; numbers, times and booleans as they are."""
    return pd.DataFrame({name: _flat_column(frame[name]) for name in frame.columns}, index=frame.index)


def hex_texts(series: pd.Series) -> pd.Series:
    """H3 integers as their 15-digit text: a spreadsheet would round the number."""
    texts = grid.hex_to_text(series.to_numpy(np.int64)) if len(series) else []
    return pd.Series(texts, index=series.index, dtype=object)


def is_hex_column(series: pd.Series) -> bool:
    """True for an integer column named ``hex``."""
    return bool(str(series.name) == "hex" and pd.api.types.is_integer_dtype(series.dtype))


def _json_column(series: pd.Series) -> list[Any]:
    if is_hex_column(series):
        return list(hex_texts(series))
    nested = pd.api.types.is_object_dtype(series.dtype)
    return [parse_json(v) if nested else to_json(v) for v in series]


def _flat_column(series: pd.Series) -> pd.Series:
    if is_hex_column(series):
        return hex_texts(series)
    if not pd.api.types.is_object_dtype(series.dtype):
        return series
    return pd.Series(
        [to_text(v) if isinstance(v, Mapping | list | tuple | np.ndarray) else v for v in series],
        index=series.index,
        dtype=object,
    )


def _scalar(value: Any) -> Json:
    if isinstance(value, str):
        return writable(value)
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return writable(str(value))


def utc_text(moment: datetime) -> str:
    """ISO 8601; aware times in UTC with ``Z``, naive ones (dates of the network) without."""
    if moment.tzinfo is None:
        return moment.isoformat() if moment.time() != datetime.min.time() else moment.date().isoformat()
    return pd.Timestamp(moment).tz_convert("UTC").isoformat().replace("+00:00", "Z")
