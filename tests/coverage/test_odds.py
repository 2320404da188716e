"""Shares well served: against closed forms and a plain simulation that shares no code with the kernel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from geoservice import grid
from geoservice.coverage import Coverage
from geoservice.coverage.blocks import Places
from geoservice.coverage.budget import pair_links
from geoservice.coverage.odds import masts, own_sigma_db
from geoservice.records import CellChange
from tests.coverage.conftest import LAT, LON, lattice

NO_GROUND = pd.DataFrame({"measured_dbm": [], "weight": [], "sigma_db": []}, dtype="float64")
TILT = [CellChange("460-00-14-0", "elec_tilt_deg", 12.0)]


@pytest.fixture(scope="module")
def hexes():
    return grid.hexes_in_box(LAT - 0.012, LON - 0.012, LAT + 0.012, LON + 0.012, 9)


@pytest.fixture(scope="module")
def people(hexes):
    return pd.DataFrame({"hex": hexes, "customers": 1.0})


def simulated(engine: Coverage, hexes: np.ndarray, draws: int = 4000) -> np.ndarray:
    """Share well served by drawing own and common shadowing plainly, (places,)."""
    network, config, rng = engine.network, engine.config, np.random.default_rng(5)
    places = Places.of(hexes)
    count, site = len(hexes), network.sites.of_cell
    mean = np.stack([pair_links(network, np.full(count, c), places).level_dbm for c in range(len(network.reach_m))])
    sigma = np.sqrt(2.0) * own_sigma_db(network).astype(float)  # both halves
    well = np.zeros(count)
    for _ in range(draws):
        own, common = rng.normal(size=(site.max() + 1, count)), rng.normal(size=count)
        level = mean + sigma[:, None] * np.sqrt(0.5) * (own[site] + common)
        best = level.argmax(axis=0)
        top = level[best, np.arange(count)]
        crowd = ((level >= top - config["overlap_window"]) & (network.channel[:, None] == network.channel[best])).sum(0)
        well += (top >= config["rsrp_weak"]) & (crowd <= config["overlap_max_incl_best"])
    return well / draws


def test_agrees_with_a_plain_simulation(hexes, people, config):
    cells = lattice(6, 600).assign(rs_power_dbm=-9.0)  # weak enough that level and overlap both decide
    engine = Coverage(cells, config)
    some = hexes[:: max(len(hexes) // 60, 1)]
    found, _ = engine.well_shares(TILT, people, some, NO_GROUND)
    expected = simulated(engine, some)
    assert np.ptp(expected) > 0.3
    assert np.abs(found - expected).max() < 0.25  # 32 draws a hex
    assert (found - expected).mean() == pytest.approx(0.0, abs=0.02)


def test_one_mast_alone_is_the_normal_integral(config):
    """One site of one cell: no overlap, the share is Q((T − m)/σ) of own and common part together."""
    cells = lattice(1, 600).iloc[:1].assign(rs_power_dbm=8.0)
    engine = Coverage(cells, config)
    hexes = grid.disk(grid.to_hex(LAT, LON, 9), 8)
    hexes = np.unique(np.asarray(hexes).ravel())
    people = pd.DataFrame({"hex": hexes, "customers": 1.0})
    change = [CellChange(str(cells["cgi"].iloc[0]), "elec_tilt_deg", 8.0)]
    found, _ = engine.well_shares(change, people, hexes, NO_GROUND)
    level = engine.hexes(hexes)["rsrp_dbm"].to_numpy()
    sigma = np.sqrt(2.0) * float(own_sigma_db(engine.network)[0])
    expected = norm.cdf((level - config["rsrp_weak"]) / sigma)
    assert 0.1 < expected.mean() < 0.9
    assert (found - expected).mean() == pytest.approx(0.0, abs=0.01)
    assert np.abs(found - expected).max() < 0.12


def test_sectors_of_one_mast_share_its_shadowing(config):
    """Four omni carriers-alike cells on one mast tie in every draw: nobody there is well served."""
    row = lattice(1, 600).iloc[:1].assign(azimuth_deg=np.nan, hbw_deg=360.0)
    cells = pd.concat([row.assign(cgi=f"460-00-1-{k}") for k in range(4)], ignore_index=True)
    engine = Coverage(cells, config)
    hexes = grid.to_hex(np.array([LAT, LAT + 0.003]), np.array([LON, LON]), 9)
    people = pd.DataFrame({"hex": hexes, "customers": 1.0})
    before, after = engine.well_shares([CellChange("460-00-1-3", "status", "off")], people, hexes, NO_GROUND)
    np.testing.assert_array_equal(before, 0.0)
    assert (after > 0.9).all()


def test_measured_ground_decides(hexes, people, config):
    engine = Coverage(lattice(6, 600), config)
    spot = hexes[len(hexes) // 2 :][:1]
    shares = []
    for level in (-135.0, config["rsrp_weak"], -80.0):
        ground = pd.DataFrame({"measured_dbm": [level], "weight": [1.0], "sigma_db": [6.0]}, index=spot)
        shares.append(engine.well_shares(TILT, people, spot, ground)[0][0])
    crowded = 1 - engine.well_shares(TILT, people, spot, NO_GROUND)[0][0]
    assert shares[0] < 0.01 < shares[1] < shares[2]
    assert shares[1] == pytest.approx(0.5 * (1 - crowded), abs=0.12)  # the measured median is at the threshold


def test_a_share_does_not_depend_on_what_is_asked_with_it(hexes, people, config):
    engine = Coverage(lattice(6, 600), config)
    whole = engine.well_shares(TILT, people, hexes, NO_GROUND)
    part = engine.well_shares(TILT, people, hexes[7:20], NO_GROUND)
    for all_of_them, some in zip(whole, part, strict=True):
        np.testing.assert_array_equal(all_of_them[7:20], some)


def test_nothing_moves_where_nothing_changes(hexes, people, config):
    engine = Coverage(lattice(6, 600), config)
    present = float(lattice(6, 600).set_index("cgi").loc["460-00-14-0", "elec_tilt_deg"])
    same = engine.well_shares([CellChange("460-00-14-0", "elec_tilt_deg", present)], people, hexes, NO_GROUND)
    np.testing.assert_array_equal(*same)


def test_new_cells_on_an_old_mast_are_of_that_mast(hexes, people, config):
    from geoservice.coverage.changes import changed_network

    engine = Coverage(lattice(3, 600), config)
    old = lattice(3, 600).iloc[0]
    cell = {"rat": "LTE", "frequency_mhz": 1845.0, "height_m": 25.0, "azimuth_deg": 10.0, "rs_power_dbm": 15.2}
    there = CellChange("a", "new", cell={**cell, "lat": old["lat"], "lon": old["lon"]})
    away = [CellChange(n, "new", cell={**cell, "lat": old["lat"] + 0.01, "lon": old["lon"]}) for n in ("b", "c")]
    changed, _, _ = changed_network(engine, [there, *away])
    number = masts(engine.network, changed)
    assert number[-3] == number[0]
    assert number[-2] == number[-1] > engine.network.sites.of_cell.max()
