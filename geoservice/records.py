"""Small values that cross room borders and are not tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

# (share done 0..1, what is being done); raising inside it interrupts the work safely.
Progress = Callable[[float, str], None]


def silent(_share: float, _what: str) -> None:
    """The progress callback of someone who does not want to know."""


class Seen(NamedTuple):
    """What the numbers of a column are like.

    Attributes
    ----------
    low, high : the least and the greatest; (inf, −inf) where there is none.
    numbers, large : how many there are, and how many exceed what a power in dBm can be (``parsing.seen.LARGE``).
    few : the different ones; None if they are many.
    """

    low: float
    high: float
    numbers: int
    large: int
    few: frozenset[float] | None


@dataclass(frozen=True, slots=True)
class RawChunk:
    """Rows of a file as text, under canonical column names.

    ``frame`` has text columns named as in ``reference/tables.csv`` plus ``line`` (int, the physical
    line or record number). ``rejects`` (table ``rejects``) are records that could not even be split
    into fields. ``read`` counts the records, rejected ones included. ``seen`` has, for columns whose
    meaning follows from their values, what their numbers are like in the whole file when it is longer than one
    chunk: what is decided about a column must not differ between chunks.
    """

    frame: pd.DataFrame
    rejects: pd.DataFrame
    read: int
    seen: Mapping[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: ``taken + rejected + duplicates == read``."""

    file: str
    table: str
    read: int
    taken: int
    rejected: int
    duplicates: int
    rejects_file: str | None
    seconds: float
    notes: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be read."""

    crs: str | None = None
    timezone: str = "Asia/Shanghai"
    mapping: Path | None = None
    strict: bool = False
    source: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class CellChange:
    """One change of the network to try: a field of a cell, a cell switched off, or a new cell.

    ``field`` is a column of table ``cells`` (``azimuth_deg``, ``elec_tilt_deg``, ``mech_tilt_deg``,
    ``rs_power_dbm``, ``height_m``, ``status`` with value ``off``) or ``new``; then ``cell`` holds
    the whole row of the cell to add.
    """

    cgi: str
    field: str
    value: float | str | None = None
    cell: dict[str, object] | None = None


# Re-runs coverage under changes and returns table ``what_if`` for every affected hex.
WhatIf = Callable[[Sequence[CellChange]], pd.DataFrame]


# Thousandths of a degree, some 110 m: positions of one phone in one building scatter by tens of metres.
_REPORTER_STEPS = 1000.0


def reporters(operator: pd.Series, lat: pd.Series, lon: pd.Series) -> pd.Series:
    """Who reports, where nothing but place and operator is known: one text per operator and 0.001° square.

    Missing where the point is missing. Decision 0015.
    """
    known = (lat.notna() & lon.notna()).to_numpy()
    places = [np.floor(axis[known].to_numpy(float) * _REPORTER_STEPS + 0.5).astype(np.int64) for axis in (lat, lon)]
    names = pd.Series(None, index=lat.index, dtype="str")
    north, east = (pd.Series(place, index=lat.index[known]).astype("str") for place in places)
    names[known] = operator[known].fillna("").astype("str") + "|" + north + "|" + east
    return names
