"""Did it work: exact intervals, planted cures, planted failures, and honest doubt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import comb
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.actions.verify import rate_ratio, verify
from geoservice.config import default_config

DONE = datetime(2026, 6, 1, tzinfo=UTC)
NOW = DONE + timedelta(days=30)
HERE = grid.disk(grid.to_hex(30.0, 104.0, 9), 1)
AREA = grid.disk(grid.to_hex(30.0, 104.0, 9), 12)


def test_rate_ratio_is_the_conditional_odds_ratio() -> None:
    """Fisher's tea, table [[3, 1], [1, 3]]: conditional estimate 6.408 (R fisher.test); bounds by their definition."""
    ratio, low, high = rate_ratio(before=1, after=3, control_before=3, control_after=1)
    assert ratio == pytest.approx(6.408309, rel=1e-4)

    def chance(odds: float) -> np.ndarray:
        weight = np.array([comb(4, k) * comb(4, 4 - k) * odds**k for k in range(5)])
        return weight / weight.sum()

    assert chance(low)[3:].sum() == pytest.approx(0.025, rel=1e-4)
    assert chance(high)[:4].sum() == pytest.approx(0.025, rel=1e-4)


def test_without_controls_the_interval_is_clopper_pearson() -> None:
    """2 after, 8 before: Clopper-Pearson for 2 of 10 is 0.0252-0.5561, as odds 0.0259-1.2528."""
    ratio, low, high = rate_ratio(8, 2, 0, 0)
    assert ratio == 0.25
    assert (low, high) == (pytest.approx(0.02586, abs=1e-4), pytest.approx(1.2529, abs=1e-3))


def town(before: int, after: int, seed: int = 0, repeats: bool = False) -> tuple[pd.DataFrame, ...]:
    """``before`` and ``after`` customers a month here (from two months before), two a month in every other hex."""
    rng = np.random.default_rng(seed)
    parts = []
    for start, count in ((-60, before), (-30, before), (0, after)):
        parts.append(pd.DataFrame({"hex": rng.choice(HERE, count), "day": start + rng.uniform(0, 30, count)}))
    others = np.setdiff1d(AREA, HERE)
    n = rng.poisson(6 * len(others))
    parts.append(pd.DataFrame({"hex": rng.choice(others, n), "day": rng.uniform(-60, 30, n)}))
    frame = pd.concat(parts, ignore_index=True)
    frame["key"] = [f"k{i}" for i in range(len(frame))]
    if repeats:
        frame.loc[frame.index[2 * before : 2 * before + 1], ["key", "day"]] = ["k0", 3.0]
    complaints = pd.DataFrame(
        {
            "ticket_no": frame["key"], "complaint_id": [f"c{i}" for i in range(len(frame))], "source": "s",
            "time_step": "instant", "customer_key": frame["key"], "class": "WEAK_SIGNAL",
            "accepted_at": pd.Timestamp(DONE) + pd.to_timedelta(frame["day"], unit="D"),
        }
    )  # fmt: skip
    weights = pd.DataFrame({"complaint_id": complaints["complaint_id"], "hex": frame["hex"], "weight": 1.0})
    lat, lon = grid.hex_to_latlon(AREA)
    coverage = pd.DataFrame({"hex": AREA, "lat": lat, "lon": lon, "customers": 100.0})
    return (
        pd.DataFrame({"hex": HERE, "weight": 1 / len(HERE)}),
        tables.conform(complaints, tables.COMPLAINTS),
        tables.conform(weights, tables.WEIGHTS),
        tables.conform(coverage, tables.COVERAGE),
    )


def ask(data: tuple[pd.DataFrame, ...], now: datetime = NOW, **more: Any) -> Any:
    return verify(*data, DONE, now, default_config(), **more)


def test_a_cure_is_seen() -> None:
    found = ask(town(30, 4))
    assert found.verdict == "solved"
    assert found.ratio_high < 1
    assert (found.before, found.after) == (30, 4)
    assert found.controls >= 60


def test_no_cure_is_seen_and_reopens() -> None:
    found = ask(town(40, 42))
    assert found.verdict == "not solved"
    assert found.reopen


def test_few_complaints_are_not_enough() -> None:
    assert ask(town(4, 2)).verdict == "not enough data"


def test_five_days_are_not_enough() -> None:
    found = ask(town(30, 4), now=DONE + timedelta(days=5))
    assert found.verdict == "not enough data"
    assert any("days since" in lack["en"] for lack in found.lacking)


def test_a_customer_who_comes_back_keeps_it_open() -> None:
    found = ask(town(30, 4, repeats=True))
    assert found.repeats == 1
    assert found.verdict == "not solved"


def test_weak_measurements_outweigh_silence() -> None:
    samples = pd.DataFrame({"rsrp_dbm": [-114.0] * 20 + [-90.0] * 20})
    assert ask(town(30, 4), measurements_after=samples).verdict == "not solved"
    good = pd.DataFrame({"rsrp_dbm": [-95.0] * 40})
    assert ask(town(30, 4), measurements_after=good).lacking == ()


def test_a_place_that_was_already_falling_proves_nothing() -> None:
    data = town(30, 4)
    complaints = data[1]
    day = (complaints["accepted_at"] - pd.Timestamp(DONE)) / pd.Timedelta(days=1)
    here = data[2]["hex"].isin(HERE).to_numpy()
    keep = ~(here & day.between(-30, 0).to_numpy()) | (np.arange(len(day)) % 4 == 0)
    found = ask((data[0], complaints[keep], *data[2:]))
    assert found.verdict == "not enough data"


def test_false_cures_are_rare() -> None:
    """Twenty towns in which nothing changed: none may be called solved more than once (5 % two-sided)."""
    solved = sum(ask(town(20, 20, seed)).verdict == "solved" for seed in range(20))
    assert solved <= 1


def test_the_interval_holds_what_it_promises() -> None:
    """Poisson counts with a known ratio: the exact interval covers it in at least 95 % of the draws, and not idly."""
    rng = np.random.default_rng(7)
    covered, width = [], []
    for ratio in (0.3, 0.5, 1.0):
        for _ in range(120):
            before, after = rng.poisson(20), rng.poisson(20 * ratio)
            control_before, control_after = rng.poisson([120, 120])
            _, low, high = rate_ratio(int(before), int(after), int(control_before), int(control_after))
            covered.append(low <= ratio <= high)
            width.append(high - low)
    assert np.mean(covered) >= 0.94, "0.95 less what 360 draws scatter"
    assert np.median(width) < 1.5


@pytest.mark.parametrize("trend", [0.7, 1.4])
def test_a_season_that_moves_everybody_is_not_a_cure(trend: float) -> None:
    """Complaints rise or fall alike everywhere: the ratio stays near one and its interval holds it."""
    rng = np.random.default_rng(3)
    kept = 0
    for _ in range(80):
        counts = rng.poisson([25, 25 * trend, 200, 200 * trend])
        _, low, high = rate_ratio(*map(int, counts))
        kept += low <= 1.0 <= high
    assert kept >= 73
