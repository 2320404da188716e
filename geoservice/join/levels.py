"""Signal at a subject: what coverage says of its hexes and what was measured in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.config import Config
from geoservice.join.plane import weighted_quantile

# A handful of hexes around one place says nothing of what is usual in the network.
FEWEST_REFERENCE = 100
MEDIANS = {
    "rsrp_p50_dbm": "rsrp_dbm",
    "rsrp_predicted_dbm": "rsrp_predicted_dbm",
    "rsrp_indoor_dbm": "rsrp_indoor_dbm",
    "rsrp_sigma_db": "sigma_db",
    "rsrp_age_days": "age_days",
    "sinr_db": "sinr_db",
    "dominance_db": "dominance_db",
    "overlap_count": "overlap_count",
    "overshoot_ratio": "overshoot_ratio",
}


def coverage_features(here: pd.DataFrame, coverage: pd.DataFrame, count: int, config: Config) -> pd.DataFrame:
    """Customer-weighted coverage of each subject.

    Parameters
    ----------
    here : ``subject``, ``hex``, ``weight`` at the resolution of ``coverage``.
    coverage : table COVERAGE.
    count : number of subjects.
    """
    joined = here.merge(coverage, on="hex")
    groups = dict(iter(joined.groupby("subject")))
    rows = [_row(groups.get(i, joined.iloc[:0]), config) for i in range(count)]
    return pd.DataFrame(rows, index=range(count)).assign(
        overshoot_expected=_usual(coverage, coverage["overshoot"].fillna(False).to_numpy(bool)),
        no_dominance_expected=_usual(coverage, no_dominance(coverage, config)),
    )


def _row(part: pd.DataFrame, config: Config) -> dict[str, object]:
    weight = part["weight"].to_numpy(float)
    level = part["rsrp_dbm"].to_numpy(float)
    row: dict[str, object] = {
        name: weighted_quantile(_floats(part[column]), weight, 0.5) for name, column in MEDIANS.items()
    }
    low = np.fmin(level, part["rsrp_p10_dbm"].to_numpy(float))
    overshooting = part["overshoot"].fillna(False).to_numpy(bool)
    return row | {
        "rsrp_p10_dbm": weighted_quantile(low, weight, 0.1),
        "weak_share": _share(level < config["rsrp_weak"], weight),
        "hole_share": _share(level < config["rsrp_hole"], weight),
        "coverage_probability": _mean(part["probability"], weight),
        "no_dominance_share": _share(no_dominance(part, config), weight),
        "overshoot_share": _share(overshooting, weight),
        "overshoot_cgi": _heaviest(part["best_cgi"][overshooting], weight[overshooting]),
        "rsrp_basis": _heaviest(part["basis"], weight),
        "best_pair": _best_pair(part),
    }


def no_dominance(coverage: pd.DataFrame, config: Config) -> np.ndarray:
    """Level sufficient, lead under the threshold, more than three cells overlap (handbook section 5)."""
    level = coverage["rsrp_dbm"].to_numpy(float) >= config["rsrp_weak"]
    close = coverage["dominance_db"].to_numpy(float) < config["dominance_min"]
    return np.asarray(level & close & (_floats(coverage["overlap_count"]) > config["overlap_max_incl_best"]))


def _usual(coverage: pd.DataFrame, flags: np.ndarray) -> float:
    if len(coverage) < FEWEST_REFERENCE:
        return 0.0
    weight = coverage["customers"].fillna(0).to_numpy(float)
    return _share(flags, weight if weight.sum() > 0 else np.ones(len(weight)))


def _best_pair(part: pd.DataFrame) -> str | None:
    known = part["best_cgi"].notna() & part["second_cgi"].notna()
    pairs = part["best_cgi"][known].astype(str) + ">" + part["second_cgi"][known].astype(str)
    return _heaviest(pairs, part["weight"].to_numpy(float)[known.to_numpy(bool)])


def _heaviest(labels: pd.Series, weight: np.ndarray) -> str | None:
    totals = pd.Series(weight, index=labels.to_numpy()).groupby(level=0).sum()
    return str(totals.idxmax()) if len(totals) else None


def _share(flags: np.ndarray, weight: np.ndarray) -> float:
    return float(weight[flags].sum() / weight.sum()) if weight.sum() > 0 else float("nan")


def _mean(values: pd.Series, weight: np.ndarray) -> float:
    value = _floats(values)
    good = np.isfinite(value) & (weight > 0)
    return float(np.average(value[good], weights=weight[good])) if good.any() else float("nan")


def _floats(values: pd.Series) -> np.ndarray:
    return values.to_numpy("float64", na_value=np.nan)


def samples_here(here: pd.DataFrame, measurements: pd.DataFrame) -> pd.DataFrame:
    """Measurements inside each subject's hexes with ``weight``: hex weight shared among its samples."""
    if not len(here) or not len(measurements):
        nothing = {"hex": "int64", "subject": "int64", "weight": "float64"}
        return measurements.iloc[:0].assign(**{name: pd.Series(dtype=kind) for name, kind in nothing.items()})
    resolution = int(grid.resolutions(here["hex"].to_numpy()[:1])[0])
    near = measurements[_in_box(measurements, here)]
    hexes = grid.to_hex(near["lat"], near["lon"], resolution) if len(near) else np.empty(0, np.int64)
    joined = near.assign(hex=hexes).merge(here, on="hex")
    joined["weight"] /= joined.groupby(["subject", "hex"])["hex"].transform("size")
    return joined


