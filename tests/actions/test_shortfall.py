"""Why a trial does not do, with the customers it leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice import grid
from geoservice.actions.effect import Effect
from geoservice.actions.search import Trial
from geoservice.actions.shortfall import Weak, why
from geoservice.config import default_config

CENTRE = (30.2, 118.2)
HEXES = grid.disk(grid.to_hex(*CENTRE, 9), 1)


def trial(gain: float, harm: float, after: list[float]) -> Trial:
    outcome = pd.DataFrame({"hex": HEXES[: len(after)], "rsrp_after_dbm": after})
    return Trial("A07", (), Effect(gain, harm), (), outcome)


def weak() -> Weak:
    coverage = pd.DataFrame(
        {"hex": HEXES, "rsrp_dbm": [-125.0] * 5 + [-100.0, np.nan], "customers": [10.0] * 4 + [np.nan, 10.0, 10.0]}
    )
    found = Weak.around({"lat": CENTRE[0], "lon": CENTRE[1], "radius_m": 300.0}, coverage, default_config())
    assert found is not None
    return found


def test_the_customers_left_are_counted() -> None:
    """Four weak hexes with ten customers each; one reaches the threshold."""
    said = why(trial(12.0, 1.0, [-109.0, -111.0]), weak())
    assert "only 10 of the 40" in said["why_en"]
    assert "40 名弱覆盖用户中仅 10 名达标" in said["why_zh"]


def test_what_lifts_nobody_here_says_so() -> None:
    said = why(trial(12.0, 1.0, [-111.0, -112.0]), weak())
    assert "none of the 40" in said["why_en"]
    assert "40 名弱覆盖用户无一达标" in said["why_zh"]


def test_what_lifts_nearly_all_is_to_be_tried_before_building() -> None:
    said = why(trial(40.0, 1.0, [-100.0] * 4), weak())
    assert "lifts 40 of the 40" in said["why_en"]
    assert "before building" in said["why_en"]
    assert "勘察时先试" in said["why_zh"]


@pytest.mark.parametrize(
    ("tried", "told"),
    [
        (None, "no antenna"),
        (trial(0.0, 3.0, [-100.0]), "lifts no customer"),
        (trial(3.0, 3.0, [-100.0]), "harms as many"),
    ],
)
def test_other_reasons_stand_as_they_are(tried: Trial | None, told: str) -> None:
    assert told in why(tried, weak())["why_en"]


def test_nobody_weak_is_known() -> None:
    fine = pd.DataFrame({"hex": HEXES, "rsrp_dbm": -90.0, "customers": 10.0})
    subject = {"lat": CENTRE[0], "lon": CENTRE[1], "radius_m": 300.0}
    assert Weak.around(subject, fine, default_config()) is None
    assert Weak.around(subject, fine.iloc[:0], default_config()) is None
    assert "does not cure" in why(trial(9.0, 1.0, [-100.0]))["why_en"]
