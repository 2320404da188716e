"""Where a query may be: a handful of candidates as plain records, since a frame of one row costs milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from geoservice import tables
from geoservice.service.plain import plain

QUERY = "query"
_TOLD = ("lat", "lon", "radius_m", "precision", "source", "probability", "label")
_DIGITS = {"lat": 6, "lon": 6}


class Candidate(NamedTuple):
    """One row of table FIXES."""

    complaint_id: str
    rank: int
    lat: float
    lon: float
    radius_m: float
    precision: str
    source: str
    probability: float
    label: str | None
    conflict: bool | None


def of_frame(fixes: pd.DataFrame) -> list[Candidate]:
    """Rows of table FIXES as candidates."""
    columns = (fixes[name].astype(object).where(fixes[name].notna(), None) for name in Candidate._fields)
    return [Candidate(*row) for row in zip(*columns, strict=True)]


def to_frame(candidates: Sequence[Candidate]) -> pd.DataFrame:
    """Candidates as table FIXES."""
    columns = list(zip(*candidates, strict=True)) if candidates else [()] * len(Candidate._fields)
    values = zip(Candidate._fields, columns, strict=True)
    return pd.DataFrame({name: pd.array(list(column), dtype=_types()[name]) for name, column in values})


def fix_answers(candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Candidates as answers hold them, in their order."""
    return [{name: plain(getattr(candidate, name), _DIGITS.get(name, 3)) for name in _TOLD} for candidate in candidates]


@cache
def _types() -> dict[str, Any]:
    return {str(name): dtype for name, dtype in tables.empty(tables.FIXES).dtypes.items()}
