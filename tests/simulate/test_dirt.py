"""The dirt: datums, swaps, numbers, words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice.simulate.datum import gcj02_to_bd09, wgs84_to_gcj02
from geoservice.simulate.dirt import numbers


def test_published_datum_pair():
    """Handbook section 4: one point in three datums."""
    gcj = wgs84_to_gcj02(np.array([22.5431]), np.array([114.0579]))
    assert (gcj[0][0], gcj[1][0]) == pytest.approx((22.540383, 114.063014), abs=2e-6)
    bd = gcj02_to_bd09(*gcj)
    assert (bd[0][0], bd[1][0]) == pytest.approx((22.546042, 114.069564), abs=2e-6)


def test_one_customer_has_one_number_in_several_spellings():
    spelled = numbers(np.full(400, 42), np.random.default_rng(1))
    assert len(set(spelled)) == 5
    assert "19900000042" in spelled
    assert "+8619900000042" in spelled


def test_kinds_of_location(city):
    rows = city.csv("complaints")
    pinned = rows["lat"] != ""
    assert 0.6 < pinned.mean() < 0.85
    assert (rows["place_text"] != "").mean() > 0.35
    lone = ~pinned & (rows["place_text"] == "")
    assert (rows.loc[lone, "serving_cgi"] != "").mean() > 0.9
    assert set(rows["crs"]) == {"", "WGS84", "GCJ02", "BD09"}


def test_some_points_are_swapped(city):
    rows = city.csv("complaints")
    lat = pd.to_numeric(rows.loc[rows["lat"] != "", "lat"])
    assert 0.005 < (lat > 90).mean() < 0.03


def test_shifted_points_fall_back_onto_the_city_once_their_datum_is_known(city):
    """The GCJ-02 cloud lies a few hundred metres off the WGS-84 cloud, all in one direction."""
    rows = city.csv("complaints")
    rows = rows[(rows["lat"] != "") & (rows["lat"].str[:1] != "1")].astype({"lat": float, "lon": float})
    middle = rows.groupby("crs")[["lat", "lon"]].median()
    shift = wgs84_to_gcj02(middle.loc[["WGS84"], "lat"].to_numpy(), middle.loc[["WGS84"], "lon"].to_numpy())
    assert middle.loc["GCJ02", "lon"] - middle.loc["WGS84", "lon"] == pytest.approx(
        shift[1][0] - middle.loc["WGS84", "lon"], abs=0.003
    )


def test_two_languages_and_no_leftover_slots(city):
    texts = city.csv("complaints")["text"]
    assert (texts != "").all()
    assert not texts.str.contains(r"[{}%]").any()
    assert 0.1 < texts.str.fullmatch(r"[ -~]*").mean() < 0.25


def test_repeats_and_duplicates_share_a_number(city):
    rows = city.csv("complaints")
    plain = rows["customer_no"].str.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    plain = plain.str.replace(r"^\+86|\.0$|\s", "", regex=True)
    counts = plain.value_counts()
    assert counts.iloc[0] >= 20
    assert (counts > 1).sum() > 200
