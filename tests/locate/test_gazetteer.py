"""The geocoder: names however written, ambiguity kept, nothing invented."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.geodesy import distance_m
from geoservice.locate.gazetteer import Gazetteer
from geoservice.locate.query import find_crossing, without_house_number
from geoservice.tables import GAZETTEER, conform, empty

from . import places


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    rows = [
        ("深圳市", 22.54, 114.06, "city", "广东省", 17e6),
        ("南山区", 22.53, 113.93, "district", "深圳市|广东省", 1.8e6),
        ("福田区", 22.52, 114.05, "district", "深圳市|广东省", 1.5e6),
        ("科技园", 22.54, 113.95, "poi", "南山区|深圳市", None),
        ("阳光花园小区", 22.53, 113.94, "estate", "南山区|深圳市", None),
        ("阳光花园", 22.55, 114.07, "estate", "福田区|深圳市", None),
        ("科苑路", 22.54, 113.94, "street", "南山区|深圳市", None),
        ("深南大道", 22.54, 113.96, "street", "南山区|深圳市", None),
        ("深南大道与科苑路交叉口", 22.541, 113.943, "crossing", "南山区|深圳市", None),
        ("粤海街道", 22.52, 113.93, "township", "南山区|深圳市", 200e3),
        ("讯美科技广场", 22.545, 113.947, "building", "南山区|深圳市", None),
    ]  # fmt: skip
    columns = ["name", "lat", "lon", "kind", "admin", "population"]
    return Gazetteer(conform(pd.DataFrame(rows, columns=columns), GAZETTEER))


@pytest.fixture(scope="module")
def towns() -> Gazetteer:
    rows = [
        ("Pune", 18.52, 73.86, "Poona|पुणे", "Maharashtra", 5e6), ("Patna", 25.6, 85.1, "", "Bihar", 2e6),
        ("Aurangabad", 19.88, 75.33, "", "Maharashtra", 1e6), ("Aurangabad", 24.75, 84.37, "", "Bihar", 1e5),
        ("Kolar Gold Fields", 12.95, 78.27, "KGF", "Karnataka", 1.6e5),
        ("Zahirābād", 17.68, 77.61, "", "Telangana", 5e4),
        ("Navi Mumbai", 19.03, 73.03, "Maharashtra", "Maharashtra", 1.1e6),
    ]  # fmt: skip
    columns = ["name", "lat", "lon", "alt_names", "admin", "population"]
    return Gazetteer(conform(pd.DataFrame(rows, columns=columns).assign(kind="town"), GAZETTEER))


def first(gazetteer: Gazetteer, text: str) -> str | None:
    found = gazetteer.search([text])
    return None if found.empty else str(gazetteer.places["name"].iloc[found["entry"].iloc[0]])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("科技园", "科技园"), ("深圳市南山区科技园", "科技园"), ("广东省深圳市南山区粤海街道科技园", "科技园"),
        ("深圳南山科技园附近", "科技园"), ("南山区阳光花园小区3号楼2单元501", "阳光花园小区"),
        ("福田阳光花园5栋", "阳光花园"),
        ("科苑路15号", "科苑路"), ("科苑路15号讯美科技广场3号楼", "讯美科技广场"), ("讯美科记广场", "讯美科技广场"),
        ("讯镁科技广场", "讯美科技广场"), ("xunmei keji guangchang", "讯美科技广场"),
        ("xunmei科技广场", "讯美科技广场"),
        ("科苑路与深南大道交叉口", "深南大道与科苑路交叉口"),
        ("深圳市南山区深南大道科苑路路口", "深南大道与科苑路交叉口"),
        ("corner of Shennan Dadao and Keyuan Lu", "深南大道与科苑路交叉口"), ("南山区", "南山区"), ("深圳", "深圳市"),
        ("南山区不存在的地方", "南山区"),
    ],
)  # fmt: skip
def test_chinese_places(city: Gazetteer, text: str, name: str) -> None:
    assert first(city, text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Pune", "Pune"), ("poona", "Pune"), ("पुणे", "Pune"), ("Pnue", "Pune"), ("PUNE, MAHARASHTRA", "Pune"),
        ("pune maharastra", "Pune"), ("near Pune station, Maharashtra", "Pune"),
        ("Flat 12, Zahirabad, Telangana", "Zahirābād"),
        ("zaheerabad", "Zahirābād"), ("Kolar Fields", "Kolar Gold Fields"), ("KGF", "Kolar Gold Fields"),
        ("Pune 411001", "Pune"), ("Patna, Bihar, India", "Patna"),
    ],
)  # fmt: skip
def test_indian_places(towns: Gazetteer, text: str, name: str) -> None:
    assert first(towns, text) == name


@pytest.mark.parametrize(
    "text",
    ["asdf", "", "-", "qwerty uiop", "no signal here", "家里", "客户未提供地址", "12345", "。。。", "x", "test test",
     "\x00", "AND OR NOT", "' ; drop table", "*", "NEAR(", "\u202e\u200b", "%_"],
)  # fmt: skip
def test_what_is_no_place_has_no_answer(city: Gazetteer, towns: Gazetteer, text: str) -> None:
    assert first(city, text) is None
    assert first(towns, text) is None


def test_ambiguity_is_kept_and_context_resolves_it(towns: Gazetteer) -> None:
    alone = towns.search(["Aurangabad"])
    assert len(alone) == 2
    assert alone["probability"].sum() == pytest.approx(1)
    assert 0.5 < alone["probability"].iloc[0] < 0.95
    resolved = towns.search(["Aurangabad, Bihar"])
    assert towns.places["admin"].iloc[resolved["entry"].iloc[0]] == "Bihar"
    assert resolved["probability"].iloc[0] > 0.9


def test_two_estates_of_one_name_stay_two(city: Gazetteer) -> None:
    found = city.search(["阳光花园12号"])
    names = city.places["name"].iloc[found["entry"]].tolist()
    assert set(names[:2]) == {"阳光花园", "阳光花园小区"}


def test_many_at_once_is_each_alone(towns: Gazetteer) -> None:
    texts = ["Pune", "asdf", "Aurangabad, Bihar", "Pnue", "", "Patna"]
    together = towns.search(texts)
    for position, text in enumerate(texts):
        alone = towns.search([text])
        mine = together[together["query"] == position]
        assert mine["entry"].tolist() == alone["entry"].tolist()
        np.testing.assert_allclose(mine["probability"], alone["probability"])


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_survived(city: Gazetteer, text: str) -> None:
    found = city.search([text])
    assert found["probability"].sum() == pytest.approx(1 if len(found) else 0)


def test_empty_gazetteer_answers_nothing() -> None:
    assert Gazetteer(empty(GAZETTEER)).search(["Pune", ""]).empty


def test_levels_and_radii(city: Gazetteer) -> None:
    by_name = city.places.set_index("name")
    assert by_name["level"].to_dict() | {} == by_name["level"].to_dict()
    assert by_name.loc["科技园", ["level", "radius_m"]].tolist() == ["building", 100]
    assert by_name.loc["科苑路", ["level", "radius_m"]].tolist() == ["village", 1000]
    assert by_name.loc["粤海街道", ["level", "radius_m"]].tolist()[0] == "township"
    assert by_name.loc["南山区", "level"] == "district"
    assert by_name.loc["南山区", "radius_m"] >= 6000
    assert by_name.loc["深圳市", "radius_m"] > 20_000


def test_a_centroid_shared_by_many_entries_is_demoted() -> None:
    rows = [(f"Street {chr(65 + i)}", 22.5, 114.0, "street") for i in range(12)] + [("Own Road", 22.6, 114.1, "street")]
    frame = conform(pd.DataFrame(rows, columns=["name", "lat", "lon", "kind"]), GAZETTEER)
    found = Gazetteer(frame).places.set_index("name")
    assert found.loc["Street A", "level"] == "township"
    assert found.loc["Own Road", "level"] == "village"


@pytest.mark.parametrize(
    ("text", "roads"),
    [
        ("科苑路与深南大道交叉口", ("科苑路", "深南大道")), ("深南大道科苑路路口", ("科苑路", "深南大道")),
        ("corner of MG Road and Brigade Road, Bangalore", ("brigade road", "mg road")),
        ("MG Road & Brigade Road junction", ("brigade road", "mg road")), ("科苑路15号", None), ("路口", None),
    ],
)  # fmt: skip
def test_crossings(text: str, roads: tuple[str, str] | None) -> None:
    assert find_crossing(text) == roads


def test_house_numbers_are_shorn_off_once() -> None:
    assert without_house_number("阳光花园3号楼2单元501室").split() == ["阳光花园"]
    assert without_house_number("Sector 62") == "Sector 62"


def within(gazetteer: Gazetteer, queries: list[str], truth: np.ndarray) -> tuple[float, float]:
    """Share of queries whose first, and one of whose first three, radii hold the truth."""
    found = gazetteer.search(queries)
    at, true = gazetteer.places.iloc[found["entry"]], gazetteer.places.iloc[truth[found["query"]]]
    inside = distance_m(at["lat"], at["lon"], true["lat"], true["lon"]) <= at["radius_m"].to_numpy()
    rank = found.groupby("query").cumcount()
    three = found.assign(inside=inside)[rank < 3].groupby("query")["inside"].any()
    return inside[rank == 0].sum() / len(queries), three.sum() / len(queries)


def test_damaged_names_of_a_chinese_city() -> None:
    table = places.chinese_city(seed=21)
    rng = np.random.default_rng(22)
    pick = rng.permutation(np.flatnonzero(~table["kind"].isin(["city", "district", "crossing"])))[:240]
    names, districts = table["name"].iloc[pick], table["admin"].iloc[pick].str.split("|").str[0]
    damaged = [
        [places.misspell_han(n, rng), f"{d}{places.misspell_han(n, rng)}", places.in_pinyin(n, 2), f"深圳{d}{n}3号楼"][
            i % 4
        ]
        for i, (n, d) in enumerate(zip(names, districts, strict=True))
    ]
    top1, top3 = within(Gazetteer(table), damaged, pick)
    assert top1 >= 0.90
    assert top3 >= 0.97


def test_damaged_names_of_indian_towns(shared: Path) -> None:
    table = places.indian_towns(shared)
    rng = np.random.default_rng(23)
    pick = rng.permutation(len(table))[:240]
    names, states = table["alt_names"].iloc[pick].str.split("|").str[0], table["admin"].iloc[pick]
    damaged = [
        [places.misspell_latin(n, rng), f"{places.misspell_latin(n, rng)}, {s}", f"{n[: max(5, len(n) - 2)]} {s}", n][
            i % 4
        ]
        for i, (n, s) in enumerate(zip(names, states, strict=True))
    ]
    top1, top3 = within(Gazetteer(table), damaged, pick)
    assert top1 >= 0.90
    assert top3 >= 0.97


def test_geonames_codes_are_spelt_out() -> None:
    rows = [("Aurangabad", 19.88, 75.33, "16, IN", 1e6), ("Aurangabad", 24.75, 84.37, "34, IN", 1e5)]
    frame = pd.DataFrame(rows, columns=["name", "lat", "lon", "admin", "population"]).assign(kind="city")
    found = Gazetteer(conform(frame, GAZETTEER))
    assert found.places["admin"].tolist() == ["Maharashtra|India|Bharat", "Bihar|India|Bharat"]
    best = found.search(["Aurangabad, Bihar, India"]).iloc[0]
    assert found.places["lat"].iloc[int(best["entry"])] == 24.75
