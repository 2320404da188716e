"""Planted spreads are recovered, even rates stay even, and a hotspot is not mistaken for a spread."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from geoservice.stats._likelihood import log_likelihood_ratio, pruning_table, ratio
from geoservice.stats._nulls import draw_factors, draw_weighted, race_times
from geoservice.stats.dispersion import dispersion, estimate, region_factors


def counts_of(rng, expected, spread):
    factor = rng.gamma(1 / spread, spread, len(expected)) if spread else 1.0
    return rng.poisson(expected * factor).astype(float)


@pytest.mark.parametrize("spread", [0.1, 0.5])
def test_a_planted_spread_is_recovered(spread):
    rng = np.random.default_rng(1)
    expected = rng.lognormal(1.5, 0.6, 1500)
    assert dispersion(counts_of(rng, expected, spread), expected) == pytest.approx(spread, rel=0.3)


def test_even_rates_have_no_spread_even_with_hotspots():
    rng = np.random.default_rng(2)
    expected = rng.lognormal(1.0, 0.6, 1000)
    found = []
    for _ in range(20):
        counts = counts_of(rng, expected, 0.0)
        counts[:40] += rng.poisson(5 * expected[:40])  # forty hexes at six times the rate
        found.append(dispersion(counts, expected * counts.sum() / expected.sum()))
    assert sum(value > 0 for value in found) <= 1


def test_too_few_units_cannot_tell():
    assert dispersion(np.full(20, 3.0), np.full(20, 3.0)) is None


def test_levels_are_told_apart():
    rng = np.random.default_rng(3)
    coarse = np.repeat(np.arange(200), 20)
    rates = rng.gamma(1 / 0.4, 0.4, 200)[coarse]
    expected = np.full(4000, 4.0)
    found = estimate(rng.poisson(expected * rates).astype(float), expected, [np.arange(4000), coarse])
    assert found.variances[-1] == pytest.approx(0.4, rel=0.3)
    assert found.total == pytest.approx(0.4, rel=0.35)


def test_region_factors_shrink_towards_one():
    unit = np.array([0, 0, 1])
    factors = region_factors(np.array([6.0, 6.0, 1.0]), np.array([2.0, 2.0, 0.1]), unit, 0.5)
    assert factors.tolist() == pytest.approx([14 / 6, 14 / 6, 3 / 2.1])


def test_the_statistic_without_dispersion_is_kulldorffs():
    assert ratio(12.0, 4.0, 100.0, 0.0) == log_likelihood_ratio(12.0, 4.0, 100.0)


def test_the_dispersed_statistic_is_the_likelihood_ratio_of_the_negative_binomial():
    d, c, e = 0.3, 14, 5.0

    def log_pmf(mean):
        return stats.nbinom.logpmf(c, 1 / d, 1 / (1 + d * mean))

    assert ratio(float(c), e, 100.0, d) == pytest.approx(log_pmf(c) - log_pmf(e))


@pytest.mark.parametrize("d", [0.0, 0.05, 0.8])
def test_pruning_never_loses_a_window(d):
    table = pruning_table(300, 2, d)
    for level in (2, 13, 40):
        for cases in (2, 5, 40, 200):
            limit = table[level, cases]
            assert ratio(cases, limit * 1.000001, 300, d) <= level * 0.5 + 1e-4
            assert ratio(cases, limit * 0.999, 300, d) >= level * 0.5 - 1e-9


def test_factors_have_mean_one_and_the_variance_asked_for():
    units = np.vstack([np.arange(20_000), np.zeros(20_000, np.int64)])
    for variance in (0.2, 1.5):
        factors = draw_factors(np.uint64(5), units[:1], np.array([variance]))
        assert factors.mean() == pytest.approx(1.0, abs=0.05)
        assert factors.var() == pytest.approx(variance, rel=0.1)
    assert len(np.unique(draw_factors(np.uint64(5), units[1:], np.array([0.5])))) == 1


def test_weighted_draws_follow_their_weights():
    weights = np.array([1.0, 0.0, 3.0])
    cells = np.empty(20_000, np.int64)
    draw_weighted(np.uint64(1), np.cumsum(weights), cells)
    assert np.bincount(cells, minlength=3) / len(cells) == pytest.approx([0.25, 0.0, 0.75], abs=0.015)
    first = [int(np.argmin(race_times(np.uint64(s * 7919 + 1), weights))) for s in range(4000)]
    assert np.bincount(first, minlength=3) / 4000 == pytest.approx([0.25, 0.0, 0.75], abs=0.03)
