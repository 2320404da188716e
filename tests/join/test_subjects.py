"""Subjects, their hexes at other resolutions, and small geometry."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice import grid
from geoservice.join.plane import distance_m, weighted_quantile
from geoservice.join.subjects import at_resolution


def test_distance_matches_the_mean_sphere() -> None:
    """One degree of latitude on the mean sphere is 111 195 m (6371.0088 km * pi / 180)."""
    assert distance_m([31.0], [104.0], 30.0, 104.0)[0] == pytest.approx(111_195, rel=1e-4)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.floats(0.01, 1))
def test_weighted_quantile_equals_repeating_values(weights: list[int], share: float) -> None:
    values = np.arange(len(weights), dtype=float)
    repeated = np.repeat(values, weights)
    expected = np.sort(repeated)[int(np.ceil(share * len(repeated) - 1e-9)) - 1]
    assert weighted_quantile(values, weights, share) == expected


def test_weights_survive_a_change_of_resolution() -> None:
    hexes = grid.disk(grid.to_hex(30.66, 104.06, 9), 1)
    frame = pd.DataFrame({"subject": 0, "hex": hexes, "weight": 1 / 7})
    finer = grid.disk(grid.to_hex(30.66, 104.06, 10), 6)
    coarser = grid.disk(grid.to_hex(30.66, 104.06, 8), 2)
    assert at_resolution(frame, coarser)["weight"].sum() == pytest.approx(1)
    spread = at_resolution(frame, finer)
    assert spread["weight"].sum() == pytest.approx(1)
    assert set(grid.resolutions(spread["hex"].to_numpy())) == {10}
