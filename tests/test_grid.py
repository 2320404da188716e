"""The hex grid against H3 itself, published vectors and geometry; pentagons, poles and hostile input included."""

from __future__ import annotations

import h3.api.basic_int as h3i
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice import grid
from geoservice.errors import InputError

PENTAGON_9 = h3i.get_pentagons(9)[3]
LATS = st.floats(-90, 90)
LONS = st.floats(-180, 180)


def hexes_around(lat: float, lon: float, k: int, resolution: int = 9) -> np.ndarray:
    return grid.disk(grid.to_hex(lat, lon, resolution), k)


def test_published_vector() -> None:
    assert grid.hex_to_text(grid.to_hex(22.5431, 114.0579, 9)) == ["89411caa05bffff"]


@pytest.mark.parametrize(
    ("resolution", "edge_m", "area_km2"),
    [(6, 3724.5, 36.129062), (7, 1406.5, 5.161293), (9, 200.8, 0.105333), (10, 75.9, 0.015048)],
)
def test_published_edge_and_area(resolution: int, edge_m: float, area_km2: float) -> None:
    assert pytest.approx(edge_m, abs=0.06) == grid.MEAN_EDGE_M[resolution]
    assert pytest.approx(area_km2, abs=1e-6) == grid.MEAN_AREA_KM2[resolution]


@settings(deadline=None)
@given(LATS, LONS, st.integers(0, 15))
def test_to_hex_is_h3s_own(lat: float, lon: float, resolution: int) -> None:
    assert int(grid.to_hex(lat, lon, resolution)[0]) == h3i.latlng_to_cell(lat, lon, resolution)


@pytest.mark.parametrize(
    ("lat", "lon"), [(91, 0), (-90.0001, 0), (0, 541), (0, -180.1), (1e300, 0), (np.nan, 0), (0, np.inf)]
)
def test_to_hex_refuses_what_is_not_on_the_globe(lat: float, lon: float) -> None:
    with pytest.raises(InputError, match="row 1"):
        grid.to_hex([22.5, lat], [114.0, lon], 9)


@pytest.mark.parametrize(
    "text", ["", "zzz", "f" * 16, "-1", "8" * 800, "８９411caa05bffff", "89411caa05bfff", "ffffffffffffff0"]
)
def test_text_to_hex_refuses(text: str) -> None:
    with pytest.raises(InputError, match="item 1"):
        grid.text_to_hex(["89411caa05bffff", text])


@pytest.mark.parametrize("resolution", [16, -1, 9.5, True, "9", None])
def test_resolution_is_a_whole_number(resolution: object) -> None:
    with pytest.raises(InputError):
        grid.check_resolution(resolution)  # type: ignore[arg-type]


def test_disk_table_holds_each_disk_ring_by_ring() -> None:
    hexes = hexes_around(22.5431, 114.0579, 4)
    table, rings = grid.disk_table(hexes, 3), grid.disk_rings(3)
    assert table.shape == (61, 37)
    assert (table[:, 0] == hexes).all()
    for row in (0, 30, 60):
        steps = [h3i.grid_distance(int(hexes[row]), int(other)) for other in table[row]]
        assert steps == rings.tolist()


def test_neighbour_table_agrees_with_h3_everywhere_around_a_pentagon() -> None:
    hexes = np.random.default_rng(1).permutation(np.array(h3i.grid_disk(PENTAGON_9, 6), np.int64))
    table = grid.neighbour_table(hexes, 2)
    for position, row in enumerate(table):
        expected = {int(h) for h in h3i.grid_disk(int(hexes[position]), 2)} & set(hexes.tolist())
        assert {int(hexes[found]) for found in row if found >= 0} == expected
        assert (row >= 0).sum() == len(expected)
        assert row[0] == position


def test_columns_keep_their_ring_beside_a_pentagon() -> None:
    hexes = np.array(h3i.grid_disk(PENTAGON_9, 3), np.int64)
    table, rings = grid.disk_table(hexes, 2), grid.disk_rings(2)
    for origin, row in zip(hexes, table, strict=True):
        for ring in (0, 1, 2):
            members = {int(h) for h in row[rings == ring] if h}
            assert members == set(h3i.grid_ring(int(origin), ring))


def test_neighbour_table_is_symmetric() -> None:
    hexes = hexes_around(28.6, 77.2, 8, 8)
    table = grid.neighbour_table(hexes, 1)
    pairs = {(row, int(other)) for row in range(len(hexes)) for other in table[row] if other >= 0}
    assert pairs == {(b, a) for a, b in pairs}


def test_neighbour_table_of_nothing_and_of_duplicates() -> None:
    assert grid.neighbour_table(np.empty(0, np.int64), 1).shape == (0, 7)
    with pytest.raises(InputError, match="distinct"):
        grid.neighbour_table([PENTAGON_9, PENTAGON_9], 1)


@pytest.mark.parametrize("k", [-1, 101, 10**6, 1.5, True])
def test_disk_refuses_absurd_sizes(k: object) -> None:
    with pytest.raises(InputError):
        grid.disk_table([PENTAGON_9], k)  # type: ignore[arg-type]


def test_local_ij_steps_are_neighbours_and_far_hexes_are_unknown() -> None:
    anchor = int(grid.to_hex(22.5431, 114.0579, 9)[0])
    near = grid.disk([anchor], 1)
    far = grid.to_hex(-33.0, -70.0, 9)
    i, j, known = grid.local_ij(np.concatenate([near, far]), anchor)
    assert known.tolist() == [True] * 7 + [False]
    assert len(set(zip(i[:7], j[:7], strict=True))) == 7


def test_finest_resolution_is_the_handbooks_table() -> None:
    radii = [30, 50, 100, 200, 500, 1000, 2000, 2500]
    assert grid.finest_resolution(radii).tolist() == [10, 10, 9, 9, 8, 7, 6, 6]


def test_boxes_are_estimated_before_h3_is_asked() -> None:
    with pytest.raises(InputError, match="smaller box"):
        grid.hexes_in_box(18, 73, 53, 135, 12)
    with pytest.raises(InputError):
        grid.hexes_in_box(10, 170, 12, -170, 5)
