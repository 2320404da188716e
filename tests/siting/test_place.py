from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from geoservice import geodesy
from geoservice.config import default_config
from geoservice.siting.area import weighted_quantile
from geoservice.siting.place import Spot, geometric_median, hosts, search_ring_m, spots
from geoservice.siting.priority import priority

sys.path.insert(0, str(Path(__file__).parent))
import siting_factories as factories

POINTS = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=12
).map(lambda rows: np.array(rows, float))


def total(points: np.ndarray, at: tuple[float, float]) -> float:
    return float((points[:, 2] * np.hypot(points[:, 0] - at[0], points[:, 1] - at[1])).sum())


@settings(max_examples=60, deadline=None)
@given(POINTS)
def test_no_other_point_has_a_smaller_weighted_distance(points: np.ndarray) -> None:
    found = total(points, geometric_median(*points.T))
    starts = [points[:, :2].mean(axis=0), *points[:, :2]]
    best = min(minimize(lambda p: total(points, (p[0], p[1])), s, method="Nelder-Mead").fun for s in starts)
    assert found <= best * (1 + 1e-4) + 1e-6


def test_the_heavier_of_two_places_is_the_median() -> None:
    assert geometric_median([0, 10], [0, 0], [3, 1]) == pytest.approx((0, 0), abs=1e-3)


def test_fermat_point_of_an_equilateral_triangle() -> None:
    x, y = geometric_median([0, 2, 1], [0, 0, np.sqrt(3)], [1, 1, 1])
    assert (x, y) == pytest.approx((1, 1 / np.sqrt(3)), abs=1e-4)


@pytest.mark.parametrize(("radius", "ring"), [(40, 50), (200, 50), (800, 200), (2000, 500), (9000, 500)])
def test_the_ring_is_a_quarter_of_the_radius_within_limits(radius: float, ring: float) -> None:
    assert search_ring_m(radius, default_config()) == ring


def test_hosts_in_the_ring_come_first_and_sites_keep_their_distance() -> None:
    def at(east: float) -> tuple[float, float]:
        lat, lon = geodesy.from_local_m(east, 0.0, *factories.CENTRE)
        return float(np.ravel(lat)[0]), float(np.ravel(lon)[0])

    near, far, taken = at(60.0), at(900.0), at(-60.0)
    table = hosts(None, pd.DataFrame({"lat": [far[0], near[0]], "lon": [far[1], near[1]], "name": ["远塔", "近塔"]}))
    sites = pd.DataFrame({"lat": [taken[0]], "lon": [taken[1]], "site": ["S"]})
    found = spots(factories.CENTRE, 200.0, table, sites, 100.0)
    assert found[0] == Spot(*near, "近塔", "tower")
    assert Spot(*factories.CENTRE) not in found, "the median is within 100 m of a site"
    assert all(geodesy.distance_m(s.lat, s.lon, *taken) >= 100.0 for s in found)


def test_priority_vector_of_the_handbook() -> None:
    score = priority(6, 8, 0.5, True, True, 3)
    assert score.points == 63.5
    assert [term["points"] for term in score.terms] == [18.0, 8.0, 7.5, 15.0, 10.0, 5.0]


@given(
    st.floats(0, 1e6), st.floats(allow_nan=True, allow_infinity=False), st.floats(0, 1), st.booleans(), st.booleans(),
    st.floats(0, 1e3),
)  # fmt: skip
def test_priority_stays_within_0_and_100_and_is_the_sum_of_its_terms(
    n: float, gap: float, share: float, repeat: bool, scene: bool, months: float
) -> None:
    score = priority(n, gap, share, repeat, scene, months)
    assert 0 <= score.points <= 100
    assert score.points == pytest.approx(sum(term["points"] for term in score.terms), abs=0.01)


def test_weighted_quantiles() -> None:
    assert weighted_quantile([3.0, 1.0, 2.0], [1, 1, 1], 0.5) == 2.0
    assert weighted_quantile([3.0, 1.0, 2.0], [0, 5, 1], 0.5) == 1.0
    assert np.isnan(weighted_quantile([np.nan], [1.0], 0.5))
