"""Frames to plain JSON values: the only place where missing, times and numbers are turned into text."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from geoservice.tables import Table

DIGITS = {"lat": 6, "lon": 6}


def records(frame: pd.DataFrame, table: Table, names: list[str] | None = None) -> list[dict[str, Any]]:
    """Rows as dictionaries of JSON values under the declared column names."""
    names = names or [name for name in table.names if name in frame.columns]
    columns = [_column(frame[name], DIGITS.get(name, 4)) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _column(column: pd.Series, digits: int) -> list[Any]:
    if column.dtype == np.float64:  # the most of long answers, and no questions to ask of each value
        return [_rounded(value, digits) if isfinite(value) else None for value in column.tolist()]
    return [plain(value, digits) for value in column]


def plain(value: Any, digits: int = 4) -> Any:
    """One value as JSON understands it; missing becomes None, times ISO 8601 in UTC."""
    if isinstance(value, dict | list):
        return value
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp | datetime):
        return _time(pd.Timestamp(value))
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return _rounded(float(value), digits) if np.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value


def _rounded(value: float, digits: int) -> float:
    """Rounded to ``digits`` decimals, but never to zero: a p of 3e-9 stays one."""
    return round(value, digits) if abs(value) >= 10.0**-digits else float(f"{value:.3g}")


def _time(moment: pd.Timestamp) -> str:
    if moment.tzinfo is None:
        return moment.date().isoformat()
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
