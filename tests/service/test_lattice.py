"""Told counts cannot be subtracted into a single customer: an attacker with every told number tries it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geoservice import grid
from geoservice.service.lattice import lattice

LEAST, STEP = 3.0, 5.0
FINEST = 9
ROOT = int(grid.to_hex(30.2, 117.9, 6)[0])


def children(resolution: int) -> np.ndarray:
    """Hexes under the root, in order."""
    lat, lon = grid.hex_to_latlon(np.array([ROOT]))
    around = grid.disk(grid.to_hex(lat, lon, resolution), 3 * 3 ** (resolution - 6))
    return np.sort(around[grid.parents(around, 6) == ROOT])


def leaves(counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Counts laid on children, grandchildren, … of one hex."""
    hexes = children(FINEST)[: len(counts)]
    return np.asarray(hexes, np.int64), np.asarray(counts, float)


def interval(hexes: np.ndarray, told: dict[int, pd.Series], total: float, target: np.ndarray) -> tuple[float, float]:
    """Least and most that the target hexes can hold together, given every exact told number and the total.

    The attacker knows the rule too: a hex that is not told holds nobody, or the rule withheld it; they know where
    people can be (``hexes``), and that counts are never negative.
    """
    rows, values = [np.ones(len(hexes))], [total]
    for resolution, series in told.items():
        parents = grid.parents(hexes, resolution)
        for hex_, value in series.items():
            rows.append((parents == hex_).astype(float))
            values.append(float(value))
    bounds = [(0, None)] * len(hexes)
    ends = [
        linprog(sign * target, A_eq=np.array(rows), b_eq=values, bounds=bounds, method="highs").fun * sign
        for sign in (1, -1)
    ]
    return ends[0], ends[1]


@given(st.lists(st.integers(0, 9), min_size=2, max_size=60))
@settings(max_examples=20, deadline=None)
def test_no_small_count_can_be_found_out_even_from_exact_told_numbers(counts: list[int]) -> None:
    hexes, customers = leaves(counts)
    if not customers.sum():
        return
    told = lattice(hexes, customers, LEAST, 0.0)
    for number in np.flatnonzero((customers > 0) & (customers < LEAST))[:3]:
        target = np.zeros(len(hexes))
        target[number] = 1.0
        # The total is told only where it is not small itself.
        total = customers.sum() if customers.sum() >= LEAST else 0.0
        if total:
            low, high = interval(hexes, told, total, target)
            assert not (low > 0.5 and high < LEAST - 0.5), (low, high)
            assert high - low > 0.5


@given(st.lists(st.integers(0, 9), min_size=2, max_size=200))
@settings(max_examples=60, deadline=None)
def test_every_difference_of_told_hexes_counts_nobody_or_enough(counts: list[int]) -> None:
    hexes, customers = leaves(counts)
    told = lattice(hexes, customers, LEAST, 0.0)
    for resolution in range(1, FINEST + 1):
        above, here = told.get(resolution - 1, pd.Series(dtype=float)), told.get(resolution, pd.Series(dtype=float))
        if not len(above):
            assert not len(here)
            continue
        parents = grid.parents(here.index.to_numpy(np.int64), resolution - 1) if len(here) else np.zeros(0, np.int64)
        assert set(parents.tolist()) <= set(above.index.tolist())
        shown = pd.Series(here.to_numpy(), index=parents).groupby(level=0).sum().reindex(above.index).fillna(0.0)
        rest = above - shown
        assert ((rest < 1e-9) | (rest >= LEAST)).all()
    assert all((series >= LEAST).all() for series in told.values())


def test_plain_suppression_would_have_been_undone() -> None:
    # One parent, three children: 9, 4 and 1. Hiding the 1 alone gives it away by one subtraction.
    hexes = np.asarray(children(7)[:3], np.int64)
    told = lattice(hexes, np.array([9.0, 4.0, 1.0]), LEAST, 0.0)
    assert told[6].to_dict() == {ROOT: 14.0}
    assert told[7].to_dict() == {int(hexes[0]): 9.0}
    rounded = lattice(hexes, np.array([9.0, 4.0, 1.0]), LEAST, STEP)
    assert rounded[6].to_dict() == {ROOT: 15.0}
    assert rounded[7].to_dict() == {int(hexes[0]): 10.0}


def test_successive_days_differ_in_steps() -> None:
    hexes = np.asarray(children(7), np.int64)
    before = np.array([9.0, 4.0, 6.0, 12.0, 7.0, 5.0, 8.0])
    told = lattice(hexes, before, LEAST, STEP)
    for number in range(len(hexes)):
        after = before.copy()
        after[number] += 1
        again = lattice(hexes, after, LEAST, STEP)
        for resolution, series in again.items():
            change = (series - told[resolution]).abs()
            assert set(change.tolist()) <= {0.0, STEP}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_nobody_and_a_few_look_alike(count: int) -> None:
    hexes = np.asarray(children(7)[:4], np.int64)
    told = lattice(hexes, np.array([20.0, 20.0, 20.0, float(count)]), LEAST, STEP)
    assert int(hexes[3]) not in told[7].index
    assert all((series % STEP == 0).all() for series in told.values())
