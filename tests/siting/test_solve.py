"""Plans against exhaustive optima, rules against a checker that shares no code with the solver."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import highspy
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice import geodesy
from geoservice.errors import FileError, InputError, NotEnoughData
from geoservice.siting import SitePlan, SiteType, read_problem, solve

TYPES = {"macro": {"radius": 5, "cost": 4}, "micro": {"radius": 2, "cost": 1}}
RADIUS = {name: entry["radius"] for name, entry in TYPES.items()}
COST = {name: entry["cost"] for name, entry in TYPES.items()}


def city(seed: int, points: int = 60, size: int = 24) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    xy = np.unique(rng.integers(0, size, (points, 2)), axis=0)
    weight = rng.lognormal(1.0, 1.0, len(xy))
    demand = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "weight": weight})
    return demand, pd.DataFrame(rng.integers(0, size, (3, 2)), columns=["x", "y"])


def check(plan: SitePlan, demand: pd.DataFrame, existing: pd.DataFrame, spacing: float) -> None:
    """Coverage, cost and spacing recomputed pair by pair."""
    xy = plan.sites[["x", "y"]].to_numpy(float)
    covered = np.zeros(len(demand), bool)
    for (x, y), kind in zip(xy, plan.sites["type"], strict=True):
        covered |= np.hypot(demand["x"] - x, demand["y"] - y).to_numpy() <= RADIUS[kind] + 1e-9
    assert plan.covered_share == pytest.approx(demand["weight"][covered].sum() / demand["weight"].sum(), abs=1e-12)
    assert plan.cost == sum(COST[kind] for kind in plan.sites["type"])
    others = [tuple(row) for row in existing[["x", "y"]].to_numpy(float)]
    for a, b in combinations([tuple(p) for p in xy], 2):
        assert np.hypot(a[0] - b[0], a[1] - b[1]) > spacing
    for a in xy:
        assert all(np.hypot(a[0] - b[0], a[1] - b[1]) > spacing for b in others)


def optimum(
    demand: pd.DataFrame, existing: pd.DataFrame, share: float | None, budget: float | None, spacing: float
) -> float:
    """Least cost (or most covered share) by a mixed-integer programme over every position and type."""
    size_x, size_y = int(demand["x"].max()), int(demand["y"].max())
    low_x, low_y = int(demand["x"].min()), int(demand["y"].min())
    spots = [
        (x, y, kind)
        for x in range(low_x, size_x + 1)
        for y in range(low_y, size_y + 1)
        for kind in TYPES
        if all(np.hypot(x - a, y - b) > spacing for a, b in existing[["x", "y"]].to_numpy())
    ]
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    build = [model.addBinary() for _ in spots]
    cover = [model.addVariable(0, 1) for _ in range(len(demand))]
    xs = np.array([(x, y) for x, y, _ in spots], float)
    radius = np.array([RADIUS[kind] for _, _, kind in spots])
    for i, (x, y) in enumerate(demand[["x", "y"]].to_numpy(float)):
        near = np.flatnonzero(np.hypot(xs[:, 0] - x, xs[:, 1] - y) <= radius + 1e-9)
        model.addConstr(sum(build[k] for k in near) - cover[i] >= 0)
    clashes = [(a, b) for a, b in combinations(range(len(spots)), 2) if np.hypot(*(xs[a] - xs[b])) <= spacing]
    for a, b in clashes:
        model.addConstr(build[a] + build[b] <= 1)
    money = sum(COST[kind] * v for (_, _, kind), v in zip(spots, build, strict=True))
    worth = sum(w * c for w, c in zip(demand["weight"], cover, strict=True))
    if share is not None:
        model.addConstr(worth >= share * demand["weight"].sum())
        model.minimize(money)
        return float(model.getObjectiveValue())
    model.addConstr(money <= budget)
    model.maximize(worth)
    return float(model.getObjectiveValue() / demand["weight"].sum())


@pytest.mark.parametrize("seed", range(3))
def test_target_plans_are_near_the_optimum_and_the_bound_is_below_it(seed: int) -> None:
    demand, existing = city(seed, points=30, size=14)
    plan = solve(demand, existing, TYPES, target_share=0.8, spacing=1.0, seed=3)
    check(plan, demand, existing, 1.0)
    best = optimum(demand, existing, 0.8, None, 1.0)
    assert plan.covered_share >= 0.8
    assert plan.bound <= best + 1e-9 <= plan.cost + 2e-9
    assert plan.cost <= best + 1
    assert plan.gap == pytest.approx((plan.cost - plan.bound) / plan.cost)


@pytest.mark.parametrize("seed", range(3))
def test_budget_plans_are_near_the_optimum_and_the_bound_is_above_it(seed: int) -> None:
    demand, existing = city(seed, points=30, size=14)
    plan = solve(demand, existing, TYPES, budget=7, spacing=1.0, seed=3)
    check(plan, demand, existing, 1.0)
    best = optimum(demand, existing, None, 7, 1.0)
    assert plan.cost <= 7
    assert plan.covered_share <= best + 1e-9 <= plan.bound + 2e-9
    assert plan.covered_share >= 0.93 * best


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.0, 2.5, 4.0]), st.floats(0.1, 0.7))
def test_every_plan_keeps_every_rule(seed: int, spacing: float, share: float) -> None:
    demand, existing = city(seed)
    try:
        plan = solve(demand, existing, TYPES, target_share=share, spacing=spacing, seed=seed)
    except NotEnoughData:
        return
    check(plan, demand, existing, spacing)
    assert plan.covered_share >= share - 1e-12
    assert plan.bound <= plan.cost


def test_the_same_seed_gives_the_same_plan() -> None:
    demand, existing = city(7, points=200, size=60)
    plans = [solve(demand, existing, TYPES, target_share=0.8, spacing=3.0, seed=11) for _ in range(2)]
    pd.testing.assert_frame_equal(plans[0].sites, plans[1].sites)
    assert plans[0].bound == plans[1].bound


def test_a_dear_type_is_used_where_it_pays() -> None:
    """A full disk of radius 5 needs more than four micros."""
    a, b = np.mgrid[0:11, 0:11]
    inside = (a - 5) ** 2 + (b - 5) ** 2 <= 25
    demand = pd.DataFrame({"x": a[inside], "y": b[inside], "weight": 1.0})
    plan = solve(demand, None, TYPES, target_share=1.0)
    assert plan.sites[["x", "y", "type"]].to_numpy().tolist() == [[5, 5, "macro"]]
    assert plan.cost == 4
    assert plan.gap == 0.0, "the bound prices every type"


def test_the_spacing_is_strict_and_coverage_is_closed() -> None:
    demand = pd.DataFrame({"x": [0, 2], "y": [0, 0], "weight": [1.0, 1.0]})
    existing = pd.DataFrame({"x": [1, 0, 2], "y": [0, 0, 0]})
    types = {"only": {"radius": 1, "cost": 1}}
    with pytest.raises(NotEnoughData):
        solve(demand, existing, types, target_share=0.5, spacing=1.0)
    plan = solve(demand, None, types, target_share=1.0, spacing=0.0)
    assert plan.sites[["x", "y"]].to_numpy().tolist() == [[1.0, 0.0]], "points on the rim are covered"


def test_metres_and_degrees_give_plans_that_hold_on_the_ground() -> None:
    rng = np.random.default_rng(3)
    east, north = rng.uniform(0, 3000, 400), rng.uniform(0, 3000, 400)
    lat, lon = geodesy.from_local_m(east, north, 30.0, 104.0)
    demand = pd.DataFrame({"lat": lat, "lon": lon, "traffic": rng.uniform(1, 9, 400)})
    types = {"macro": SiteType("macro", 500, 10), "micro": SiteType("micro", 200, 2)}
    plan = solve(demand, demand.iloc[:2], types, target_share=0.7, spacing=150.0)
    covered = np.zeros(400, bool)
    for _, site in plan.sites.iterrows():
        covered |= geodesy.distance_m(lat, lon, site["lat"], site["lon"]) <= types[site["type"]].radius * 1.001
    assert demand["traffic"][covered].sum() / demand["traffic"].sum() >= 0.7 - 1e-9
    sites = plan.sites[["x", "y"]].to_numpy()
    assert min(np.hypot(*(a - b)) for a, b in combinations(sites, 2)) > 150.0
    assert 0 < plan.bound <= plan.cost


def test_only_given_candidates_are_used() -> None:
    demand, existing = city(2)
    spots = pd.DataFrame(
        {"x": [3.25, 9.5, 15.0, 20.75, 9.5], "y": [4.5, 12.0, 7.25, 18.0, 20.0], "name": list("abcde")}
    )
    plan = solve(demand, existing, TYPES, budget=8, spacing=2.0, candidates=spots)
    allowed = {tuple(row) for row in spots[["x", "y"]].to_numpy()}
    assert len(plan.sites) > 0
    assert {tuple(row) for row in plan.sites[["x", "y"]].to_numpy()} <= allowed
    check(plan, demand, existing, 2.0)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"target_share": 0.5, "budget": 3},
        {"target_share": 0.0},
        {"target_share": 1.5},
        {"budget": -1},
        {"budget": float("nan")},
        {"target_share": 0.5, "spacing": -1},
        {"target_share": 0.5, "spacing": float("inf")},
    ],
)
def test_bad_arguments_are_refused(arguments: dict) -> None:
    demand, existing = city(1)
    with pytest.raises(InputError):
        solve(demand, existing, TYPES, **arguments)


@pytest.mark.parametrize(
    "types", [{}, {"a": {"radius": 1}}, {"a": {"radius": 0, "cost": 1}}, {"a": {"radius": 1, "cost": -1}}, {"a": 3}]
)
def test_bad_types_are_refused(types: dict) -> None:
    demand, existing = city(1)
    with pytest.raises(InputError, match="type"):
        solve(demand, existing, types, target_share=0.5)


@pytest.mark.parametrize("value", ["nan", "-1", "x"])
def test_bad_rows_are_named(tmp_path: Path, value: str) -> None:
    (tmp_path / "d.csv").write_text(f"x,y,traffic\n1,2,3\n4,5,{value}\n")
    (tmp_path / "t.toml").write_text("[a]\nradius = 1\ncost = 1\n")
    with pytest.raises(InputError, match=r"line 3|row 1"):
        solve(*read_problem(tmp_path / "d.csv", None, tmp_path / "t.toml"), target_share=0.5)


def test_files_are_read_with_their_aliases_and_the_plan_is_json(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("\ufeffX,Y,Traffic\n1,2,3\n9,9,1\n", encoding="utf-8")
    (tmp_path / "e.csv").write_text("id,x,y\n7,100,100\n")
    (tmp_path / "t.toml").write_text("[micro]\nradius = 2\ncost = 1\n")
    demand, existing, types = read_problem(tmp_path / "d.csv", tmp_path / "e.csv", tmp_path / "t.toml")
    assert existing.to_numpy().tolist() == [[100.0, 100.0]]
    found = json.loads(solve(demand, existing, types, target_share=0.75).to_json())
    assert set(found) == {"sites", "cost", "covered_share", "bound", "gap", "seconds"}
    assert found["cost"] == 1
    assert found["sites"][0]["type"] == "micro"


@pytest.mark.parametrize(("name", "text"), [("d.csv", "a,b\n1,2\n"), ("t.toml", "[a\n"), ("d.csv", "")])
def test_unreadable_files_are_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "d.csv").write_text("x,y,weight\n1,2,3\n")
    (tmp_path / "t.toml").write_text("[a]\nradius = 1\ncost = 1\n")
    (tmp_path / name).write_text(text)
    with pytest.raises((InputError, FileError)):
        read_problem(tmp_path / "d.csv", None, tmp_path / "t.toml")


def test_a_file_of_candidates_without_rows_is_named() -> None:
    demand = pd.DataFrame({"x": [1.0], "y": [1.0], "weight": [2.0]})
    with pytest.raises(NotEnoughData, match="name no position"):
        solve(demand, None, TYPES, target_share=1.0, candidates=pd.DataFrame({"x": [], "y": []}, dtype=float))
