"""``solve``: the cheapest sites for a share of the demand, or the most demand for a budget, with a proven bound."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoservice.errors import InputError
from geoservice.siting.problem import make_problem


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
    from geoservice.siting.search import Aim, search

    problem = make_problem(demand, existing, types)
    return search(problem, candidates, spacing, Aim(target_share, budget, seed, start, time_limit))


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
