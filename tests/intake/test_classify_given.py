"""Structured classes of files to our codes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice.intake.classify import given_class


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("WEAK_SIGNAL", "WEAK_SIGNAL"), ("weak signal", "WEAK_SIGNAL"), ("弱覆盖", "WEAK_SIGNAL"),
        ("无信号", "NO_COVERAGE"), ("掉话", "DROPPED_CALL"), ("单通", "ONE_WAY_AUDIO"), ("上网慢", "SLOW_DATA"),
        ("Call Dropped", "DROPPED_CALL"), ("Poor Voice Quality", "CHOPPY_VOICE"),
        ("poor-voice quality ", "CHOPPY_VOICE"),
        ("Ｅｃｈｏ", "ECHO"), ("室内覆盖", "INDOOR_COVERAGE"), ("有信号却提示不在服务区", "NOT_IN_SERVICE_MSG"),
    ],
)  # fmt: skip
def test_names_are_recognised(name: str, code: str) -> None:
    assert given_class(pd.Series([name])).tolist() == [code]


def test_unknown_and_missing_stay_missing_on_the_same_index() -> None:
    found = given_class(pd.Series(["Satisfactory", None, np.nan, 7, "Echo"], index=[5, 6, 7, 8, 9]))
    assert found.index.tolist() == [5, 6, 7, 8, 9]
    assert found.isna().tolist() == [True, True, True, True, False]
