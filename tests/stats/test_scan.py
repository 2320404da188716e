"""Published results, exhaustive search as oracle, and the laws of the scan."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from geoservice import grid
from geoservice.errors import InputError, NotEnoughData
from geoservice.stats.montecarlo import Problem, scan_cells
from geoservice.stats.scan import relative_risk, scan, scan_cylinders
from geoservice.stats.zones import lattice


@pytest.fixture(scope="module")
def leukaemia(shared: Path):
    folder = shared / "data" / "reference"
    cases = np.floor(np.loadtxt(folder / "ny_leukemia" / "cases.txt")[:, 1])
    coords = np.loadtxt(folder / "ny_leukemia" / "coords.txt")
    people = np.loadtxt(folder / "ny_leukemia" / "pop.txt")[:, 2]
    answers = json.loads((folder / "published_answers.json").read_text())["ny_leukemia"]["answers"]
    return coords[:, 2], coords[:, 1], cases, people, answers


def test_new_york_leukaemia_as_published(leukaemia):
    x, y, cases, people, answers = leukaemia
    found = scan(x, y, cases, people, replicas=999, seed=3).clusters
    for cluster, answer in zip(found, answers[:2], strict=False):
        assert round(cluster.llr, 6) == answer["llr"]
        assert {int(m) + 1 for m in cluster.members} == set(answer["members"])
        assert cluster.cases == answer["cases"]
        assert cluster.expected == pytest.approx(answer["expected"], abs=0.005)
    assert found[0].p_value == 0.001  # none of 999 replicates reached it; published 0.00015
    assert 0.01 < found[1].p_value < 0.04  # published 0.016; 0.022 with 40,000 independent replicates


def test_new_york_leukaemia_with_a_tenth_of_the_population(leukaemia):
    x, y, cases, people, answers = leukaemia
    first = scan(x, y, cases, people, max_share=0.1, replicas=99).clusters[0]
    assert round(first.llr, 6) == answers[2]["llr"]
    assert len(first.members) == answers[2]["members_n"]
    assert first.cases == answers[2]["cases"]


def _every_cylinder(x, y, cases, people, max_share, longest, prospective=False):
    """The largest ratio by trying every circle and span, straight from the definition."""
    total, steps = cases.sum(), cases.shape[1]
    rate = people / people.sum()
    best = 0.0
    for centre in range(len(x)):
        distance = np.hypot(x - x[centre], y - y[centre])
        for radius in np.unique(distance):
            inside = distance <= radius + 1e-9
            if rate[inside].sum() > max_share + 1e-12:
                continue
            for start, stop in itertools.combinations(range(steps + 1), 2):
                if stop - start > longest or (prospective and stop < steps):
                    continue
                c = cases[inside, start:stop].sum()
                e = total * rate[inside].sum() * (stop - start) / steps
                if c >= 2 and c > e:
                    outside = (total - c) * np.log((total - c) / (total - e)) if c < total else 0.0
                    best = max(best, c * np.log(c / e) + outside)
    return best


@pytest.mark.parametrize("prospective", [False, True])
def test_cylinders_equal_an_exhaustive_search(prospective):
    rng = np.random.default_rng(5)
    for _ in range(5):
        x, y = rng.integers(0, 5, 14).astype(float), rng.integers(0, 5, 14).astype(float)  # many ties
        people = rng.integers(1, 50, 14).astype(float)
        cases = rng.poisson(0.6, (14, 6))
        found = scan_cylinders(x, y, cases, people, replicas=19, prospective=prospective)
        expected = _every_cylinder(x, y, cases, people, 0.5, 3, prospective)
        assert (found.clusters[0].llr if found.clusters else 0.0) == pytest.approx(expected, abs=1e-9)


def test_a_planted_cylinder_is_found_with_its_time():
    rng = np.random.default_rng(8)
    x, y = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(9), np.arange(9)))
    cases = rng.poisson(0.3, (81, 20))
    near = np.hypot(x - 6, y - 6) <= 1.0
    cases[near, 7:12] += rng.poisson(3.0, (near.sum(), 5))
    first = scan_cylinders(x, y, cases, np.ones(81), replicas=199).clusters[0]
    assert set(first.members) == set(np.flatnonzero(near))
    assert (first.start, first.stop) == (7, 12)
    assert first.p_value == 0.005


def test_the_number_of_threads_changes_nothing():
    rng = np.random.default_rng(1)
    x, y, people = rng.uniform(0, 9, 60), rng.uniform(0, 9, 60), rng.uniform(1, 9, 60)
    cases = rng.poisson(1.0, (60, 7))
    one = scan_cylinders(x, y, cases, people, replicas=150, seed=4, threads=1)
    three = scan_cylinders(x, y, cases, people, replicas=150, seed=4, threads=3)
    assert np.array_equal(one.maxima, three.maxima)
    assert [c.p_value for c in one.clusters] == [c.p_value for c in three.clusters]


def test_moving_and_scaling_the_map_changes_nothing():
    rng = np.random.default_rng(2)
    x, y, people = rng.uniform(0, 9, 40), rng.uniform(0, 9, 40), rng.uniform(1, 9, 40)
    cases = rng.poisson(1.5, 40)
    here = scan(x, y, cases, people, replicas=19).clusters[0]
    there = scan(1000 + 7 * y, -50 + 7 * x, cases, people, replicas=19).clusters[0]
    assert here.llr == pytest.approx(there.llr)
    assert set(here.members) == set(there.members)


def test_great_circles_see_across_the_180th_meridian():
    lon, lat = np.array([179.9, -179.9, 0.0, 90.0, -90.0]), np.zeros(5)
    first = scan(lon, lat, [10, 10, 1, 1, 1], np.ones(5), geodesic=True, replicas=19).clusters[0]
    assert set(first.members) == {0, 1}


def test_p_values_of_null_data_are_uniform():
    rng = np.random.default_rng(12)
    x, y, people = rng.uniform(0, 9, 30), rng.uniform(0, 9, 30), rng.uniform(1, 9, 30)
    p = []
    for seed in range(200):
        cases = rng.multinomial(60, people / people.sum())
        found = scan(x, y, cases, people, replicas=39, seed=seed).clusters
        p.append(found[0].p_value if found else 1.0)
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.10
    assert 0.40 <= np.mean(np.array(p) <= 0.5) <= 0.60


def test_relative_risk_is_inside_over_outside():
    assert relative_risk(20, 10, 100) == pytest.approx(2 / (80 / 90))
    assert relative_risk(5, 2, 5) == float("inf")


@pytest.mark.parametrize(
    ("cases", "people", "error", "word"),
    [
        ([1, 2], [1, 1, 1], InputError, "length"),
        ([1, 2, -1], [1, 1, 1], InputError, "cases"),
        ([1, 2, 0.5], [1, 1, 1], InputError, "whole"),
        ([1, 2, 3], [1, float("nan"), 1], InputError, "population"),
        ([1, 2, 3], [1, 0, 1], InputError, "row 1"),
        ([0, 1, 0], [1, 1, 1], NotEnoughData, "two cases"),
    ],
)
def test_refusals_name_the_field(cases, people, error, word):
    with pytest.raises(error, match=word):
        scan([0, 1, 2], [0, 0, 0], cases, people)


def test_a_share_out_of_range_is_refused():
    with pytest.raises(InputError, match="max_share"):
        scan([0, 1], [0, 1], [2, 2], [1, 1], max_share=0)


@pytest.mark.parametrize("steps", [12, 40])
@pytest.mark.parametrize("dispersion", [0.0, 0.2])
@pytest.mark.parametrize("prospective", [False, True])
def test_many_replicates_at_once_find_what_each_finds_alone(steps, dispersion, prospective):
    rng = np.random.default_rng(steps)
    hexes = grid.disk(grid.to_hex([22.5], [114.0], 9), 6)
    expected = rng.lognormal(0, 1, (len(hexes), 1)) * rng.lognormal(0, 0.8, (1, steps))
    expected *= 400 / expected.sum()
    durations = np.append(np.arange(1, steps // 2 + 1), steps).astype(np.int32)
    zones = lattice(grid.neighbour_table(hexes, 3), 3)
    problem = Problem(zones, expected, 400, durations, prospective, 3, dispersion)
    cells = np.array([rng.choice(expected.size, 400, p=(expected / expected.sum()).ravel()) for _ in range(5)])
    together, where = scan_cells(problem, cells)
    alone = [scan_cells(problem, cells[[row]]) for row in range(5)]
    assert np.array_equal(together, np.vstack([best for best, _ in alone]))
    assert np.array_equal(where, np.vstack([place for _, place in alone]))
    best, _ = scan_cells(problem, cells, slack=1.5)
    assert np.array_equal(best.max(axis=1), together.max(axis=1))
