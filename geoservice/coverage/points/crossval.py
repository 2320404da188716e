"""How the whole procedure does on cells it has not seen: calibrate on some, predict the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage.points.frames import join, point_keys
from geoservice.coverage.points.geometry import cost_level, geometry
from geoservice.coverage.points.learning import calibrate
from geoservice.coverage.points.model import PointModel
from geoservice.coverage.points.predict import WEAK_DBM, field_levels, predict_points
from geoservice.records import Progress, silent

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def validate(
    cells: pd.DataFrame, points: pd.DataFrame, folds: int = 5, seed: int = 0, progress: Progress = silent
) -> pd.DataFrame:
    """Cross-validation grouped by cell: what ``calibrate`` and ``predict`` give for cells never seen.

    The points of the held cells are taken out before anything is fitted; validation, spread and cut
    are those that :func:`.learning.calibrate` finds within the other cells.

    Returns
    -------
    DataFrame with one row per fold and stage: fold, stage (cost231, plain, calibrated, learned),
    rmse_db, mean_error_db, spread_db (about the mean error), weak_precision, weak_recall, weak_f1,
    shown_rmse_db (of the column ``rsrp_dbm``, learned stage only), threshold_f1 (of the expected
    level cut at −103 dBm as it is).
    """
    parts = []
    for number in range(folds):
        parts.append(validate_fold(cells, points, number, folds, seed))
        progress((number + 1) / folds, f"fold {number + 1} of {folds}")
    return pd.concat(parts, ignore_index=True)


def validate_fold(cells: pd.DataFrame, points: pd.DataFrame, number: int, folds: int, seed: int = 0) -> pd.DataFrame:
    """One fold of :func:`validate`: every ``folds``-th cell in a random order that the seed settles."""
    key = point_keys(points).astype(str)
    distinct, code = np.unique(key, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(len(distinct)) % max(folds, 2)
    held = fold[code] == number
    return pd.DataFrame([{"fold": number, **row} for row in one_fold(cells, points[~held], points[held], seed)])


def one_fold(cells: pd.DataFrame, fitted: pd.DataFrame, held: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Scores of every stage on ``held`` (points of other cells than ``fitted``, level included)."""
    model = calibrate(cells, fitted, seed)
    truth, known = measured_levels(cells, held), measured_levels(cells, fitted)
    rows: list[dict[str, object]] = []
    for stage in SIMPLE:
        cut = best_threshold(levels(cells, fitted, stage, model), known)
        level = levels(cells, held, stage, model)
        rows.append({"stage": stage, **score(level, level < cut, truth)})
    if model.stage == "learned":
        found = predict_points(cells, held, model)
        shown = found["rsrp_dbm"].to_numpy(float) - truth
        row = score(found["rsrp_mean_dbm"].to_numpy(float), found["weak"].to_numpy(bool), truth)
        rows.append({"stage": "learned", **row, "shown_rmse_db": float(np.sqrt(np.mean(shown**2)))})
    return rows


SIMPLE = ("cost231", "plain", "calibrated")


def measured_levels(cells: pd.DataFrame, points: pd.DataFrame) -> Floats:
    """The levels the points bring."""
    found = join(cells, points, measured=True).rsrp_dbm
    return np.empty(0) if found is None else found


def levels(cells: pd.DataFrame, points: pd.DataFrame, stage: str, model: PointModel) -> Floats:
    """Expected levels by one of the simple stages."""
    field = join(cells, points, measured=False, typical=model.typical)
    if stage == "cost231":
        return cost_level(field, geometry(field))
    return field_levels(field, replace(model, stage=stage))[0]


def score(level: Floats, weak: Flags, truth: Floats) -> dict[str, float]:
    """Error of the level, and of the weak calls."""
    precision, recall, f1 = f_scores(weak, truth < WEAK_DBM)
    return {
        "rmse_db": float(np.sqrt(np.mean((level - truth) ** 2))),
        "mean_error_db": float(np.mean(level - truth)),
        "spread_db": float(np.std(level - truth)),
        "weak_precision": precision,
        "weak_recall": recall,
        "weak_f1": f1,
        "threshold_f1": f_scores(level < WEAK_DBM, truth < WEAK_DBM)[2],
    }


def best_threshold(level: Floats, truth: Floats) -> float:
    """Level under which calling a point weak gives the best F1."""
    order = np.argsort(level, kind="stable")
    hits = np.cumsum((truth < WEAK_DBM)[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(int(hits[-1]), 1))
    return float(level[order[int(np.argmax(f1))]]) + 1e-9


def f_scores(called: Flags, weak: Flags) -> tuple[float, float, float]:
    """Precision, recall and F1 of calls."""
    hit = float(np.sum(called & weak))
    precision, recall = hit / max(float(called.sum()), 1.0), hit / max(float(weak.sum()), 1.0)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)
