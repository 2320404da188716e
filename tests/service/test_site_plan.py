"""Reach of a type against the path-loss formula, and plans that never buy more than the budget."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice.config import default_config
from geoservice.errors import NotEnoughData
from geoservice.service import site_plan
from geoservice.siting.proposal import site_kinds

CONFIG = default_config()


class View:
    """A run with a row of weak places and one request at the heaviest."""

    def __init__(self, level_dbm: float = -118.0, kind: str = "micro") -> None:
        lon = 118.2 + 0.02 * np.arange(6)
        self.coverage = pd.DataFrame(
            {"lat": 30.2, "lon": lon, "rsrp_dbm": level_dbm, "customers": [50.0, 10.0, 300.0, 20.0, 40.0, 5.0]}
        )
        self._requests = pd.DataFrame(
            {"request_no": ["SR-1"], "lat": [30.2], "lon": [lon[2]], "state": ["draft"], "type": [kind]}
        )

    def site_requests(self) -> pd.DataFrame:
        return self._requests


NO_CELLS = pd.DataFrame({"lat": [31.0], "lon": [119.0]})


def test_the_reach_is_where_the_level_falls_to_the_threshold() -> None:
    """TR 38.901, table 7.4.1-1: UMa without line of sight, solved for the distance by hand."""
    kind = site_kinds()["macro"]
    budget_db = kind.rs_power_dbm + kind.gain_dbi - CONFIG["rsrp_weak"]
    slant = 10 ** ((budget_db - 13.54 - 20 * math.log10(1.8)) / 39.08)
    assert site_plan.reach_m(kind, CONFIG) == pytest.approx(math.sqrt(slant**2 - (kind.height_m - 1.5) ** 2), rel=0.02)


@pytest.mark.parametrize("budget", [1.0, 3.0, 10.0])
def test_a_plan_keeps_to_its_budget_and_below_its_bound(budget: float) -> None:
    found: dict[str, Any] = site_plan.plan(View(), NO_CELLS, budget, CONFIG)  # type: ignore[arg-type]
    assert found["cost"] <= budget
    assert 0 < found["covered_share"] <= found["bound"] + 1e-6
    assert sum(site["cost"] for site in found["sites"]) == pytest.approx(found["cost"])


def test_the_heaviest_place_is_served_first_and_named_by_its_request() -> None:
    found = site_plan.plan(View(), NO_CELLS, 1.0, CONFIG)  # type: ignore[arg-type]
    assert [site["request_no"] for site in found["sites"]] == ["SR-1"]
    assert found["customers"] == 300


def test_a_request_for_another_type_is_not_built_by_the_plan() -> None:
    found = site_plan.plan(View(kind="macro"), NO_CELLS, 1.0, CONFIG)  # type: ignore[arg-type]
    (site,) = found["sites"]
    assert site["type"] == "micro"
    assert site["request_no"] is None
    assert site["other_type_request_no"] == "SR-1"


def test_where_nobody_is_badly_covered_there_is_nothing_to_plan() -> None:
    with pytest.raises(NotEnoughData, match="weak threshold"):
        site_plan.plan(View(-80.0), NO_CELLS, 5.0, CONFIG)  # type: ignore[arg-type]
