"""Places in the reader's language."""

from __future__ import annotations

import pandas as pd
import pytest

from geoservice.service.place_names import PlaceNames, with_english


@pytest.fixture(scope="module")
def names() -> PlaceNames:
    rows = [
        ("和平街", "Heping Street|Peace Street", 30.20, 118.20, 300.0),
        ("青麓区", "Qinglu District", 30.25, 118.22, 4000.0),
        ("无名村", "吴明村", 30.40, 118.40, 200.0),
        ("Berlin", "柏林", 52.52, 13.40, 900.0),
    ]
    return PlaceNames(pd.DataFrame(rows, columns=["name", "alt_names", "lat", "lon", "radius_m"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("和平街", "Heping Street (和平街)"),
        ("和平街, 青麓区", "Heping Street (和平街), Qinglu District (青麓区)"),
        ("和平街,某市", "Heping Street (和平街),某市"),
        ("无名村", None),
        ("Berlin", None),
        ("", None),
        (None, None),
    ],
)
def test_known_names_are_written_in_english_first(names: PlaceNames, text: str | None, expected: str | None) -> None:
    assert names.english(text) == expected


def test_a_record_keeps_its_own_text_where_nothing_is_known(names: PlaceNames) -> None:
    row = with_english({"place": "无名村", "district": "青麓区"}, names, "place", "district")
    assert row["place_en"] == "无名村"
    assert row["district_en"] == "Qinglu District (青麓区)"


def test_names_inside_a_sentence(names: PlaceNames) -> None:
    assert names.in_sentence("和平街: 45 customers", "和平街", None) == "Heping Street (和平街): 45 customers"
    assert names.in_sentence(None, "和平街") is None


def test_the_nearest_place_is_a_small_one_and_near(names: PlaceNames) -> None:
    assert names.nearest(30.205, 118.205) == "和平街"
    assert names.nearest(30.25, 118.22) is None
    assert names.nearest(0.0, 0.0) is None
    empty = pd.DataFrame(columns=["name", "alt_names", "lat", "lon", "radius_m"])
    assert PlaceNames(empty).nearest(30.2, 118.2) is None
