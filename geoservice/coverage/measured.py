"""Measurements: aggregated to hex and cell, laid over the prediction, and the MR rules."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.config import Config
from geoservice.coverage.admissible import column_of, outdoors, speaks_of
from geoservice.coverage.budget import P10_Z
from geoservice.radio.shadowing import exceedance
from geoservice.tables import COVERAGE, conform

Floats = NDArray[np.float64]

UNKNOWN_CELL = ""
# Spread of single measurements in a hex where there are too few to tell, dB [TR 38.901 NLOS].
DEFAULT_SPREAD_DB = 6.0
# A median of few, correlated samples: every ten samples of one device count as one [J].
SAMPLES_PER_LOOK = 10.0
ROBUST_SIGMA = 1.4826
MR_WEAK_CELL_SHARE, MR_WEAK_GRID_SHARE, MR_WEAK_GRID_SAMPLES = 0.10, 0.90, 500


def measured(
    measurements: pd.DataFrame, resolution: int, config: Config, now: datetime, cells: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Outdoor measurements aggregated by hex and cell.

    Samples older than the limit of their source (drive tests 90 days, others 30), indoor samples
    and, where the cells are given, samples of another operator or technology or from before a
    change of their cell (:mod:`.admissible`) are left out: they do not describe today's level.

    Parameters
    ----------
    measurements : table ``measurements``.
    resolution : H3 resolution of the hexes.
    now : the time ages count from (aware).
    cells : table ``cells``.

    Returns
    -------
    DataFrame with columns hex, cgi (empty where the samples name no cell), samples, devices (at
    least 1), median_dbm, p10_dbm, spread_db (robust), share_weak, newest (UTC), age_days, source
    (the commonest), sinr_db (median).
    """
    kept = _recent_outdoor(measurements, config, pd.Timestamp(now))
    if cells is not None:
        kept = kept.loc[speaks_of(kept, cells)]
    if not len(kept):
        return _nothing_measured()
    level = kept["rsrp_dbm"].to_numpy(dtype=float)
    frame = pd.DataFrame(
        {
            "hex": grid.to_hex(kept["lat"].to_numpy(dtype=float), kept["lon"].to_numpy(dtype=float), resolution),
            "cgi": kept["cgi"].fillna(UNKNOWN_CELL).to_numpy(dtype=object),
            "rsrp": level,
            "weak": level <= config["rsrp_weak"],
            "device": column_of(kept, "device"),
            "time": kept["time"].to_numpy(),
            "source": column_of(kept, "source"),
            "sinr": pd.to_numeric(kept["sinr_db"], errors="coerce").to_numpy(dtype=float)
            if "sinr_db" in kept
            else np.nan,
        }
    )
    return _aggregate(frame, pd.Timestamp(now))


def blend(
    coverage: pd.DataFrame, found: pd.DataFrame, config: Config, changes: pd.Series | None = None
) -> pd.DataFrame:
    """Table ``coverage`` with the measurements laid over the prediction.

    With at least 10 samples of at least 3 devices a hex is *measured*: its median counts. With
    fewer it is *blended*, ``w·measured + (1 − w)·predicted`` with ``w = n/(n + 10)``. A hex
    without samples keeps its prediction. The spread of a measured hex is that of its samples plus
    the uncertainty of their median; a blend's variance is the weighted sum of both and of their
    disagreement.

    Parameters
    ----------
    coverage : table ``coverage`` as predicted.
    found : result of :func:`measured` at the same resolution.
    changes : last change by cgi (:func:`.admissible.last_change`). What was measured in a hex before
        its predicted best server came or changed is no evidence there: the prediction stands.
    """
    if changes is not None and len(found):
        found = found.loc[_since_change(found, coverage, changes)]
    if not len(found):
        return coverage
    best = _strongest_layer(found)
    best = best.reindex(coverage["hex"].to_numpy())
    has = best["samples"].notna().to_numpy()
    samples = best["samples"].fillna(0).to_numpy(dtype=float)
    full = (samples >= config["meas_min_samples"]) & (
        best["devices"].fillna(0).to_numpy() >= config["meas_min_devices"]
    )
    weight = np.where(full, 1.0, samples / (samples + config["blend_k"]))
    predicted = coverage["rsrp_predicted_dbm"].to_numpy(dtype=float)
    level = np.where(has, best["median_dbm"].to_numpy(dtype=float), predicted)
    mean = weight * level + (1 - weight) * predicted
    sigma = _blended_sigma(weight, best, coverage["sigma_db"].to_numpy(dtype=float), level - predicted, samples)
    shift = np.where(has, mean - predicted, 0.0)
    result = coverage.assign(
        rsrp_dbm=mean,
        rsrp_measured_dbm=best["median_dbm"].to_numpy(dtype=float),
        rsrp_p10_dbm=np.where(full, best["p10_dbm"].to_numpy(dtype=float), mean - P10_Z * sigma),
        rsrp_indoor_dbm=coverage["rsrp_indoor_dbm"].to_numpy(dtype=float) + shift,
        probability=np.where(has, exceedance(config["rsrp_weak"], mean, sigma), coverage["probability"]),
        sigma_db=sigma,
        basis=np.select([full, has], ["measured", "blended"], coverage["basis"].to_numpy(dtype=object)),
        samples=np.where(has, samples, np.nan),
        devices=best["devices"].to_numpy(dtype=float),
        age_days=best["age_days"].to_numpy(dtype=float),
    )
    return conform(_measured_server(result, best, full), COVERAGE)


