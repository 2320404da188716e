"""The scan against a brute-force search written from the definitions of Kulldorff (1997, 2001)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.errors import InputError
from geoservice.stats.scan import scan, scan_cylinders, scan_time


def _great_circle(lon, lat, centre):
    """Haversine distances in radians."""
    a, b = np.radians(lat), np.radians(lat[centre])
    d = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon - lon[centre]) / 2) ** 2
    return 2 * np.arcsin(np.sqrt(np.clip(d, 0, 1)))


def brute_force(distances, cases, people, max_share=0.5, longest=None, prospective=False):
    """(ratio, cases, expected) of the strongest cylinder, trying all of them."""
    total, steps = int(cases.sum()), cases.shape[1]
    usual = total * people / people.sum()
    best = (0.0, 0, 0.0)
    for row in distances:
        for radius in np.unique(np.round(row, 9)):
            inside = row <= radius + 1e-8
            if usual[inside].sum() > total * max_share + 1e-9:
                continue
            for start, stop in itertools.combinations(range(steps + 1), 2):
                if stop - start > (longest or steps) or (prospective and stop != steps):
                    continue
                c, e = int(cases[inside, start:stop].sum()), float(usual[inside, start:stop].sum())
                if c >= 2 and c > e:
                    outside = (total - c) * np.log((total - c) / (total - e)) if c < total else 0.0
                    best = max(best, (c * np.log(c / e) + outside, c, e))
    return best


@st.composite
def maps(draw, steps=5):
    """Locations with identical points, ties, empty places and places without people."""
    seed, places = draw(st.integers(0, 10**6)), draw(st.integers(3, 12))
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 3, places).astype(float), rng.integers(0, 3, places).astype(float)
    people = rng.integers(0, 4, (places, steps)).astype(float)
    people[0] = 1.0
    cases = np.where(people > 0, rng.poisson(0.7, people.shape), 0)
    cases[0, 0] += 2
    return x, y, cases, people


@settings(max_examples=25, deadline=None)
@given(maps(), st.booleans())
def test_space_and_time_with_ties_and_empty_places(data, prospective):
    x, y, cases, people = data
    distances = np.hypot(x[:, None] - x, y[:, None] - y)
    ratio, *_ = brute_force(distances, cases, people, longest=2, prospective=prospective)
    found = scan_cylinders(x, y, cases, people, replicas=1, prospective=prospective).clusters
    assert (found[0].llr if found else 0.0) == pytest.approx(ratio, abs=1e-9)
    if found:
        first = found[0]
        inside = cases[first.members, first.start : first.stop].sum()
        assert first.cases == inside
        total = cases.sum()
        usual = total * people[first.members, first.start : first.stop].sum() / people.sum()
        assert first.expected == pytest.approx(usual)
        if inside < total:
            assert first.relative_risk == pytest.approx((inside / usual) / ((total - inside) / (total - usual)))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_great_circles_equal_haversine(seed):
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(-180, 180, 15), np.degrees(np.arcsin(rng.uniform(-1, 1, 15)))
    cases, people = rng.poisson(2.0, (15, 1)) + 1, rng.integers(1, 9, (15, 1)).astype(float)
    distances = np.array([_great_circle(lon, lat, i) for i in range(15)])
    ratio, *_ = brute_force(distances, cases, people)
    found = scan(lon, lat, cases[:, 0], people[:, 0], geodesic=True, replicas=1).clusters
    assert (found[0].llr if found else 0.0) == pytest.approx(ratio, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=20), st.booleans())
def test_time_alone(cases, prospective):
    counts = np.array([[3, *cases]])
    people = np.linspace(1.0, 2.0, counts.shape[1])[None, :]
    ratio, *_ = brute_force(
        np.zeros((1, 1)), counts, people, max_share=1.0, longest=counts.shape[1] // 2, prospective=prospective
    )
    found = scan_time(counts[0], people[0], replicas=1, prospective=prospective).clusters
    assert (found[0].llr if found else 0.0) == pytest.approx(ratio, abs=1e-9)


def test_a_span_of_time_is_found_and_tested():
    cases = np.full(60, 3)
    cases[20:25] += 9
    first = scan_time(cases, replicas=199).clusters[0]
    assert (first.start, first.stop, first.cases) == (20, 25, 60)
    assert first.p_value == 0.005


def test_secondary_clusters_share_no_location():
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 9, 50), rng.uniform(0, 9, 50)
    found = scan(x, y, rng.poisson(3, 50), np.ones(50), replicas=19).clusters
    seen = np.concatenate([cluster.members for cluster in found])
    assert len(seen) == len(np.unique(seen))
    assert [c.llr for c in found] == sorted((c.llr for c in found), reverse=True)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"cases": [1, 2, 3]}, "one column per step"),
        ({"population": np.ones((3, 4))}, "as many steps"),
        ({"max_duration_share": 0.0}, "max_duration_share"),
        ({"replicas": 0}, "replicate"),
        ({"y": [0.0, 95.0, 1.0], "geodesic": True}, "out of range"),
    ],
)
def test_what_cannot_be_scanned_is_refused(change, word):
    given_ = {"x": [0.0, 1.0, 2.0], "y": [0.0, 0.0, 1.0], "cases": np.ones((3, 2)), "population": np.ones(3)} | change
    with pytest.raises(InputError, match=word):
        scan_cylinders(given_.pop("x"), given_.pop("y"), given_.pop("cases"), given_.pop("population"), **given_)
