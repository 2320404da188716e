"""Plans for a budget against every possible choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.siting.choice import choose, too_near


def best_of_all(reach: np.ndarray, weight: np.ndarray, cost: np.ndarray, apart: np.ndarray, budget: float) -> float:
    """The most weight any allowed set of candidates reaches, by trying them all."""
    forbidden = {frozenset(pair) for pair in apart.tolist()}
    best = 0.0
    for size in range(len(cost) + 1):
        for chosen in combinations(range(len(cost)), size):
            near = any(frozenset(pair) in forbidden for pair in combinations(chosen, 2))
            if not near and cost[list(chosen)].sum() <= budget:
                best = max(best, float(weight[reach[list(chosen)].any(axis=0)].sum()))
    return best


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), budget=st.integers(1, 14))
def test_no_choice_is_better_and_the_rules_are_kept(seed: int, budget: int) -> None:
    rng = np.random.default_rng(seed)
    reach = rng.random((7, 12)) < 0.3
    weight, cost = rng.integers(0, 50, 12).astype(float), rng.choice([1.0, 3.0, 10.0], 7)
    apart = np.array([(0, 1), (2, 5)], np.int64)
    found = choose(reach, weight, cost, apart, budget)
    best = best_of_all(reach, weight, cost, apart, budget)
    assert found.covered == pytest.approx(best, rel=1e-3)
    assert found.bound >= best - 1e-6
    assert cost[found.chosen].sum() <= budget
    assert found.covered == pytest.approx(weight[reach[found.chosen].any(axis=0)].sum())
    chosen = set(found.chosen.tolist())
    assert not any(set(pair) <= chosen for pair in apart.tolist())


def test_a_budget_below_the_cheapest_site_buys_nothing() -> None:
    found = choose(np.ones((2, 3), bool), np.ones(3), np.array([2.0, 5.0]), np.empty((0, 2), np.int64), 1.0)
    assert (len(found.chosen), found.covered, found.bound) == (0, 0.0, 0.0)


def test_a_dear_site_is_not_bought_where_cheap_ones_reach_as_many() -> None:
    reach = np.array([[True, True, True], [True, False, False], [False, True, True]])
    found = choose(reach, np.array([5.0, 5.0, 5.0]), np.array([10.0, 1.0, 1.0]), np.empty((0, 2), np.int64), 10.0)
    assert found.chosen.tolist() == [1, 2]


def test_sites_at_one_place_or_too_near_are_pairs() -> None:
    distance = np.array([[0.0, 0.0, 400.0], [0.0, 0.0, 100.0], [400.0, 100.0, 0.0]])
    assert too_near(distance, 100.0).tolist() == [[0, 1], [1, 2]]


def test_among_equals_the_favoured_site_is_built() -> None:
    reach = np.array([[True, True, False], [True, True, False], [False, False, True]])
    none = np.empty((0, 2), np.int64)
    for wanted in (0, 1):
        favoured = np.arange(3) == wanted
        found = choose(reach, np.array([5.0, 5.0, 1.0]), np.ones(3), none, 1.0, favoured=favoured)
        assert found.chosen.tolist() == [wanted]
        assert found.covered == 10.0
        assert 10.0 <= found.bound <= 10.01
    far = choose(reach, np.array([5.0, 5.0, 1.0]), np.ones(3), none, 1.0, favoured=np.arange(3) == 2)
    assert far.covered == 10.0, "a favour is no licence to reach fewer"
