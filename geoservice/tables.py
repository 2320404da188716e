"""The columns of every table, with dtype and unit, and the checks that hold frames to them.

Steps exchange pandas frames; ``reference/tables.csv`` declares them. A step that produces a
table ends with :func:`conform`; a step that needs one may rely on what is declared here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.errors import TableError

# One dtype per declared kind. Hexes are signed 64-bit: H3 leaves the top bit 0, so any SQL BIGINT holds them.
PANDAS_DTYPES: MappingProxyType[str, Any] = MappingProxyType(
    {
        "text": "str",
        "json": "object",
        "local_time": "str",
        "float": "float64",
        "int": "Int64",
        "hex": "int64",
        "bool": "boolean",
        "time": "datetime64[us, UTC]",
        "date": "datetime64[s]",
    }
)


# A share that was summed from parts may exceed 1 by the rounding of the sum.
_ROUNDING = 1e-9
# Columns of missing values up to this length are kept: single complaints and small answers are made of them.
_SHORT = 64


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``origin`` says whether files bring it, we add it, or both."""

    name: str
    dtype: str
    unit: str = ""
    required: bool = False
    origin: str = "both"
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """A named tuple of columns."""

    name: str
    columns: tuple[Column, ...]

    @cached_property
    def by_name(self) -> MappingProxyType[str, Column]:
        return MappingProxyType({column.name: column for column in self.columns})

    @cached_property
    def without_rows(self) -> pd.DataFrame:
        """A frame without rows; ask :func:`empty` for one of your own."""
        kept = [column for column in self.columns if column.origin != "file"]
        return pd.DataFrame({column.name: pd.Series(dtype=PANDAS_DTYPES[column.dtype]) for column in kept})

    @property
    def names(self) -> list[str]:
        """Columns a conforming frame has (all but those that exist in files only)."""
        return [column.name for column in self.columns if column.origin != "file"]

    @property
    def file_names(self) -> list[str]:
        """Columns an import file may bring."""
        return [column.name for column in self.columns if column.origin != "ours"]


def empty(table: Table) -> pd.DataFrame:
    """A frame without rows that conforms to ``table``."""
    # Copy on write: who writes into it writes into a frame of their own.
    return table.without_rows.copy(deep=False)


def absent(kind: str, count: int) -> Any:
    """An array of ``count`` missing values of a declared kind; short ones are made once."""
    return _short_absent(kind, count) if count <= _SHORT else _absent(kind, count)


def _absent(kind: str, count: int) -> Any:
    missing = pd.Series([None] * count, dtype="object")
    return (missing if kind == "json" else missing.astype(PANDAS_DTYPES[kind])).array


_short_absent = cache(_absent)


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """``frame`` with exactly the declared columns, cast to their dtypes, checked.

    Optional columns that are missing come back empty; columns not declared are dropped.

    Raises
    ------
    TableError
        A required column is missing or has a gap, a value cannot be cast, or is out of range.
    """
    columns, given = [c for c in table.columns if c.origin != "file"], set(frame.columns)
    for column in columns:
        if column.required and column.name not in given:
            raise TableError(table.name, column.name, "required column is missing")
    data: dict[str, Any] = {}
    for column in columns:
        if column.name in given:
            data[column.name] = _cast(frame[column.name], column, table)
            _check_column(data[column.name], column, table)
        else:
            # Most of a table's columns are optional and most frames lack them: nothing to cast, nothing to check.
            data[column.name] = absent(column.dtype, len(frame))
    return pd.DataFrame(data, index=frame.index)


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """``frame`` itself if it fits ``table``; otherwise a ``TableError`` naming column and row."""
    for column in table.columns:
        if column.origin == "file":
            continue
        if column.name not in frame.columns:
            raise TableError(table.name, column.name, "column is missing")
        _check_column(frame[column.name], column, table)
    return frame


