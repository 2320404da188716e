"""Technical acceptance: levels, test calls and counters, each with what lacks when it lacks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice.actions.proofs import CounterShift, Samples, prove
from geoservice.config import default_config

CONFIG = default_config()
FINE = CounterShift(days=10.0, worst_z=1.2, control_z=0.5)


def frame(good: int, bad: int, calls: int = 0, lost: int = 0) -> pd.DataFrame:
    level = [-95.0] * (good + calls) + [-118.0] * bad + [np.nan] * lost
    source = ["MDT"] * good + ["CQT"] * calls + ["MDT"] * bad + ["RLF"] * lost
    return pd.DataFrame({"rsrp_dbm": level, "source": source})


def test_levels_pass_at_ninety_per_cent_of_thirty() -> None:
    assert prove(Samples(frame(27, 3)), None, ("WEAK_SIGNAL",), CONFIG).passed is True
    assert prove(Samples(frame(26, 4)), None, ("WEAK_SIGNAL",), CONFIG).passed is False
    few = prove(Samples(frame(29, 0)), None, ("WEAK_SIGNAL",), CONFIG)
    assert few.passed is None
    assert few.lacking == (("实测样点仅 29 个", "only 29 measured samples"),)


@pytest.mark.parametrize(
    ("calls", "lost", "counters", "passed"),
    [
        (20, 0, FINE, True),
        (19, 0, FINE, None),
        (40, 1, FINE, False),
        (20, 0, None, None),
        (20, 0, CounterShift(6.0, 0.0, 0.0), None),
        (20, 0, CounterShift(9.0, 4.0, 0.5), False),
        (20, 0, CounterShift(9.0, 4.0, 3.0), True),
    ],
)
def test_calls_need_twenty_and_a_week_of_counters(
    calls: int, lost: int, counters: CounterShift | None, passed: bool | None
) -> None:
    """The last: a rise of the whole network is not this cell's."""
    found = prove(Samples(frame(30, 0, calls, lost)), counters, ("DROPPED_CALL",), CONFIG)
    assert found.passed is passed
    assert (found.calls, found.lost_calls) == (calls, lost)


def test_the_gain_is_what_the_controls_did_not_have_too() -> None:
    samples = Samples(frame(40, 0), frame(20, 20), frame(36, 4), frame(32, 8))
    assert prove(samples, None, (), CONFIG).level_gain == pytest.approx(0.5 - 0.1)
    assert np.isnan(prove(Samples(frame(40, 0)), None, (), CONFIG).level_gain)