def weak_cells(measurements: pd.DataFrame, config: Config) -> pd.DataFrame:
    """MR weak cells: more than 10 % of a cell's samples at or below the weak threshold [handbook, P9].

    Only reports of phones count (MR, MDT, or no source told): a drive test goes where it was sent.

    Returns
    -------
    DataFrame with columns cgi, samples, weak_share, weak.
    """
    named = measurements.loc[measurements["cgi"].notna() & _reported(measurements)]
    weak = named["rsrp_dbm"].to_numpy(dtype=float) <= config["rsrp_weak"]
    groups = pd.DataFrame({"cgi": named["cgi"].to_numpy(dtype=object), "weak": weak}).groupby("cgi")["weak"]
    found = groups.agg(samples="size", weak_share="mean").reset_index()
    return found.assign(weak=found["weak_share"] > MR_WEAK_CELL_SHARE)


def weak_grids(measurements: pd.DataFrame, resolution: int, config: Config) -> pd.DataFrame:
    """MR weak grids: hexes with more than 500 samples of which under 90 % exceed the weak threshold.

    The same reports count as in :func:`weak_cells`.

    Returns
    -------
    DataFrame with columns hex, samples, good_share, weak.
    """
    measurements = measurements.loc[_reported(measurements)]
    if not len(measurements):
        return pd.DataFrame({"hex": np.empty(0, np.int64), "samples": [], "good_share": [], "weak": []})
    lat, lon = (measurements[name].to_numpy(dtype=float) for name in ("lat", "lon"))
    good = measurements["rsrp_dbm"].to_numpy(dtype=float) > config["rsrp_weak"]
    frame = pd.DataFrame({"hex": grid.to_hex(lat, lon, resolution), "good": good})
    found = frame.groupby("hex")["good"].agg(samples="size", good_share="mean").reset_index()
    weak = (found["samples"] > MR_WEAK_GRID_SAMPLES) & (found["good_share"] < MR_WEAK_GRID_SHARE)
    return found.assign(weak=weak)


def _recent_outdoor(measurements: pd.DataFrame, config: Config, now: pd.Timestamp) -> pd.DataFrame:
    age = (now - measurements["time"]).dt.total_seconds().to_numpy() / 86_400
    drive = np.isin(column_of(measurements, "source"), ["DT", "CQT"])
    limit = np.where(drive, config["dt_max_age_days"], config["meas_max_age_days"])
    placed = measurements["lat"].notna() & measurements["lon"].notna() & measurements["rsrp_dbm"].notna()
    return measurements.loc[(age <= limit) & (age >= -1) & outdoors(measurements) & placed.to_numpy()]


def _reported(measurements: pd.DataFrame) -> NDArray[np.bool_]:
    source = column_of(measurements, "source")
    return np.isin(source, ["MR", "MDT"]) | pd.isna(source)


def _since_change(found: pd.DataFrame, coverage: pd.DataFrame, changes: pd.Series) -> NDArray[np.bool_]:
    """Groups with a sample since the predicted best server of their hex came or changed."""
    best = pd.Series(coverage["best_cgi"].to_numpy(dtype=object), index=coverage["hex"].to_numpy())
    server = best[~best.index.duplicated()].reindex(found["hex"].to_numpy()).to_numpy(dtype=object)
    changed = changes[~changes.index.duplicated()].reindex(server).to_numpy(dtype="datetime64[us]")
    newest = found["newest"].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return ~(newest < changed)


