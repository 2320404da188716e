"""Every complaint with its serving cell, counters, alarms, windows and neighbours at that time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.config import default_config
from geoservice.join import complaint_evidence, hex_evidence
from geoservice.join.contact_kpis import deviations
from geoservice.join.counters import deviations as subject_deviations
from geoservice.join.counters import select, span_of
from tests.growth import assert_growth
from tests.join.conftest import BEGIN, CENTRE, Town, complaints, fixes, hexes_here, hourly_kpis, offset, table

HOUR = pd.Timedelta(hours=1)


def joined(town: Town, **changes: Any) -> pd.DataFrame:
    town = replace(town, **changes)
    found = town.complaints
    hexes = hexes_here(0)
    weights = table("weights", complaint_id=found["complaint_id"], hex=hexes[0], weight=1.0)
    return complaint_evidence(
        found, fixes(found), weights, town.coverage, town.serving, town.cells, town.kpis, town.alarms,
        town.energy_windows, town.neighbours, default_config(),
    )  # fmt: skip


def test_a_healthy_town_has_servers_and_nothing_else(town: Town) -> None:
    found = joined(town)
    assert tables.check(found, tables.COMPLAINT_EVIDENCE) is found
    assert found["complaint_id"].tolist() == town.complaints["complaint_id"].tolist()
    assert (found["serving_cgi"] == "A").all()
    assert found["serving_probability"].to_numpy() == pytest.approx(0.9)
    assert (found["second_cgi"] == "B").all()
    assert found["serving_basis"].eq("predicted").all()
    assert found["serving_distance_m"].to_numpy() == pytest.approx(0.0, abs=1)
    assert found[["alarm_object", "energy_cgi", "kpi_z", "missing_neighbour"]].isna().all().all()
    assert (found["rsrp_dbm"] == -90.0).all()


def test_a_named_cell_takes_four_fifths_and_the_rest_share_the_remainder(town: Town) -> None:
    told = complaints(pd.date_range(BEGIN, periods=3), serving_cgi=["B", "nowhere", None])
    found = joined(town, complaints=told)
    assert found["serving_cgi"].tolist() == ["B", "nowhere", "A"]
    assert found["serving_basis"].tolist() == ["told", "told", "predicted"]
    assert found["serving_probability"].to_numpy() == pytest.approx([0.8 + 0.2 * 0.1, 0.8, 0.9])
    assert found["serving_distance_m"].iloc[0] == pytest.approx(800, rel=0.01)
    assert np.isnan(found["serving_distance_m"].iloc[1])


def test_a_wide_fix_mixes_the_servers_of_its_hexes(town: Town) -> None:
    one = complaints(pd.date_range(BEGIN, periods=1))
    hexes = hexes_here(3)[:2]
    rows = {"cgi": ["A", "C"], "probability": 1.0, "rsrp_dbm": -90.0, "distance_m": 1.0, "basis": "predicted"}
    serving = tables.conform(pd.DataFrame({"hex": hexes, **rows}), tables.SERVING)
    weights = table("weights", complaint_id=["c0"] * 2, hex=hexes, weight=[0.25, 0.75])
    found = complaint_evidence(
        one, fixes(one), weights, town.coverage, serving, town.cells, town.kpis, town.alarms, town.energy_windows,
        town.neighbours, default_config(),
    ).iloc[0]  # fmt: skip
    assert (found["serving_cgi"], found["second_cgi"]) == ("C", "A")
    assert found["serving_probability"] == pytest.approx(0.75)
    assert found["place_hex"] == grid.hex_to_text(hexes[1:])[0]


def test_a_complaint_nobody_could_place_keeps_its_row(town: Town) -> None:
    one = complaints(pd.date_range(BEGIN, periods=1))
    found = complaint_evidence(
        one, tables.empty(tables.FIXES), tables.empty(tables.WEIGHTS), town.coverage, town.serving, town.cells,
        town.kpis, town.alarms, town.energy_windows, town.neighbours, default_config(),
    )  # fmt: skip
    assert len(found) == 1
    assert found["serving_basis"].iloc[0] == "none"
    assert found[["serving_cgi", "rsrp_dbm", "place_hex"]].isna().all().all()
    assert hex_evidence(found, one, default_config()).empty


def test_only_the_alarm_that_overlaps_and_serves_counts(town: Town) -> None:
    at = pd.DatetimeIndex([BEGIN + 10 * HOUR, BEGIN + 40 * HOUR])
    told = complaints(at, occurred_from=at, occurred_to=at + HOUR)
    alarms = table(
        "alarms", object_key=["SA", "E", "SA"], code=["DOWN", "FAR", "OLD"], severity="major", service_affecting=True,
        raised_at=[BEGIN + 9 * HOUR, BEGIN, BEGIN], cleared_at=[BEGIN + 12 * HOUR, BEGIN + 90 * HOUR, BEGIN + HOUR],
        planned_work=False,
    )  # fmt: skip
    found = joined(town, complaints=told, alarms=alarms)
    assert found["alarm_code"].tolist()[0] == "DOWN"
    assert found["alarm_object"].tolist()[0] == "SA"
    assert found["alarms"].tolist() == [1, 0]
    assert pd.isna(found["alarm_object"].iloc[1])


def test_a_shutdown_window_across_midnight_in_local_time(town: Town) -> None:
    # 23:30 and 12:00 in Shanghai.
    at = pd.DatetimeIndex([BEGIN + pd.Timedelta(hours=15, minutes=30), BEGIN + 4 * HOUR])
    told = complaints(at, occurred_from=at, occurred_to=at + HOUR)
    windows = table(
        "energy_windows", cgi=["A", "E"], from_local=["23:00", "00:00"], to_local=["06:00", "23:59"], mode="carrier"
    )
    found = joined(town, complaints=told, energy_windows=windows)
    assert found["energy_cgi"].tolist()[0] == "A"
    assert found["energy_share"].to_numpy() == pytest.approx([1.0, 0.0])
    assert found["energy_window"].iloc[0] == "23:00-06:00"


def test_missing_neighbours_are_judged_only_where_relations_are_on_file(town: Town) -> None:
    some = table("neighbours", src_cgi=["A"], dst_cgi=["C"], ho_att=[100.0], ho_succ=[99.0], defined=[True])
    found = joined(town, neighbours=some)
    assert (found["missing_neighbour"] == "A>B").all()
    assert (found["missing_neighbours"] == 1).all()
    both = table("neighbours", src_cgi=["A"], dst_cgi=["B"], ho_att=[100.0], ho_succ=[99.0], defined=[True])
    assert (joined(town, neighbours=both)["missing_neighbours"] == 0).all()
    other = table("neighbours", src_cgi=["D"], dst_cgi=["B"], ho_att=[100.0], ho_succ=[99.0], defined=[True])
    assert joined(town, neighbours=other)["missing_neighbours"].isna().all()


class TestCounters:
    """The deviation at the time of each event."""

    def events(self, starts: pd.DatetimeIndex, hours: float = 2.0, cgi: str = "A") -> pd.DataFrame:
        begin = starts.astype("int64").to_numpy() / 1e6
        return pd.DataFrame({"cgi": cgi, "begin_s": begin, "end_s": begin + 3600 * hours - 1})

    def test_healthy_events_are_standard_normal(self) -> None:
        kpis = hourly_kpis(["A", "B"], weeks=6)
        found = deviations(self.events(pd.date_range(BEGIN, periods=250, freq="79min")), kpis, default_config())
        for name in ("rrc_z", "drop_z", "ho_z", "access_z"):
            z = found[name].dropna()
            assert len(z) > 200
            assert abs(z.mean()) < 0.35
            assert 0.6 < z.std() < 1.35

    def test_the_hours_of_a_planted_fault_stand_out_and_no_others(self) -> None:
        kpis = hourly_kpis(["A"])
        bad = (kpis["start"] >= BEGIN + 24 * HOUR) & (kpis["start"] < BEGIN + 30 * HOUR)
        kpis.loc[bad, "abn_rel"] = (kpis.loc[bad, "all_rel"] * 0.06).round()
        at = pd.DatetimeIndex([BEGIN + 25 * HOUR, BEGIN + 60 * HOUR])
        found = deviations(self.events(at), kpis, default_config())
        assert found["kpi_name"].iloc[0] == "drop"
        assert found["kpi_z"].iloc[0] > 5
        assert found["drop_z"].iloc[1] < 3
        assert (found["kpi_step"] == "hour").all()

    def test_agrees_with_the_deviation_of_a_subject_over_the_same_hours(self) -> None:
        config, kpis = default_config(), hourly_kpis(["A"], seed=5)
        at = pd.DatetimeIndex([BEGIN + 12 * HOUR])
        one = deviations(self.events(at, 6.0), kpis, config).iloc[0]
        counters = select(kpis, pd.Series(["A"]), config)
        begin = at[0].timestamp()
        whole = subject_deviations(counters, span_of(counters, "A", begin, begin + 6 * 3600 - 1, config), config)
        for name in ("rrc_z", "drop_z", "ho_z"):
            assert one[name] == pytest.approx(whole[name], abs=0.45)  # the two estimate the dispersion differently

    def test_few_attempts_and_unknown_times_give_none(self) -> None:
        kpis = hourly_kpis(["A"]).assign(rrc_att=3.0, rrc_succ=3.0)
        events = self.events(pd.DatetimeIndex([BEGIN + 5 * HOUR]))
        assert np.isnan(deviations(events, kpis, default_config())["rrc_z"].iloc[0])
        lost = events.assign(begin_s=np.nan)
        assert deviations(lost, kpis, default_config())["kpi_step"].isna().all()
        assert deviations(events.assign(cgi=None), kpis, default_config())["kpi_z"].isna().all()
        assert deviations(events, table("kpis"), default_config())["kpi_z"].isna().all()

    def test_daily_counters_serve_where_there_are_no_hourly_ones(self) -> None:
        hourly = hourly_kpis(["A"])
        sums = [c for c in hourly.columns if c.endswith(("_att", "_succ", "_rel", "_pkt", "_lost"))]
        daily = hourly.groupby(hourly["start"].dt.floor("D"))[sums].sum().reset_index()
        daily = tables.conform(daily.assign(cgi="A", granularity="day"), tables.KPIS)
        found = deviations(self.events(pd.DatetimeIndex([BEGIN + 30 * HOUR])), daily, default_config())
        assert found["kpi_step"].iloc[0] == "day"
        assert np.isfinite(found["drop_z"].iloc[0])


def test_hexes_gather_their_complaints(town: Town) -> None:
    at = pd.DatetimeIndex([BEGIN + 10 * HOUR] * 3 + [BEGIN + 60 * HOUR])
    told = complaints(at, occurred_from=at, occurred_to=at + HOUR, customer_key=["k1", "k1", "k2", "k3"])
    alarms = table(
        "alarms", object_key=["A"], code=["DOWN"], severity="major", service_affecting=True,
        raised_at=[BEGIN + 9 * HOUR], cleared_at=[BEGIN + 12 * HOUR], planned_work=False,
    )  # fmt: skip
    found = hex_evidence(joined(town, complaints=told, alarms=alarms), told, default_config())
    assert tables.check(found, tables.HEX_EVIDENCE) is found
    row = found.iloc[0]
    assert (row["contacts"], row["customers"], row["serving_cgi"]) == (4, 3, "A")
    assert row["alarm_share"] == pytest.approx(0.75)
    assert row["alarm_object"] == "A"
    assert row["serving_share"] == pytest.approx(1.0)


def test_a_hundred_thousand_complaints_do_not_loop() -> None:
    """Vectorised: 50 times the complaints take far less than 50 times the time (loops would)."""
    town, kpis = Town(), hourly_kpis(list("ABCDE"))
    few, many = (complaints(pd.date_range(BEGIN, periods=count, freq="1min")) for count in (400, 20_000))
    assert_growth(
        lambda: joined(town, complaints=few, kpis=kpis), lambda: joined(town, complaints=many, kpis=kpis), most=25
    )


def test_places_far_from_the_mast_are_measured(town: Town) -> None:
    one = complaints(pd.date_range(BEGIN, periods=1))
    lat, lon = offset(300.0, 400.0)
    fix = fixes(one).assign(lat=lat, lon=lon)
    weights = table("weights", complaint_id=["c0"], hex=grid.to_hex(*CENTRE, 9), weight=[1.0])
    found = complaint_evidence(
        one, fix, weights, town.coverage, town.serving, town.cells, town.kpis, town.alarms, town.energy_windows,
        town.neighbours, default_config(),
    )  # fmt: skip
    assert found["serving_distance_m"].iloc[0] == pytest.approx(500, rel=0.01)
