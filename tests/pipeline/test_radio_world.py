"""What-ifs stand on what was measured, not on what was predicted wrongly."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from geoservice import coverage, grid, tables
from geoservice.config import default_config
from geoservice.engine import LocalEngine
from geoservice.pipeline.radio_world import RadioWorld, predict
from geoservice.records import CellChange

NOW = datetime(2026, 3, 31, tzinfo=UTC)
SITE = (30.25, 118.25)


def cells() -> pd.DataFrame:
    row = {
        "cgi": ["A", "B"], "lat": [SITE[0], SITE[0] + 0.03], "lon": SITE[1], "rat": "LTE", "frequency_mhz": 1815.0,
        "bandwidth_mhz": 20.0, "height_m": 30.0, "azimuth_deg": [0.0, 180.0], "mech_tilt_deg": 0.0,
        "elec_tilt_deg": 6.0,
        "hbw_deg": 65.0, "vbw_deg": 7.0, "gain_dbi": 15.0, "rs_power_dbm": 15.0,
    }  # fmt: skip
    return tables.conform(pd.DataFrame(row), tables.CELLS)


def measurements(hex_: int, level_dbm: float) -> pd.DataFrame:
    lat, lon = grid.hex_to_latlon([hex_])
    count = 40
    rows = {
        "time": pd.Timestamp("2026-03-25T08:00Z") + pd.to_timedelta(np.arange(count), unit="min"),
        "lat": lat[0], "lon": lon[0], "rsrp_dbm": level_dbm, "cgi": "A", "rat": "LTE", "source": "MR",
        "device": [f"d{i % 8}" for i in range(count)], "indoor": False,
    }  # fmt: skip
    return tables.conform(pd.DataFrame(rows), tables.MEASUREMENTS)


@pytest.fixture(scope="module")
def hexes() -> np.ndarray:
    return grid.disk(grid.to_hex(SITE[0] + 0.012, SITE[1], 9), 4)


@pytest.fixture(scope="module")
def hole() -> int:
    return int(grid.to_hex(SITE[0] + 0.012, SITE[1], 9)[0])


def world(hole: int) -> RadioWorld:
    return RadioWorld.build(cells(), measurements(hole, -125.0), default_config(), NOW)


def customers(hexes: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"hex": hexes, "customers": 10.0})


def test_a_new_site_lifts_a_measured_hole_that_the_prediction_denies(hexes: np.ndarray, hole: int) -> None:
    radio = world(hole)
    predicted = radio.engine.hexes(np.array([hole]))["rsrp_dbm"].iloc[0]
    assert predicted > -110, "the scene: prediction says covered"
    lat, lon = grid.hex_to_latlon([hole])
    new = {
        "lat": lat[0],
        "lon": lon[0],
        "frequency_mhz": 1815.0,
        "height_m": 12.0,
        "rs_power_dbm": 10.0,
        "gain_dbi": 8.0,
    }
    found = radio.what_if([CellChange("NEW", "new", None, new)], customers(hexes)).set_index("hex").loc[hole]
    assert found["rsrp_before_dbm"] == pytest.approx(-125.0, abs=0.5)
    assert found["rsrp_after_dbm"] > -95
    assert found["best_after"] == "NEW"


def test_a_whisper_lifts_a_measured_hole_too(hexes: np.ndarray, hole: int) -> None:
    """A cell far below what the prediction believes to be there still beats what phones measured."""
    radio = world(hole)
    lat, lon = grid.hex_to_latlon([hole])
    quiet = {"lat": lat[0], "lon": lon[0], "frequency_mhz": 2140.0, "height_m": 12.0, "rs_power_dbm": -20.0}
    change = [CellChange("NEW", "new", None, quiet | {"gain_dbi": 0.0})]
    level = coverage.Coverage(
        tables.conform(pd.DataFrame([change[0].cell | {"cgi": "NEW", "rat": "LTE"}]), tables.CELLS),
        radio.config,
        radio.engine.calibration,
    ).hexes(np.array([hole]))["rsrp_dbm"]
    assert -125 < level.iloc[0] < radio.engine.hexes(np.array([hole]))["rsrp_dbm"].iloc[0] - 7, "the scene"
    found = radio.what_if(change, customers(hexes)).set_index("hex").loc[hole]
    assert found["rsrp_before_dbm"] == pytest.approx(-125.0, abs=0.5)
    assert found["rsrp_after_dbm"] == pytest.approx(level.iloc[0])
    assert found["best_after"] == "NEW"


def test_more_power_lifts_a_measured_hex_by_that_power(hexes: np.ndarray, hole: int) -> None:
    change = [CellChange("A", "rs_power_dbm", 18.0)]
    found = world(hole).what_if(change, customers(hexes)).set_index("hex").loc[hole]
    assert found["rsrp_before_dbm"] == pytest.approx(-125.0, abs=0.5)
    assert found["rsrp_after_dbm"] - found["rsrp_before_dbm"] == pytest.approx(3.0, abs=0.2)


def test_unmeasured_hexes_are_as_predicted(hexes: np.ndarray, hole: int) -> None:
    radio, change = world(hole), [CellChange("A", "rs_power_dbm", 18.0)]
    mine = radio.what_if(change, customers(hexes)).set_index("hex")
    plain = radio.engine.what_if(change, customers(hexes)).set_index("hex")
    others = [hex_ for hex_ in mine.index if hex_ != hole]
    assert others
    np.testing.assert_allclose(mine.loc[others, "rsrp_after_dbm"], plain.loc[others, "rsrp_after_dbm"])


def test_pieces_give_what_the_whole_gives(hexes: np.ndarray, hole: int) -> None:
    radio = world(hole)
    whole = radio.hexes(np.sort(hexes), customers(hexes)).set_index("hex")
    pieces, serving = predict(radio, hexes, customers(hexes), LocalEngine())
    pd.testing.assert_frame_equal(pieces.set_index("hex").loc[whole.index], whole, check_dtype=False)
    assert serving.groupby("hex")["probability"].sum().to_numpy() == pytest.approx(1.0, abs=1e-6)


def test_a_new_site_stands_in_the_surroundings_of_its_neighbours(hexes: np.ndarray, hole: int) -> None:
    """Among masts 500 m apart a new one is urban, in measured hexes as in the engine's own prediction."""
    rows = [cells().assign(cgi=[f"{i}A", f"{i}B"], lat=SITE[0] + 0.0045 * i, lon=[SITE[1], SITE[1] + 0.005])
            for i in range(4)]  # fmt: skip
    town = tables.concat(rows, tables.CELLS)
    radio = RadioWorld.build(town, measurements(hole, -125.0), default_config(), NOW)
    lat, lon = grid.hex_to_latlon([hole])
    new = {"lat": lat[0], "lon": lon[0] + 0.004, "frequency_mhz": 1815.0, "height_m": 25.0, "rs_power_dbm": 36.0}
    change = [CellChange("NEW", "new", None, new | {"gain_dbi": 10.0})]
    mine = radio.what_if(change, customers(hexes)).set_index("hex").loc[hole]
    plain = radio.engine.what_if(change, customers(hexes)).set_index("hex").loc[hole]
    assert plain["best_after"] == mine["best_after"] == "NEW", "the scene"
    assert mine["rsrp_after_dbm"] == pytest.approx(plain["rsrp_after_dbm"], abs=0.01)


