"""One thing goes wrong in a healthy town; the evidence shows that thing and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice import tables


def test_every_table_missing_is_no_error(town: Any) -> None:
    row = town.row()
    for flag in ("has_kpis", "has_alarms", "has_energy", "has_measurements", "has_neighbours"):
        assert row[flag] is False
    assert row["rsrp_basis"] == "predicted"
    assert row["customers"] == 30
    assert row["classes"] == {"WEAK_SIGNAL": 30}


def test_nothing_at_all_is_no_error(town: Any, make: Any) -> None:
    row = town.but(coverage=make.table("coverage"), serving=make.table("serving"), cells=make.table("cells")).row()
    assert row["has_cells"] is False
    assert np.isnan(row["rsrp_p50_dbm"])
    assert row["serving"] == []


def test_no_subjects(town: Any) -> None:
    frame = town.but(subjects=town.subjects.iloc[:0]).evidence()
    assert list(frame.columns) == tables.EVIDENCE.names
    assert len(frame) == 0


def test_one_customer_calling_twenty_times_is_one(town: Any, make: Any) -> None:
    found = make.complaints(pd.date_range(make.BEGIN, periods=20, freq="h"), customer_key=["k"] * 20)
    row = town.but(complaints=found).row()
    assert (row["customers"], row["contacts"]) == (1, 20)


def test_measurements_override_the_prediction(town: Any, make: Any) -> None:
    row = town.but(measurements=make.samples(70, -114.0, sinr_db=-2.0)).row()
    assert row["rsrp_basis"] == "measured"
    assert row["rsrp_p50_dbm"] == pytest.approx(-114, abs=1)
    assert row["sinr_db"] == pytest.approx(-2, abs=1)
    assert row["rsrp_predicted_dbm"] == -90


def test_nine_samples_are_too_few(town: Any, make: Any) -> None:
    row = town.but(measurements=make.samples(9, -114.0)).row()
    assert row["has_measurements"] is False
    assert row["rsrp_p50_dbm"] == -90


def test_alarm_overlap_is_held_against_chance(town: Any, make: Any) -> None:
    """Half of the customers complain during a six-hour alarm; everyone else spreads over a month."""
    during = pd.date_range("2026-06-05T01:00Z", periods=15, freq="20min")
    spread = pd.date_range("2026-06-01", "2026-06-14", periods=15, tz="UTC")
    elsewhere = pd.date_range("2026-05-15", "2026-06-15", periods=300, tz="UTC")
    times = pd.DatetimeIndex([*during, *spread, *elsewhere])
    found = make.complaints(times, occurred_from=times)
    alarm = make.table(
        "alarms", object_key=["SA"], code=["X"], severity=["critical"], service_affecting=[True],
        raised_at=[pd.Timestamp("2026-06-05T00:30Z")], cleared_at=[pd.Timestamp("2026-06-05T06:30Z")],
    )  # fmt: skip
    row = town.but(complaints=found, members=make.members(found.iloc[:30]), alarms=alarm).row()
    assert row["alarm_object"] == "SA"
    assert row["alarm_share"] == pytest.approx(0.5, abs=0.05)
    assert row["alarm_expected_share"] < 0.08


def test_an_alarm_elsewhere_is_no_evidence(town: Any, make: Any) -> None:
    alarm = make.table(
        "alarms", object_key=["SE"], code=["X"], severity=["critical"], service_affecting=[True], raised_at=[make.BEGIN]
    )  # fmt: skip
    row = town.but(alarms=alarm).row()
    assert row["has_alarms"]
    assert row["alarm_share"] == 0


def test_energy_window_crosses_midnight_in_local_time(town: Any, make: Any) -> None:
    """16:30-20:30 UTC is 00:30-04:30 in Shanghai: inside 23:00-05:00."""
    night = pd.DatetimeIndex(
        [d + pd.Timedelta(hours=16.5 + h) for d in pd.date_range(make.BEGIN, periods=12) for h in (0, 3)]
    )
    day = pd.date_range(make.BEGIN, periods=200, freq="100min")
    times = night.append(day)
    found = make.complaints(times, occurred_from=times)
    windows = make.table("energy_windows", cgi=["A"], from_local=["23:00"], to_local=["05:00"])
    row = town.but(complaints=found, members=make.members(found.iloc[:24]), energy_windows=windows).row()
    assert row["energy_share"] == pytest.approx(1.0, abs=0.1)
    assert row["energy_expected_share"] == pytest.approx((24 + 50) / 224, abs=0.06)
    assert row["energy_window"] == "23:00-05:00"
    assert row["night_share"] == 1.0


def test_sleeping_cell_is_silence_in_daylight_without_alarm(town: Any, make: Any) -> None:
    kpis = make.hourly_kpis(["A"])
    local_hour = (kpis["start"].dt.hour + 8) % 24
    dead = kpis["start"].between("2026-06-03", "2026-06-05")
    silent = ["rrc_att", "rrc_succ", "dl_gb", "traffic_erl"]
    asleep = kpis.copy()
    asleep.loc[dead, silent] = 0.0
    assert town.but(kpis=asleep).row()["sleeping_cgi"] == "A"
    night_only = kpis.copy()
    night_only.loc[dead & (local_hour < 6), silent] = 0.0
    assert town.but(kpis=night_only).row()["sleeping_hours"] == 0


@pytest.mark.parametrize(("first", "last", "hours"), [(None, None, 0), ("2026-01-01", "2026-01-31", 48)])
def test_only_a_window_in_force_explains_a_silent_cell(
    town: Any, make: Any, first: str | None, last: str | None, hours: int
) -> None:
    asleep = make.hourly_kpis(["A"])
    dead = asleep["start"].between("2026-06-03", "2026-06-05", inclusive="left")
    asleep.loc[dead, ["rrc_att", "rrc_succ", "dl_gb", "traffic_erl"]] = 0.0
    windows = make.table("energy_windows", cgi=["A"], from_local=["00:00"], to_local=["23:59"])
    windows = windows.assign(valid_from=pd.to_datetime([first]), valid_to=pd.to_datetime([last]))
    found = town.but(kpis=asleep, energy_windows=windows).row()
    assert found["sleeping_hours"] == pytest.approx(hours, abs=0.35 * hours)


def test_serving_cells_named_by_customers_outweigh_the_prediction(town: Any, make: Any) -> None:
    found = make.complaints(pd.date_range(make.BEGIN, periods=40, freq="5h"), serving_cgi=["E"] * 40)
    serving = town.but(complaints=found).row()["serving"]
    assert serving[0]["cgi"] == "E"
    assert serving[0]["probability"] == pytest.approx(40 / 45, abs=0.01)


def test_overshoot_is_seen_in_measurements(town: Any, make: Any) -> None:
    """E stands 2.5 km away, 1.7 km from its nearest site B: serving at the centre is 1.47 reach, farther west more."""
    lat, lon = make.offset(-300, 0)
    far = make.samples(40, -95.0, cgi="E").assign(lat=lat, lon=lon)
    row = town.but(measurements=far).row()
    assert row["far_share"] == 1.0
    assert row["far_cgi"] == "E"
    assert row["far_ratio"] == pytest.approx(2800 / 1700, rel=0.02)
    assert town.but(measurements=make.samples(40, -95.0, cgi="A")).row()["far_share"] == 0


def test_mod3_counts_servers_not_bystanders(town: Any, make: Any) -> None:
    """A (PCI 0) and D (PCI 3) clash; A and B (PCI 1) do not."""
    clash = town.but(serving=make.serving({"A": 0.5, "D": 0.5})).row()
    clean = town.but(serving=make.serving({"A": 0.5, "B": 0.5})).row()
    assert (clash["mod3_share"], clash["mod3_pair"]) == (1.0, "A>D")
    assert clean["mod3_share"] == 0


def test_missing_neighbour(town: Any, make: Any) -> None:
    near = make.coverage(dominance_db=2.0)
    links = make.table(
        "neighbours", src_cgi=["A", "A", "B"], dst_cgi=["C", "D", "A"], ho_att=[500.0] * 3,
        ho_succ=[490.0, 300.0, 495.0],
    )  # fmt: skip
    row = town.but(coverage=near, neighbours=links).row()
    assert row["missing_neighbour"] == "A>B"
    assert row["missing_neighbour_share"] == 1.0


def test_handset_batch_has_lift_against_the_others(town: Any, make: Any) -> None:
    models = ["Bad 1"] * 12 + ["Good 2"] * 3 + ["Good 2"] * 80 + ["Bad 1"] * 5 + ["Other"] * 15
    found = make.complaints(pd.date_range(make.BEGIN, periods=115, freq="3h"), terminal_model=models)
    row = town.but(complaints=found, members=make.members(found.iloc[:15])).row()
    assert row["terminal_model"] == "Bad 1"
    assert row["terminal_share"] == pytest.approx(0.8)
    assert row["terminal_lift"] == pytest.approx(0.8 / (5.5 / 101), rel=0.01)


def test_planned_site(town: Any, make: Any) -> None:
    lat, lon = make.offset(300, 400)
    plans = make.table(
        "planned_sites", plan_no=["P1", "P0"], lat=[lat, lat], lon=[lon, lon], status=["approved", "cancelled"]
    )
    row = town.but(planned_sites=plans).row()
    assert row["planned_site"] == "P1"
    assert row["planned_site_m"] == pytest.approx(500, rel=0.01)


def test_a_single_place_gathers_what_is_near(town: Any, make: Any) -> None:
    from geoservice.join import place_subject

    place = place_subject(*make.CENTRE, 100.0, make.BEGIN.to_pydatetime(), make.END.to_pydatetime(), 9)
    assert sum(weight for _, weight in place["hexes"][0]) == pytest.approx(1.0)
    alarm = make.table(
        "alarms", object_key=["A"], code=["X"], severity=["critical"], service_affecting=[True],
        raised_at=[make.END - pd.Timedelta(hours=2)],
    )  # fmt: skip
    row = town.but(subjects=place, members=make.table("hotspot_members"), alarms=alarm).row()
    assert row["is_cluster"] is False
    assert row["customers"] == 30
    assert row["alarm_share"] == 1.0


def test_a_look_up_with_local_tables_only_still_sees_the_outage(town: Any, make: Any) -> None:
    """Ten complaints cannot show what is usual; events spread evenly over the span stand in."""
    found = make.complaints(pd.date_range("2026-06-10T00:10Z", periods=10, freq="10min"))
    found = found.assign(occurred_from=found["accepted_at"])
    alarm = make.table(
        "alarms", object_key=["A"], code=["X"], severity=["critical"], service_affecting=[True],
        raised_at=[pd.Timestamp("2026-06-10T00:00Z")], cleared_at=[pd.Timestamp("2026-06-10T07:00Z")],
    )  # fmt: skip
    row = town.but(complaints=found, alarms=alarm).row()
    assert row["alarm_share"] == 1.0
    assert row["alarm_expected_share"] == pytest.approx(7 / (14 * 24), abs=0.01)


def test_the_sectors_of_a_mast_count_together(town: Any, make: Any) -> None:
    """Three sectors with 15 % each serve 45 % of a wide place; the mast's shutdown window is found."""
    sectors = make.cells().assign(site_id=["S1", "S1", "S1", "S4", "S5"])
    windows = make.table("energy_windows", cgi=["C"], from_local=["00:00"], to_local=["23:59"])
    shares = make.serving({"A": 0.15, "B": 0.15, "C": 0.15, "D": 0.18})
    assert town.but(cells=sectors, serving=shares, energy_windows=windows).row()["has_energy"]
    busy = make.complaints(pd.date_range("2026-06-03T16:10Z", periods=12, freq="5min"))
    others = make.complaints(pd.date_range(make.BEGIN, make.END, periods=80)).assign(
        complaint_id=lambda f: "x" + f["complaint_id"], customer_key=lambda f: "x" + f["customer_key"]
    )
    night = make.table("energy_windows", cgi=["C"], from_local=["00:00"], to_local=["02:00"])
    both = pd.concat([busy, others], ignore_index=True)
    row = town.but(
        cells=sectors, serving=shares, energy_windows=night, complaints=both, members=make.members(busy)
    ).row()
    assert row["energy_cgi"] == "C"
    assert row["energy_share"] == pytest.approx(1.0, abs=0.05)
