"""Areas no machine could fill with hexes are refused before H3 is asked (attacks 16 and 17)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoservice import grid
from geoservice.errors import InputError

CHINA = (18.0, 73.0, 53.6, 135.1)


@pytest.mark.parametrize("resolution", [9, 12, 15])
def test_16_a_country_at_street_resolution_is_estimated_not_tried(
    resolution: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object) -> None:
        raise AssertionError("H3 was asked to fill a country")

    monkeypatch.setattr(grid.h3i, "geo_to_cells", never)
    with pytest.raises(InputError, match="hexes at resolution"):
        grid.hexes_in_box(*CHINA, resolution)
    with pytest.raises(InputError, match="hexes at resolution"):
        grid.hexes_in_polygon(shapely.box(-180, -90, 180, 90), resolution)


@pytest.mark.parametrize("k", [10**6, 101, -1, 1.5, True])
def test_16_a_disk_without_end_is_refused(k: object) -> None:
    with pytest.raises(InputError):
        grid.disk(np.array([grid.to_hex([22.5], [114.1], 9)[0]]), k)  # type: ignore[arg-type]


def test_17_a_box_over_the_meridian_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="west < east"):
        grid.hexes_in_box(-1, 170, 1, -170, 3)


@pytest.mark.parametrize(
    "ring",
    [
        [(-180, 89.9), (180, 89.9), (180, 90), (-180, 90)],
        [(-180, 80), (-90, 80), (0, 80), (90, 80), (180, 80), (180, 85), (-180, 85)],
        [(0, 85), (90, 85), (180, 85), (-90, 85)],
        [(-180, 89), (-60, 89), (60, 89), (180, 89)],
        [(-90, 80), (89, 80), (89, 90), (-90, 90)],
    ],
)
@pytest.mark.parametrize("resolution", [3, 5])
def test_17_a_ring_round_the_pole_is_refused_by_name(ring: list[tuple[float, float]], resolution: int) -> None:
    with pytest.raises(InputError, match="pole") as caught:
        grid.hexes_in_polygon(shapely.Polygon(ring), resolution)
    assert caught.value.field == "polygon"


def test_17_a_box_wider_than_half_the_globe_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="180°"):
        grid.hexes_in_box(-30, -100, 30, 100, 2)


def test_17_steps_around_a_pentagon_are_answered() -> None:
    pentagon = grid.to_hex([64.7], [10.54], 5)[0]
    near = grid.disk(np.array([pentagon]), 3)
    lat, lon = grid.hex_to_latlon(near)
    assert np.isfinite(lat).all()
    assert np.isfinite(lon).all()
