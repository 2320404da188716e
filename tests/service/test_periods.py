"""Periods of a run against counting the same complaints one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice import grid
from geoservice.errors import InputError
from geoservice.hotspots.calendar import Steps
from geoservice.service.periods import Period, Periods

ZONE = "Asia/Shanghai"
HEXES = grid.disk(grid.to_hex(30.2, 118.2, 9), 2)


@pytest.fixture(scope="module")
def periods() -> Periods:
    edges = pd.date_range("2026-03-01", periods=11, freq="D", tz=ZONE).tz_convert("UTC")
    random = np.random.default_rng(5)
    n = 400
    events = pd.DataFrame(
        {
            "step": np.sort(random.integers(0, 10, n)),
            "hex": random.choice(HEXES, n),
            "complaint": np.arange(n),
            "customer": random.integers(0, 120, n),
            "group": random.choice(["coverage", "drop"], n),
            "weight": random.choice([1.0, 0.5], n),
        }
    )
    return Periods(Steps("day", edges, edges.tz), events)


@pytest.fixture(scope="module")
def usual() -> pd.DataFrame:
    return pd.DataFrame({"hex": HEXES, "expected": np.linspace(1, 20, len(HEXES))})


def period(periods: Periods, first: int, last: int) -> Period:
    return Period(periods.steps.edges[first].to_pydatetime(), periods.steps.edges[last].to_pydatetime())


@pytest.mark.parametrize(("first", "last"), [(0, 10), (3, 4), (2, 9)])
@pytest.mark.parametrize("group", ["all", "drop"])
def test_customers_are_counted_once_a_hex(
    periods: Periods, usual: pd.DataFrame, first: int, last: int, group: str
) -> None:
    found = periods.rates(period(periods, first, last), group, usual).set_index("hex")
    wanted: dict[Any, float] = {}
    for row in periods.events.to_dict("records"):
        if first <= row["step"] < last and group in ("all", row["group"]):
            key = (row["hex"], row["customer"])
            wanted[key] = max(wanted.get(key, 0.0), row["weight"])
    for hex_ in HEXES:
        expected = sum(weight for (at, _), weight in wanted.items() if at == hex_)
        assert found.loc[hex_, "customers"] == pytest.approx(expected)


def test_the_expectation_is_that_share_of_the_time(periods: Periods, usual: pd.DataFrame) -> None:
    found = periods.rates(period(periods, 0, 4), "all", usual)
    assert found["expected"].to_numpy() == pytest.approx(0.4 * usual["expected"].to_numpy())
    assert np.isfinite(found[["rate", "gi_z"]].to_numpy()).all()


def test_open_sides_reach_to_the_ends(periods: Periods, usual: pd.DataFrame) -> None:
    whole = periods.rates(Period(), "all", usual)
    pd.testing.assert_frame_equal(whole, periods.rates(period(periods, 0, 10), "all", usual))


def test_a_period_without_a_whole_step_is_refused(periods: Periods, usual: pd.DataFrame) -> None:
    edge = periods.steps.edges[2]
    within = Period((edge + pd.Timedelta(hours=1)).to_pydatetime(), (edge + pd.Timedelta(hours=2)).to_pydatetime())
    with pytest.raises(InputError, match="whole time step"):
        periods.rates(within, "all", usual)


def test_the_timeline_counts_customers_once_a_step(periods: Periods) -> None:
    steps = periods.timeline("all")["steps"]
    assert [step["contacts"] for step in steps] == np.bincount(periods.events["step"], minlength=10).tolist()
    assert all(0 < step["customers"] <= step["contacts"] for step in steps)
