"""What the decision table asks of a row of evidence: its columns, class shares and a few derived figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config

Floats = NDArray[np.float64]

# What chance gives is known no better than this; a lift over less would be noise.
LEAST_EXPECTED = 0.02
# Shadowing of an uncalibrated prediction (handbook section 5, sigma 6-8 dB, plus the model's own error).
PREDICTION_SIGMA_DB = 8.0
MEASURED_SIGMA_DB = 2.0
# Distance of the 10 % quantile from the median of a normal law, in deviations; more spread than this is two places.
NORMAL_P10, MOST_SPREAD_DB = 1.2816, 12.0
FEWEST_SEEN = 10.0  # observed servers that make "no overshoot seen" a finding
IMAGINED_ANSWERS = 10.0
SHARES = ("alarm", "sleeping", "energy")
USUALS = (
    ("night", "night_share", "night_expected"),
    ("evening", "evening_share", "evening_expected"),
    ("far", "far_share", "far_expected"),
    ("overshoot", "overshoot_share", "overshoot_expected"),
    ("no_dominance", "no_dominance_share", "no_dominance_expected"),
    ("servers", "servers_seen", "servers_usual"),
    ("rat", "rat_changes", "rat_changes_usual"),
    ("missing", "missing_neighbour_share", "missing_neighbour_expected"),
    ("ho_fail", "ho_fail_rate", "ho_rate_usual"),
)


class Features(Mapping[str, Floats]):
    """Numbers by name, one array entry a subject; NaN is unknown.

    ``class.X`` is the share of the customers with class X; every numeric or boolean column of
    table ``evidence`` goes by its own name; derived figures are listed in :func:`derived`.
    """

    def __init__(self, evidence: pd.DataFrame, config: Config) -> None:
        self.rows = len(evidence)
        self._classes = _class_shares(evidence["classes"])
        self._values = _numbers(evidence)
        self._values |= derived(self, evidence, config)

    def __getitem__(self, name: str) -> Floats:
        if name.startswith("class."):
            return self._classes.get(name[6:], np.zeros(self.rows))
        return self._values[name]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def of_classes(self, affinity: Mapping[str, float]) -> Floats:
        """Share of the customers whose class fits, each class counted by its affinity."""
        return np.asarray(
            sum((weight * self["class." + code] for code, weight in affinity.items()), np.zeros(self.rows))
        )


def _class_shares(classes: pd.Series) -> dict[str, Floats]:
    counts = pd.DataFrame([c if isinstance(c, dict) else {} for c in classes], index=range(len(classes)))
    counts = counts.drop(columns=["UNCLEAR"], errors="ignore").astype(float).fillna(0.0)
    total = counts.sum(axis=1).to_numpy(float)
    return {str(c): counts[c].to_numpy(float) / np.maximum(total, 1.0) for c in counts}


def _numbers(evidence: pd.DataFrame) -> dict[str, Floats]:
    numeric = [c for c in evidence if evidence[c].dtype.kind in "fib"]
    return {str(c): evidence[c].to_numpy("float64", na_value=np.nan) for c in numeric}


def derived(features: Features, evidence: pd.DataFrame, config: Config) -> dict[str, Floats]:
    """Figures computed from columns; every one named in ``decision.toml``."""
    f = features
    customers = np.maximum(f["customers"], 1.0)
    found = {"phone_tests": _tests(f["other_phone_ok_known"], customers)}
    found["sim_tests"] = _tests(f["other_sim_ok_known"], customers)
    found |= _against_chance(f)
    found |= _radio(f, config)
    found |= _counters(f)
    found |= _open_questions(f, evidence)
    found["terminal_excess"] = f["terminal_share"] * (1 - 1 / np.maximum(f["terminal_lift"], 1e-3))
    found["missing_where_dropped"] = found["missing_excess"] * np.minimum(f["class.DROPPED_CALL"] / 0.5, 1)
    found["echo_own"] = f["echo_own_share"] * np.minimum(f["class.ECHO"] / 0.5, 1)
    found["other_phone_ok"] = _shrunk(f)
    found["choppy_over_one_way"] = f["class.CHOPPY_VOICE"] - f["class.ONE_WAY_AUDIO"]
    return found


def _tests(known: Floats, customers: Floats) -> Floats:
    """Enough customers made the test: three of them, or two in five."""
    return np.asarray(np.maximum(known / customers, 0.5 * np.minimum(known / 3.0, 1.0)))


def _shrunk(f: Features) -> Floats:
    """Share whom another phone served, drawn towards the usual share by ten imagined answers.

    Two of four who say so are no proof in a hotspot; for a single customer the answer stands.
    """
    usual = np.nan_to_num(f["other_phone_ok_expected"], nan=0.5)
    known, share = f["other_phone_ok_known"], np.nan_to_num(f["other_phone_ok_share"])
    pooled = (share * known + IMAGINED_ANSWERS * usual) / (known + IMAGINED_ANSWERS)
    return np.where(f["is_cluster"] > 0, pooled, f["other_phone_ok_share"])


def _against_chance(f: Features) -> dict[str, Floats]:
    found = {}
    for name in SHARES:
        expected = f["sleeping_expected"] if name == "sleeping" else f[f"{name}_expected_share"]
        found[f"{name}_lift"] = f[f"{name}_share"] / np.maximum(expected, LEAST_EXPECTED)
        found[f"{name}_excess"] = f[f"{name}_share"] - expected
    return found | {f"{name}_excess": f[share] - f[usual] for name, share, usual in USUALS}


def _radio(f: Features, config: Config) -> dict[str, Floats]:
    # Customers without any service stand in the worst part of the place: the more of them, the nearer P10.
    without = f["class.NO_COVERAGE"]
    tail = np.fmin(f["rsrp_p10_dbm"], f["rsrp_p50_dbm"])
    tail = np.where(np.isfinite(tail), tail, f["rsrp_p50_dbm"])
    return {
        "rsrp_customers_dbm": (1 - without) * f["rsrp_p50_dbm"] + without * tail,
        "pci_clash": f["mod3_share"],
        "overshoot_unseen": np.where(f["far_known"] >= FEWEST_SEEN, f["far_share"] - f["far_expected"], np.nan),
        "both_clean": np.minimum(
            f["rsrp_p50_dbm"] - config["rsrp_weak"] - 2, config["ul_interf_watch"] - f["ul_interf_dbm"]
        ),
    }


def _counters(f: Features) -> dict[str, Floats]:
    rise = f["ul_interf_dbm"] - f["ul_interf_before_dbm"]
    setup = np.fmin(np.fmin(f["rrc_z"], f["access_z"]), f["qci1_setup_z"])
    return {
        "ul_rise_db": rise,
        "ul_watch_rise": _both(f["ul_interf_dbm"] + 105, rise - 5),
        "prb_rise": f["prb_busy"] - f["prb_busy_before"],
        # Daily means hide the busy hour: a clear rise to a middling mean is congestion too.
        "load_watch": _both(f["prb_busy"] - 0.6, f["prb_busy"] - f["prb_busy_before"] - 0.15),
        "handover_trouble": np.fmax(np.fmax(f["drop_z"], f["qci1_drop_z"]), -f["ho_z"]),
        "voice_loss": np.fmax(f["qci1_ul_loss"], f["qci1_dl_loss"]),
        "loss_z": np.fmax(f["qci1_ul_loss_z"], f["qci1_dl_loss_z"]),
        "setup_z": setup,
        "setup_loss": f["access_before"] - f["access_rate"],
    }


def _both(level: Floats, rise: Floats) -> Floats:
    """Smaller of two margins; a level below its threshold settles it even where the past is unknown."""
    return np.where(level < 0, level, np.minimum(level, rise))


def _open_questions(f: Features, evidence: pd.DataFrame) -> dict[str, Floats]:
    """How far a missing table leaves another explanation open."""
    no_alarms = 1 - f["has_alarms"]
    running = np.nan_to_num(f["avail_mean"], nan=0.0) >= 0.97
    burst = np.nan_to_num(f["burst_share"]) * (f["customers"] >= 4)
    no_windows = 1 - f["has_energy"]
    kpi_classes = ("ACCESS_FAILURE", "SLOW_DATA", "ONE_WAY_AUDIO", "CHOPPY_VOICE", "DROPPED_CALL", "NOT_IN_SERVICE_MSG")
    return {
        # Without alarms any fault, without counters a sleeping cell may explain a short burst.
        "outage_open": np.maximum(no_alarms * ~running, 1 - f["has_kpis"]) * burst,
        "night_open": no_windows * np.nan_to_num(f["night_share"] - f["night_expected"]),
        "kpi_classes": f.of_classes(dict.fromkeys(kpi_classes, 1.0)),
        "drop_classes": f.of_classes({"DROPPED_CALL": 1.0, "UNSTABLE_SIGNAL": 0.4}),
        "load_classes": f.of_classes({"ACCESS_FAILURE": 1.0, "SLOW_DATA": 1.0}),
        "voice_classes": f.of_classes({"ONE_WAY_AUDIO": 1.0, "CHOPPY_VOICE": 1.0}),
    }


def level_sigma_db(evidence: pd.DataFrame) -> Floats:
    """Uncertainty of the level: small where measured, the prediction's own elsewhere."""
    sigma = evidence["rsrp_sigma_db"].to_numpy(float)
    predicted = np.where(np.isfinite(sigma) & (sigma > 0), sigma, PREDICTION_SIGMA_DB)
    samples = np.nan_to_num(evidence["rsrp_samples"].to_numpy(float))
    blended = np.hypot(MEASURED_SIGMA_DB, predicted * 10.0 / (samples + 10.0))
    basis = evidence["rsrp_basis"].to_numpy(object)
    return np.select(
        [basis == "measured", basis == "blended"], [np.full(len(sigma), MEASURED_SIGMA_DB), blended], predicted
    )


def level_spread_db(evidence: pd.DataFrame) -> Floats:
    """How much the level differs inside a measured place: the deviation a normal law gives its P10 and P50.

    A place is not one level; zero where nothing was measured, for the prediction's own spread is in its sigma.
    """
    p50, p10 = (evidence[f"rsrp_{name}_dbm"].to_numpy("float64", na_value=np.nan) for name in ("p50", "p10"))
    spread = np.clip(np.nan_to_num((p50 - p10) / NORMAL_P10), 0.0, MOST_SPREAD_DB)
    return np.where(evidence["rsrp_basis"].eq("measured").to_numpy(bool), spread, 0.0)
