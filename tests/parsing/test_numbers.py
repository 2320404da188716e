"""Numbers as people write them, and what is not one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.parsing.numbers import floats, integers, whole_texts


def col(*texts: str | None) -> pd.Series:
    return pd.Series(list(texts), dtype="str")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5), ("+2", 2), ("-3e2", -300), (" 4 ", 4), ("１２．５", 12.5), ("1,234.5", 1234.5),
        ("1,234,567", 1234567),
        ("65°", 65), ("25米", 25), ("-110 dBm", -110), ("−5", -5), (".5", 0.5), ("20MHz", 20),
    ],
)  # fmt: skip
def test_read(text: str, value: float) -> None:
    values, bad = floats(col(text, "x"))
    assert (values[0], bad.tolist()) == (value, [False, True])


@pytest.mark.parametrize("text", ["1e999", "Infinity", "inf", "0x10", "1 2", "1,2,3", "1.2.3", "[]", "12abc", "１２a"])
def test_refused(text: str) -> None:
    values, bad = floats(col(text, "1"))
    assert np.isnan(values[0])
    assert bad.tolist() == [True, False]


@pytest.mark.parametrize("text", ["", None, "-", "N/A", "无", "NULL", "nan", "\\N"])
def test_unknown_is_not_refused(text: str | None) -> None:
    values, bad = floats(col(text))
    assert np.isnan(values[0])
    assert not bad[0]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_what_python_writes_is_read_back_exactly(numbers: list[float]) -> None:
    values, bad = floats(col(*map(repr, numbers)))
    assert values.tolist() == numbers
    assert not bad.any()


def test_whole_numbers() -> None:
    values, bad = integers(col("12.0", "12.5", "7"))
    assert bad.tolist() == [False, True, False]
    assert values[[0, 2]].tolist() == [12, 7]


def test_identifiers_stay_text() -> None:
    texts, lossy = whole_texts(col("00123", "46000123.0", "4.6E+14", "460-00-1-2", "12345678901234567890"))
    assert texts.tolist() == ["00123", "46000123", "4.6E+14", "460-00-1-2", "12345678901234567890"]
    assert lossy.tolist() == [False, False, True, False, False]
