"""Coordinates by number, and what many names at one make of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.locate.crowding import LEAST_NAMES, names_at_point, point_keys, points_of_keys, rank_of

DEGREES = st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))


@settings(deadline=None)
@given(st.lists(DEGREES, min_size=1, max_size=20))
def test_keys_are_the_coordinates_to_the_sixth_decimal(points: list[tuple[int, int]]) -> None:
    lat, lon = (np.array(part) / 1e6 for part in zip(*points, strict=True))
    keys = point_keys(lat, lon)
    back = points_of_keys(keys)
    np.testing.assert_allclose(back, (lat, lon), rtol=0, atol=1e-9)
    assert len(set(keys.tolist())) == len(set(points))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([*"abcdefgh", None])), min_size=2, max_size=60))
def test_names_are_counted_exactly_from_five_on(rows: list[tuple[int, str | None]]) -> None:
    point = np.array([where for where, _ in rows], float)
    found = names_at_point(point, point, pd.Series([name for _, name in rows], dtype="str"))
    for (where, _), count in zip(rows, found.tolist(), strict=True):
        true = len({name for other, name in rows if other == where and name is not None})
        assert count == true if true >= LEAST_NAMES else count < LEAST_NAMES


def test_more_names_make_a_coarser_point() -> None:
    assert rank_of(np.array([0, 4, 5, 9, 10, 29, 30, 400])).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
