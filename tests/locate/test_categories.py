"""A kind of place asked for by itself: several candidates, none of them sure."""

from __future__ import annotations

import pandas as pd
import pytest

from geoservice.config import default_config
from geoservice.locate import Locator
from geoservice.locate.categories import Categories, category_of
from geoservice.tables import CELLS, FIXES, GAZETTEER, check, conform, empty

ROWS = [
    ("深圳市", 22.54, 114.06, "city"), ("北大医院", 22.55, 114.04, "poi"), ("坪山口腔医院", 22.70, 114.34, "poi"),
    ("市人民医院", 22.56, 114.12, "poi"), ("蛇口医院", 22.48, 113.92, "poi"), ("沙井卫生院", 22.73, 113.81, "poi"),
    ("龙岗中心医院", 22.72, 114.25, "poi"), ("医院路", 22.50, 114.00, "street"), ("颐园", 22.53, 114.00, "estate"),
    ("Lakeside Hospital", 22.50, 114.10, "poi"), ("Civil Hospital of Ningbo Road", 22.60, 114.30, "poi"),
]  # fmt: skip


def gazetteer(rows: list[tuple] = ROWS) -> pd.DataFrame:
    return conform(pd.DataFrame(rows, columns=["name", "lat", "lon", "kind"]), GAZETTEER)


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator(gazetteer(), empty(CELLS), default_config())


@pytest.mark.parametrize(
    "asked", ["医院", "最近的医院", "医院附近", " 醫院 ", "hospital", "The nearest hospital", "near a Hospital"]
)
def test_a_bare_kind_gives_several_hospitals_equally_likely(locator: Locator, asked: str) -> None:
    found = check(locator.search(asked), FIXES)
    assert len(found) == 5
    assert found["probability"].tolist() == pytest.approx([0.2] * 5)
    assert found["label"].str.contains("医院|Hospital").all()
    assert "医院路" not in found["label"].tolist()


def test_the_chief_hospitals_come_before_the_dentist(locator: Locator) -> None:
    labels = locator.search("医院", limit=3)["label"].tolist()
    assert {"市人民医院", "龙岗中心医院", "Civil Hospital of Ningbo Road"} == set(labels)


def test_a_name_stays_a_name(locator: Locator) -> None:
    assert locator.search("市人民医院")["label"].iloc[0] == "市人民医院"
    assert locator.search("蛇口医院")["label"].iloc[0] == "蛇口医院"
    assert locator.search("医院路")["label"].iloc[0] == "医院路"


def test_a_place_that_is_called_so_is_meant() -> None:
    named = Locator(gazetteer([*ROWS, ("医院", 22.40, 114.00, "poi")]), empty(CELLS), default_config())
    assert named.search("医院")["label"].iloc[0] == "医院"
    assert named.search("医院")["probability"].iloc[0] > 0.5


def test_complaints_are_not_placed_by_a_kind(locator: Locator) -> None:
    """At the desk somebody chooses; a stored complaint would put its weight on places nobody named."""
    from .test_sources import complaints

    table = complaints(place_text=["医院"])
    table["complaint_id"] = pd.Series(["c0"], dtype="str")
    assert not (locator.locate(table)["probability"] == 0.2).any()


@pytest.mark.parametrize(
    ("text", "category"),
    [("医院", "hospital"), ("school", "school"), ("metro station", "metro"), ("加油站", "petrol"), ("人民医院", None),
     ("没信号", None), ("", None), ("the", None)],
)  # fmt: skip
def test_words_for_kinds(text: str, category: str | None) -> None:
    assert category_of(text) == category


def test_no_places_no_candidates() -> None:
    assert not len(Categories(gazetteer([])).find("医院", 5))
    assert Locator(gazetteer([]), empty(CELLS), default_config()).search("医院").empty
