"""How many digits a number of a unit deserves, and its format in a spreadsheet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from geoservice.tables import TABLES


@dataclass(frozen=True, slots=True)
class Shape:
    """Digits kept after rounding and the number format of a spreadsheet."""

    digits: int
    excel: str


# A customer lifted or a decibel are known no better than this; coordinates to a metre.
_BY_UNIT: Mapping[str, Shape] = {
    "deg WGS-84": Shape(5, "0.00000"), "deg": Shape(0, "0"), "m": Shape(0, "#,##0"), "km2": Shape(2, "0.00"),
    "dBm": Shape(1, "0.0"), "dB": Shape(1, "0.0"), "MHz": Shape(1, "0.0"), "count": Shape(0, "#,##0"),
    "per month": Shape(1, "0.0"), "0-100": Shape(1, "0.0"), "units": Shape(0, "#,##0"), "share": Shape(3, "0%"),
    "cells": Shape(0, "0"), "days": Shape(0, "0"),
}  # fmt: skip
_P = Shape(8, '[<0.0001]"<0.0001";0.0000')
_BY_NAME: Mapping[str, Shape] = {
    "expected": Shape(1, "0.0"), "relative_risk": Shape(1, "0.0"), "risk_low": Shape(1, "0.0"),
    "risk_high": Shape(1, "0.0"), "llr": Shape(1, "0.0"), "rate": Shape(2, "0.00"), "gi_z": Shape(1, "0.0"),
    "p_raw": _P, "p_value": _P, "gi_p": _P, "confidence": Shape(3, "0%"),
    "overshoot_ratio": Shape(1, "0.0"),
}  # fmt: skip
_PLAIN = Shape(6, "General")


def shape_of(table: str, column: str) -> Shape:
    """Digits and format of a declared column; six digits for anything else.

    >>> shape_of("site_requests", "rsrp_p50_dbm").excel, shape_of("hotspots", "p_value").excel
    ('0.0', '[<0.0001]"<0.0001";0.0000')
    """
    if column in _BY_NAME:
        return _BY_NAME[column]
    declared = TABLES[table].by_name.get(column) if table in TABLES else None
    return _PLAIN if declared is None else _BY_UNIT.get(declared.unit, _PLAIN)


def rounded(value: object, shape: Shape) -> object:
    """A float rounded to its digits, whole when no digits are kept; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, float) or not math.isfinite(value):
        return value
    return round(value) if shape.digits == 0 else round(value, shape.digits)
