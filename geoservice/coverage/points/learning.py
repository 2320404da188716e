"""Fit a point model and keep only what helps on cells that were not fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage.points import trees
from geoservice.coverage.points.features import assemble, base_design, own_features, remember
from geoservice.coverage.points.frames import Field, join, typical
from geoservice.coverage.points.geometry import geometry, pattern_loss_db, plain_level
from geoservice.coverage.points.model import STAGES, ClutterLines, PointModel, Validation
from geoservice.coverage.points.predict import WEAK_DBM, decided_level, spread, with_level
from geoservice.errors import NotEnoughData
from geoservice.radio.calibration import fit_line
from geoservice.radio.shadowing import exceedance
from geoservice.records import Progress, silent

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_CELLS, LEAST_POINTS = 5, 100
LEARNED_CELLS, LEARNED_POINTS = 50, 5000
HELD_SHARE = 0.2
CLUTTER_POINTS = 200
POINT_LIMIT_DB = 60.0
ROWS = 200_000
MEMBERS = 2
LEVEL_OPTIONS = {
    "max_iter": 250,
    "learning_rate": 0.08,
    "max_leaf_nodes": 63,
    "min_samples_leaf": 60,
    "l2_regularization": 1.0,
    "max_features": 0.4,
}
SPREAD_OPTIONS = {"max_iter": 60, "learning_rate": 0.1, "max_leaf_nodes": 15, "min_samples_leaf": 200}
# A richer stage must win by this much on unseen cells, else the simpler one is kept.
WORTHWHILE_DB = 0.05


@dataclass(frozen=True)
class Prepared:
    """A field with everything that does not depend on which cells are fitted."""

    field: Field
    shape: dict[str, Floats]
    own: dict[str, Floats]
    plain_dbm: Floats
    level_dbm: Floats


@dataclass(frozen=True)
class Learned:
    """A learned stage and its features of all points of the field it was fitted in."""

    base: Floats
    base_dbm: Floats
    features: NDArray[np.float32]
    trees: trees.Trees


def calibrate(cells: pd.DataFrame, points: pd.DataFrame, seed: int = 0, progress: Progress = silent) -> PointModel:
    """Fit a model to measured points of cells (inputs as :func:`.predict_points`, plus the level).

    A fifth of the cells is held out to choose between the plain, the calibrated and the learned
    stage, to measure the spread and to place the cut for weak points; then all cells are fitted.

    Raises
    ------
    NotEnoughData
        Fewer than 5 cells or 100 points.
    """
    prepared = prepare(cells, points)
    rng = np.random.default_rng(seed)
    named = np.unique(prepared.field.cell)
    held = np.isin(prepared.field.cell, rng.permutation(named)[: max(int(HELD_SHARE * len(named)), 1)])
    progress(0.1, "fitting on four fifths of the cells")
    lines = fit_lines(prepared, ~held)
    stages = {"plain": prepared.plain_dbm[held], "calibrated": _calibrated(prepared, lines)[held]}
    trial = fit_learned(prepared, ~held, seed, members=1) if _rich(prepared) else None
    if trial is not None:
        stages["learned"] = learned_level(trial)[held]
    truth = prepared.level_dbm[held]
    progress(0.5, "choosing on the held-out cells")
    stage = _choose({name: _rmse(level, truth) for name, level in stages.items()})
    sigma_all = _spreads(stages[stage], truth)
    spread_trees = None
    if stage == "learned" and trial is not None:
        inputs = with_level(trial.features[held], stages[stage])
        miss = np.abs(truth - stages[stage])
        spread_trees = trees.fit(inputs, miss, seed, **SPREAD_OPTIONS)
        sigma_all = spread(spread_trees.predict(inputs))
    cut = best_cut(stages[stage], sigma_all, truth)
    spreads = {name: sigma_all if name == stage else _spreads(level, truth) for name, level in stages.items()}
    report = tuple(validate_stage(name, level, spreads[name], truth) for name, level in stages.items())
    final = fit_learned(prepared, np.ones(len(held), bool), seed + 1, MEMBERS) if spread_trees is not None else None
    progress(1.0, "done")
    return PointModel(
        stage=stage,
        lines=fit_lines(prepared, np.ones(len(held), bool)),
        sigma_db=_rmse(stages[stage], truth),
        weak_dbm=WEAK_DBM,
        weak_cut=cut,
        validation=report,
        cells=len(named),
        points=len(held),
        typical=typical(prepared.field),
        base=None if final is None else final.base,
        trees=None if final is None else final.trees,
        spread=spread_trees,
        memory=None if final is None else remember(prepared.field, prepared.shape, prepared.level_dbm - final.base_dbm),
    )


def prepare(cells: pd.DataFrame, points: pd.DataFrame) -> Prepared:
    """Join and describe; refuses too little data."""
    field = join(cells, points, measured=True)
    named = len(np.unique(field.cell))
    if named < LEAST_CELLS or len(field.x) < LEAST_POINTS:
        raise NotEnoughData(
            f"calibration needs points of at least {LEAST_CELLS} cells and {LEAST_POINTS} points; "
            f"there are {len(field.x)} points of {named} cells"
        )
    shape = geometry(field)
    level = field.rsrp_dbm if field.rsrp_dbm is not None else np.full(len(field.x), np.nan)
    return Prepared(field, shape, own_features(field, shape), plain_level(field, shape)[0], level)


def fit_lines(prepared: Prepared, train: Flags) -> ClutterLines:
    """Offset and slope on the plain level, for all points and for each clutter class with enough of them.

    Measured points are where the cell *serves*, so their level falls far less with distance than
    any propagation law says; the slope limit is therefore wider than for hex medians.
    """
    distance, clutter = prepared.shape["distance_m"], prepared.field.clutter
    pattern = pattern_loss_db(prepared.shape)
    residual = prepared.level_dbm - prepared.plain_dbm
    share = _pattern_share(residual[train], distance[train], pattern[train])
    residual = residual - (1 - share) * pattern
    classes = [value for value in np.unique(clutter[train]) if np.sum(train & (clutter == value)) >= CLUTTER_POINTS]
    groups = [train, *(train & (clutter == value) for value in classes)]
    found = [fit_line(residual[group], distance[group], limit_db=POINT_LIMIT_DB) for group in groups]
    return ClutterLines(
        clutter=np.array([-1.0, *classes]),
        offset_db=np.array([line.offset_db for line in found]),
        slope_db=np.array([line.slope_db for line in found]),
        reference_m=found[0].reference_m,
        pattern_share=share,
    )


def _pattern_share(residual: Floats, distance: Floats, pattern: Floats) -> float:
    """Share of the pattern loss that the measurements show, between none and all of it."""
    design = np.stack([np.ones_like(distance), np.log10(distance), pattern], axis=1)
    return float(np.clip(1 - np.linalg.lstsq(design, residual, rcond=None)[0][2], 0.0, 1.0))


def fit_learned(prepared: Prepared, train: Flags, seed: int, members: int) -> Learned:
    """Linear base on the training cells, then trees on what it leaves, averaged over ``members``."""
    design = base_design(prepared.field, prepared.shape, prepared.own)
    base = np.linalg.lstsq(design[train], prepared.level_dbm[train], rcond=None)[0]
    base_dbm = design @ base
    residual = prepared.level_dbm - base_dbm
    known = np.where(train, residual, np.nan)
    features = assemble(prepared.field, prepared.shape, prepared.own, known, None)
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(train)
    drawn = [rng.choice(rows, min(ROWS, len(rows)), replace=False) for _ in range(members)]
    parts = trees.fit_members(features, residual, drawn, seed, **LEVEL_OPTIONS)
    return Learned(np.asarray(base, float), base_dbm, features, trees.join(parts))


def learned_level(stage: Learned) -> Floats:
    """Level of every point of the field the stage was fitted in."""
    return stage.base_dbm + stage.trees.predict(stage.features)


def best_cut(level: Floats, sigma: Floats, truth: Floats) -> float:
    """Probability of being weak above which calling a point weak gives the best F1."""
    probability = 1 - exceedance(WEAK_DBM, level, sigma)
    cuts = np.linspace(0.05, 0.8, 76)
    scores = [_f1(probability >= cut, truth < WEAK_DBM)[2] for cut in cuts]
    return float(cuts[int(np.argmax(scores))])


def validate_stage(name: str, level: Floats, sigma: Floats, truth: Floats) -> Validation:
    """Errors of a stage on held-out points, weak points called at that stage's best cut."""
    cut = best_cut(level, sigma, truth)
    called = 1 - exceedance(WEAK_DBM, level, sigma) >= cut
    precision, recall, f1 = _f1(called, truth < WEAK_DBM)
    shown = _rmse(decided_level(level, called, WEAK_DBM), truth)
    return Validation(name, _rmse(level, truth), float(np.mean(level - truth)), precision, recall, f1, shown)


def _calibrated(prepared: Prepared, lines: ClutterLines) -> Floats:
    pattern = pattern_loss_db(prepared.shape)
    return prepared.plain_dbm + lines.at(prepared.field.clutter, prepared.shape["distance_m"], pattern)


def _rich(prepared: Prepared) -> bool:
    return len(np.unique(prepared.field.cell)) >= LEARNED_CELLS and len(prepared.level_dbm) >= LEARNED_POINTS


def _choose(errors: dict[str, float]) -> str:
    best = "plain"
    for name in STAGES:
        if name in errors and errors[name] < errors[best] - WORTHWHILE_DB:
            best = name
    return best


def _spreads(level: Floats, truth: Floats) -> Floats:
    return np.full(level.shape, max(float(np.std(truth - level)), 1e-6))


def _rmse(level: Floats, truth: Floats) -> float:
    return float(np.sqrt(np.mean((level - truth) ** 2)))


def _f1(called: Flags, weak: Flags) -> tuple[float, float, float]:
    hit = float(np.sum(called & weak))
    precision, recall = hit / max(float(called.sum()), 1.0), hit / max(float(weak.sum()), 1.0)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)
