"""Measurements by hex and cell, the blend rule, MR rules, calibration from planted corrections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from geoservice import grid
from geoservice.coverage import Calibration, Coverage, blend, fit_calibration, measured, weak_cells, weak_grids
from geoservice.errors import InputError
from geoservice.tables import COVERAGE, MEASUREMENTS, check, conform, empty
from tests.coverage.conftest import lattice

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def samples(hexes, levels, cgi="460-00-0-0", device=None, days=1.0, source="MDT", **columns) -> pd.DataFrame:
    """Measurements at hex centres."""
    lat, lon = grid.hex_to_latlon(hexes)
    frame = pd.DataFrame({"lat": lat, "lon": lon, "rsrp_dbm": levels, "cgi": cgi, "rat": "LTE", "source": source})
    frame["time"] = NOW - timedelta(days=days)
    frame["device"] = [f"d{k % 5}" for k in range(len(frame))] if device is None else device
    return conform(frame.assign(**columns), MEASUREMENTS)


def test_aggregates_by_hex_and_cell(hexes, config):
    spot = np.repeat(hexes[:1], 9)
    levels = [-120.0, -118, -116, -104, -102, -100, -98, -96, -94]
    found = measured(samples(spot, levels), 9, config, NOW).iloc[0]
    assert found["hex"] == hexes[0]
    assert found["median_dbm"] == -102.0
    assert found["p10_dbm"] == pytest.approx(np.quantile(levels, 0.1))
    assert found["share_weak"] == pytest.approx(3 / 9)
    assert (found["samples"], found["devices"]) == (9, 5)
    assert found["age_days"] == pytest.approx(1.0)


def test_old_and_indoor_samples_are_left_out(hexes, config):
    spot = hexes[:1]
    kept = [
        samples(spot, [-90.0], days=31),
        samples(spot, [-91.0], days=91, source="DT"),
        samples(spot, [-92.0], indoor=True),
        samples(spot, [-93.0], days=80, source="DT"),
    ]
    found = measured(pd.concat(kept, ignore_index=True), 9, config, NOW)
    assert found["median_dbm"].tolist() == [-93.0]


def test_nothing_measured_is_an_empty_table_and_changes_nothing(covered, config):
    found = measured(empty(MEASUREMENTS), 9, config, NOW)
    assert len(found) == 0
    assert blend(covered, found, config) is covered


class TestBlend:
    def test_enough_samples_and_devices_override(self, covered, hexes, config):
        found = measured(samples(np.repeat(hexes[:1], 30), -99.0 + np.arange(30) % 3), 9, config, NOW)
        mixed = blend(covered, found, config).iloc[0]
        check(blend(covered, found, config), COVERAGE)
        assert mixed["basis"] == "measured"
        assert mixed["rsrp_dbm"] == mixed["rsrp_measured_dbm"] == -98.0
        assert mixed["rsrp_predicted_dbm"] == covered["rsrp_predicted_dbm"].iloc[0]
        assert mixed["sigma_db"] < covered["sigma_db"].iloc[0]

    def test_one_device_is_blended_by_its_weight(self, covered, hexes, config):
        """n = 30 of one device: w = 30/40 (handbook: blend w = n/(n + 10))."""
        found = measured(samples(np.repeat(hexes[:1], 30), np.full(30, -100.0), device="only"), 9, config, NOW)
        mixed = blend(covered, found, config).iloc[0]
        predicted = covered["rsrp_predicted_dbm"].iloc[0]
        assert mixed["basis"] == "blended"
        assert mixed["rsrp_dbm"] == pytest.approx(0.75 * -100.0 + 0.25 * predicted)

    def test_disagreement_widens_the_blend(self, covered, hexes, config):
        def sigma(level):
            return blend(covered, measured(samples(hexes[:1], [level]), 9, config, NOW), config)["sigma_db"].iloc[0]

        predicted = covered["rsrp_predicted_dbm"].iloc[0]
        assert sigma(predicted - 30) > sigma(predicted) + 1

    def test_other_hexes_keep_their_prediction(self, covered, hexes, config):
        mixed = blend(covered, measured(samples(hexes[:1], [-100.0]), 9, config, NOW), config)
        pd.testing.assert_frame_equal(mixed.iloc[1:], covered.iloc[1:])

    def test_probability_follows_the_blend(self, covered, hexes, config):
        spot = np.repeat(hexes[:1], 40)
        mixed = blend(covered, measured(samples(spot, -118.0 + np.arange(40) % 4), 9, config, NOW), config)
        assert mixed["probability"].iloc[0] < 0.05

    def test_the_cell_most_phones_name_is_the_server(self, covered, hexes, config):
        other = "460-00-35-2"
        mixed = blend(
            covered, measured(samples(np.repeat(hexes[:1], 30), np.full(30, -90.0), cgi=other), 9, config, NOW), config
        )
        assert mixed["best_cgi"].iloc[0] == other
        assert mixed["second_cgi"].iloc[0] == covered["best_cgi"].iloc[0]


def test_mr_rules(hexes, config):
    spot = np.repeat(hexes[:1], 600)
    good = samples(spot, np.where(np.arange(600) < 55, -112.0, -95.0), cgi="good")
    weak = samples(np.repeat(hexes[1:2], 600), np.where(np.arange(600) < 70, -110.0, -95.0), cgi="weak")
    both = pd.concat([good, weak], ignore_index=True)
    assert weak_cells(both, config).set_index("cgi")["weak"].to_dict() == {"good": False, "weak": True}
    assert weak_grids(both, 9, config).set_index("hex")["weak"].to_dict() == {hexes[0]: False, hexes[1]: True}
    few = weak_grids(weak.iloc[:400], 9, config)
    assert not few["weak"].any()


class TestCalibration:
    @pytest.fixture
    def urban(self):
        return lattice(6, 600).assign(scene="urban")

    def measurements(self, engine, hexes, change_db, noise_db=1.0, per_hex=12):
        """Samples of the best server, displaced by a planted correction."""
        rng = np.random.default_rng(7)
        found = engine.hexes(hexes)
        spot = np.repeat(np.arange(len(hexes)), per_hex)
        levels = (found["rsrp_dbm"].to_numpy() + change_db(found["server_distance_m"].to_numpy()))[spot]
        levels = levels + rng.normal(0, noise_db, len(spot))
        return samples(hexes[spot], levels, cgi=found["best_cgi"].to_numpy()[spot])

    def test_recovers_a_planted_offset_and_slope(self, urban, hexes, config):
        engine = Coverage(urban, config)
        planted = self.measurements(engine, hexes, lambda d: -6.0 - 5.0 * np.log10(d / 100))
        calibration = fit_calibration(urban, measured(planted, 9, config, NOW), config)
        found = calibration.correction("urban", 1800)
        assert found is not None
        assert found.at(100.0) == pytest.approx(-6.0, abs=0.6)
        assert found.at(1000.0) == pytest.approx(-11.0, abs=0.9)
        assert found.after_db < found.before_db

    def test_the_engine_applies_it_and_takes_over_the_spread(self, urban, hexes, config):
        engine = Coverage(urban, config)
        planted = self.measurements(engine, hexes, lambda d: np.full(d.shape, -6.0))
        calibration = fit_calibration(urban, measured(planted, 9, config, NOW), config)
        before = engine.hexes(hexes)
        after = Coverage(urban, config, calibration).hexes(hexes)
        assert (after["rsrp_dbm"] - before["rsrp_dbm"]).median() == pytest.approx(-6.0, abs=0.5)
        assert after["sigma_db"].median() == pytest.approx(calibration.correction("urban", 1800).sigma_db, abs=1e-6)

    def test_too_little_data_is_refused_with_the_reason(self, urban, hexes, config):
        engine = Coverage(urban, config)
        planted = self.measurements(engine, hexes[:4], lambda d: np.full(d.shape, -6.0))
        calibration = fit_calibration(urban, measured(planted, 9, config, NOW), config)
        assert not calibration.corrections
        assert "at least 10" in calibration.refused[("urban", 1800)]

    def test_noise_that_nothing_explains_is_refused(self, urban, hexes, config):
        engine = Coverage(urban, config)
        planted = self.measurements(engine, hexes, lambda d: np.where(np.arange(len(d)) % 2, 15.0, -15.0))
        calibration = fit_calibration(urban, measured(planted, 9, config, NOW), config)
        assert "does not hold" in calibration.refused[("urban", 1800)]

    def test_survives_its_text_form(self, urban, hexes, config):
        engine = Coverage(urban, config)
        planted = self.measurements(engine, hexes, lambda d: np.full(d.shape, -6.0))
        calibration = fit_calibration(urban, measured(planted, 9, config, NOW), config)
        assert Calibration.from_json(calibration.to_json()) == calibration
        with pytest.raises(InputError):
            Calibration.from_json("[]")
