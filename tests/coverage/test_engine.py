"""The engine against a straightforward computation with the handbook's formulas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice import geodesy, grid
from geoservice.coverage import Coverage, holes_and_weak
from geoservice.errors import InputError, NotFound
from geoservice.radio import antenna, pathloss, power, shadowing
from geoservice.records import CellChange
from geoservice.tables import CELLS, COVERAGE, SERVING, WHAT_IF, check, conform
from tests.coverage.conftest import LAT, LON, lattice


def link_levels(cells: pd.DataFrame, hexes: np.ndarray, model: str, offset_db: float) -> np.ndarray:
    """(cells, hexes) levels by the formulas of geoservice.radio, cell by cell."""
    lat, lon = grid.hex_to_latlon(hexes)
    rows = []
    for cell in cells.itertuples():
        distance = geodesy.distance_m(cell.lat, cell.lon, lat, lon)
        bearing = geodesy.bearing_deg(cell.lat, cell.lon, lat, lon)
        down = antenna.down_angle_deg(cell.height_m, 1.5, distance)
        gain = antenna.gain_dbi(
            cell.gain_dbi,
            bearing - cell.azimuth_deg,
            down,
            cell.elec_tilt_deg,
            cell.mech_tilt_deg,
            cell.hbw_deg,
            cell.vbw_deg,
        )
        loss = pathloss.path_loss(model, cell.frequency_mhz, distance, cell.height_m).mean_db + offset_db
        rows.append(power.rsrp_dbm(cell.rs_power_dbm, gain, loss, feeder_db=0.5))
    return np.array(rows)


@pytest.fixture(scope="module")
def levels(cells, hexes):
    return link_levels(cells, hexes, "uma", 0.0)  # 600 m spacing is urban: UMa without constant


def test_every_column_is_declared_and_complete(covered):
    check(covered, COVERAGE)
    assert (
        covered[["rsrp_dbm", "sinr_db", "dominance_db", "probability", "sigma_db", "best_cgi"]].notna().all(axis=None)
    )


def test_level_and_best_server_equal_the_formulas(covered, levels, cells):
    assert covered["rsrp_dbm"].to_numpy() == pytest.approx(levels.max(axis=0), abs=0.15)  # plane against sphere
    margin = np.sort(levels, axis=0)[-1] - np.sort(levels, axis=0)[-2]
    clear = margin > 0.3
    assert (covered["best_cgi"].to_numpy() == cells["cgi"].to_numpy()[levels.argmax(axis=0)])[clear].all()


def test_dominance_overlap_and_sinr_equal_the_formulas(covered, levels):
    ranked = np.sort(levels, axis=0)[::-1]
    assert covered["dominance_db"].to_numpy() == pytest.approx(ranked[0] - ranked[1], abs=0.2)
    steady = ~(np.abs(ranked[0] - levels - 6) < 0.2).any(axis=0)
    expected = (levels >= ranked[0] - 6).sum(axis=0)
    assert (covered["overlap_count"].to_numpy(int) == expected)[steady].all()
    sinr = power.sinr_db(ranked[0], ranked[1:].T, 0.5)
    assert covered["sinr_db"].to_numpy() == pytest.approx(sinr, abs=0.25)


def test_inter_frequency_neighbours_neither_disturb_nor_overlap(hexes, config):
    """Every sector on its own carrier: no interference, no second server, no overlap."""
    cells = lattice(2, 600)
    cells["frequency_mhz"] = 1805.0 + 5 * np.arange(len(cells))
    found = Coverage(cells, config).hexes(hexes)
    assert (found["overlap_count"] == 1).all()
    assert found["second_cgi"].isna().all()
    snr = found["rsrp_dbm"] - power.noise_dbm(15)
    assert found["sinr_db"].to_numpy() == pytest.approx(snr.to_numpy(), abs=0.2)


def test_probability_is_the_mixture_over_line_of_sight(engine, covered, config):
    row = covered.iloc[covered["server_distance_m"].argmin()]
    loss = pathloss.path_loss("uma", 1845.0, row["server_distance_m"], 25.0)
    mean, share = row["rsrp_dbm"], float(loss.los_probability)
    los, nlos = mean + float(loss.mean_db - loss.los_db), mean + float(loss.mean_db - loss.nlos_db)
    expected = shadowing.mixture_exceedance(config["rsrp_weak"], share, los, 4.0, nlos, 6.0)
    assert row["probability"] == pytest.approx(float(expected), abs=1e-6)


def test_indoors_is_weaker_by_wall_and_depth(covered):
    from geoservice.radio.tr38901 import o2i_db

    gap = covered["rsrp_dbm"] - covered["rsrp_indoor_dbm"]
    assert gap.to_numpy() == pytest.approx(float(o2i_db(1.845)), abs=1e-6)


def test_order_and_blocks_do_not_change_an_answer(engine, hexes, covered):
    some = np.random.default_rng(1).permutation(hexes)[:50]
    alone = engine.hexes(some)
    expected = covered.set_index("hex").loc[some].reset_index()
    pd.testing.assert_frame_equal(alone, expected, check_exact=False, atol=2e-3)


def test_only_active_cells_radiate(cells, hexes, config, covered):
    best = covered["best_cgi"].iloc[0]
    status = cells["status"].where(cells["cgi"] != best, "off")
    found = Coverage(cells.assign(status=status), config).hexes(hexes)
    assert not (found["best_cgi"] == best).any()


def test_no_cells_at_all_is_a_hole_everywhere(hexes, config):
    found = Coverage(conform(pd.DataFrame(columns=CELLS.names), CELLS), config).hexes(hexes)
    assert (found["probability"] == 0).all()
    assert found["best_cgi"].isna().all()
    assert (found["rsrp_dbm"] <= -140).all()


def test_no_hexes_give_an_empty_table(engine):
    assert len(engine.hexes(np.empty(0, np.int64))) == 0
    assert len(engine.serving(np.empty(0, np.int64))) == 0


def test_text_hexes_are_refused_with_the_remedy(engine):
    with pytest.raises(InputError, match="text_to_hex"):
        engine.hexes(["89411caa05bffff"])


def test_a_gsm_beacon_does_not_outrank_lte(cells, hexes, config, covered):
    gsm = lattice(6, 600).assign(rat="GSM", frequency_mhz=945.0, rs_power_dbm=43.0)
    gsm["cgi"] = "G" + gsm["cgi"]
    both = Coverage(pd.concat([cells, conform(gsm, CELLS)], ignore_index=True), config).hexes(hexes)
    assert (both["best_cgi"] == covered["best_cgi"]).all()
    assert Coverage(conform(gsm, CELLS), config).hexes(hexes)["best_cgi"].str.startswith("G").all()


class TestDegradation:
    """Missing parameters widen the spread step by step and say so."""

    @pytest.fixture
    def near(self):
        return grid.to_hex(LAT + 0.003, LON, 9)

    def only(self, config, near, **columns):
        cell = lattice(1, 600).iloc[:1].assign(lat=LAT, lon=LON, scene="urban", **columns)
        return Coverage(conform(cell, CELLS), config).hexes(near).iloc[0]

    def test_full_parameters_are_predicted(self, config, near):
        assert self.only(config, near)["basis"] == "predicted"

    def test_missing_height_and_tilt_are_still_predicted_but_wider(self, config, near):
        full = self.only(config, near)
        less = self.only(config, near, height_m=np.nan, elec_tilt_deg=np.nan, mech_tilt_deg=np.nan)
        assert less["basis"] == "predicted"
        assert less["sigma_db"] > full["sigma_db"]

    def test_missing_azimuth_is_omni_assumed_and_wider(self, config, near):
        full, blind = self.only(config, near), self.only(config, near, azimuth_deg=np.nan)
        assert blind["basis"] == "assumed"
        assert blind["sigma_db"] > full["sigma_db"] + 1

    def test_a_true_omni_needs_no_azimuth(self, config, near):
        assert self.only(config, near, azimuth_deg=np.nan, hbw_deg=360.0)["basis"] == "predicted"

    def test_only_position_and_range_use_the_distance_model(self, config):
        bare = pd.DataFrame({"cgi": ["c"], "lat": [LAT], "lon": [LON], "rat": ["LTE"], "range_m": [1000.0]})
        edge = grid.to_hex(*geodesy.destination(LAT, LON, 90.0, 1000.0), 11)
        found = Coverage(conform(bare, CELLS), config).hexes(edge).iloc[0]
        assert found["basis"] == "assumed"
        assert found["sigma_db"] == pytest.approx(12.0)
        assert found["rsrp_dbm"] == pytest.approx(-110.0, abs=0.6)


class TestOvershoot:
    def test_best_server_far_beyond_nearer_sites_overshoots(self, config):
        """One very strong untilted cell serves over the heads of weak neighbours."""
        cells = lattice(5, 500)
        loud = cells["cgi"] == "460-00-0-0"
        cells.loc[~loud, "rs_power_dbm"] = -25.0
        cells.loc[loud, ["elec_tilt_deg", "mech_tilt_deg", "height_m"]] = [0.0, 0.0, 60.0]
        mast = cells.loc[loud].iloc[0]
        lat, lon = geodesy.destination(mast["lat"], mast["lon"], 20.0, 1600.0)
        found = Coverage(cells, config).hexes(grid.to_hex(lat, lon, 9)).iloc[0]
        assert found["best_cgi"] == "460-00-0-0"
        assert found["overshoot"]
        assert found["overshoot_ratio"] == pytest.approx(found["server_distance_m"] / 500, rel=0.01)

    def test_a_regular_network_does_not_overshoot(self, covered):
        assert covered["overshoot"].mean() < 0.02

    def test_cells_within_the_window_count_too(self, config):
        cells = lattice(5, 500)
        loud = cells["cgi"] == "460-00-0-0"
        cells.loc[loud, ["elec_tilt_deg", "mech_tilt_deg", "height_m", "rs_power_dbm"]] = [0.0, 0.0, 60.0, 40.0]
        mast = cells.loc[loud].iloc[0]
        lat, lon = geodesy.destination(mast["lat"], mast["lon"], 20.0, 1600.0)
        found = Coverage(cells, config).overshoot_cells(grid.disk(grid.to_hex(lat, lon, 9), 2)).set_index("cgi")
        assert found.loc["460-00-0-0", "overshoot_hexes"] > 0
        assert found["overshoot_hexes"].le(found["hexes"]).all()


class TestServing:
    def test_probabilities_sum_to_one_and_favour_the_best(self, engine, hexes, covered):
        found = engine.serving(hexes)
        check(found, SERVING)
        assert found.groupby("hex")["probability"].sum().to_numpy() == pytest.approx(1.0)
        top = found.sort_values("probability").groupby("hex").tail(1).set_index("hex")["cgi"]
        agree = top.loc[covered["hex"]].to_numpy() == covered["best_cgi"].to_numpy()
        assert agree[covered["dominance_db"] > 0.3].all()

    def test_softmax_is_close_to_the_orthant_probability(self, engine, hexes):
        """Against a draw of correlated Gaussian shadowing (the planted truth of the model)."""
        one = engine.serving(hexes[len(hexes) // 2 : len(hexes) // 2 + 1])
        rng = np.random.default_rng(3)
        sigma = 6.0 * np.sqrt(0.5)
        drawn = one["rsrp_dbm"].to_numpy() + rng.normal(0, sigma, (40_000, len(one)))
        share = np.bincount(drawn.argmax(axis=1), minlength=len(one)) / 40_000
        assert one["probability"].to_numpy() == pytest.approx(share, abs=0.06)

    def test_measured_shares_take_over(self, engine, hexes):
        spot = hexes[:1]
        other = "460-00-0-2"
        seen = pd.DataFrame({"hex": spot, "cgi": [other], "samples": [90], "median_dbm": [-95.0]})
        found = engine.serving(spot, measured=seen)
        row = found.loc[found["cgi"] == other].iloc[0]
        assert row["probability"] >= 0.9
        assert row["basis"] == "measured"
        assert found["probability"].sum() == pytest.approx(1.0)

    def test_an_indoor_system_serves_its_own_hex_only(self, cells, hexes, config):
        lat, lon = grid.hex_to_latlon(hexes[:1])
        das = pd.DataFrame(
            {"cgi": ["das"], "lat": lat, "lon": lon, "rat": ["LTE"], "indoor": [True], "site_type": ["DAS"]}
        )
        engine = Coverage(pd.concat([cells, conform(das, CELLS)], ignore_index=True), config)
        found = engine.serving(hexes)
        assert found.loc[found["cgi"] == "das", "hex"].tolist() == [hexes[0]]
        level = engine.hexes(hexes).set_index("hex")
        assert level.loc[hexes[0], "rsrp_indoor_dbm"] >= -85.0
        assert not (level["best_cgi"] == "das").any()


class TestWhatIf:
    @pytest.fixture
    def customers(self, hexes):
        return pd.DataFrame({"hex": hexes, "customers": 1.0 + np.arange(len(hexes)) % 5})

    def recomputed(self, cells, config, hexes):
        return Coverage(cells, config).hexes(hexes).set_index("hex")

    def test_equals_a_full_recomputation(self, engine, cells, hexes, config, customers, covered):
        found = engine.what_if([CellChange("460-00-14-0", "elec_tilt_deg", 0.0)], customers)
        check(found, WHAT_IF)
        edited = cells.copy()
        edited.loc[edited["cgi"] == "460-00-14-0", "elec_tilt_deg"] = 0.0
        after, before = self.recomputed(edited, config, hexes), covered.set_index("hex")
        spot = found["hex"].to_numpy()
        assert found["rsrp_after_dbm"].to_numpy() == pytest.approx(after.loc[spot, "rsrp_dbm"].to_numpy(), abs=1e-3)
        assert found["sinr_after_db"].to_numpy() == pytest.approx(after.loc[spot, "sinr_db"].to_numpy(), abs=0.02)
        assert found["rsrp_before_dbm"].to_numpy() == pytest.approx(before.loc[spot, "rsrp_dbm"].to_numpy(), abs=1e-3)
        untouched = before.index.difference(spot)
        assert after.loc[untouched, "rsrp_dbm"].to_numpy() == pytest.approx(
            before.loc[untouched, "rsrp_dbm"].to_numpy(), abs=0.1
        )

    def test_switching_off_hands_over_to_the_next(self, engine, customers, covered):
        best = covered["best_cgi"].mode()[0]
        found = engine.what_if([CellChange(best, "status", "off")], customers)
        lost = found.loc[found["best_before"] == best]
        assert len(lost)
        assert (lost["best_after"] != best).all()
        assert (lost["rsrp_after_dbm"] <= lost["rsrp_before_dbm"]).all()
        assert (lost["rsrp_after_dbm"] < lost["rsrp_before_dbm"] - 1).any()

    def test_a_new_cell_serves_its_surroundings(self, engine, hexes, customers):
        lat, lon = grid.hex_to_latlon(hexes[len(hexes) // 2 : len(hexes) // 2 + 1])
        cell = {
            "lat": lat[0],
            "lon": lon[0],
            "height_m": 25.0,
            "azimuth_deg": 0.0,
            "frequency_mhz": 1845.0,
            "rs_power_dbm": 15.2,
        }
        found = engine.what_if([CellChange("new", "new", cell=cell)], customers)
        own = found.set_index("hex").loc[hexes[len(hexes) // 2]]
        assert own["best_after"] == "new"
        assert own["rsrp_after_dbm"] > own["rsrp_before_dbm"]

    def test_the_engine_itself_stays_as_it_was(self, engine, hexes, customers, covered):
        engine.what_if([CellChange("460-00-14-0", "status", "off")], customers)
        pd.testing.assert_frame_equal(engine.hexes(hexes), covered)

    def test_unknown_cells_and_fields_are_named(self, engine, customers):
        with pytest.raises(NotFound, match="nowhere"):
            engine.what_if([CellChange("nowhere", "elec_tilt_deg", 3.0)], customers)
        with pytest.raises(InputError, match="vendor"):
            engine.what_if([CellChange("460-00-14-0", "vendor", 3.0)], customers)
        with pytest.raises(InputError, match="change"):
            engine.what_if([], customers)


def test_footprint_holds_the_hexes_it_serves(engine, covered):
    cgi = covered["best_cgi"].mode()[0]
    foot = engine.footprint(cgi)
    served = set(covered.loc[covered["best_cgi"] == cgi, "hex"])
    assert served <= set(foot.loc[foot["is_best"], "hex"])
    assert (foot["behind_db"] <= 6.0 + 1e-4).all()


def test_regions_are_connected_and_carry_people(config):
    hexes = grid.disk(grid.to_hex(LAT, LON, 9), 1)
    far = grid.disk(grid.to_hex(LAT + 0.1, LON, 9), 1)[:1]
    every = np.r_[hexes, far]
    lat, lon = grid.hex_to_latlon(every)
    frame = pd.DataFrame({"hex": every, "lat": lat, "lon": lon, "rsrp_dbm": -115.0, "customers": 2.0})
    frame.loc[frame["hex"] == far[0], "rsrp_dbm"] = -125.0
    found = holes_and_weak(frame, config)
    assert found["kind"].tolist() == ["weak", "hole"]
    assert found["customers"].tolist() == [14.0, 2.0]
    assert sorted(found["hexes"][0]) == sorted(hexes.tolist())
