"""Outlines: across gaps of which nothing is known, never across places known to be in order."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoservice import grid
from geoservice.hotspots.figures import outline

CENTRE = grid.to_hex([30.6], [104.1], 8)


def shape(hexes: np.ndarray, known: np.ndarray) -> shapely.Geometry:
    return shapely.geometry.shape(outline(hexes, known))


def test_a_gap_of_which_nothing_is_known_is_drawn_over() -> None:
    area = grid.disk(CENTRE, 3)
    ring = np.setdiff1d(area, CENTRE)
    assert shape(ring, ring).equals(grid.outline(area))


def test_a_place_in_order_stays_a_hole() -> None:
    area = grid.disk(CENTRE, 3)
    ring = np.setdiff1d(area, CENTRE)
    assert shape(ring, area).equals(grid.outline(ring))


def test_nothing_is_added_round_a_hotspot() -> None:
    area = grid.disk(CENTRE, 2)
    assert shape(area, area).equals(grid.outline(area))


@given(seed=st.integers(0, 2**32 - 1))
def test_the_outline_holds_its_hexes_and_no_other_known_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    area = grid.disk(CENTRE, 5)
    kind = rng.choice(3, len(area), p=[0.5, 0.3, 0.2])  # in the hotspot, known, nothing known
    kind[0] = 0
    hexes, known = area[kind == 0], area[kind <= 1]
    lat, lon = grid.hex_to_latlon(known)
    inside = shapely.contains_xy(shape(hexes, known), lon, lat)
    assert set(known[inside].tolist()) == set(hexes.tolist())
