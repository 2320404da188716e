"""Explicit coordinates, serving cells, centroids, wrong datums: each source with known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice import geodesy
from geoservice.locate import datum_suspicion
from geoservice.locate.crowding import demote, names_at_point
from geoservice.locate.points import from_coordinates, rounding_radius_m
from geoservice.locate.precision import allowed_resolution, describe_places, level_of_radius
from geoservice.locate.serving_cell import ServingCells, nearest_other_mast_m, with_timing_advance
from geoservice.tables import CELLS, COMPLAINTS, conform, empty


def complaints(**columns: list) -> pd.DataFrame:
    frame = empty(COMPLAINTS).reindex(range(len(next(iter(columns.values())))))
    for name, values in columns.items():
        frame[name] = pd.Series(values, dtype=frame[name].dtype)
    return frame


def cells(*rows: dict) -> pd.DataFrame:
    return conform(pd.DataFrame([{"rat": "LTE", "lat": 22.5, "lon": 114.0, **row} for row in rows]), CELLS)


def test_radius_of_a_point_is_reported_or_thirty_or_fifty_indoors() -> None:
    table = complaints(
        lat=[22.543211, 22.543211, 22.543211, 22.543211, np.nan, 91.0, 0.0],
        lon=[114.05791, 114.05791, 114.05791, 114.05791, 114.0, 114.0, 0.0],
        radius_m=[np.nan, 10.0, 400.0, 12.0, 5.0, 5.0, 5.0],
        indoor=[None, False, None, True, None, None, None],
    )
    found = from_coordinates(table)
    assert found["row"].tolist() == [0, 1, 2, 3]
    assert found["radius_m"].tolist() == [30, 30, 400, 50]
    assert found["precision"].tolist() == ["gnss", "gnss", "village", "gnss"]


def test_a_declared_precision_gives_the_radius_and_bounds_the_level() -> None:
    """Handbook section 4; a radius the source reports beats the default, a district stays context."""
    levels = ["gnss", "building", "street", "cell", "village", "township", "district", "city", "none", None, "street"]
    reported = [np.nan] * 10 + [60.0]
    rows = len(levels)
    table = complaints(lat=[22.543211] * rows, lon=[114.05791] * rows, precision=levels, radius_m=reported)
    found = from_coordinates(table)
    assert found["radius_m"].tolist() == [30, 100, 200, 2000, 1000, 2500, 6000, 6000, 6000, 30, 60]
    assert found["precision"].tolist()[5:] == ["township", "district", "city", "district", "gnss", "street"]
    allowed = allowed_resolution(found["radius_m"], found["precision"])
    assert (allowed[6:9] == -1).all()
    assert (allowed[[0, 1, 2, 9, 10]] >= 9).all()


def test_few_digits_leave_a_large_radius() -> None:
    radius = rounding_radius_m([22.5, 22.54, 22.543, 22.54321, 22.0], [114.1, 114.05, 114.058, 114.0, 114.0])
    np.testing.assert_allclose(radius, [7895, 789, 79, 0, 78948], rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize(
    ("radius", "level"),
    [(30, "gnss"), (100, "building"), (200, "street"), (1000, "village"), (2500, "township"), (9000, "district")],
)
def test_level_of_a_radius(radius: float, level: str) -> None:
    assert level_of_radius(radius) == level


def test_kinds_of_places() -> None:
    frame = describe_places(
        pd.Series(["poi", "PPLC", "区", None, None, "street", "城市", "nonsense"], dtype="str"),
        pd.Series([None, None, 500.0, None, 80.0, None, None, None], dtype=float),
        pd.Series([None, 1e7, None, 3e4, None, None, None, None], dtype=float),
    )
    levels = "building city district township building village city building"
    assert frame["level"].tolist() == levels.split()
    assert frame["radius_m"].iloc[[0, 2, 3, 4, 5]].tolist() == [100, 6000, 2500, np.hypot(80, 100), 1000]
    assert frame["radius_m"].iloc[1] == pytest.approx(1000 * np.sqrt(1e7 / (8000 * np.pi)))
    assert allowed_resolution([6000.0, 100.0, np.nan], ["district", "building", "none"]).tolist() == [-1, 9, -1]


def test_serving_cell_lies_half_the_range_along_the_azimuth() -> None:
    masts = cells(
        {"cgi": "A-1", "azimuth_deg": 90.0}, {"cgi": "A-2", "azimuth_deg": 210.0},
        {"cgi": "B-1", "lat": 22.509, "azimuth_deg": 0.0}
    )  # fmt: skip
    found = ServingCells(masts).find(pd.Series([" A-1 ", None, "unknown", "B-1"], dtype="str"))
    assert found["row"].tolist() == [0, 3]
    spacing = geodesy.distance_m(22.5, 114.0, 22.509, 114.0)
    assert geodesy.distance_m(22.5, 114.0, found["lat"][0], found["lon"][0]) == pytest.approx(spacing / 2, rel=0.05)
    assert geodesy.bearing_deg(22.5, 114.0, found["lat"][0], found["lon"][0]) == pytest.approx(90, abs=0.1)
    assert found["precision"].unique().tolist() == ["cell"]
    assert 500 <= found["radius_m"][0] <= 700


def test_indoor_omni_and_crowd_cells_stay_at_their_point() -> None:
    table = cells(
        {"cgi": "in", "indoor": True, "azimuth_deg": 10.0}, {"cgi": "omni", "lat": 22.6},
        {"cgi": "crowd", "lat": 22.7, "azimuth_deg": 10.0, "position_source": "crowd", "range_m": 4000.0},
    )  # fmt: skip
    found = ServingCells(table).find(pd.Series(["in", "omni", "crowd"], dtype="str"))
    np.testing.assert_allclose(found["lat"], [22.5, 22.6, 22.7])
    assert found["radius_m"].iloc[0] == 100
    assert found["radius_m"].iloc[2] == 4000


def test_ninety_percent_of_a_sector_lies_within_the_radius() -> None:
    rng = np.random.default_rng(5)
    table = cells({"cgi": "A", "azimuth_deg": 60.0, "range_m": 1200.0}, {"cgi": "B", "lat": 22.6})
    fix = ServingCells(table).find(pd.Series(["A"], dtype="str")).iloc[0]
    reach, turn = 1200 * np.sqrt(rng.uniform(size=20_000)), rng.uniform(0, 120, 20_000)
    lat, lon = geodesy.destination(22.5, 114.0, turn, reach)
    inside = geodesy.distance_m(lat, lon, fix["lat"], fix["lon"]) <= fix["radius_m"]
    assert inside.mean() > 0.9


def test_timing_advance_sets_the_distance() -> None:
    fix = ServingCells(cells({"cgi": "A", "azimuth_deg": 90.0, "range_m": 1000.0})).find(
        pd.Series(["A", "A"], dtype="str")
    )
    found = with_timing_advance(fix, np.array([780.71, np.nan]))
    assert geodesy.distance_m(22.5, 114.0, found["lat"][0], found["lon"][0]) == pytest.approx(780.71, rel=1e-6)
    assert found["lat"][1] == fix["lat"][1]


def test_timing_advance_radius_holds_the_arc_and_never_beats_the_handbook() -> None:
    table = cells(
        {"cgi": "sector", "azimuth_deg": 90.0}, {"cgi": "omni"}, {"cgi": "room", "indoor": True},
        {"cgi": "near", "azimuth_deg": 0.0}, {"cgi": "crowd", "position_source": "crowd", "azimuth_deg": 0.0},
    )  # fmt: skip
    fix = ServingCells(table).find(pd.Series(["sector", "omni", "room", "near", "crowd"], dtype="str"))
    found = with_timing_advance(fix, np.array([5000.0, 5000.0, 300.0, 100.0, 5000.0]))
    angles = np.radians(90 + np.linspace(-54, 54, 50))
    east, north = 5000 * np.sin(angles), 5000 * np.cos(angles)
    arc = geodesy.from_local_m(east, north, 22.5, 114.0)
    assert geodesy.distance_m(found["lat"][0], found["lon"][0], *arc).max() <= found["radius_m"][0] <= 5000
    assert (found["lat"][1], found["radius_m"][1]) == (22.5, pytest.approx(5078.07))
    assert found["radius_m"][3] == 2000
    for row in (2, 4):
        assert found.loc[row].equals(fix.loc[row])


def test_co_sited_masts_do_not_count_as_neighbours() -> None:
    lat = np.array([22.5, 22.5001, 22.51, 22.5])
    gap = nearest_other_mast_m(lat, np.full(4, 114.0))
    assert gap[0] == pytest.approx(geodesy.distance_m(22.5, 114.0, 22.51, 114.0), abs=60)
    assert nearest_other_mast_m(np.array([22.5]), np.array([114.0])).tolist() == [15_000]
    assert nearest_other_mast_m(np.empty(0), np.empty(0)).shape == (0,)


def point_fixes(lat: list[float], lon: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"lat": lat, "lon": lon, "radius_m": 30.0, "precision": "gnss"})


AREAS = pd.DataFrame({"lat": [22.7], "lon": [114.2], "radius_m": [9000.0], "level": ["district"]})


def test_a_coordinate_with_many_places_is_a_centroid() -> None:
    names = [f"{chr(0x4E00 + 7 * i)}{chr(0x5E00 + 11 * i)}花园{i}号楼" for i in range(40)]
    points = point_fixes([22.6] * 40 + [22.61] * 40, [114.1] * 80)
    texts = pd.Series(names + [f"阳光花园{i}号楼" for i in range(40)], dtype="str")
    found = demote(points, texts, AREAS)
    assert set(found["precision"][:40]) == {"district"}
    assert (found["radius_m"][:40] >= 6000).all()
    assert set(found["precision"][40:]) == {"gnss"}
    assert names_at_point(
        np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0]), pd.Series(["a", "b", None])
    ).tolist() == [2, 2, 0]


def test_a_centroid_is_recognised_by_the_area_it_is_the_middle_of() -> None:
    five = [f"{chr(0x4E00 + 5 * i)}路" for i in range(5)]
    found = demote(point_fixes([22.7005] * 5 + [22.7], [114.2] * 6), pd.Series([*five, None], dtype="str"), AREAS)
    assert found["radius_m"].tolist() == [9000.0] * 6
    assert demote(point_fixes([22.7005], [114.2]), pd.Series(["x"]), AREAS)["radius_m"].tolist() == [30.0]
    assert (
        demote(point_fixes([22.6] * 5, [114.2] * 5), pd.Series(five), AREAS.iloc[:0])["precision"].tolist()
        == ["village"] * 5
    )


@pytest.fixture(scope="module")
def referenced() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(9)
    lat, lon = rng.uniform(22.4, 22.7, 120), rng.uniform(113.9, 114.2, 120)
    return lat, lon, *geodesy.destination(lat, lon, rng.uniform(0, 360, 120), rng.rayleigh(400, 120))


@pytest.mark.parametrize(
    ("verdict", "spoil"),
    [
        ("fits", lambda lat, lon: (lat, lon)), ("GCJ02", geodesy.wgs84_to_gcj02), ("BD09", geodesy.wgs84_to_bd09),
        ("GCJ02_TWICE", geodesy.gcj02_to_wgs84), ("swapped", lambda lat, lon: (lon, lat)),
        ("elsewhere", lambda lat, lon: (lat + 10, lon)), ("elsewhere", lambda lat, lon: (lat + 0.02, lon)),
    ],
)  # fmt: skip
def test_wrong_datum_is_told_by_its_pattern(referenced: tuple[np.ndarray, ...], verdict: str, spoil) -> None:
    lat, lon, ref_lat, ref_lon = referenced
    found = datum_suspicion(*spoil(lat, lon), ref_lat, ref_lon)
    assert found.verdict == verdict
    assert found.is_suspicious is (verdict != "fits")
    assert found.evidence


def test_noise_alone_is_no_suspicion() -> None:
    rng = np.random.default_rng(10)
    verdicts = []
    for _ in range(60):
        lat, lon = rng.uniform(30.5, 30.8, 40), rng.uniform(104.0, 104.2, 40)
        far = geodesy.destination(lat, lon, rng.uniform(0, 360, 40), rng.rayleigh(800, 40))
        verdicts.append(datum_suspicion(lat, lon, *far).verdict)
    assert verdicts.count("fits") >= 59


def test_few_pairs_and_gaps() -> None:
    assert datum_suspicion([22.5] * 5, [114.0] * 5, [22.5] * 5, [114.0] * 5).verdict == "too_few"
    gaps = np.where(np.arange(50) < 40, np.nan, 22.5)
    assert datum_suspicion(gaps, np.full(50, 114.0), np.full(50, 22.5), np.full(50, 114.0)).pairs == 10


def test_india_is_never_suspected_of_a_chinese_datum() -> None:
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(28.4, 28.8, 80), rng.uniform(77.0, 77.4, 80)
    assert datum_suspicion(lat + 0.003, lon + 0.004, lat, lon).verdict == "elsewhere"
