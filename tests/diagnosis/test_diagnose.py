"""Every row of the decision table, its contradictions, and the honesty when a table is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from geoservice.config import default_config
from geoservice.diagnosis import diagnose

WEAK = {"WEAK_SIGNAL": 25, "UNSTABLE_SIGNAL": 10}
NOBODY = {"NO_COVERAGE": 30, "WEAK_SIGNAL": 5}
DROPS = {"DROPPED_CALL": 30, "UNSTABLE_SIGNAL": 5}
ACCESS = {"ACCESS_FAILURE": 30, "SLOW_DATA": 3}
SLOW = {"SLOW_DATA": 25, "ACCESS_FAILURE": 10}
ONE_WAY = {"ONE_WAY_AUDIO": 30, "CHOPPY_VOICE": 3}
CHOPPY = {"CHOPPY_VOICE": 30, "ONE_WAY_AUDIO": 3}

NOISY = {"sinr_db": -3.0, "sinr_measured_db": -3.0}

SCENES: dict[str, tuple[str, dict[str, int], dict[str, Any]]] = {
    "not the network": ("K_NONNET", {"NON_NETWORK": 30}, {}),
    "accounts": ("K_PROV", ACCESS, {"account_problem_share": 0.8}),
    "roaming": ("K_ROAM", {"ROAMING": 30}, {"roaming_share": 0.9}),
    "another phone works": ("K_TERM", WEAK, {"other_phone_ok_share": 0.95, "other_phone_ok_known": 12.0}),
    "another SIM works": ("K_SIM", WEAK, {"other_sim_ok_share": 0.9, "other_sim_ok_known": 10.0}),
    "handset class": ("K_TERM", {"TERMINAL_SIM": 30}, {}),
    "handset batch": ("K_TERM", WEAK, {"terminal_share": 0.75, "terminal_lift": 9.0}),
    "diluted batch": ("K_TERM", DROPS, {"terminal_share": 0.55, "terminal_lift": 8.0}),
    "outage": ("K_OUTAGE", NOBODY, {"alarm_share": 0.8, "alarm_expected_share": 0.01, "burst_share": 0.9}),
    "sleeping cell": ("K_OUTAGE", ACCESS, {"sleeping_share": 0.8, "sleeping_expected": 0.02, "burst_share": 0.8}),
    "energy saving": ("K_ENERGY", WEAK, {"energy_share": 0.85, "energy_expected_share": 0.1, "night_share": 0.85}),
    "hole": ("K_HOLE", NOBODY, {"rsrp_p50_dbm": -124.0, "rsrp_p10_dbm": -128.0}),
    "no signal said, good level": ("K_LOCAL", NOBODY, {}),
    "weak": ("K_WEAK", WEAK, {"rsrp_p50_dbm": -114.5, "rsrp_p10_dbm": -118.0}),
    "no dominant cell": (
        "K_NODOM",
        {"UNSTABLE_SIGNAL": 15, "CHOPPY_VOICE": 10, "DROPPED_CALL": 10},
        {"no_dominance_share": 0.8, "servers_seen": 3.6, **NOISY},
    ),
    "overshoot": ("K_OVERSHOOT", DROPS, {"far_share": 0.8, "far_ratio": 2.5, "overshoot_share": 0.9}),
    "ping-pong": ("K_HYST", {"UNSTABLE_SIGNAL": 30}, {"rat_changes": 0.5, "rsrp_p50_dbm": -108.0}),
    "indoors": ("K_INDOOR", {"INDOOR_COVERAGE": 30}, {"indoor_share": 0.9, "rsrp_indoor_dbm": -121.0}),
    "missing neighbour": ("K_NBR", DROPS, {"missing_neighbour_share": 0.9, "ho_z": -6.0, "drop_z": 5.0}),
    "interference": ("K_ULINTF", {"DROPPED_CALL": 15, "ACCESS_FAILURE": 15}, {"ul_interf_dbm": -95.0, "drop_z": 6.0}),
    "PCI clash": ("K_PCI", {"SLOW_DATA": 20, "DROPPED_CALL": 12}, {"mod3_share": 0.95, **NOISY}),
    "congestion": ("K_CONG", SLOW, {"prb_busy": 0.93, "evening_share": 0.6}),
    "access": ("K_ACCESS", ACCESS, {"access_z": -15.0, "access_rate": 0.9}),
    "uplink too weak": ("K_UL", ONE_WAY, {"rsrp_p50_dbm": -114.0, "rsrp_p10_dbm": -117.0, "audio_ul_share": 0.95}),
    "media path": ("K_VOICE", ONE_WAY, {"qci1_ul_loss": 0.06, "qci1_ul_loss_z": 20.0}),
    "both clean": ("K_VOICE", ONE_WAY, {}),
    "echo": ("K_ECHO", {"ECHO": 30}, {"echo_own_share": 0.9}),
    "transport": ("K_TX", CHOPPY, {"qci1_dl_loss": 0.05, "qci1_dl_loss_z": 15.0}),
    "paging": ("K_PAGING", {"NOT_IN_SERVICE_MSG": 30}, {"tac_border": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_every_row_of_the_table(name: str, causes: Callable[..., list[tuple[str, float]]]) -> None:
    cause, classes, changes = SCENES[name]
    found = causes(classes, **changes)
    assert found[0][0] == cause
    assert 0.5 <= found[0][1] <= 0.95


def test_one_customer_at_a_measured_weak_place_is_enough(causes: Callable[..., list[tuple[str, float]]]) -> None:
    place = {"is_cluster": False, "customers": 1.0, "fix_radius_m": 40.0, "burst_share": 1.0}
    assert causes({"WEAK_SIGNAL": 1}, rsrp_p50_dbm=-114.0, **place)[0][0] == "K_WEAK"
    assert causes({}, rsrp_p50_dbm=-92.0, **place)[0][0] == "K_UNKNOWN"


DECISIVE = [
    ("congestion", "kpis"), ("access", "kpis"), ("interference", "kpis"), ("media path", "kpis"), ("transport", "kpis"),
    ("sleeping cell", "kpis"), ("outage", "alarms"), ("energy saving", "energy_windows"), ("indoors", "measurements"),
    ("weak", "measurements"), ("hole", "measurements"), ("overshoot", "measurements"), ("PCI clash", "measurements"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "table"), DECISIVE)
def test_without_the_decisive_table_the_answer_is_not_confidently_wrong(
    name: str, table: str, causes: Callable[..., list[tuple[str, float]]], withheld: dict[str, dict[str, Any]]
) -> None:
    cause, classes, changes = SCENES[name]
    seen = changes | withheld[table]
    if table == "alarms":  # the counters of a cell that is down, when the alarms are not there
        seen |= {"has_kpis": False, "avail_mean": None, "traffic_ratio": None}
    assert causes(classes, **seen)[0][0] in {cause, "K_UNKNOWN"}


def test_the_missing_table_is_named_first(row: Callable[..., Any], withheld: dict[str, dict[str, Any]]) -> None:
    found = diagnose(row(SLOW, **withheld["kpis"]), default_config()).iloc[0]
    assert found["cause"] == "K_UNKNOWN"
    assert found["missing"][0]["table"] == "kpis"
    assert "K_CONG" in found["missing"][0]["decides"]
    found = diagnose(row(WEAK, **withheld["measurements"]), default_config()).iloc[0]
    assert found["missing"][0]["table"] == "measurements"


def test_two_near_causes_are_both_shown(row: Callable[..., Any]) -> None:
    found = diagnose(
        row({"DROPPED_CALL": 20, "WEAK_SIGNAL": 15}, ul_interf_dbm=-98.5, drop_z=4.0, rsrp_p50_dbm=-112.0),
        default_config(),
    )
    top = found.iloc[0]["confidence"]
    for _, one in found.iterrows():
        assert one["shown"] == (one["confidence"] > top - 0.15)


def test_evidence_says_value_threshold_source_and_basis(row: Callable[..., Any]) -> None:
    found = diagnose(row(WEAK, rsrp_p50_dbm=-114.5, rsrp_p10_dbm=-118.0), default_config()).iloc[0]
    level = next(e for e in found["evidence"] if e["what"] == "level_weak")
    assert level["value"] == pytest.approx(-114.5, abs=0.1)
    assert (level["threshold"], level["unit"], level["source"], level["basis"]) == (
        "-120…-110",
        "dBm",
        "coverage",
        "measured",
    )
    assert level["weight"] == 0.6


def test_interference_contradicts_weak_coverage(row: Callable[..., Any]) -> None:
    found = diagnose(row(WEAK, rsrp_p50_dbm=-114.5, ul_interf_dbm=-92.0, drop_z=8.0), default_config())
    weak = found[found["cause"] == "K_WEAK"].iloc[0]
    assert "interference" in [c["what"] for c in weak["contradictions"]]


def test_echo_says_far_end_and_direction_decides_one_way(causes: Callable[..., list[tuple[str, float]]]) -> None:
    weak = {"rsrp_p50_dbm": -114.0, "rsrp_p10_dbm": -117.0}
    uplink = dict(causes(ONE_WAY, audio_ul_share=1.0, audio_dl_share=0.0, **weak))["K_UL"]
    downlink = dict(causes(ONE_WAY, audio_ul_share=0.0, audio_dl_share=1.0, **weak)).get("K_UL", 0.0)
    assert uplink > downlink + 0.2


def test_many_subjects_at_once_equal_one_at_a_time(row: Callable[..., Any]) -> None:
    import pandas as pd

    rows = [row(classes, **changes).assign(subject_id=name) for name, (_, classes, changes) in SCENES.items()]
    together = diagnose(pd.concat(rows, ignore_index=True), default_config())
    for name, one in zip(SCENES, rows, strict=True):
        alone = diagnose(one, default_config())
        pd.testing.assert_frame_equal(
            together[together["subject_id"] == name].reset_index(drop=True), alone.reset_index(drop=True)
        )


def test_a_hotspot_that_lies_in_a_hole_and_in_weak_coverage_shows_both(row: Callable[..., pd.DataFrame]) -> None:
    """Half the customers say no signal, half weak; the median is weak, the worst tenth a hole."""
    classes = {"NO_COVERAGE": 24, "WEAK_SIGNAL": 30}
    found = diagnose(row(classes, rsrp_p50_dbm=-117.0, rsrp_p10_dbm=-129.0), default_config())
    assert set(found.loc[found["shown"].astype(bool), "cause"]) == {"K_HOLE", "K_WEAK"}
    even = diagnose(row({"WEAK_SIGNAL": 30}, rsrp_p50_dbm=-114.0, rsrp_p10_dbm=-117.0), default_config())
    assert set(even.loc[even["shown"].astype(bool), "cause"]) == {"K_WEAK"}
