"""What many locations have in common: the share of their expectation that falls on each step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# A location follows the profile if no step's share of it differs by more; bounds are taken that much lower per step.
ALIKE = 1e-12
# The profile is the median of so many locations.
SAMPLE = 501


class Profile(NamedTuple):
    """Locations that follow one profile over the steps, and what any window of it holds at least.

    alike : (locations,) whether the expectation is the location's total times the profile; least : (durations,) lower
    bound of the share of the total in any window of each duration, ascending. The smallest expectation of a zone of
    such locations over all windows of a duration is its total times that share: no need to look at the windows.
    """

    alike: NDArray[np.bool_]
    least: Floats


def common_profile(expected: Floats, durations: NDArray[np.int32], prospective: bool) -> Profile:
    """The profile of most locations; none is ``alike`` where every location has a profile of its own.

    Parameters
    ----------
    expected : (locations, steps); durations : ascending lengths of windows, in steps;
    prospective : windows end at the last step only.
    """
    usual = expected.sum(axis=1)
    lived = np.flatnonzero(usual > 0.0)
    if not len(lived):
        return Profile(np.zeros(len(expected), bool), np.zeros(len(durations)))
    some = lived[:: len(lived) // SAMPLE + 1]
    shape = np.median(expected[some] / usual[some, None], axis=0)
    alike = (np.abs(expected - usual[:, None] * shape) <= ALIKE * usual[:, None]).all(axis=1)
    running = np.concatenate([[0.0], np.cumsum(shape)])
    steps = len(shape)
    first = [steps - duration if prospective else 0 for duration in durations]
    windows = (running[at + size :] - running[at : steps + 1 - size] for at, size in zip(first, durations, strict=True))
    least = np.array([window.min() for window in windows]) - 4 * ALIKE * steps
    return Profile(alike, np.minimum.accumulate(np.maximum(least, 0.0)[::-1])[::-1].copy())
