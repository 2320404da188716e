"""Multiple testing, rates, Gi*, trends: closed forms, published values, independent libraries."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geoservice import grid
from geoservice.stats.emerging import emerging_classes, mann_kendall
from geoservice.stats.gistar import gi_star, gi_star_lattice, permutation_p
from geoservice.stats.multiple import benjamini_hochberg, benjamini_yekutieli, selected_families
from geoservice.stats.rates import empirical_bayes, poisson_interval

probabilities = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30)


@given(probabilities)
def test_false_discovery_control_equals_scipy(p):
    assert np.allclose(benjamini_hochberg(p), stats.false_discovery_control(p, method="bh"))
    assert np.allclose(benjamini_yekutieli(p), stats.false_discovery_control(p, method="by"))


@given(probabilities)
def test_primaries_of_selected_families_are_plain_benjamini_hochberg(p):
    assert np.allclose(selected_families(p, p), benjamini_hochberg(p))


@given(probabilities, probabilities, st.floats(0.001, 0.5))
def test_selected_families_reject_by_their_definition(primary, p, alpha):
    adjusted = selected_families(primary, p)
    selected = int((benjamini_hochberg(primary) <= alpha).sum())
    by_definition = np.array(p) <= alpha * selected / len(primary) if selected else np.zeros(len(p), bool)
    near = np.abs(adjusted - alpha) < 1e-9
    assert ((adjusted <= alpha) == by_definition)[~near].all()


def test_garwood_interval_of_ten_cases():
    low, high = poisson_interval(np.array([10.0, 0.0]))
    assert low[0] == pytest.approx(4.795, abs=5e-4)  # Garwood 1936, table
    assert high[0] == pytest.approx(18.390, abs=5e-4)
    assert low[1] == 0.0
    assert high[1] == pytest.approx(-np.log(0.025))


def test_smoothed_rates_lie_between_raw_and_overall():
    rng = np.random.default_rng(0)
    expected = rng.uniform(0.1, 20, 300)
    risk = rng.gamma(4, 0.25, 300)
    cases = rng.poisson(expected * risk)
    smooth, overall = empirical_bayes(cases, expected), cases.sum() / expected.sum()
    raw = cases / expected
    assert ((smooth - overall) * (raw - overall) >= -1e-12).all()
    assert (np.abs(smooth - overall) <= np.abs(raw - overall) + 1e-12).all()
    assert ((smooth - risk) ** 2).mean() < 0.6 * ((raw - risk) ** 2).mean()


def test_no_spread_beyond_chance_smooths_to_the_overall_rate():
    assert np.allclose(empirical_bayes([2, 2, 2], [2.0, 2.0, 2.0]), 1.0)


def test_gi_star_equals_esda():
    libpysal = pytest.importorskip("libpysal")
    esda = pytest.importorskip("esda")
    hexes = grid.disk(grid.to_hex([31.2], [121.5], 9), 7)
    table = grid.neighbour_table(hexes, 1)
    values = np.random.default_rng(3).gamma(1.0, 2.0, len(hexes))
    neighbours = {i: [int(j) for j in row[1:] if j >= 0] for i, row in enumerate(table)}
    weights = libpysal.weights.fill_diagonal(libpysal.weights.W(neighbours, silence_warnings=True))
    oracle = esda.G_Local(values, weights, transform="B", star=True, permutations=0)
    assert np.allclose(gi_star(values, table), oracle.Zs, atol=1e-9, rtol=0)


def test_gi_star_of_equal_values_is_zero():
    hexes = grid.disk(grid.to_hex([31.2], [121.5], 9), 2)
    assert (gi_star(np.full(len(hexes), 3.0), grid.neighbour_table(hexes, 1)) == 0).all()


def test_mann_kendall_against_kendalls_tau_and_a_worked_example():
    rng = np.random.default_rng(4)
    series = rng.integers(0, 6, (40, 12)).astype(float)
    z, p = mann_kendall(series)
    for row, score, chance in zip(series, z, p, strict=True):
        s = sum(np.sign(row[j] - row[i]) for i in range(12) for j in range(i + 1, 12))
        ties = np.unique(row, return_counts=True)[1]
        variance = (12 * 11 * 29 - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
        assert score == pytest.approx((s - np.sign(s)) / np.sqrt(variance))
        assert chance == pytest.approx(2 * stats.norm.sf(abs(score)))


PATTERNS = {
    "new_hot": [0] * 9 + [3],
    "consecutive_hot": [0] * 6 + [3] * 4,
    "persistent_hot": [3, 4, 3, 4, 3, 4, 3, 4, 3, 4],
    "intensifying_hot": list(np.linspace(2, 6, 10)),
    "diminishing_hot": list(np.linspace(6, 2, 10)),
    "sporadic_hot": [0, 3, 0, 3, 0, 0, 3, 0, 0, 3],
    "oscillating_hot": [-3, 3, -3, 0, 0, 3, -3, 0, 3, 3],
    "historical_hot": [3] * 9 + [0],
    "new_cold": [0] * 9 + [-3],
    "": [0] * 10,
}


@pytest.mark.parametrize("name", PATTERNS)
def test_emerging_classes_of_textbook_series(name):
    z = np.array([PATTERNS[name]], float)
    trend, p = mann_kendall(z)
    assert emerging_classes(z, p, trend)[0] == name
    trend, p = mann_kendall(-z)
    mirrored = name.replace("_hot", "_x").replace("_cold", "_hot").replace("_x", "_cold")
    assert emerging_classes(-z, p, trend)[0] == mirrored


def test_lattice_scores_equal_table_scores_around_base_cells():
    for lat, lon in ((31.2, 121.5), (22.5, 114.0), (47.0, 8.0)):
        hexes = grid.disk(grid.to_hex([lat], [lon], 8), 12)
        values = np.random.default_rng(6).poisson(1.0, len(hexes)).astype(float)
        i, j, known = grid.local_ij(hexes, int(hexes[len(hexes) // 2]))
        assert known.all()
        assert np.allclose(gi_star_lattice(values, i, j), gi_star(values, grid.neighbour_table(hexes, 1)), atol=1e-12)


def test_exact_permutation_p_equals_enumeration():
    hexes = grid.disk(grid.to_hex([31.2], [121.5], 9), 1)[:6]  # with gaps: 2 to 5 neighbours each
    table = grid.neighbour_table(hexes, 1)
    counts = np.array([0, 3, 1, 1, 0, 2])
    exact = permutation_p(counts, table)
    for here, row in enumerate(table):
        around = [int(k) for k in row[1:] if k >= 0]
        others = np.delete(counts, here)
        draws = [sum(draw) for draw in itertools.combinations(others.tolist(), len(around))]
        assert exact[here] == pytest.approx(np.mean(np.array(draws) >= counts[around].sum()))


def test_exact_permutation_p_agrees_with_simulation():
    hexes = grid.disk(grid.to_hex([31.2], [121.5], 9), 8)
    table = grid.neighbour_table(hexes, 1)
    rng = np.random.default_rng(7)
    counts = rng.poisson(0.8, len(hexes))
    exact = permutation_p(counts, table)
    for here in rng.choice(len(hexes), 5, replace=False):
        around = table[here][1:][table[here][1:] >= 0]
        others = np.delete(counts, here)
        drawn = np.array([rng.choice(others, len(around), replace=False).sum() for _ in range(4000)])
        assert exact[here] == pytest.approx((drawn >= counts[around].sum()).mean(), abs=0.03)
