"""Measurements of another operator, technology or time of the cell are no evidence."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from geoservice import grid
from geoservice.coverage import Coverage, blend, last_change, measured, weak_cells, weak_grids
from geoservice.coverage.admissible import outdoors, speaks_of
from geoservice.tables import CELLS, MEASUREMENTS, conform
from tests.coverage.conftest import LAT, LON, lattice

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def samples(count: int = 1, **columns: object) -> pd.DataFrame:
    base = {"time": pd.Timestamp("2026-03-20", tz="UTC"), "lat": LAT, "lon": LON, "rsrp_dbm": -100.0, "source": "MR"}
    frame = pd.DataFrame({**base, **columns}, index=range(count))
    if "device" not in columns:
        frame["device"] = [f"d{i % 5}" for i in range(count)]
    return conform(frame, MEASUREMENTS)


def cells(**columns: object) -> pd.DataFrame:
    return conform(lattice(2, 600).assign(**columns), CELLS)


class TestSamples:
    def test_what_cannot_be_told_counts_as_the_same(self):
        assert speaks_of(samples(3), cells()).all()
        assert speaks_of(samples(3, cgi="460-00-0-0", rat="LTE"), cells(operator="A")).all()
        assert speaks_of(samples(2, operator="B"), cells()).all()

    def test_another_operator_is_no_evidence(self):
        both = cells(operator="A")
        assert not speaks_of(samples(1, operator="B"), both).any()
        assert speaks_of(samples(1, operator="A"), both).all()
        both.loc[both["cgi"] == "460-00-1-0", "operator"] = "B"
        assert speaks_of(samples(1, operator="B", cgi="460-00-1-0"), both).all()
        assert not speaks_of(samples(1, operator="B", cgi="460-00-0-0"), both).any()

    def test_another_technology_is_no_evidence(self):
        """2G beacons are stronger than LTE reference signals by tens of dB."""
        assert not speaks_of(samples(1, rat="GSM"), cells()).any()
        assert not speaks_of(samples(1, rat="NR", cgi="460-00-0-0"), cells()).any()
        assert speaks_of(samples(1, rat="LTE"), cells()).all()

    def test_older_than_a_change_of_its_cell(self):
        changed = cells(changed_at=pd.Timestamp("2026-03-25", tz="UTC"))
        assert not speaks_of(samples(1, cgi="460-00-0-0"), changed).any()
        assert speaks_of(samples(1, cgi="460-00-0-0", time=pd.Timestamp("2026-03-26", tz="UTC")), changed).all()
        assert speaks_of(samples(1), changed).all()

    def test_before_the_cell_was_on_air(self):
        young = cells(on_air_date=pd.Timestamp("2026-03-28"))
        assert not speaks_of(samples(1, cgi="460-00-0-0"), young).any()

    def test_indoors_said_or_likely(self):
        frame = samples(4, indoor=[True, False, None, None], indoor_prob=[0.1, 0.9, 0.9, 0.2])
        assert outdoors(frame).tolist() == [False, True, False, True]


def test_the_later_of_on_air_and_change_counts():
    known = cells(on_air_date=pd.Timestamp("2026-01-01"), changed_at=pd.Timestamp("2026-02-01", tz="UTC"))
    assert (last_change(known) == pd.Timestamp("2026-02-01", tz="UTC")).all()
    assert last_change(cells()).isna().all()


@pytest.fixture
def spot():
    return grid.to_hex(LAT, LON, 9)


def test_a_hex_measured_before_its_best_server_changed_keeps_the_prediction(config, spot):
    network = cells()
    predicted = Coverage(network, config).hexes(spot)
    best = predicted["best_cgi"].iloc[0]
    found = measured(samples(30), 9, config, NOW, network)
    before = blend(predicted, found, config, last_change(network)).iloc[0]
    assert (before["basis"], before["rsrp_dbm"]) == ("measured", -100.0)
    network.loc[network["cgi"] == best, "changed_at"] = pd.Timestamp("2026-03-25", tz="UTC")
    after = blend(predicted, found, config, last_change(network)).iloc[0]
    assert after["basis"] == "predicted"
    assert after["rsrp_dbm"] == predicted["rsrp_dbm"].iloc[0]
    fresh = measured(samples(30, time=pd.Timestamp("2026-03-26", tz="UTC")), 9, config, NOW, network)
    assert blend(predicted, fresh, config, last_change(network))["basis"].iloc[0] == "measured"


def test_samples_of_others_do_not_move_a_hex(config, spot):
    network = cells(operator="A")
    mixed = pd.concat([samples(30, operator="A"), samples(300, operator="B", rsrp_dbm=-60.0)], ignore_index=True)
    found = measured(mixed, 9, config, NOW, network)
    assert found["samples"].tolist() == [30]
    assert found["median_dbm"].tolist() == [-100.0]


class TestReports:
    """Weak cells and grids are judged by what phones report."""

    def test_a_drive_test_makes_no_weak_cell(self, config):
        driven = samples(50, cgi="460-00-0-0", source="DT", rsrp_dbm=-120.0)
        reported = samples(100, cgi="460-00-0-0", rsrp_dbm=np.where(np.arange(100) < 11, -115.0, -90.0))
        both = pd.concat([driven, reported], ignore_index=True)
        row = weak_cells(both, config).iloc[0]
        assert (row["samples"], row["weak_share"], row["weak"]) == (100, pytest.approx(0.11), True)

    def test_a_weak_grid_needs_more_than_five_hundred_reports(self, config):
        level = np.where(np.arange(600) % 5 == 0, -115.0, -90.0)
        assert weak_grids(samples(600, rsrp_dbm=level), 9, config)["weak"].tolist() == [True]
        assert weak_grids(samples(500, rsrp_dbm=level[:500]), 9, config)["weak"].tolist() == [False]
