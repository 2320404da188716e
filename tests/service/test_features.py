"""Features: the quick ways give what the plain ways give."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoservice import grid
from geoservice.errors import NotFound
from geoservice.service import COLLECTIONS, FeatureQuery, Window, features
from geoservice.service.plain import plain


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30))
def test_a_column_of_numbers_is_written_like_each_number(numbers: list[float]) -> None:
    assert features._plain_column(pd.Series(numbers, dtype=float)) == [plain(number) for number in numbers]


@given(st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=30))
def test_a_column_of_texts_is_written_like_each_text(texts: list[str | None]) -> None:
    assert features._plain_column(pd.Series(texts, dtype="str")) == texts


class Rates:
    """A service with hexes only."""

    def __init__(self, hexes: np.ndarray) -> None:
        self.store: Any = SimpleNamespace(current_run=lambda: object())
        columns = {"customers": 5.0, "contacts": 6.0, "expected": 1.0, "rate": 2.0, "gi_z": 0.0, "gi_p": 1.0}
        self._frame = pd.DataFrame({"hex": hexes, "class_group": "all", "emerging": None, **columns})

    def frame(self, what: str, run_id: str | None = None) -> pd.DataFrame:
        assert (what, run_id) == ("hexes", None)
        return self._frame

    def hotspots(self, run_id: str | None = None, class_group: str | None = None) -> list[dict[str, Any]]:
        return []

    def site_requests(self, run_id: str | None = None) -> list[dict[str, Any]]:
        return []


@pytest.mark.parametrize(("lat", "resolution"), [(0.3, 9), (30.2, 8), (68.0, 7), (-41.0, 10)])
def test_a_window_finds_every_hex_it_touches(lat: float, resolution: int) -> None:
    centre = grid.to_hex([lat], [20.0], resolution)
    hexes = grid.disk(centre, 12)
    shapes = grid.polygons(hexes)
    rng = np.random.default_rng(5)
    west, south, east, north = shapely.total_bounds(shapes)
    for _ in range(20):
        x, y = rng.uniform(west, east, 2), rng.uniform(south, north, 2)
        window = Window(min(y), min(x), max(y), max(x))
        box = shapely.box(window.west, window.south, window.east, window.north)
        wanted = set(np.array(grid.hex_to_text(hexes))[shapely.intersects(shapes, box)])
        page = features.page(Rates(hexes), "hexes", FeatureQuery(windows=(window,), limit=10_000))
        assert {feature["properties"]["hex"] for feature in page.features} == wanted
        assert page.matched == len(wanted)


def test_an_unknown_collection_is_not_found() -> None:
    with pytest.raises(NotFound, match="hotspots"):
        features.collection_of("complaints")


@pytest.mark.parametrize("name", list(COLLECTIONS))
def test_filters_are_properties_and_everything_is_described(name: str) -> None:
    collection = COLLECTIONS[name]
    assert set(collection.filters) <= set(collection.properties)
    assert set(collection.schema()) == set(collection.properties)
    assert not {"customer_key", "text", "place_text"} & set(collection.properties)
