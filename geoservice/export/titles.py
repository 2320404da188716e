"""Column titles in Chinese and English, with units, from ``reference/titles.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Literal

import pandas as pd

from geoservice.tables import TABLES

Language = Literal["zh", "en"]
# What only this table has; the first table whose marks are all there is the table of a frame.
_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("site_requests", ("request_no",)),
    ("actions", ("action_id",)),
    ("hotspots", ("hotspot_id", "relative_risk")),
    ("what_if", ("hex", "rsrp_before_dbm")),
    ("coverage", ("hex", "best_cgi")),
    ("hex_rates", ("hex", "rate")),
    ("complaint_evidence", ("complaint_id", "serving_probability")),
    ("hex_evidence", ("hex", "contacts", "kpi_share")),
    ("diagnoses", ("subject_id", "is_gate")),
)


def table_name(frame: pd.DataFrame) -> str:
    """The declared table ``frame`` is of, or an empty text."""
    present = set(frame.columns)
    for name, marks in _MARKS:
        if present.issuperset(marks):
            return name
    exact = [name for name, table in TABLES.items() if present and present.issuperset(table.names)]
    return exact[0] if exact else ""


def title(table: str, column: str, language: Language) -> str:
    """Title of a column; the column's own name where none is written.

    >>> title("coverage", "rsrp_dbm", "zh")
    'RSRP(dBm)'
    """
    known = _titles()
    pair = known.get((table, column)) or known.get(("*", column))
    return column if pair is None else pair[0 if language == "zh" else 1]


@cache
def _titles() -> dict[tuple[str, str], tuple[str, str]]:
    text = (files("geoservice") / "reference" / "titles.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {(row["table"], row["column"]): (row["title_zh"], row["title_en"]) for row in rows}
