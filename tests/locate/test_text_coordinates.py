"""Coordinates in text, in the notations people use; and texts that only look like coordinates."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.geodesy import to_wgs84
from geoservice.locate.text_coordinates import Region, from_texts, parse_points
from tests.growth import assert_linear

SHENZHEN = Region(21.5, 113.0, 23.5, 115.0)


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("22.5431,114.0579", 22.5431, 114.0579),
        ("22.5431 114.0579", 22.5431, 114.0579),
        ("(114.0579, 22.5431)", 22.5431, 114.0579),
        ("位置22.5431，114.0579附近没信号", 22.5431, 114.0579),
        ("东经114.05度,北纬22.54", 22.54, 114.05),
        ("北纬22.5431 东经114.0579", 22.5431, 114.0579),
        ("经度:114.0579 纬度:22.5431", 22.5431, 114.0579),
        ("lat 22.5431 lon 114.0579", 22.5431, 114.0579),
        ("latitude=22.5431, longitude=114.0579", 22.5431, 114.0579),
        ("N22.5431 E114.0579", 22.5431, 114.0579),
        ("22.5431N, 114.0579E", 22.5431, 114.0579),
        ("33.45S 70.66W", -33.45, -70.66),
        ("N22°32'35\" E114°3'28\"", 22.543056, 114.057778),
        ("22°32′35″N 114°03′28″E", 22.543056, 114.057778),
        ("北纬22度32分35秒，东经114度3分28秒", 22.543056, 114.057778),
        ("22°32.58' N, 114°3.47' E", 22.543, 114.057833),
        ("２２．５４３１，１１４．０５７９", 22.5431, 114.0579),
        ("https://maps.example/@22.5431,114.0579,17z", 22.5431, 114.0579),
        ("-33.4489, -70.6693", -33.4489, -70.6693),
        # A sum of two decimals as a program writes it; refused once, and seldom enough to look like chance.
        ("30.282785999999998,118.23093", 30.282786, 118.23093),
        ("30.28278599999999871,118.23093000000000000", 30.282786, 118.23093),
    ],
)
def test_notations(text: str, lat: float, lon: float) -> None:
    best = parse_points(text)[0]
    assert (best["lat"], best["lon"]) == pytest.approx((lat, lon), abs=1e-6)


@pytest.mark.parametrize(
    "text",
    ["", "科技园12号楼", "每月59.00元，用了3.5G", "call 13999999999", "3.50, 4.20", "200.123, 300.456", "22.5431",
     "版本 1.2.3.4", "99.12345, 200.12345", "10086,10010", "N/A", "2024-01-02 10:30:00"],
)  # fmt: skip
def test_what_is_no_coordinate(text: str) -> None:
    assert parse_points(text) == []


def test_a_query_of_two_numbers_is_a_point() -> None:
    assert parse_points("22.5, 114.1", is_query=True)[0]["lat"] == 22.5
    assert parse_points("price 3.50, 4.20", is_query=True) == []


def test_order_is_decided_by_where_we_are_and_stays_a_probability() -> None:
    alone = parse_points("28.6139, 77.2090")
    assert [round(p["probability"], 2) for p in alone] == [0.85, 0.15]
    assert alone[0]["lat"] == 28.6139
    turned = parse_points("77.2090, 28.6139", Region(8, 68, 36, 97))
    assert turned[0]["lat"] == 28.6139
    assert turned[0]["probability"] > 0.95
    assert sum(p["probability"] for p in turned) == pytest.approx(1)


@pytest.mark.parametrize(
    ("hint", "datum"), [("百度地图", "BD09"), ("高德", "GCJ02"), ("GCJ-02", "GCJ02"), ("GPS", "WGS84")]
)
def test_datum_named_in_the_text(hint: str, datum: str) -> None:
    best = parse_points(f"{hint} 22.543100,114.057900")[0]
    expected = to_wgs84(22.5431, 114.0579, datum)
    assert (best["lat"], best["lon"]) == pytest.approx((float(expected[0]), float(expected[1])))


def test_radius_follows_the_digits() -> None:
    assert parse_points("东经114.05度,北纬22.54")[0]["radius_m"] == pytest.approx(789, abs=1)
    assert parse_points("22.5431,114.0579")[0]["radius_m"] == 50


@settings(deadline=None)
@given(st.floats(-89, 89), st.floats(-179, 179))
def test_any_point_written_with_labels_is_read_back(lat: float, lon: float) -> None:
    best = parse_points(f"纬度{lat:.6f} 经度{lon:.6f}")[0]
    assert (best["lat"], best["lon"]) == pytest.approx((lat, lon), abs=1e-6)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_points_on_the_globe_or_none(text: str) -> None:
    for point in parse_points(text, SHENZHEN):
        assert abs(point["lat"]) <= 90
        assert abs(point["lon"]) <= 180


@pytest.mark.parametrize(
    "text", ["1." * 5000, "1" * 50_000, "°" * 50_000, "1°1'" * 20_000, " " * 50_000, "e1" * 20_000]
)
def test_long_texts_take_linear_time(text: str) -> None:
    assert_linear(parse_points, text)


def test_texts_in_bulk_keep_their_rows() -> None:
    texts = pd.Series(["no", None, "22.5431,114.0579", "x", "22.5431,114.0579"], dtype="str", index=[9, 8, 7, 6, 5])
    found = from_texts(texts, SHENZHEN)
    assert found["row"].unique().tolist() == [2, 4]
    assert from_texts(texts.iloc[:2]).empty
