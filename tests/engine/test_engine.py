"""Pieces are complete and disjoint; where they run makes no difference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice import grid
from geoservice.engine import LocalEngine, by_parent, open_engine
from geoservice.errors import ConfigError

POINTS = st.lists(st.tuples(st.floats(-60, 60), st.floats(-170, 170)), min_size=1, max_size=60)


@given(POINTS, st.integers(2, 8))
def test_every_hex_stands_in_exactly_one_piece(points: list[tuple[float, float]], coarse: int) -> None:
    lat, lon = np.array(points).T
    hexes = grid.to_hex(lat, lon, 9)
    pieces = by_parent(hexes, coarse)
    merged = np.concatenate(pieces)
    assert merged.size == np.unique(hexes).size
    assert set(merged.tolist()) == set(hexes.tolist())
    assert all(np.unique(grid.parents(piece, coarse)).size == 1 for piece in pieces)


@given(POINTS)
def test_pieces_do_not_depend_on_the_order(points: list[tuple[float, float]]) -> None:
    lat, lon = np.array(points).T
    hexes = grid.to_hex(lat, lon, 9)
    first, second = by_parent(hexes, 5), by_parent(hexes[::-1], 5)
    assert [piece.tolist() for piece in first] == [piece.tolist() for piece in second]


def test_nothing_gives_no_pieces() -> None:
    assert by_parent(np.empty(0, np.int64), 5) == []


def test_the_local_engine_keeps_the_order_and_reports() -> None:
    seen: list[float] = []
    assert LocalEngine().map(lambda x: x * x, [3, 1, 2], lambda share, _what: seen.append(share)) == [9, 1, 4]
    assert seen[-1] == 1.0


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(ConfigError, match="spark"):
        open_engine("spark")


@pytest.mark.slow
def test_dask_gives_what_local_gives() -> None:
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    hexes = grid.to_hex(np.linspace(22, 23, 500), np.linspace(113, 114, 500), 8)
    pieces = by_parent(hexes, 5)
    remote = open_engine("dask")
    try:
        there = remote.map(np.sum, pieces)
    finally:
        remote.close()
    assert there == LocalEngine().map(np.sum, pieces)
