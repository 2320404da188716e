"""Rows of evidence for a healthy, fully measured hotspot; tests change what matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from geoservice import tables
from geoservice.config import default_config
from geoservice.diagnosis import diagnose

HEALTHY: dict[str, Any] = {
    "lat": 30.0, "lon": 104.0, "radius_m": 400.0, "fix_radius_m": 100.0, "customers": 40.0, "contacts": 45.0,
    "is_cluster": True, "indoor_share": 0.3, "terminal_model": "M", "terminal_share": 0.15, "terminal_lift": 1.2,
    "terminal_known": 30.0, "other_phone_ok_share": 0.4, "other_phone_ok_known": 4.0, "other_phone_ok_expected": 0.4,
    "other_sim_ok_known": 0.0, "account_problem_share": 0.02, "roaming_share": 0.0, "night_share": 0.15,
    "night_expected": 0.17, "evening_share": 0.25, "evening_expected": 0.22, "span_days": 12.0, "burst_share": 0.25,
    "rsrp_p50_dbm": -92.0, "rsrp_p10_dbm": -99.0, "rsrp_predicted_dbm": -90.0, "rsrp_indoor_dbm": -108.0,
    "rsrp_basis": "measured", "rsrp_source": "MR", "rsrp_samples": 200.0, "rsrp_sigma_db": 3.0, "rsrp_age_days": 3.0,
    "sinr_db": 12.0, "sinr_measured_db": 12.0, "sinr_basis": "measured", "indoor_basis": "predicted",
    "dominance_db": 8.0, "overlap_count": 1.0, "no_dominance_share": 0.0, "no_dominance_expected": 0.08,
    "servers_seen": 1.6, "servers_usual": 1.7, "rat_changes": 0.1, "rat_changes_usual": 0.1, "overshoot_share": 0.0,
    "overshoot_expected": 0.03, "far_share": 0.05, "far_expected": 0.09, "far_known": 80.0, "alarm_share": 0.0,
    "alarm_expected_share": 0.0, "sleeping_hours": 0.0, "sleeping_share": 0.0, "sleeping_expected": 0.0,
    "energy_share": 0.1, "energy_expected_share": 0.12, "rrc_z": 0.3, "access_z": 0.1, "drop_z": 0.5, "ho_z": 0.2,
    "qci1_setup_z": 0.0, "qci1_drop_z": 0.4, "access_rate": 0.99, "access_before": 0.99, "drop_rate": 0.004,
    "drop_before": 0.004, "ho_rate": 0.98, "ho_before": 0.98, "qci1_ul_loss": 0.002, "qci1_dl_loss": 0.002,
    "qci1_ul_loss_before": 0.002, "qci1_dl_loss_before": 0.002, "qci1_ul_loss_z": 0.2, "qci1_dl_loss_z": 0.1,
    "prb_busy": 0.45, "prb_busy_before": 0.44, "users_ratio": 1.0, "ul_interf_dbm": -111.0,
    "ul_interf_before_dbm": -111.0, "avail_share": 1.0, "avail_mean": 1.0, "traffic_ratio": 1.0,
    "missing_neighbour_share": 0.2, "missing_neighbour_expected": 0.2, "ho_fail_rate": 0.02, "ho_rate_usual": 0.015,
    "mod3_share": 0.3, "pci_equal": False, "tac_border": False, "has_kpis": True, "has_alarms": True,
    "has_energy": True, "has_measurements": True, "has_neighbours": True, "has_cells": True,
}  # fmt: skip

NO_TABLE: dict[str, dict[str, Any]] = {
    "kpis": dict.fromkeys(
        [
            "rrc_z", "access_z", "drop_z", "ho_z", "qci1_setup_z", "qci1_drop_z", "access_rate", "access_before",
            "drop_rate", "drop_before", "ho_rate", "ho_before", "qci1_ul_loss", "qci1_dl_loss", "qci1_ul_loss_before",
            "qci1_dl_loss_before", "qci1_ul_loss_z", "qci1_dl_loss_z", "prb_busy", "prb_busy_before", "users_ratio",
            "ul_interf_dbm", "ul_interf_before_dbm", "avail_share", "avail_mean", "traffic_ratio",
        ],
        None,
    ) | {"has_kpis": False, "sleeping_share": 0.0, "sleeping_hours": 0.0},
    "alarms": {"has_alarms": False, "alarm_share": 0.0, "alarm_expected_share": 0.0},
    "energy_windows": {"has_energy": False, "energy_share": 0.0, "energy_expected_share": 0.0},
    "measurements": {
        "has_measurements": False, "rsrp_basis": "predicted", "rsrp_samples": 0.0, "rsrp_sigma_db": 8.0,
        "rsrp_source": None, "sinr_measured_db": None, "sinr_basis": "predicted", "servers_seen": None,
        "servers_usual": None, "rat_changes": None, "rat_changes_usual": None, "far_share": None, "far_known": 0.0,
        "rsrp_p50_dbm": -92.0, "rsrp_p10_dbm": -99.0, "sinr_db": 10.0,
    },
}  # fmt: skip


def evidence_row(classes: dict[str, int], **changes: Any) -> pd.DataFrame:
    row = {"subject_id": "H1", **HEALTHY, "classes": classes, **changes}
    return tables.conform(pd.DataFrame([row]), tables.EVIDENCE)


@pytest.fixture
def row() -> Callable[..., pd.DataFrame]:
    return evidence_row


@pytest.fixture
def withheld() -> dict[str, dict[str, Any]]:
    """Evidence as it looks when a table is missing."""
    return NO_TABLE


@pytest.fixture
def causes() -> Callable[..., list[tuple[str, float]]]:
    """Causes and confidences, best first, of one row of evidence."""

    def ask(classes: dict[str, int], **changes: Any) -> list[tuple[str, float]]:
        found = diagnose(evidence_row(classes, **changes), default_config())
        return list(zip(found["cause"], found["confidence"], strict=True))

    return ask
