"""Hex weights against samples of the Gaussian they stand for, and their laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice import grid
from geoservice.errors import InputError
from geoservice.geodesy import destination
from geoservice.locate import context_only, hex_weights
from geoservice.locate.disc import gaussian_in_disc
from geoservice.locate.weights import R90_SIGMAS
from geoservice.tables import EXPOSURE, FIXES, WEIGHTS, check, conform, empty

PLACES = [(22.5431, 114.0579), (28.6139, 77.209), (0.0001, 179.9999), (89.9995, 20.0), (-33.0, -70.5), (64.7, 10.54)]


def fixes(*rows: tuple, label: str | None = None) -> pd.DataFrame:
    """Rows of (complaint, rank, lat, lon, radius, precision, probability)."""
    names = ["complaint_id", "rank", "lat", "lon", "radius_m", "precision", "probability"]
    frame = pd.DataFrame(rows, columns=names).assign(source="coordinates", label=label)
    return conform(frame, FIXES)


def one(lat: float, lon: float, radius_m: float, precision: str = "street") -> pd.DataFrame:
    return fixes(("c1", 0, lat, lon, radius_m, precision, 1.0))


def sampled(lat: float, lon: float, radius_m: float, resolution: int, count: int = 100_000) -> pd.Series:
    rng = np.random.default_rng(11)
    reach = radius_m / R90_SIGMAS * np.sqrt(-2 * np.log(rng.uniform(size=count)))
    hexes = grid.to_hex(*destination(lat, lon, rng.uniform(0, 360, count), reach), resolution)
    return pd.Series(hexes).value_counts(normalize=True)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("radius_m", [60.0, 120.0, 200.0])
def test_weights_are_those_of_a_sampled_gaussian(place: tuple[float, float], radius_m: float) -> None:
    found = hex_weights(one(*place, radius_m), 9).set_index("hex")["weight"]
    expected = sampled(*place, radius_m, 9)
    both = found.index.union(expected.index)
    gap = found.reindex(both, fill_value=0) - expected.reindex(both, fill_value=0)
    assert gap.abs().max() < 0.06
    assert gap.abs().sum() / 2 < 0.07


def test_radius_holds_ninety_percent() -> None:
    reach = 1000.0 / R90_SIGMAS
    assert 1 - np.exp(-(1000.0**2) / (2 * reach**2)) == pytest.approx(0.9)
    # A disc as wide as the 90 % circle, centred on the fix, holds 90 %.
    assert gaussian_in_disc(0.0, 1 / R90_SIGMAS) == pytest.approx(0.9, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 5000), st.floats(0.01, 1)
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(6, 10),
)
def test_weights_of_a_complaint_sum_to_one(rows: list[tuple], resolution: int) -> None:
    table = fixes(*[(who, i, lat, lon, radius, "street", p) for i, (who, lat, lon, radius, p) in enumerate(rows)])
    found = hex_weights(table, resolution)
    check(found, WEIGHTS)
    np.testing.assert_allclose(found.groupby("complaint_id")["weight"].sum(), 1.0)
    assert not found.duplicated(["complaint_id", "hex"]).any()
    assert (grid.resolutions(found["hex"]) == resolution).all()
    coarse = context_only(table, resolution)
    assert set(found["complaint_id"]) == set(table["complaint_id"]) - (
        set(coarse["complaint_id"]) - set(table.drop(coarse.index)["complaint_id"])
    )


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_precise_fix_lies_whole_in_the_hex_of_its_point(lat: float, lon: float) -> None:
    found = hex_weights(one(lat, lon, 30.0, "gnss"), 9)
    assert found["hex"].tolist() == grid.to_hex(lat, lon, 9).tolist()
    assert found["weight"].tolist() == [1.0]


def test_candidates_share_by_probability() -> None:
    table = fixes(("c1", 0, 22.5, 114.0, 30.0, "gnss", 0.75), ("c1", 1, 22.6, 114.1, 30.0, "gnss", 0.25))
    found = hex_weights(table, 9).set_index("hex")["weight"]
    assert found[grid.to_hex(22.5, 114.0, 9)[0]] == pytest.approx(0.75)
    assert found[grid.to_hex(22.6, 114.1, 9)[0]] == pytest.approx(0.25)


def test_district_never_reaches_a_hotspot() -> None:
    table = fixes(
        ("a", 0, 22.5, 114.0, 6000.0, "district", 1.0),
        ("b", 0, 22.5, 114.0, 2500.0, "township", 1.0),
        ("c", 0, 22.5, 114.0, 200.0, "street", 1.0),
        ("d", 0, 22.5, 114.0, 200.0, "district", 1.0),
        ("e", 0, np.nan, np.nan, np.nan, "none", 1.0),
    )
    assert set(hex_weights(table, 9)["complaint_id"]) == {"c"}
    assert context_only(table, 9)["complaint_id"].tolist() == ["a", "b", "d", "e"]
    assert set(hex_weights(table, 6)["complaint_id"]) == {"b", "c"}


@pytest.mark.parametrize(
    ("radius_m", "finest"), [(30.0, 10), (100.0, 9), (200.0, 9), (500.0, 8), (1000.0, 7), (2000.0, 6), (2500.0, 6)]
)
def test_finest_resolution_is_the_precision_table(radius_m: float, finest: int) -> None:
    table = one(22.5, 114.0, radius_m)
    assert len(hex_weights(table, finest)) > 0
    assert hex_weights(table, finest + 1).empty


def test_exposure_draws_weight_to_where_customers_are() -> None:
    table = one(22.5431, 114.0579, 200.0)
    plain = hex_weights(table, 9).set_index("hex")["weight"]
    rare, busy = plain.index[plain.argmin()], plain.index[plain.argmax()]
    lat, lon = grid.hex_to_latlon([rare, busy])
    exposure = conform(pd.DataFrame({"lat": lat, "lon": lon, "customers": [900.0, 100.0]}), EXPOSURE)
    drawn = hex_weights(table, 9, exposure).set_index("hex")["weight"]
    assert drawn.sum() == pytest.approx(1.0)
    assert drawn[rare] / drawn[busy] == pytest.approx(plain[rare] / plain[busy] * 9, rel=0.1)
    nowhere = conform(pd.DataFrame({"lat": [0.0], "lon": [0.0], "customers": [5.0]}), EXPOSURE)
    pd.testing.assert_series_equal(hex_weights(table, 9, nowhere).set_index("hex")["weight"], plain)


def test_a_named_area_is_spread_over_its_polygon() -> None:
    table = fixes(("c1", 0, 22.55, 114.05, 900.0, "village", 1.0), label="Lake Village")
    area = shapely.box(114.04, 22.54, 114.08, 22.57)
    found = hex_weights(table, 7, polygons={"Lake Village": area})
    assert set(found["hex"]) == set(grid.hexes_in_polygon(area, 7).tolist())
    np.testing.assert_allclose(found["weight"], 1 / len(found))


def test_hostile_input() -> None:
    assert hex_weights(empty(FIXES), 9).empty
    with pytest.raises(InputError):
        hex_weights(empty(FIXES), 16)
    lost = one(22.5, 114.0, 30.0)
    for lat, lon in [(np.nan, 114.0), (22.5, np.nan)]:
        assert hex_weights(lost.assign(lat=lat, lon=lon), 9).empty
    with pytest.raises(InputError):
        hex_weights(lost.assign(lat=91.0), 9)


def test_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (f"c{i % 40}", i, 22.5 + d, 114.0 - d, r, "street", 0.5)
        for i, (d, r) in enumerate(rng.uniform([0, 20], [0.05, 200], (120, 2)))
    ]
    table = fixes(*rows)
    mixed = table.iloc[rng.permutation(len(table))]
    keys = ["complaint_id", "hex"]
    first = hex_weights(table, 9).sort_values(keys, ignore_index=True)
    second = hex_weights(mixed, 9).sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(first, second)
