"""The file of ``geoservice scan``: one location a row."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from geoservice.errors import FileError, InputError

_MAX_ROWS = 200_000


def read_points(path: Path) -> tuple[list[str], bool, dict[str, np.ndarray]]:
    """Ids, whether the axes are lat/lon, and the columns x, y, cases, population.

    Raises
    ------
    FileError
        The file cannot be read as CSV.
    InputError
        A column is missing or a value is not a number; names line and column.
    """
    rows = _rows(path)
    columns = {name.strip().lower() for name in rows[0]} if rows else set()
    geographic = {"lat", "lon"} <= columns
    axes = ("lon", "lat") if geographic else ("x", "y")
    for name in (*axes, "cases", "population"):
        if name not in columns:
            need = "id, x, y (or lat, lon), cases, population"
            raise InputError(f"{path.name}: no column {name!r}; the file needs {need}", field=name)
    clean = [{key.strip().lower(): value for key, value in row.items()} for row in rows]
    numbers = {name: _numbers(path, clean, name) for name in (*axes, "cases", "population")}
    ids = [row.get("id") or str(number) for number, row in enumerate(clean, 1)]
    return (
        ids,
        geographic,
        {"x": numbers[axes[0]], "y": numbers[axes[1]], **{k: numbers[k] for k in ("cases", "population")}},
    )


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [row for row, _ in zip(reader, range(_MAX_ROWS + 1), strict=False)]
    except OSError as error:
        raise FileError(f"{path}: cannot be opened ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path.name}: not readable as UTF-8 CSV ({error})") from error
    if not rows:
        raise FileError(f"{path.name}: no rows")
    if len(rows) > _MAX_ROWS:
        raise FileError(f"{path.name}: more than {_MAX_ROWS:,} locations")
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise FileError(f"{path.name}, line {line}: not as many fields as the heading has")
    return rows


def _numbers(path: Path, rows: list[dict[str, Any]], name: str) -> np.ndarray:
    values = np.full(len(rows), np.nan)
    for position, row in enumerate(rows):
        try:
            values[position] = float(row[name])
        except ValueError:
            values[position] = np.nan
        if not np.isfinite(values[position]):
            raise InputError(f"{path.name}, line {position + 2}: {name} is not a number", field=name)
    return values
