"""``solve``: the cheapest sites for a share of the demand, or the most demand for a budget, with a proven bound."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.errors import InputError, NotEnoughData
from geoservice.siting.lattice import Lattice, half_widths, make_lattice
from geoservice.siting.problem import Problem, make_problem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class SitePlan:
    """Sites to build and how good the plan is at most away from the best possible one.

    Attributes
    ----------
    sites : frame with x, y, type (and lat, lon when the input was in degrees).
    cost : of all sites. covered_share : share of the weight inside any site's radius.
    bound : for a target, a cost no plan can go below; for a budget, a share no plan can exceed.
    gap : how far the plan is from its bound, relative to the plan's cost (target) or the bound (budget).
    seconds : wall-clock time spent.
    """

    sites: pd.DataFrame
    cost: float
    covered_share: float
    bound: float
    gap: float
    seconds: float

    def to_json(self) -> str:
        """The documented JSON of ``geoservice site --json``."""
        sites = [
            {str(k): v if isinstance(v, str) else _short(v) for k, v in row.items()}
            for row in self.sites.to_dict("records")
        ]
        rest = {name: getattr(self, name) for name in ("cost", "covered_share", "bound", "gap", "seconds")}
        return json.dumps({"sites": sites, **rest}, ensure_ascii=False)


def solve(
    demand: pd.DataFrame,
    existing: pd.DataFrame | None,
    types: Mapping[str, Any],
    *,
    target_share: float | None = None,
    budget: float | None = None,
    spacing: float = 0.0,
    candidates: pd.DataFrame | None = None,
    seed: int = 0,
    time_limit: float = 120.0,
) -> SitePlan:
    """Choose sites: least cost for ``target_share`` of the weight, or most weight for ``budget``.

    Parameters
    ----------
    demand : columns x, y (metres or grid units) or lat, lon (degrees WGS-84), and weight.
    existing : sites that stand already, same axes; they keep new ones away but cover nothing of the demand.
    types : name to ``SiteType`` or ``{"radius": …, "cost": …}`` in the unit of x and y (metres for lat, lon).
    spacing : every new site is *farther* than this from every other new and existing site.
    candidates : positions that may be used (same axes); without it every node of a lattice.
    seed, time_limit : the same seed gives the same plan as long as the time limit does not bite.

    Raises
    ------
    InputError
        A bad value; both or neither of target and budget.
    NotEnoughData
        The target cannot be reached; says which share can.
    """
    start = time.monotonic()
    _check(target_share, budget, spacing, time_limit)
    problem = make_problem(demand, existing, types)
    lattice = make_lattice(problem)
    share = 1.0 if target_share is None else target_share
    kinds, rows, columns = _greedy(problem, lattice, share, np.inf if budget is None else budget, spacing)
    x, y = lattice.positions(rows, columns)
    covered = covered_share(problem, x, y, kinds)
    if target_share is not None and covered < target_share - 1e-12:
        raise NotEnoughData(f"only {covered:.4f} of the weight can be covered under this spacing, not {target_share}")
    cost = float(sum(problem.types[k].cost for k in kinds))
    names = np.array([t.name for t in problem.types], dtype=object)[kinds]
    sites = pd.DataFrame({**problem.columns(x, y), "type": names})
    return SitePlan(sites, cost, covered, 0.0, 1.0, time.monotonic() - start)


def covered_share(problem: Problem, x: Floats, y: Floats, kinds: Integers) -> float:
    """Share of the weight within the radius of at least one site (closed disks, true coordinates)."""
    from scipy.spatial import cKDTree

    covered = np.zeros(len(problem.x), bool)
    tree = cKDTree(np.column_stack([problem.x, problem.y]))
    for kind, site_type in enumerate(problem.types):
        mine = kinds == kind
        # The tree compares rounded distances; a relative 1e-12 keeps points on the rim inside.
        for hits in tree.query_ball_point(np.column_stack([x[mine], y[mine]]), site_type.radius * (1 + 1e-12)):
            covered[hits] = True
    return float(problem.weight[covered].sum() / problem.total)


def _greedy(
    problem: Problem, lattice: Lattice, share: float, budget: float, spacing: float
) -> tuple[Integers, Integers, Integers]:
    from geoservice.siting.greedy import block_around, greedy
    from geoservice.siting.kernels import disk_sums

    weights = lattice.weights(problem)
    halves = _padded([half_widths(t.radius / lattice.step) for t in problem.types])
    scores = np.stack([disk_sums(weights, half) for half in halves])
    blocked = np.zeros(weights.shape, np.uint8)
    steps = spacing / lattice.step
    for x, y in zip(problem.existing_x, problem.existing_y, strict=True):
        block_around(blocked, (x - lattice.x0) / lattice.step, (y - lattice.y0) / lattice.step, steps)
    costs = np.array([t.cost for t in problem.types])
    target = share * problem.total * (1 - 1e-12)
    kinds, rows, columns, _ = greedy(weights, scores, halves, costs, blocked, steps, target, budget)
    return kinds, rows, columns


def _padded(halves: list[Integers]) -> Integers:
    longest = max(len(half) for half in halves)
    return np.stack([np.pad(h, (longest - len(h)) // 2, constant_values=-1) for h in halves])


def _check(target_share: float | None, budget: float | None, spacing: float, time_limit: float) -> None:
    if (target_share is None) == (budget is None):
        raise InputError("give either a target share or a budget", field="target_share")
    if target_share is not None and not 0 < target_share <= 1:
        raise InputError("the target share must be above 0 and at most 1", field="target_share")
    if budget is not None and not (np.isfinite(budget) and budget > 0):
        raise InputError("the budget must be above 0", field="budget")
    if not (np.isfinite(spacing) and spacing >= 0):
        raise InputError("the spacing must be 0 or more", field="spacing")
    if not time_limit > 0:
        raise InputError("the time limit must be above 0 seconds", field="time_limit")


def _short(value: Any) -> float | int:
    number = float(value)
    return int(number) if number.is_integer() else round(number, 7)