@pytest.mark.parametrize("others", [[], [CellChange("A", "rs_power_dbm", 5.0)]], ids=["alone", "with-a-change"])
def test_a_three_sector_site_equals_the_whole_recomputation(others: list[CellChange]) -> None:
    """Every hex, touched or not, against engines built from nothing: all cells together, and the new ones alone."""
    everybody = grid.disk(grid.to_hex(SITE[0] + 0.012, SITE[1], 9), 9)
    low, high = everybody[::3], everybody[1::5]
    told = [measurements(int(hex_), level) for group, level in ((low, -122.0), (high, -70.0)) for hex_ in group]
    radio = RadioWorld.build(cells(), tables.concat(told, tables.MEASUREMENTS), default_config(), NOW)
    lat, lon = grid.hex_to_latlon(everybody[:1])
    row = {"lat": lat[0] + 0.004, "lon": lon[0] + 0.006, "rat": "LTE", "frequency_mhz": 1815.0, "height_m": 22.0,
           "mech_tilt_deg": 0.0, "elec_tilt_deg": 5.0, "rs_power_dbm": 12.0, "gain_dbi": 14.0, "hbw_deg": 65.0,
           "vbw_deg": 7.0, "status": "active"}  # fmt: skip
    changes = [CellChange(f"N{i}", "new", None, row | {"azimuth_deg": 120.0 * i}) for i in range(3)]
    found = radio.what_if([*others, *changes], customers(everybody)).set_index("hex")

    new = tables.conform(pd.DataFrame([{**c.cell, "cgi": c.cgi} for c in changes]), tables.CELLS)
    where = pd.Series(radio.engine.network.environment[0], index=["N0", "N1", "N2"])
    config, law = radio.config, radio.engine.calibration
    alone = coverage.Coverage(new, config, law, where).hexes(everybody).set_index("hex")["rsrp_dbm"]
    stood = cells()
    if others:
        stood["rs_power_dbm"] = stood["rs_power_dbm"].mask(stood["cgi"] == "A", 5.0)
    around = pd.Series(radio.engine.network.environment, index=radio.engine.network.cells.cgi)
    old = coverage.Coverage(stood, config, law, around).hexes(everybody).set_index("hex")["rsrp_dbm"]
    together = coverage.Coverage(tables.concat([stood, new], tables.CELLS), config, law, pd.concat([around, where]))
    whole = together.hexes(everybody).set_index("hex")
    stands = radio.hexes(everybody).set_index("hex")
    before = stands["rsrp_dbm"]
    left = old + (before - stands["rsrp_predicted_dbm"])
    after = np.maximum(left, alone)

    assert (alone > left).any(), "the scene: the site serves somebody"
    assert len(found) > (alone > left).sum(), "the scene: not only those it serves"
    assert found.index.isin(everybody).all()
    here = found.index
    np.testing.assert_allclose(found["rsrp_before_dbm"], before[here], atol=1e-9)
    np.testing.assert_allclose(found["rsrp_after_dbm"], after[here], atol=1e-9)
    assert (found["best_after"].isin(["N0", "N1", "N2"]) == (alone[here] > left[here])).all()
    np.testing.assert_allclose(found["sinr_after_db"], whole.loc[here, "sinr_db"], atol=0.02)
    np.testing.assert_array_equal(found["overlap_after"], whole.loc[here, "overlap_count"])
    rest = ~stands.index.isin(here)
    np.testing.assert_array_equal(after[rest], before[rest])
