"""The columns of table ``cells`` that make a signal, as plain arrays: what-ifs ask for one row hundreds of times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.errors import NotFound
from geoservice.tables import CELLS, few

Floats = NDArray[np.float64]

RADIO_COLUMNS = (
    "cgi", "rat", "status", "indoor", "site_type", "position_source", "scene", "lat", "lon", "frequency_mhz",
    "height_m", "azimuth_deg", "mech_tilt_deg", "elec_tilt_deg", "hbw_deg", "vbw_deg", "gain_dbi", "rs_power_dbm",
    "range_m",
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Some of :data:`RADIO_COLUMNS`, each an array (cells,): floats, or objects with ``None`` for gaps."""

    values: dict[str, NDArray[Any]]

    @staticmethod
    def of(frame: pd.DataFrame) -> Columns:
        """The radio columns a frame has."""
        return Columns({name: _plain(frame[name]) for name in RADIO_COLUMNS if name in frame.columns})

    @staticmethod
    def of_rows(rows: Sequence[Mapping[str, object]]) -> Columns:
        """The radio columns of rows of table ``cells``, checked as the table is (:func:`geoservice.tables.few`)."""
        return Columns({name: few([row.get(name) for row in rows], name, CELLS) for name in RADIO_COLUMNS})

    def __len__(self) -> int:
        return len(next(iter(self.values.values()))) if self.values else 0

    def numbers(self, name: str) -> Floats:
        """A column as floats, NaN where missing."""
        if name not in self.values:
            return np.full(len(self), np.nan)
        return np.asarray(self.values[name], np.float64)

    def texts(self, name: str, default: str) -> NDArray[np.object_]:
        """A column as texts, ``default`` where missing or empty."""
        if name not in self.values:
            return np.full(len(self), default, dtype=object)
        found = self.values[name]
        return np.array([value if isinstance(value, str) and value else default for value in found], dtype=object)

    def flags(self, name: str) -> NDArray[np.bool_]:
        """A column as flags, False where missing."""
        if name not in self.values:
            return np.zeros(len(self), bool)
        return np.array([value is True or value is np.True_ for value in self.values[name]], bool)

    def take(self, rows: Any) -> Columns:
        """Some of the rows."""
        return Columns({name: values[rows] for name, values in self.values.items()})

    def changed(self, name: str, row: int, value: float | str) -> Columns:
        """The same with one value another."""
        column = self.values[name].copy() if name in self.values else np.full(len(self), np.nan)
        column[row] = value
        return Columns(self.values | {name: column})

    def below(self, other: Columns) -> Columns:
        """These rows and those of ``other``; a column only one of them has is empty in the other."""
        names = [name for name in RADIO_COLUMNS if name in self.values or name in other.values]
        return Columns({name: np.concatenate([_or_gaps(one, name) for one in (self, other)]) for name in names})


class RadioRows:
    """The radio columns of table ``cells``, looked up by cgi."""

    def __init__(self, cells: pd.DataFrame) -> None:
        distinct = cells.drop_duplicates("cgi")
        self._columns = Columns.of(distinct)
        self._row = {str(cgi): row for row, cgi in enumerate(distinct["cgi"])}

    def of(self, cgis: Sequence[str]) -> Columns:
        """Rows by cgi, in that order; ``NotFound`` names a cell that is not in the table."""
        missing = [cgi for cgi in cgis if cgi not in self._row]
        if missing:
            raise NotFound(f"cell {missing[0]} is not in the cell table", field="cgi")
        return self._columns.take(np.array([self._row[cgi] for cgi in cgis], np.int64))


def _plain(column: pd.Series) -> NDArray[Any]:
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype="float64", na_value=np.nan)
    values = column.to_numpy(dtype=object).copy()
    values[pd.isna(values)] = None
    return values


def _or_gaps(columns: Columns, name: str) -> NDArray[Any]:
    return columns.values[name] if name in columns.values else np.full(len(columns), None, dtype=object)
