"""The searcher: sources together, conflicts kept, every answer a conforming table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.config import default_config
from geoservice.errors import InputError
from geoservice.geodesy import distance_m, wgs84_to_gcj02
from geoservice.locate import Locator, hex_weights
from geoservice.tables import CELLS, COMPLAINTS, FIXES, GAZETTEER, check, conform, empty
from tests.growth import assert_growth

from . import places
from .test_sources import cells, complaints


@pytest.fixture(scope="module")
def locator() -> Locator:
    rows = [
        ("深圳市", 22.54, 114.06, "city", "广东省", 17e6),
        ("南山区", 22.53, 113.93, "district", "深圳市|广东省", 1.8e6),
        ("科技园", 22.54, 113.95, "poi", "南山区|深圳市", None),
        ("前海广场", 22.52, 113.90, "poi", "南山区|深圳市", None),
        ("和平路", 22.535, 114.11, "street", "罗湖区|深圳市", None),
        ("和平路", 22.72, 114.25, "street", "龙岗区|深圳市", None),
    ]  # fmt: skip
    columns = ["name", "lat", "lon", "kind", "admin", "population"]
    gazetteer = conform(pd.DataFrame(rows, columns=columns), GAZETTEER)
    masts = cells(
        {"cgi": "460-00-1-1", "lat": 22.54, "lon": 113.95, "azimuth_deg": 0.0, "range_m": 600.0, "cell_name": "Park-1"},
        {"cgi": "460-00-2-1", "lat": 22.72, "lon": 114.25, "azimuth_deg": 120.0, "range_m": 900.0},
    )
    return Locator(gazetteer, masts, default_config())


def located(locator: Locator, **columns: list) -> pd.DataFrame:
    table = complaints(**columns)
    table["complaint_id"] = pd.Series([f"c{i}" for i in range(len(table))], dtype="str")
    return check(locator.locate(table), FIXES)


def test_every_source_answers(locator: Locator) -> None:
    found = located(
        locator,
        lat=[22.541234, None, None, None, None],
        lon=[113.951234, None, None, None, None],
        place_text=[None, "南山区科技园3栋", "位置 22.541234,113.951234", None, "用户不愿透露"],
        serving_cgi=[None, None, None, "460-00-1-1", None],
    )
    first = found[found["rank"] == 0].set_index("complaint_id")
    assert first["source"].to_dict() == {
        "c0": "coordinates",
        "c1": "gazetteer",
        "c2": "text_coordinates",
        "c3": "serving_cell",
    }
    assert first["precision"].to_dict() == {"c0": "gnss", "c1": "building", "c2": "gnss", "c3": "cell"}
    assert first.loc["c3", "label"] == "Park-1"
    np.testing.assert_allclose(found.groupby("complaint_id")["probability"].sum(), 1.0)


def test_a_serving_cell_with_timing_advance_is_as_far_as_it_says(locator: Locator) -> None:
    found = located(locator, serving_cgi=["460-00-2-1", "460-00-2-1"], ta_m=[None, 1500.0])
    far = distance_m(22.72, 114.25, found["lat"], found["lon"])
    assert far.tolist() == [pytest.approx(450, rel=1e-3), pytest.approx(1500, rel=1e-3)]


@pytest.mark.parametrize(
    "query", ["0,0", "0, 0", "(-1,-1)", "0.0，0.0", "200,100", "91,0", "NaN,1", "1e999,3", "90,181", "91 0"]
)
def test_a_pair_that_is_no_place_is_a_clear_error(locator: Locator, query: str) -> None:
    with pytest.raises(InputError) as caught:
        locator.search(query)
    assert caught.value.field == "query"


def test_a_point_with_the_longitude_first_says_so(locator: Locator) -> None:
    found = locator.search("114.0512,22.5512").iloc[0]
    assert (found["lat"], found["lon"]) == (22.5512, 114.0512)
    assert "longitude, latitude" in found["label"]
    assert pd.isna(locator.search("22.5512,114.0512").iloc[0]["label"])


def test_agreeing_sources_leave_the_most_precise(locator: Locator) -> None:
    found = located(locator, lat=[22.541234], lon=[113.951234], place_text=["科技园"], serving_cgi=["460-00-1-1"])
    assert found["source"].tolist() == ["coordinates"]
    assert found["conflict"].tolist() == [False]


def test_disagreeing_sources_are_all_kept_and_flagged(locator: Locator) -> None:
    found = located(locator, lat=[22.721234], lon=[114.251234], place_text=["科技园"])
    assert set(found["source"]) == {"coordinates", "gazetteer"}
    assert found["conflict"].all()
    assert found["probability"].max() < 0.8


def test_a_third_source_decides_between_two(locator: Locator) -> None:
    by_cell = located(locator, lat=[22.721234], lon=[114.251234], place_text=["科技园"], serving_cgi=["460-00-1-1"])
    assert by_cell["source"].iloc[0] == "gazetteer"
    other = located(locator, lat=[22.721234], lon=[114.251234], place_text=["科技园"], serving_cgi=["460-00-2-1"])
    assert other["source"].iloc[0] == "coordinates"


def test_the_serving_cell_tells_two_roads_of_one_name_apart(locator: Locator) -> None:
    alone = located(locator, place_text=["和平路"])
    assert len(alone) == 2
    assert not alone["conflict"].any()
    helped = located(locator, place_text=["和平路"], serving_cgi=["460-00-2-1"])
    assert helped["lat"].iloc[0] == pytest.approx(22.72, abs=0.01)
    assert helped["probability"].iloc[0] > alone["probability"].iloc[0]


def test_district_is_context_only(locator: Locator) -> None:
    found = located(locator, place_text=["深圳市南山区"])
    assert found["precision"].tolist()[0] == "district"
    assert hex_weights(found, 8).empty


def test_a_geocoders_default_point_makes_no_hotspot(locator: Locator) -> None:
    names = [f"{chr(0x4E00 + 3 * i)}{chr(0x6000 + 7 * i)}园" for i in range(60)]
    found = located(locator, lat=[22.600001] * 60, lon=[114.000001] * 60, place_text=names)
    assert set(found["precision"]) == {"district"}
    assert hex_weights(found, 9).empty


@pytest.mark.parametrize(
    "query", ["460-00-1-1", "22.5431,114.0579", "22.5, 114.1", "科技园", "kejiyuan", "前海广厂", "和平路附近"]
)
def test_search_answers_any_notation(locator: Locator, query: str) -> None:
    found = check(locator.search(query), FIXES)
    assert len(found) >= 1
    assert found["probability"].sum() == pytest.approx(1)
    assert found["probability"].is_monotonic_decreasing


@pytest.mark.parametrize("query", ["", "asdf", "\x00", "a" * 5000, "22.5431", "A路91,181号"])
def test_search_of_nothing_is_an_empty_table(locator: Locator, query: str) -> None:
    assert check(locator.search(query), FIXES).empty


def test_near_is_wider(locator: Locator) -> None:
    assert locator.search("科技园附近")["radius_m"].iloc[0] == np.hypot(100, 100)
    assert locator.search("科技园")["radius_m"].iloc[0] == 100


def test_order_and_batches_do_not_matter(locator: Locator) -> None:
    texts = ["科技园", "和平路", None, "前海广场12号", "asdf", "科技园"] * 5
    together = located(locator, place_text=texts).set_index(["complaint_id", "rank"])
    for i in range(6):
        alone = located(locator, place_text=[texts[i]])
        mine = together.loc[f"c{i}"] if f"c{i}" in together.index else together.iloc[:0]
        assert mine["lat"].tolist() == alone["lat"].tolist()
        np.testing.assert_allclose(mine["probability"], alone["probability"])


def test_no_gazetteer_no_cells_no_complaints() -> None:
    bare = Locator(empty(GAZETTEER), empty(CELLS), default_config())
    assert bare.locate(empty(COMPLAINTS)).empty
    assert bare.search("Pune").empty
    assert bare.suggest("p") == []
    assert len(bare.search("22.5431,114.0579")) == 1


@settings(max_examples=25, deadline=None)
@given(lat=st.floats(), lon=st.floats(), text=st.text(max_size=30), radius=st.floats(0, 1e9))
def test_any_complaint_is_survived(locator: Locator, lat: float, lon: float, text: str, radius: float) -> None:
    found = located(locator, lat=[lat], lon=[lon], place_text=[text], radius_m=[radius], serving_cgi=[text])
    assert len(found) == 0 or found["probability"].sum() == pytest.approx(1)


def test_wrong_datum_of_complaints_is_reported_not_mended(locator: Locator) -> None:
    rng = np.random.default_rng(2)
    centre = locator.search("460-00-1-1").iloc[0]
    lat, lon = wgs84_to_gcj02(centre["lat"] + rng.normal(0, 0.002, 60), centre["lon"] + rng.normal(0, 0.002, 60))
    table = complaints(lat=lat.tolist(), lon=lon.tolist(), serving_cgi=["460-00-1-1"] * 60)
    before = table.copy()
    found = locator.check_datum(table)
    assert found["cells"].verdict == "GCJ02"
    pd.testing.assert_frame_equal(table, before)


def test_suggestions_by_name_pinyin_and_initials(locator: Locator) -> None:
    for typed in ("科技", "keji", "kjy", "KE JI"):
        assert locator.suggest(typed)[0]["name"] == "科技园"
    assert {"name", "label", "lat", "lon", "kind", "radius_m"} == set(locator.suggest("科")[0])
    assert locator.suggest("") == []
    assert locator.suggest("zzz") == []
    assert locator.suggest("s", limit=0) == []
    assert locator.suggest("深")[0]["name"] == "深圳市"


def test_suggestions_do_not_read_every_place() -> None:
    """Four times the places take far less than four times the time to suggest from."""
    table = places.chinese_city()
    part, whole = (Locator(t, empty(CELLS), default_config()) for t in (table.iloc[::4].reset_index(drop=True), table))

    def type_into(locator: Locator) -> None:
        for typed in ["x", "xin", "新", "s", "szs", "long"] * 5:
            assert len(locator.suggest(typed)) <= 8

    assert_growth(lambda: type_into(part), lambda: type_into(whole), most=3)


def test_locating_is_close_to_the_truth() -> None:
    table = places.chinese_city()
    rng = np.random.default_rng(8)
    locator = Locator(table, empty(CELLS), default_config())
    pick = rng.permutation(np.flatnonzero(table["kind"].isin(["poi", "estate", "building"])))[:300]
    texts = [
        f"{str(a).split('|')[0]}{n}{i % 20 + 1}号楼"
        for i, (n, a) in enumerate(table.iloc[pick][["name", "admin"]].values)
    ]
    found = located(locator, place_text=texts)
    first = found[found["rank"] == 0]
    rows = first["complaint_id"].str[1:].astype(int).to_numpy()
    true = table.iloc[pick[rows]]
    inside = distance_m(first["lat"], first["lon"], true["lat"], true["lon"]) <= first["radius_m"].to_numpy()
    assert len(first) == 300
    assert inside.mean() >= 0.97
