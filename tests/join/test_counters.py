"""Deviations of counters: calibrated under health, sure under trouble."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice.config import default_config
from geoservice.join.counters import deviations, score_z, select, span_of


def test_score_z_is_the_textbook_binomial() -> None:
    """100 of 200 where 60 % are usual: (100 - 120) / sqrt(200 * 0.6 * 0.4) with an infinite baseline."""
    z = score_z(np.array([200.0]), np.array([100.0]), np.array([0.6]), 1.0, np.inf)
    assert z == pytest.approx(-20 / np.sqrt(48))


def found(kpis: pd.DataFrame, make: Any) -> dict[str, float]:
    counters = select(kpis, pd.Series(["A"]), default_config())
    span = span_of(counters, "A", make.BEGIN.timestamp(), make.END.timestamp(), default_config())
    return deviations(counters, span, default_config())


def test_healthy_cells_stay_within_three_sigma(make: Any) -> None:
    worst = [
        abs(found(make.hourly_kpis(["A"], seed=seed), make)[f"{name}_z"])
        for seed in range(12)
        for name in ("rrc", "access", "drop", "ho")
    ]
    assert np.quantile(worst, 0.9) < 2.6  # 48 draws of |N(0, 1)|
    assert max(worst) < 4.5


def test_overdispersed_days_do_not_raise_an_alarm(make: Any) -> None:
    kpis = make.hourly_kpis(["A"])
    day = kpis["start"].dt.day_of_year.to_numpy()
    rng = np.random.default_rng(5)
    mood = rng.normal(0.02, 0.01, day.max() + 1).clip(0.002)[day]  # the drop share wanders from day to day
    kpis["abn_rel"] = rng.binomial(kpis["all_rel"].astype(int), mood).astype(float)
    assert abs(found(kpis, make)["drop_z"]) < 4


def test_a_fallen_setup_share_is_seen_with_its_size(make: Any) -> None:
    kpis = make.hourly_kpis(["A"])
    now = kpis["start"] >= make.BEGIN
    kpis.loc[now, "bearer_succ"] = np.floor(kpis.loc[now, "bearer_att"] * 0.95)
    row = found(kpis, make)
    assert row["access_z"] < -10
    assert row["access_now"] == pytest.approx(0.95, abs=0.005)
    assert row["access_before"] == pytest.approx(0.99, abs=0.003)


def test_days_serve_where_there_are_no_hours(make: Any) -> None:
    hours = make.hourly_kpis(["A"])
    numbers = [c for c in hours if hours[c].dtype == "float64"]
    day = hours["start"].dt.floor("D").rename("start")
    days = hours.groupby(day)[numbers].agg("sum").reset_index().assign(cgi="A", granularity="day")
    days["prb_dl"] = hours.groupby(day)["prb_dl"].mean().to_numpy()
    row = found(days, make)
    assert row["kpi_periods"] == 14
    assert abs(row["rrc_z"]) < 4


def test_too_few_attempts_give_no_verdict(make: Any) -> None:
    kpis = make.hourly_kpis(["A"])
    kpis["ho_att"] = 0.05
    kpis["ho_succ"] = 0.0
    assert np.isnan(found(kpis, make)["ho_z"])