def _aggregate(frame: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    groups = frame.groupby(["hex", "cgi"], sort=True)
    levels = groups["rsrp"]
    quarter = levels.quantile(np.array([0.1, 0.25, 0.5, 0.75])).unstack()
    found = pd.DataFrame(
        {
            "samples": levels.size(),
            "devices": groups["device"].nunique().clip(lower=1),
            "median_dbm": quarter[0.5],
            "p10_dbm": quarter[0.1],
            "spread_db": (quarter[0.75] - quarter[0.25]) / (2 * 0.6744897501960817),
            "share_weak": groups["weak"].mean(),
            "newest": groups["time"].max(),
            "source": _commonest(frame, "source"),
            "sinr_db": groups["sinr"].median(),
        }
    ).reset_index()
    found["age_days"] = (now - found["newest"]).dt.total_seconds() / 86_400
    return found


def _commonest(frame: pd.DataFrame, column: str) -> pd.Series:
    """The commonest value per hex and cell; of equally common ones the first in alphabetical order."""
    counts = frame.groupby(["hex", "cgi", column]).size().rename("n").reset_index()
    ordered = counts.sort_values(["n", column], ascending=[False, True], kind="stable")
    return ordered.drop_duplicates(["hex", "cgi"]).set_index(["hex", "cgi"])[column]


def _strongest_layer(found: pd.DataFrame) -> pd.DataFrame:
    """Per hex what a phone there sees: all samples together (each is of its serving cell)."""
    weight = found["samples"].to_numpy(dtype=float)
    data = found.assign(
        level=found["median_dbm"] * weight, tail=found["p10_dbm"] * weight, variance=found["spread_db"] ** 2 * weight
    )
    groups = data.groupby("hex")
    total = groups["samples"].sum()
    top = data.sort_values("samples", ascending=False).groupby("hex").first()
    return pd.DataFrame(
        {
            "samples": total,
            "devices": groups["devices"].max(),
            "median_dbm": groups["level"].sum() / total,
            "p10_dbm": groups["tail"].sum() / total,
            "spread_db": np.sqrt(groups["variance"].sum() / total),
            "age_days": groups["age_days"].min(),
            "top_cgi": top["cgi"],
            "top_share": top["samples"] / total,
        }
    )


def _blended_sigma(weight: Floats, best: pd.DataFrame, predicted: Floats, gap: Floats, samples: Floats) -> Floats:
    spread = best["spread_db"].fillna(DEFAULT_SPREAD_DB).to_numpy(dtype=float)
    spread = np.where(samples >= SAMPLES_PER_LOOK, spread, np.maximum(spread, DEFAULT_SPREAD_DB))
    devices = best["devices"].fillna(1).to_numpy(dtype=float)
    looks = np.maximum(np.maximum(samples / SAMPLES_PER_LOOK, devices), 1.0)
    seen = spread**2 + spread**2 / looks
    mixed = weight * seen + (1 - weight) * predicted**2 + weight * (1 - weight) * np.nan_to_num(gap) ** 2
    return np.where(samples > 0, np.sqrt(mixed), predicted)


def _measured_server(coverage: pd.DataFrame, best: pd.DataFrame, full: NDArray[np.bool_]) -> pd.DataFrame:
    """Where measurements decide and most samples name one cell, that cell is the best server."""
    named = best["top_cgi"].fillna(UNKNOWN_CELL).to_numpy(dtype=object)
    decides = full & (named != UNKNOWN_CELL) & (best["top_share"].fillna(0).to_numpy() > 0.5)
    changed = decides & (named != coverage["best_cgi"].to_numpy(dtype=object))
    second = np.where(
        changed, coverage["best_cgi"].to_numpy(dtype=object), coverage["second_cgi"].to_numpy(dtype=object)
    )
    coverage = coverage.assign(second_cgi=pd.Series(second, index=coverage.index, dtype="str"))
    return coverage.assign(best_cgi=coverage["best_cgi"].where(~changed, pd.Series(named, index=coverage.index)))


def _nothing_measured() -> pd.DataFrame:
    columns = {"hex": "int64", "cgi": "object", "samples": "int64", "devices": "int64", "median_dbm": "float64"}
    columns |= {"p10_dbm": "float64", "spread_db": "float64", "share_weak": "float64"}
    columns |= {"newest": "datetime64[us, UTC]", "source": "object", "sinr_db": "float64", "age_days": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})
