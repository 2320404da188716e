"""The profile of most locations: a bound that never exceeds the smallest window, and finds who does not follow it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.stats.profile import common_profile


def windows(row: np.ndarray, duration: int, prospective: bool) -> list[float]:
    """Sums of every window, one by one."""
    last = len(row) - duration
    return [float(row[start : start + duration].sum()) for start in range(last if prospective else 0, last + 1)]


@pytest.mark.parametrize("prospective", [False, True])
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(2, 40))
def test_the_least_of_any_window_is_a_tight_lower_bound(prospective: bool, seed: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    expected = np.outer(rng.gamma(1.0, 5.0, 12), rng.gamma(2.0, 1.0, steps))
    durations = np.arange(1, steps + 1, dtype=np.int32)
    found = common_profile(expected, durations, prospective)
    assert found.alike.all()
    smallest = np.array([min(windows(expected.sum(axis=0), int(d), prospective)) for d in durations])
    bound = expected.sum() * found.least
    assert (bound <= smallest).all()
    assert bound == pytest.approx(smallest, rel=1e-6, abs=1e-6 * expected.sum())
    assert (np.diff(found.least) >= 0.0).all()


def test_locations_of_another_kind_are_told_apart() -> None:
    """What was taken out of a window, or has a history of its own, does not follow the profile."""
    rng = np.random.default_rng(1)
    expected = np.outer(rng.gamma(1.0, 5.0, 40), rng.gamma(2.0, 1.0, 30))
    expected[7, 3:9] = 0.0
    expected[11] = rng.gamma(2.0, 1.0, 30)
    expected[20] = 0.0
    found = common_profile(expected, np.arange(1, 16, dtype=np.int32), False)
    assert np.flatnonzero(~found.alike).tolist() == [7, 11]


def test_without_expectation_or_profile_nothing_is_alike() -> None:
    durations = np.array([1, 2], np.int32)
    assert not common_profile(np.zeros((4, 5)), durations, False).alike.any()
    assert not common_profile(np.random.default_rng(0).gamma(1.0, 1.0, (9, 5)), durations, False).alike.any()
