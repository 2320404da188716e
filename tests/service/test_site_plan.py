"""Plans for a budget reach whom the what-if of their own sites lifts, and never buy more than the budget."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.config import default_config
from geoservice.errors import NotEnoughData
from geoservice.pipeline import RadioWorld
from geoservice.radio.benefit import effect
from geoservice.service import site_plan
from geoservice.siting import site_cells

CONFIG = default_config()
NOW = datetime(2026, 3, 31, tzinfo=UTC)
CENTRE = (30.2, 118.2)


def masts() -> pd.DataFrame:
    """Four masts some kilometres from anybody."""
    row = {
        "cgi": ["A", "B", "C", "D"], "lat": CENTRE[0] + 0.06, "lon": CENTRE[1] + 0.01 * np.arange(4), "rat": "LTE",
        "frequency_mhz": 1815.0, "bandwidth_mhz": 20.0, "height_m": 30.0, "azimuth_deg": 0.0, "elec_tilt_deg": 6.0,
        "mech_tilt_deg": 0.0, "hbw_deg": 65.0, "vbw_deg": 7.0, "gain_dbi": 15.0, "rs_power_dbm": 15.0,
        "indoor": False, "site_type": "macro", "status": "active",
    }  # fmt: skip
    return tables.conform(pd.DataFrame(row), tables.CELLS)


RADIO = RadioWorld.build(masts(), tables.empty(tables.MEASUREMENTS), CONFIG, NOW)


class View:
    """A run with weak places around a point and one request in the middle of them."""

    def __init__(self, kind: str = "micro", level_dbm: float | None = None) -> None:
        hexes = grid.disk(grid.to_hex(*CENTRE, 9), 3)
        people = pd.DataFrame({"hex": hexes, "customers": 1.0 + np.arange(len(hexes)) % 17})
        self.coverage = RADIO.hexes(hexes, people)
        if level_dbm is not None:
            self.coverage = self.coverage.assign(rsrp_dbm=level_dbm)
        self._requests = pd.DataFrame({
            "request_no": ["SR-1"], "lat": CENTRE[0], "lon": CENTRE[1], "state": ["draft"], "type": [kind],
            "cost": [1.0 if kind == "micro" else 10.0], "new_cells": [None], "azimuths": [[0.0, 120.0, 240.0]],
            "height_m": [12.0 if kind == "micro" else 30.0],
        })  # fmt: skip

    def site_requests(self) -> pd.DataFrame:
        return self._requests


def planned(view: View, budget: float) -> dict[str, Any]:
    offer = site_plan.offer(view, RADIO, masts(), CONFIG)  # type: ignore[arg-type]
    return site_plan.plan(view, RADIO, offer, budget, CONFIG)  # type: ignore[arg-type]


def test_a_site_reaches_whom_its_what_if_lifts() -> None:
    """Reach comes from the prediction that requests are judged by: no circle stands for a site."""
    view = View("macro")
    offer = site_plan.offer(view, RADIO, masts(), CONFIG)  # type: ignore[arg-type]
    people = view.coverage[["hex", "customers"]]
    for position in (0, 1, len(offer.sites) - 1):
        outcome = RADIO.what_if(offer.cells[position], people)
        after = outcome["rsrp_after_dbm"].to_numpy(float, na_value=np.nan)
        lifted = set(outcome["hex"].to_numpy(np.int64)[after >= CONFIG["rsrp_weak"]])
        assert set(offer.demand["hex"].to_numpy(np.int64)[offer.reach[position]]) == lifted & set(offer.demand["hex"])
        assert lifted, "the scene: every site lifts somebody"


@pytest.mark.parametrize("budget", [1.0, 3.0, 12.0])
def test_a_plan_keeps_to_its_budget_and_below_its_bound(budget: float) -> None:
    found = planned(View(), budget)
    assert found["cost"] <= budget
    assert 0 < found["covered_share"] <= found["bound"] + 1e-6
    assert sum(site["cost"] for site in found["sites"]) == pytest.approx(found["cost"])


def test_the_gain_of_a_plan_is_the_what_if_of_all_its_sites() -> None:
    view = View()
    found = planned(view, 3.0)
    cells = [
        change
        for number, site in enumerate(found["sites"])
        for change in site_cells(site["lat"], site["lon"], site["type"], masts(), f"T{number}")
    ]
    expected = effect(RADIO.what_if(cells, view.coverage[["hex", "customers"]]), CONFIG)
    told = (found["gain_customers"], found["harm_customers"], found["net_customers"])
    assert told == pytest.approx((expected.gain, expected.harm, expected.net), abs=1e-3)  # told to four digits


def test_a_request_is_named_where_its_own_type_is_built_and_else_told_of() -> None:
    offer = site_plan.offer(View("macro"), RADIO, masts(), CONFIG)  # type: ignore[arg-type]
    first, second = offer.sites.iloc[0], offer.sites.iloc[1]
    assert (first["type"], first["request_no"]) == ("macro", "SR-1")
    assert (second["type"], second["other_type_request_no"]) == ("micro", "SR-1")
    assert pd.isna(second["request_no"])
    built = planned(View("micro"), 1.0)["sites"]
    assert [site["type"] for site in built] == ["micro"]


def test_a_request_that_was_built_or_refused_is_not_planned() -> None:
    view = View()
    view._requests = view._requests.assign(state="refused")
    assert not {site["request_no"] for site in planned(view, 5.0)["sites"]} - {None}


def test_where_nobody_is_badly_covered_there_is_nothing_to_plan() -> None:
    with pytest.raises(NotEnoughData, match="weak threshold"):
        planned(View(level_dbm=-80.0), 5.0)