def _in_box(measurements: pd.DataFrame, here: pd.DataFrame) -> np.ndarray:
    lat, lon = grid.hex_to_latlon(here["hex"].unique())
    margin = 0.02
    inside = measurements["lat"].between(lat.min() - margin, lat.max() + margin)
    return (inside & measurements["lon"].between(lon.min() - margin, lon.max() + margin)).to_numpy(bool)


_MEASURED = ("subject", "hex", "weight", "source", "indoor", "rsrp_dbm", "sinr_db", "cgi", "rat")


def measured_features(samples: pd.DataFrame, count: int, config: Config) -> pd.DataFrame:
    """Levels measured at each subject: median, SINR, indoor level, number of servers seen."""
    samples = samples[list(_MEASURED)]  # the narrower the frame, the cheaper its pieces
    groups = dict(iter(samples.groupby("subject")))
    rows = [_measured_row(groups.get(i, samples.iloc[:0]), config) for i in range(count)]
    return pd.DataFrame(rows, index=range(count))


def _measured_row(part: pd.DataFrame, config: Config) -> dict[str, object]:
    usable = part[part["source"].ne("RLF").fillna(True)]
    indoors = usable["indoor"].fillna(False).to_numpy(bool)
    outdoor, indoor = usable[~indoors], usable[indoors]
    drive = outdoor[outdoor["source"].isin(["DT", "CQT"])]
    return {
        "rsrp_samples": float(len(outdoor)),
        "rsrp_measured_dbm": _median(outdoor, "rsrp_dbm"),
        "rsrp_measured_p10_dbm": weighted_quantile(outdoor["rsrp_dbm"], outdoor["weight"], 0.1),
        "weak_measured_share": _share(
            outdoor["rsrp_dbm"].to_numpy(float) < config["rsrp_weak"], outdoor["weight"].to_numpy(float)
        ),
        "sinr_measured_db": _median(outdoor, "sinr_db"),
        "sinr_samples": float(outdoor["sinr_db"].notna().sum()),
        "indoor_measured_dbm": _median(indoor, "rsrp_dbm"),
        "indoor_samples": float(len(indoor)),
        "rsrp_source": "DT" if len(drive) >= config["meas_min_samples"] else ("MR" if len(outdoor) else None),
        "servers_seen": _effective_number(outdoor),
        "rat_changes": _mixture(outdoor["rat"], outdoor["weight"]),
    }


def usual(measurements: pd.DataFrame, here: pd.DataFrame, count: int) -> pd.DataFrame:
    """What is usual in the network: ``servers_usual`` and ``rat_changes_usual`` over all measured hexes."""
    nothing = pd.DataFrame({"servers_usual": np.nan, "rat_changes_usual": np.nan}, index=range(count))
    if not len(measurements) or not len(here):
        return nothing
    resolution = int(grid.resolutions(here["hex"].to_numpy()[:1])[0])
    outdoor = measurements[~measurements["indoor"].fillna(False).astype(bool)]
    everywhere = outdoor.assign(hex=grid.to_hex(outdoor["lat"], outdoor["lon"], resolution), weight=1.0)
    return nothing.assign(
        servers_usual=_effective_number(everywhere),
        rat_changes_usual=_mixture(everywhere["rat"], everywhere["weight"]),
    )


def _median(part: pd.DataFrame, column: str) -> float:
    return weighted_quantile(part[column], part["weight"], 0.5)


def _effective_number(part: pd.DataFrame) -> float:
    """Median over the hexes of 1 / sum of squared server shares: 1 = one server, 4 = four in turn."""
    known = part[part["cgi"].notna()]
    if not len(known):
        return float("nan")
    counts = known.groupby(["hex", "cgi"]).size()
    totals = counts.groupby("hex").transform("sum")
    numbers = 1.0 / ((counts / totals) ** 2).groupby("hex").sum()
    weight = known.groupby("hex")["weight"].sum() * (counts.groupby("hex").sum() >= 3)
    return weighted_quantile(numbers, weight.reindex(numbers.index), 0.5)


def _mixture(labels: pd.Series, weight: pd.Series) -> float:
    """Share of the weight not on the commonest label; 0 = one technology only."""
    known = labels.notna()
    if not known.any():
        return float("nan")
    totals = weight[known].groupby(labels[known]).sum()
    return float(1.0 - totals.max() / totals.sum())


def settle_level(frame: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Measured level over the coverage table's where samples suffice over the whole subject.

    The coverage table wants ten samples *per hex*; a subject of several hexes may have them together.
    """
    enough = frame["rsrp_samples"].to_numpy(float) >= config["meas_min_samples"]
    result = frame.copy()
    result["rsrp_p50_dbm"] = np.where(enough, frame["rsrp_measured_dbm"], frame["rsrp_p50_dbm"])
    result["rsrp_p10_dbm"] = np.where(enough, frame["rsrp_measured_p10_dbm"], frame["rsrp_p10_dbm"])
    result["weak_share"] = np.where(enough, frame["weak_measured_share"], frame["weak_share"])
    result["rsrp_basis"] = frame["rsrp_basis"].where(~enough, "measured")
    quality = frame["sinr_samples"].to_numpy(float) >= config["meas_min_samples"]
    result["sinr_db"] = np.where(quality, frame["sinr_measured_db"], frame["sinr_db"])
    result["sinr_basis"] = np.where(quality, "measured", "predicted")
    indoor = frame["indoor_samples"].to_numpy(float) >= config["meas_min_samples"]
    result["rsrp_indoor_dbm"] = np.where(indoor, frame["indoor_measured_dbm"], frame["rsrp_indoor_dbm"])
    result["indoor_basis"] = np.where(indoor, "measured", "predicted")
    result["has_measurements"] = enough
    return result
