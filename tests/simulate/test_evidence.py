"""The planted evidence is in the raw files: what an engineer would look up by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice.simulate.problems import BAD_MODEL

METRES = 111_195.0


def _inside(frame: pd.DataFrame, problem: dict, share: float = 1.0) -> pd.Series:
    lat, lon = (pd.to_numeric(frame[axis]) for axis in ("lat", "lon"))
    east = (lon - problem["lon"]) * METRES * np.cos(np.radians(problem["lat"]))
    return np.hypot(east, (lat - problem["lat"]) * METRES) < share * problem["radius_m"]


def _hours(city, problem: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hourly counters of the problem's base-layer cells: during it, and in the four weeks before."""
    kpis = city.parquet("kpis")
    mine = kpis[(kpis["granularity"] == "hour") & kpis["cgi"].isin(problem["cells"])].copy()
    mine["start"] = mine["start"].dt.tz_localize("Asia/Shanghai")
    begin, finish = (pd.Timestamp(problem[name]) for name in ("from", "to"))
    during = mine[(mine["start"] >= begin) & (mine["start"] + pd.Timedelta(hours=1) <= finish)]
    before = mine[(mine["start"] < begin) & (mine["start"] >= begin - pd.Timedelta(days=28))]
    assert len(during)
    assert before["start"].min() < begin - pd.Timedelta(days=27)
    return during, before


def _clock(frame: pd.DataFrame) -> pd.Series:
    return frame["start"].dt.hour


def _share(frame: pd.DataFrame, part: str, whole: str) -> float:
    return float(frame[part].sum() / frame[whole].sum())


def _measured(city, problem: dict, indoor: bool = False, share: float = 0.8) -> pd.DataFrame:
    rows = city.parquet("measurements")
    return rows[_inside(rows, problem, share) & (rows["indoor"] == indoor)]


def test_hole_is_measured_below_minus_120(city):
    for problem in city.planted("K_HOLE"):
        rows = _measured(city, problem)
        assert len(rows) >= 30
        assert rows["rsrp_dbm"].median() < -120


def test_weak_ground_lies_between_the_thresholds(city):
    for problem in city.planted("K_WEAK"):
        assert -120 < _measured(city, problem)["rsrp_dbm"].median() < -110


def test_no_dominant_ground_has_level_but_many_servers(city):
    for problem in city.planted("K_NODOM"):
        rows = _measured(city, problem)
        assert rows["rsrp_dbm"].median() > -105
        assert rows["cgi"].value_counts(normalize=True).iloc[0] < 0.6
        assert rows["sinr_db"].median() < 1


def test_overshooting_cell_serves_far_beyond_nearer_sites(city):
    cells = city.csv("cells").drop_duplicates("site_id")
    for problem in city.planted("K_OVERSHOOT"):
        rows = _measured(city, problem)
        far = rows[rows["cgi"].isin(problem["cells"])]
        assert len(far) > 0.5 * len(rows)
        away = np.hypot(
            (pd.to_numeric(cells["lat"]) - problem["lat"]) * METRES,
            (pd.to_numeric(cells["lon"]) - problem["lon"]) * METRES * np.cos(np.radians(problem["lat"])),
        )
        assert (away < far["ta_m"].median()).sum() >= 2


def test_indoor_problem_is_fine_outdoors_only(city):
    for problem in city.planted("K_INDOOR"):
        assert _measured(city, problem)["rsrp_dbm"].median() > -105
        assert _measured(city, problem, indoor=True)["rsrp_dbm"].median() < -115


def test_outage_has_an_alarm_or_a_sleeping_cell_without_one(city):
    alarms = city.csv("alarms")
    service = alarms[(alarms["service_affecting"] == "True") & (alarms["planned_work"] == "False")]
    sites = city.csv("cells").set_index("cgi")["site_id"]
    alarmed = 0
    for problem in city.planted("K_OUTAGE"):
        during, before = _hours(city, problem)
        assert during["rrc_att"].sum() == 0
        assert before["rrc_att"].sum() > 1000
        mine = service[service["object_key"].isin(sites[problem["cells"]])]
        alarmed += len(mine)
        assert (during["avail_s"] == (0 if len(mine) else 3600)).all()
    assert alarmed == 1


def test_energy_window_covers_the_night_of_the_complaints(city):
    windows = city.csv("energy-windows")
    for problem in city.planted("K_ENERGY"):
        mine = windows[windows["cgi"].isin(problem["cells"])]
        assert len(mine) == len(problem["cells"])
        during, before = _hours(city, problem)
        night = _clock(during).isin([0, 2, 4])
        assert during.loc[night, "rrc_att"].sum() == 0
        assert during.loc[~night, "rrc_att"].sum() > 0
        assert before.loc[_clock(before).isin([0, 2, 4]), "rrc_att"].sum() > 0
    assert len(windows) > 2 * len(mine)


