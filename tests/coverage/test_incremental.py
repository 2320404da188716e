"""A what-if recomputes little and answers what a whole recomputation answers, to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice import grid
from geoservice.coverage import Coverage
from geoservice.coverage.affected import QUIET_DB
from geoservice.records import CellChange
from geoservice.tables import WHAT_IF, check
from tests.coverage.conftest import LAT, LON, lattice

CHANGES = [
    [CellChange("460-00-27-0", "elec_tilt_deg", 0.0)],
    [CellChange("460-00-27-1", "azimuth_deg", 200.0)],
    [CellChange("460-00-30-2", "rs_power_dbm", 20.0), CellChange("460-00-20-0", "mech_tilt_deg", 8.0)],
    [CellChange("460-00-35-1", "frequency_mhz", 2120.0)],
    [CellChange("460-00-18-0", "status", "off")],
]


@pytest.fixture(scope="module")
def wide_cells():
    """192 cells on two carriers."""
    cells = lattice(8, 600)
    cells["frequency_mhz"] = np.where(np.arange(len(cells)) % 5 == 0, 2120.0, 1845.0)
    return cells


@pytest.fixture(scope="module")
def wide_hexes():
    return grid.hexes_in_box(LAT - 0.06, LON - 0.06, LAT + 0.06, LON + 0.06, 9)


@pytest.fixture(scope="module")
def wide(wide_cells, config):
    return Coverage(wide_cells, config)


def edited(cells: pd.DataFrame, changes: list[CellChange]) -> pd.DataFrame:
    cells = cells.copy()
    for change in changes:
        cells.loc[cells["cgi"] == change.cgi, change.field] = change.value
    return cells


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: changes[0].field)
def test_equals_the_whole_recomputation(wide, wide_cells, wide_hexes, config, changes):
    customers = pd.DataFrame({"hex": wide_hexes, "customers": 1.0})
    found = check(wide.what_if(changes, customers), WHAT_IF)
    assert 0 < len(found) < len(wide_hexes) / 2
    before = wide.hexes(wide_hexes).set_index("hex")
    after = Coverage(edited(wide_cells, changes), config).hexes(wide_hexes).set_index("hex")
    spot = found["hex"].to_numpy()
    names = {"rsrp_dbm": "rsrp_{}_dbm", "sinr_db": "sinr_{}_db", "dominance_db": "dominance_{}_db"}
    names |= {"overlap_count": "overlap_{}", "best_cgi": "best_{}"}
    for column, pattern in names.items():
        for moment, whole in (("before", before), ("after", after)):
            told, expected = found[pattern.format(moment)], whole.loc[spot, column]
            if column == "best_cgi":
                assert told.tolist() == expected.tolist()
            else:
                np.testing.assert_array_equal(told.to_numpy(float), expected.to_numpy(float))
    rest = before.index.difference(spot)
    for column in ("rsrp_dbm", "dominance_db", "overlap_count"):
        np.testing.assert_array_equal(before.loc[rest, column].to_numpy(float), after.loc[rest, column].to_numpy(float))
    moved = np.abs(before.loc[rest, "sinr_db"] - after.loc[rest, "sinr_db"])
    assert moved.max() <= len(changes) * QUIET_DB * 1.05


def test_a_new_cell_answers_as_if_it_had_always_stood(wide, wide_cells, wide_hexes, config):
    cell = {"lat": LAT + 0.001, "lon": LON + 0.001, "rat": "LTE", "frequency_mhz": 1845.0, "height_m": 25.0}
    cell |= {"azimuth_deg": 10.0, "elec_tilt_deg": 5.0, "rs_power_dbm": 15.2, "gain_dbi": 15.0, "scene": "dense urban"}
    found = wide.what_if([CellChange("new", "new", cell=cell)], pd.DataFrame({"hex": wide_hexes, "customers": 1.0}))
    check(found, WHAT_IF)
    assert (found["best_after"] == "new").any()
    assert (found.loc[found["best_after"] != "new", "rsrp_after_dbm"].to_numpy()
            == found.loc[found["best_after"] != "new", "rsrp_before_dbm"].to_numpy()).all()  # fmt: skip


def test_asking_again_gives_the_same(wide, wide_hexes):
    customers = pd.DataFrame({"hex": wide_hexes, "customers": 1.0})
    first = wide.what_if(CHANGES[0], customers)
    wide.what_if(CHANGES[4], customers)
    pd.testing.assert_frame_equal(first, wide.what_if(CHANGES[0], customers))
