"""Overlap of events with alarms and daily windows, against brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.join.clock import DAY_S, local_clock_s, local_seconds, seconds, touches, window_share

spans = st.tuples(st.floats(0, 1e6), st.floats(0, 2e5)).map(lambda p: (p[0], p[0] + p[1]))


@given(events=st.lists(spans, min_size=1, max_size=20), alarms=st.lists(spans, max_size=20))
def test_touches_equals_brute_force(events: list, alarms: list) -> None:
    start, end = np.array(events).T
    begin, finish = np.array(alarms).reshape(-1, 2).T
    brute = [any(s <= f and e >= b for b, f in alarms) for s, e in events]
    assert touches(start, end, begin, finish).tolist() == brute


@given(
    start=st.integers(0, 30 * 86400),
    minutes=st.integers(1, 3 * 1440),
    opens=st.integers(0, 1439),
    closes=st.integers(0, 1439),
)
def test_window_share_equals_counting_minutes(start: int, minutes: int, opens: int, closes: int) -> None:
    start = start // 60 * 60
    clock = (np.arange(minutes) * 60 + start) % 86400 // 60
    length = (closes - opens) % 1440 or 1440
    inside = ((clock - opens) % 1440) < length
    found = window_share(np.array([float(start)]), np.array([start + 60.0 * minutes]), opens * 60.0, closes * 60.0)
    assert found[0] == pytest.approx(inside.mean(), abs=1e-9)


def test_instant_is_in_or_out() -> None:
    night = (local_clock_s("23:00"), local_clock_s("05:30"))
    times = np.array([22.9, 23.1, 2.0, 5.4, 5.6]) * 3600 + 10 * DAY_S
    assert window_share(times, times, *night).tolist() == [0, 1, 1, 1, 0]


def test_local_seconds_follow_the_zone_and_keep_gaps() -> None:
    from zoneinfo import ZoneInfo

    times = pd.Series(pd.to_datetime(["2026-06-01T16:30Z", None], utc=True))
    found = local_seconds(times, ZoneInfo("Asia/Shanghai"))
    assert found[0] % DAY_S == 0.5 * 3600
    assert np.isnan(found[1])
    assert np.isnan(seconds(times)[1])