def test_interfered_uplink(city):
    for problem in city.planted("K_ULINTF"):
        during, before = _hours(city, problem)
        assert during["ul_interf_dbm"].median() > -100
        assert before["ul_interf_dbm"].median() < -108
        assert _share(during, "abn_rel", "all_rel") > 3 * _share(before, "abn_rel", "all_rel")
        assert _share(during, "qci1_ul_lost", "qci1_ul_pkt") > 0.01


def test_congested_cell_exceeds_80_percent_in_busy_hours_only_during_the_problem(city):
    for problem in city.planted("K_CONG"):
        during, before = _hours(city, problem)
        busy = _clock(during).isin([18, 20, 22])
        assert during.loc[busy, "prb_dl"].median() > 0.8
        assert before["prb_dl"].max() < 0.8
        assert _share(during[busy], "rrc_succ", "rrc_att") < 0.95 < _share(before, "rrc_succ", "rrc_att")


def test_transport_loss_with_clean_radio(city):
    for cause in ("K_TX", "K_VOICE"):
        for problem in city.planted(cause):
            during, before = _hours(city, problem)
            assert _share(during, "qci1_dl_lost", "qci1_dl_pkt") > 0.02
            assert _share(before, "qci1_dl_lost", "qci1_dl_pkt") < 0.005
            assert during["ul_interf_dbm"].median() < -108
            assert _measured(city, problem)["rsrp_dbm"].median() > -95


def test_missing_relation_is_missing_both_ways_and_calls_drop(city):
    pairs = set(map(tuple, city.csv("neighbours")[["src_cgi", "dst_cgi"]].to_numpy()))
    for problem in city.planted("K_NBR"):
        first, second = problem["cells"]
        assert (first, second) not in pairs
        assert (second, first) not in pairs
        during, before = _hours(city, problem)
        assert _share(during, "ho_succ", "ho_att") < 0.9 < _share(before, "ho_succ", "ho_att")


def test_colliding_pci(city):
    pci = pd.to_numeric(city.csv("cells").set_index("cgi")["pci"])
    for problem in city.planted("K_PCI"):
        assert (pci[problem["cells"]] % 3).nunique() == 1
        rows = _measured(city, problem)
        assert rows["rsrp_dbm"].median() > -100
        assert rows["sinr_db"].median() < 0


def test_failed_setups_without_congestion(city):
    for problem in city.planted("K_ACCESS"):
        during, before = _hours(city, problem)
        assert _share(during, "rrc_succ", "rrc_att") < 0.92 < _share(before, "rrc_succ", "rrc_att")
        assert during["prb_dl"].max() < 0.8


def test_handset_batch_is_one_model(city):
    rows = city.csv("complaints")
    for problem in city.planted("K_TERM"):
        located = rows[(rows["lat"] != "") & (rows["crs"].isin(["", "WGS84"])) & (rows["lat"].str[:1] != "1")]
        here = located[_inside(located, problem) & located["accepted_at"].between(problem["from"], problem["to"])]
        assert (here["terminal_model"] == BAD_MODEL).sum() >= 8
    assert (rows["terminal_model"] == BAD_MODEL).mean() < 0.08


def test_other_cells_stay_healthy(city):
    guilty = {cgi for problem in city.truth for cgi in problem["cells"]}
    kpis = city.parquet("kpis")
    rest = kpis[(kpis["granularity"] == "hour") & ~kpis["cgi"].isin(guilty)]
    assert rest["prb_dl"].max() < 0.8
    assert _share(rest, "rrc_succ", "rrc_att") > 0.99
    assert rest["ul_interf_dbm"].max() < -105


def test_measured_levels_are_fine_away_from_problems(city):
    rows = city.parquet("measurements")
    rows = rows[~rows["indoor"] & (rows["source"] != "DT")]
    away = ~np.logical_or.reduce([_inside(rows, problem, 1.6) for problem in city.truth])
    assert (rows.loc[away, "rsrp_dbm"] < -110).mean() < 0.01


def test_each_problem_brings_its_customers(world):
    from geoservice.simulate.callers import call

    contacts = call(world)
    for problem in world.problems:
        mine = contacts[contacts["problem"] == problem.id]
        assert mine["customer"].nunique() >= 0.9 * problem.customers
        gap = np.hypot(mine["x"] - problem.x, mine["y"] - problem.y)
        assert (gap < 1.2 * problem.radius_m).mean() > 0.95
        first = mine[~mine["repeat"]]
        assert first["occurred"].between(problem.start, problem.end).all()
        if problem.kind.hours:
            assert (first["occurred"] + pd.Timedelta(hours=8)).dt.hour.isin(problem.kind.hours).all()


@pytest.mark.parametrize("size", ["city"])
def test_a_vip_calls_twenty_times(world, size):
    from geoservice.simulate.callers import call

    assert call(world)["customer"].value_counts().iloc[0] >= 20
