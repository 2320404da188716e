"""Geodesy against published vectors, closed forms and its own inverses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice import geodesy
from geoservice.errors import InputError

# Inside China and over 100 km from the boundary, so that a point and its image are on one side of it.
INLAND_LAT, INLAND_LON = st.floats(26.0, 38.0), st.floats(104.0, 114.0)
LATS, LONS = st.floats(-89.9, 89.9), st.floats(-180.0, 180.0)
# name, WGS-84 (lat, lon), GCJ-02, BD-09: agreed between independent implementations.
CITIES = [
    ("Beijing", (39.9042, 116.4074), (39.905603, 116.413642), (39.911865, 116.420046)),
    ("Shanghai", (31.2304, 121.4737), (31.228458, 121.478223), (31.234311, 121.484781)),
    ("Shenzhen", (22.5431, 114.0579), (22.540383, 114.063014), (22.546042, 114.069564)),
    ("Chengdu", (30.5728, 104.0668), (30.570346, 104.069305), (30.576352, 104.075783)),
    ("Harbin", (45.8038, 126.535), (45.805782, 126.54104), (45.811396, 126.547659)),
    ("Urumqi", (43.8256, 87.6168), (43.826805, 87.61965), (43.832950, 87.626100)),
]
INSIDE = {
    "Dandong": (40.13, 124.38), "Heihe": (50.24, 127.5), "Manzhouli": (49.6, 117.43), "Fuyuan": (48.36, 134.3),
    "Hong Kong": (22.3, 114.17), "Macau": (22.19, 113.54), "Sanya": (18.25, 109.5), "Ruili": (24.01, 97.85),
    "Hekou": (22.51, 103.96), "Yadong": (27.48, 88.9), "Kashgar": (39.47, 75.99), "Khorgos": (44.21, 80.41),
    "Xiamen": (24.48, 118.09), "Zhoushan": (30.0, 122.1), "Mohe": (53.48, 122.37), "Lhasa": (29.65, 91.1),
}  # fmt: skip
OUTSIDE = {
    "Delhi": (28.61, 77.2), "Chandigarh": (30.73, 76.78), "Kathmandu": (27.7, 85.3), "Hanoi": (21.03, 105.85),
    "Seoul": (37.57, 126.98), "Pyongyang": (39.03, 125.75), "Vladivostok": (43.12, 131.89), "Tokyo": (35.7, 139.7),
    "Almaty": (43.24, 76.9), "Bishkek": (42.87, 74.59), "Ulaanbaatar": (47.9, 106.9), "Taipei": (25.03, 121.57),
    "Mandalay": (21.97, 96.08), "Itanagar": (27.1, 93.6), "Leh": (34.16, 77.58), "London": (51.5, -0.12),
}  # fmt: skip


@pytest.mark.parametrize(("name", "wgs", "gcj", "bd"), CITIES)
def test_published_datum_vectors(name: str, wgs: tuple, gcj: tuple, bd: tuple) -> None:
    np.testing.assert_allclose(geodesy.wgs84_to_gcj02(*wgs), gcj, atol=6e-7)
    np.testing.assert_allclose(geodesy.wgs84_to_bd09(*wgs), bd, atol=6e-7)
    np.testing.assert_allclose(geodesy.gcj02_to_bd09(*geodesy.wgs84_to_gcj02(*wgs)), bd, atol=6e-7)


def test_reference_vectors(shared: Path) -> None:
    vectors = json.loads((shared / "data/reference/datum_vectors.json").read_text("utf-8"))
    for row in vectors["wgs84_to_gcj02"]:
        np.testing.assert_allclose(geodesy.wgs84_to_gcj02(*row["wgs"][::-1]), row["gcj"][::-1], atol=1e-9)
    for row in vectors["gcj02_to_bd09"]:
        np.testing.assert_allclose(geodesy.gcj02_to_bd09(*row["gcj"][::-1]), row["bd"][::-1], atol=1e-9)
    for row in vectors["bd09_to_gcj02"]:  # the published inverse is one step: good to decimetres
        assert geodesy.distance_m(*geodesy.bd09_to_gcj02(*row["bd"][::-1]), *row["gcj"][::-1]) < 0.2
    for row in vectors["gcj02_to_wgs84_single_step"]:
        assert geodesy.distance_m(*geodesy.gcj02_to_wgs84(*row["gcj"][::-1]), *row["wgs"][::-1]) < 2
    for row in vectors["bd09_to_wgs84"]:  # of a library whose BD-09 turns at π instead of 3000π/180: decision 0026
        assert geodesy.distance_m(*geodesy.bd09_to_wgs84(*row["bd"][::-1]), *row["wgs"][::-1]) < 12
    for row in vectors["known_wrong_vectors"]:
        assert geodesy.distance_m(*geodesy.wgs84_to_gcj02(*row["wgs"][::-1]), *row["gcj"][::-1]) > 5


def test_handbook_vectors(shared: Path) -> None:
    vectors = {v["id"]: v for v in json.loads((shared / "domain/vectors.json").read_text("utf-8"))}
    for name, vector in vectors.items():
        if name.startswith("G_"):
            lat, lon = map(float, re.findall(r"[\d.]+", vector["inputs"]))
            np.testing.assert_allclose(geodesy.wgs84_to_gcj02(lat, lon), vector["output"], atol=6e-7)
    assert geodesy.distance_m(22.5431, 114.0579, 22.5531, 114.0679) == pytest.approx(vectors["B2"]["output"], abs=0.005)
    assert geodesy.ta_distance_m(10) == pytest.approx(vectors["T1"]["output"], abs=0.005)


@settings(deadline=None)
@given(INLAND_LAT, INLAND_LON, st.sampled_from(["GCJ02", "BD09"]))
def test_round_trip_is_below_a_millimetre(lat: float, lon: float, crs: str) -> None:
    there = geodesy.from_wgs84(lat, lon, crs)
    back = geodesy.to_wgs84(*there, crs)
    assert geodesy.distance_m(*back, lat, lon) < 1e-3
    again = geodesy.from_wgs84(*geodesy.to_wgs84(lat, lon, crs), crs)
    assert geodesy.distance_m(*again, lat, lon) < 1e-3


@pytest.mark.parametrize("name", INSIDE)
def test_chinese_border_towns_are_shifted(name: str) -> None:
    shifted = geodesy.wgs84_to_gcj02(*INSIDE[name])
    assert 100 < geodesy.distance_m(*shifted, *INSIDE[name]) < 900


@pytest.mark.parametrize("name", OUTSIDE)
def test_neighbours_are_not_shifted(name: str) -> None:
    for crs in ("GCJ02", "BD09"):
        assert geodesy.from_wgs84(*OUTSIDE[name], crs) == OUTSIDE[name]
        assert geodesy.to_wgs84(*OUTSIDE[name], crs) == OUTSIDE[name]


def test_no_indian_town_is_taken_for_chinese(shared: Path) -> None:
    lines = (shared / "data/india_geo/IN_cities15000.tsv").read_text("utf-8").splitlines()
    points = np.array([line.split("\t")[4:6] for line in lines], float)
    assert not geodesy.in_china(points[:, 0], points[:, 1]).any()


def test_datums_row_by_row() -> None:
    lat, lon = np.full(5, 22.540383), np.full(5, 114.063014)
    crs = np.array(["GCJ02", None, "wgs-84", "BD09", np.nan], object)
    out_lat, out_lon = geodesy.to_wgs84(lat, lon, crs)
    assert out_lat[[1, 2, 4]].tolist() == [22.540383] * 3
    np.testing.assert_allclose([out_lat[0], out_lon[0]], [22.5431, 114.0579], atol=1e-6)
    np.testing.assert_allclose([out_lat[3], out_lon[3]], geodesy.bd09_to_wgs84(22.540383, 114.063014))


def test_unknown_datum_is_named() -> None:
    with pytest.raises(InputError, match="Pulkovo"):
        geodesy.to_wgs84([22.0], [114.0], "Pulkovo42")
    with pytest.raises(InputError, match="Pulkovo"):
        geodesy.to_wgs84([22.0], [114.0], ["Pulkovo42"])


def test_gaps_and_nonsense_stay_what_they_are() -> None:
    lat, lon = np.array([np.nan, 91.0, 22.0, 1e300]), np.array([114.0, 114.0, 541.0, np.inf])
    for crs in ("WGS84", "GCJ02", "BD09"):
        np.testing.assert_array_equal(geodesy.to_wgs84(lat, lon, crs), (lat, lon))
    assert geodesy.to_wgs84([], [], "GCJ02")[0].shape == (0,)


@settings(deadline=None)
@given(LATS, LONS, st.floats(0, 360, exclude_max=True), st.floats(1.0, 5e6))
def test_destination_bearing_and_distance_agree(lat: float, lon: float, bearing: float, metres: float) -> None:
    there = geodesy.destination(lat, lon, bearing, metres)
    assert geodesy.distance_m(lat, lon, *there) == pytest.approx(metres, abs=1e-2, rel=1e-9)
    if metres > 100 and abs(lat) < 89:
        found = geodesy.bearing_deg(lat, lon, *there)
        assert abs(float(geodesy.angle_difference(found, bearing))) < 1e-3


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((0, 0), (0, 180), np.pi), ((90, 0), (-90, 77), np.pi), ((0, 0), (0, 1), np.pi / 180),
        ((0, 179.5), (0, -179.5), np.pi / 180), ((22, 114), (22, 114), 0), ((90, 10), (90, -150), 0),
    ],
)  # fmt: skip
def test_distance_closed_forms(a: tuple, b: tuple, metres: float) -> None:
    assert geodesy.distance_m(*a, *b) == pytest.approx(metres * geodesy.EARTH_RADIUS_M, abs=1e-3)


@pytest.mark.parametrize(
    ("a", "b", "expected"), [(350, 10, -20), (10, 350, 20), (180, 0, -180), (0, 360, 0), (725, 5, 0)]
)
def test_angle_difference_wraps(a: float, b: float, expected: float) -> None:
    assert geodesy.angle_difference(a, b) == expected


@settings(deadline=None)
@given(st.floats(-80, 80), LONS, st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_local_metres_round_trip_across_the_antimeridian(lat: float, lon: float, east: float, north: float) -> None:
    there = geodesy.from_local_m(east, north, lat, lon)
    assert abs(float(there[1])) <= 180
    np.testing.assert_allclose(geodesy.to_local_m(*there, lat, lon), (east, north), atol=1e-4)


def test_local_metres_agree_with_the_sphere() -> None:
    lat, lon = geodesy.from_local_m(3000.0, 4000.0, 22.5, 114.0)
    assert geodesy.distance_m(22.5, 114.0, lat, lon) == pytest.approx(5000, rel=1e-3)


@pytest.mark.parametrize(("mu", "step"), [(0, 78.07), (1, 39.04), (2, 19.52), (3, 9.76)])
def test_timing_advance_step(mu: int, step: float) -> None:
    assert geodesy.ta_distance_m(1, mu) == pytest.approx(step, abs=0.005)
