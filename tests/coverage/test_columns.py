"""Rows told one by one are read as the table is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice.coverage.columns import RADIO_COLUMNS, Columns
from geoservice.errors import TableError
from geoservice.tables import CELLS, conform

ROW = {"cgi": "a", "lat": 30.0, "lon": 104, "rat": "NR", "frequency_mhz": 2565.0, "indoor": True, "height_m": None,
       "azimuth_deg": float("nan"), "scene": pd.NA, "status": "active", "vendor": "not a radio column"}  # fmt: skip


def test_rows_read_like_a_frame_of_them() -> None:
    rows = [ROW, ROW | {"cgi": "b", "indoor": None, "azimuth_deg": 120.0, "site_type": "micro"}]
    mine, frame = Columns.of_rows(rows), Columns.of(conform(pd.DataFrame(rows), CELLS))
    assert tuple(mine.values) == tuple(frame.values) == RADIO_COLUMNS
    for name in RADIO_COLUMNS:
        assert mine.values[name].dtype == frame.values[name].dtype, name
        assert [None if v is None or v != v else v for v in mine.values[name]] == [
            None if v is None or v != v else v for v in frame.values[name]
        ], name
    np.testing.assert_array_equal(mine.flags("indoor"), frame.flags("indoor"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"lat": 91.0}, "outside"),
        ({"lat": None}, "missing"),
        ({"height_m": "tall"}, "float"),
        ({"rat": "6G"}, "not one of"),
        ({"azimuth_deg": float("inf")}, "outside"),
    ],
)
def test_bad_values_are_refused_like_those_of_the_table(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(TableError, match=told):
        Columns.of_rows([ROW | wrong])
    with pytest.raises(TableError, match=told):
        conform(pd.DataFrame([ROW | wrong]), CELLS)
