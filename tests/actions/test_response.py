"""The response curve recovers planted coefficients and knows its own uncertainty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice import tables
from geoservice.actions.response import fit
from geoservice.config import default_config
from geoservice.errors import NotEnoughData

TRUE = np.array([-6.0, 0.5, 0.2, 0.0])


def city(seed: int, hexes: int = 3000, days: float = 90.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    level, quality = rng.uniform(-125, -80, hexes), rng.uniform(-5, 20, hexes)
    customers = rng.uniform(20, 200, hexes)
    weakness = (-85 - np.clip(level, -130, -85)) / 10
    noise = (15 - np.clip(quality, -10, 15)) / 5
    rate = np.exp(TRUE[0] + TRUE[1] * weakness + TRUE[2] * noise)
    counts = rng.poisson(customers * days / 30 * rate)
    ids = np.arange(1, hexes + 1, dtype=np.int64)
    coverage = pd.DataFrame(
        {"hex": ids, "lat": 30.0, "lon": 104.0, "rsrp_dbm": level, "sinr_db": quality, "overlap_count": 1,
         "customers": customers}
    )  # fmt: skip
    rates = pd.DataFrame(
        {"hex": ids, "class_group": "all", "customers": counts.astype(float), "contacts": 0.0, "expected": 1.0}
    )
    return tables.conform(rates, tables.HEX_RATES), tables.conform(coverage, tables.COVERAGE)


def test_planted_coefficients_come_back_within_their_intervals() -> None:
    inside = 0
    for seed in range(10):
        curve = fit(*city(seed), days=90.0, config=default_config())
        error = curve.coefficients - TRUE
        inside += (np.abs(error[:3]) <= 1.96 * np.sqrt(np.diag(curve.covariance))[:3]).sum()
    assert inside >= 25  # 28.5 of 30 expected at 95 %


def test_avoided_complaints_match_the_truth(field: Any) -> None:
    curve = fit(*city(1), days=90.0, config=default_config())
    n = 50
    what_if = tables.conform(
        pd.DataFrame(
            {
                "hex": np.arange(n), "customers": 100.0, "rsrp_before_dbm": -115.0, "rsrp_after_dbm": -95.0,
                "sinr_before_db": 15.0, "sinr_after_db": 15.0, "overlap_before": 1.0, "overlap_after": 1.0,
            }
        ),
        tables.WHAT_IF,
    )  # fmt: skip
    truth = n * 100 * (np.exp(-6 + 0.5 * 3) - np.exp(-6 + 0.5 * 1))
    found = curve.avoided(what_if)
    assert found.low < truth < found.high
    assert found.mean == pytest.approx(truth, rel=0.15)


def test_nothing_changed_avoids_nothing(field: Any) -> None:
    curve = fit(*city(2), days=90.0, config=default_config())
    found = curve.avoided(field([]))
    assert (found.mean, found.low, found.high) == (0, 0, 0)


def test_the_plotted_curve_rises_towards_weak_signal() -> None:
    frame = fit(*city(3), days=90.0, config=default_config()).curve()
    assert frame["rate"].is_monotonic_decreasing
    assert (frame["low"] <= frame["rate"]).all()
    assert (frame["rate"] <= frame["high"]).all()


def test_too_few_complaints_are_refused() -> None:
    rates, coverage = city(4, hexes=30)
    with pytest.raises(NotEnoughData, match="30 complaints"):
        fit(rates.assign(customers=0.0), coverage, days=30.0, config=default_config())
