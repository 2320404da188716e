"""The independent checker finds what is broken, and the solver's plans pass it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoservice.siting import solve

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from check_site_plan import Site, check

TYPES = {
    "macro": {"radius": 30.0, "cost": 10.0},
    "micro": {"radius": 10.0, "cost": 1.0},
    "meso": {"radius": 18.0, "cost": 3.0},
}


def town(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    demand = np.column_stack([rng.integers(0, 150, (300, 2)), rng.random(300)])
    existing, candidates = (rng.integers(0, 150, (n, 2)).astype(float) for n in (4, 120))
    return demand, existing, candidates


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("towers", [False, True])
def test_plans_with_three_types_pass(seed: int, towers: bool) -> None:
    demand, existing, candidates = town(seed)
    axes = ["x", "y"]
    plan = solve(
        pd.DataFrame(demand, columns=[*axes, "weight"]), pd.DataFrame(existing, columns=axes), TYPES, budget=25.0,
        spacing=8.0, candidates=pd.DataFrame(candidates, columns=axes) if towers else None, seed=seed, time_limit=10.0,
    )  # fmt: skip
    sites = list(zip(plan.sites["x"], plan.sites["y"], plan.sites["type"], strict=True))
    cost, share = check(sites, demand, existing, TYPES, 8.0, candidates if towers else None)
    assert cost == pytest.approx(plan.cost)
    assert share == pytest.approx(plan.covered_share)
    assert cost <= 25.0
    assert plan.bound >= share - 1e-9


BROKEN: list[tuple[list[Site], str]] = [
    ([(0.0, 0.0, "macro"), (6.0, 0.0, "micro")], "is within 8"),
    ([(50.0, 50.0, "tower")], "unknown type"),
    ([(101.0, 100.0, "micro")], "is within 8"),
]


@pytest.mark.parametrize(("sites", "rule"), BROKEN)
def test_a_broken_rule_is_named(sites: list[Site], rule: str) -> None:
    demand = np.array([[0.0, 0.0, 1.0]])
    with pytest.raises(AssertionError, match=rule):
        check(sites, demand, np.array([[100.0, 100.0]]), TYPES, 8.0)


def test_only_candidates_count() -> None:
    demand = np.array([[0.0, 0.0, 1.0]])
    with pytest.raises(AssertionError, match="no candidate"):
        check([(1.0, 1.0, "micro")], demand, np.empty((0, 2)), TYPES, 8.0, np.array([[2.0, 2.0]]))
