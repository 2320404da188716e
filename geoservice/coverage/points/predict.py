"""Predict the level of points for given cells, with a model or without."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage.points.features import assemble, base_design, own_features
from geoservice.coverage.points.frames import Field, join
from geoservice.coverage.points.geometry import geometry, pattern_loss_db, plain_level
from geoservice.coverage.points.model import PointModel
from geoservice.errors import NotEnoughData
from geoservice.radio.shadowing import exceedance

Floats = NDArray[np.float64]

LEAST_SIGMA_DB = 2.0
# Mean absolute error of a Gaussian times this is its standard deviation.
ABSOLUTE_TO_SIGMA = np.sqrt(np.pi / 2)
WEAK_DBM = -103.0
# Points called other than their expected level says stand within SIDE_DB of the threshold, in their order.
SIDE_DB, FAR_DB = 0.5, 6.0


def predict_points(cells: pd.DataFrame, points: pd.DataFrame, model: PointModel | None = None) -> pd.DataFrame:
    """Level of each point from its own cell.

    Parameters
    ----------
    cells : rows as in a radio-planning table (headings of :mod:`.frames`): key, x and y in metres
        (or lat and lon), height, azimuth, tilts, frequency, RS power, altitude, building, clutter.
    points : key of the cell, x and y (or lat and lon), altitude, building height, clutter.
    model : result of :func:`.learning.calibrate`; without one TR 38.901 UMa and the antenna pattern.

    Returns
    -------
    ``points`` plus rsrp_dbm, rsrp_mean_dbm (the expected level, least error), sigma_db (standard
    deviation of the single point), weak_probability (of being under the weak threshold) and weak
    (probability above the model's cut, the best F1 on unseen cells). ``rsrp_dbm`` is the expected
    level put on the side of the threshold that was called (:func:`decided_level`).
    """
    if not len(points):
        raise NotEnoughData("there are no points to predict")
    field = join(cells, points, measured=False, typical=None if model is None else model.typical)
    level, sigma = field_levels(field, model)
    threshold, cut = (WEAK_DBM, 0.5) if model is None else (model.weak_dbm, model.weak_cut)
    probability = 1 - exceedance(threshold, level, sigma)
    weak = probability >= cut
    shown = decided_level(level, weak, threshold)
    return points.assign(rsrp_dbm=shown, rsrp_mean_dbm=level, sigma_db=sigma, weak_probability=probability, weak=weak)


def decided_level(level: Floats, weak: NDArray[np.bool_], threshold_dbm: float) -> Floats:
    """The expected level, moved just over the threshold where the call says the other side.

    An expected level is too smooth to be counted against a threshold: of the points under −103 dBm
    it shows a third. Whoever thresholds this column gets the calls of best F1 instead; the points
    moved keep their order within :data:`SIDE_DB` of the threshold, and the root mean square error
    grows by 0.1 to 0.2 dB (docs/coverage-accuracy.md).

    >>> decided_level(np.array([-90.0, -99.0, -101.0, -110.0]), np.array([False, True, True, True]), -103.0).round(2)
    array([ -90.  , -103.22, -103.36, -110.  ])
    """
    gap = level - threshold_dbm
    moved = weak != (gap < 0)
    shrunk = SIDE_DB * np.tanh(np.abs(gap) / FAR_DB)
    beside = np.where(weak, threshold_dbm - SIDE_DB + shrunk * (1 - 1e-3), threshold_dbm + SIDE_DB - shrunk)
    return np.asarray(np.where(moved, beside, level))


def field_levels(field: Field, model: PointModel | None) -> tuple[Floats, Floats]:
    """Expected level and spread of each point of a field."""
    shape = geometry(field)
    level, sigma = plain_level(field, shape)
    if model is None or model.stage == "plain":
        return level, sigma
    if model.stage == "calibrated" or model.base is None or model.trees is None or model.spread is None:
        level = level + model.lines.at(field.clutter, shape["distance_m"], pattern_loss_db(shape))
        return level, np.full(level.shape, model.sigma_db)
    own = own_features(field, shape)
    base = base_design(field, shape, own) @ model.base
    features = assemble(field, shape, own, np.full(len(base), np.nan), model.memory)
    learned = base + model.trees.predict(features)
    return learned, spread(model.spread.predict(with_level(features, learned)))


def with_level(features: NDArray[np.float32], level: Floats) -> NDArray[np.float32]:
    """Features of the spread: those of the level, and the level."""
    return np.concatenate([features, level[:, None].astype(np.float32)], axis=1)


def spread(absolute_error: Floats) -> Floats:
    """Standard deviation from the expected absolute error."""
    return np.asarray(np.maximum(absolute_error * ABSOLUTE_TO_SIGMA, LEAST_SIGMA_DB))
