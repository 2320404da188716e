"""Rows found by their hex are the frame's rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from geoservice import geodesy, grid, tables
from geoservice.service.candidates import of_frame, to_frame
from geoservice.service.planned import PLANNED_M, PlannedSites
from geoservice.service.rows import Rows

FRAME = pd.DataFrame(
    {
        "hex": np.array([3, 5, 5, 9], np.int64),
        "cgi": pd.array(["a", None, "b", "c"], dtype="str"),
        "level": [-90.5, np.nan, -80.0, -70.0],
        "overlap": pd.array([1, None, 3, 4], dtype="Int64"),
        "overshoot": pd.array([True, None, False, True], dtype="boolean"),
    }
)


def test_rows_of_a_hex_in_their_order() -> None:
    rows = Rows(FRAME)
    assert list(rows.of(5)) == [
        {"hex": 5, "cgi": None, "level": None, "overlap": None, "overshoot": None},
        {"hex": 5, "cgi": "b", "level": -80.0, "overlap": 3, "overshoot": False},
    ]
    assert rows.first(9) == {"hex": 9, "cgi": "c", "level": -70.0, "overlap": 4, "overshoot": True}
    assert rows.first(4) is None
    assert rows.first(10) is None


def test_only_the_columns_asked_for() -> None:
    assert Rows(FRAME, ["cgi"]).first(3) == {"cgi": "a"}


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 12))
def test_one_point_has_the_hex_that_many_have(lat: float, lon: float, resolution: int) -> None:
    # The two libraries may differ where a point lies on an edge: then they name neighbours.
    hex_, many = grid.hex_at(lat, lon, resolution), int(grid.to_hex(lat, lon, resolution)[0])
    assert hex_ == many or many in grid.ring_neighbours(hex_, 1)


def test_planned_sites_around_a_point_are_those_within_reach() -> None:
    rng = np.random.default_rng(3)
    count = 400
    sites = pd.DataFrame(
        {
            "plan_no": [f"P{k}" for k in range(count)],
            "lat": 30.2 + rng.normal(0, 0.02, count),
            "lon": 117.9 + rng.normal(0, 0.02, count),
            "status": rng.choice(["proposed", "approved", "cancelled", "on_air"], count),
        }
    )
    table = tables.conform(sites, tables.PLANNED_SITES)
    found = PlannedSites(table).near(30.21, 117.91)
    distance = np.asarray(geodesy.distance_m(30.21, 117.91, sites["lat"], sites["lon"]))
    wanted = sites[(distance <= PLANNED_M) & sites["status"].isin(["proposed", "approved"])]
    assert {site["plan_no"] for site in found} == set(wanted["plan_no"])
    assert [site["distance_m"] for site in found] == sorted(site["distance_m"] for site in found)
    assert PlannedSites(table).near(0.0, 0.0) == []


def test_candidates_are_the_rows_of_fixes() -> None:
    row = {"complaint_id": "query", "rank": 0, "lat": 30.0, "lon": 118.0, "radius_m": 50.0, "precision": "gnss"}
    fixes = tables.conform(pd.DataFrame([{**row, "source": "coordinates", "probability": 1.0}]), tables.FIXES)
    pd.testing.assert_frame_equal(to_frame(of_frame(fixes)), fixes)
    assert to_frame([]).dtypes.equals(tables.empty(tables.FIXES).dtypes)