def concat(parts: Iterable[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Conforming frames one below the other; an empty conforming frame when there are none."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty(table)


def _cast(series: pd.Series, column: Column, table: Table) -> pd.Series:
    dtype = PANDAS_DTYPES[column.dtype]
    if str(series.dtype) == str(dtype):
        return series
    try:
        if column.dtype == "time":
            return pd.to_datetime(series, utc=True).astype(dtype)
        return series.astype(dtype)
    except (ValueError, TypeError) as error:
        raise TableError(table.name, column.name, f"cannot be read as {column.dtype} ({error})") from error


def _check_column(series: pd.Series, column: Column, table: Table) -> None:
    missing = series.isna().to_numpy()
    if column.required and missing.any():
        raise TableError(table.name, column.name, "required value is missing", int(missing.argmax()))
    if column.dtype in {"float", "int"}:
        _check_range(series.to_numpy(dtype="float64", na_value=np.nan), column, table)
    if column.values:
        _check_values(series, column, table)


def few(values: Sequence[object], name: str, table: Table) -> Any:
    """A column of a few rows as a plain array, cast and checked as by :func:`conform`: floats, or objects with None.

    A frame costs milliseconds however short it is, and what-ifs describe three cells hundreds of times.

    Raises
    ------
    TableError
        A required value is missing, a value cannot be cast, or is out of range.
    """
    column = table.by_name[name]
    gaps = [value is None or value is pd.NA or value is pd.NaT or value != value for value in values]
    if column.required and any(gaps):
        raise TableError(table.name, name, "required value is missing", gaps.index(True))
    if column.dtype == "float":
        return _few_numbers(values, gaps, column, table)
    given = [None if gap else value for value, gap in zip(values, gaps, strict=True)]
    if column.values and any(value is not None and value not in column.values for value in given):
        _check_values(pd.Series(given, dtype="object"), column, table)
    told = np.empty(len(given), dtype=object)
    told[:] = given
    return told


def _few_numbers(values: Sequence[object], gaps: Sequence[bool], column: Column, table: Table) -> Any:
    try:
        numbers = np.array([np.nan if gap else value for value, gap in zip(values, gaps, strict=True)], dtype="float64")
    except (ValueError, TypeError) as error:
        raise TableError(table.name, column.name, f"cannot be read as float ({error})") from error
    _check_range(numbers, column, table)
    return numbers


def _check_range(values: NDArray[np.float64], column: Column, table: Table) -> None:
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    bad = (values < low - _ROUNDING) | (values > high + _ROUNDING) | np.isinf(values)
    if bad.any():
        row = int(bad.argmax())
        raise TableError(table.name, column.name, f"{values[row]:g} is outside {low:g}…{high:g}", row)


def _check_values(series: pd.Series, column: Column, table: Table) -> None:
    bad = (~series.isin(column.values) & series.notna()).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        allowed = ", ".join(column.values)
        raise TableError(table.name, column.name, f"{series.iloc[row]!r} is not one of {allowed}", row)


def _load() -> MappingProxyType[str, Table]:
    text = (files("geoservice") / "reference" / "tables.csv").read_text("utf-8")
    columns: dict[str, list[Column]] = {}
    for row in csv.DictReader(text.splitlines()):
        columns.setdefault(row["table"], []).append(_column(row))
    return MappingProxyType({name: Table(name, tuple(found)) for name, found in columns.items()})


def _column(row: dict[str, str]) -> Column:
    return Column(
        name=row["column"],
        dtype=row["dtype"],
        unit=row["unit"],
        required=row["required"] == "yes",
        origin=row["origin"],
        low=float(row["low"]) if row["low"] else None,
        high=float(row["high"]) if row["high"] else None,
        values=tuple(row["values"].split("|")) if row["values"] else (),
        meaning=row["meaning"],
    )


TABLES = _load()
COMPLAINTS = TABLES["complaints"]
REJECTS = TABLES["rejects"]
SATISFIED = TABLES["satisfied"]
CELLS = TABLES["cells"]
KPIS = TABLES["kpis"]
ALARMS = TABLES["alarms"]
ENERGY_WINDOWS = TABLES["energy_windows"]
NEIGHBOURS = TABLES["neighbours"]
MEASUREMENTS = TABLES["measurements"]
PLANNED_SITES = TABLES["planned_sites"]
EXPOSURE = TABLES["exposure"]
GAZETTEER = TABLES["gazetteer"]
FIXES = TABLES["fixes"]
WEIGHTS = TABLES["weights"]
COVERAGE = TABLES["coverage"]
COMPLAINT_EVIDENCE = TABLES["complaint_evidence"]
HEX_EVIDENCE = TABLES["hex_evidence"]
HOTSPOTS = TABLES["hotspots"]
HOTSPOT_MEMBERS = TABLES["hotspot_members"]
EVIDENCE = TABLES["evidence"]
DIAGNOSES = TABLES["diagnoses"]
ACTIONS = TABLES["actions"]
SITE_REQUESTS = TABLES["site_requests"]
WHAT_IF = TABLES["what_if"]
SERVING = TABLES["serving"]
HEX_RATES = TABLES["hex_rates"]

# What makes two rows the same thing: a row with a known key replaces the old one (or is a duplicate when equal).
KEYS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "complaints": ("complaint_id",),
        "satisfied": ("source_key",),
        "cells": ("cgi",),
        "kpis": ("cgi", "start", "granularity"),
        "alarms": ("object_key", "code", "raised_at"),
        "energy_windows": ("cgi", "from_local", "to_local", "mode", "valid_from"),
        "neighbours": ("src_cgi", "dst_cgi"),
        "measurements": ("time", "lat", "lon", "cgi", "source", "device", "rsrp_dbm"),
        "planned_sites": ("plan_no",),
        "exposure": ("lat", "lon", "kind"),
        "gazetteer": ("name", "lat", "lon"),
        "fixes": ("complaint_id", "rank"),
    }
)
# What files may be imported into.
IMPORTABLE: tuple[str, ...] = tuple(name for name in KEYS if name not in {"satisfied", "fixes"})
