"""Correction of a prediction by measurements: r = measured − predicted = a + b·log10(d/d_ref).

Rules of handbook section 5 [J]: medians per hex and cell first (the caller does that), least
squares with 5 % trimmed, a slope only on enough pairs, hexes and distance span, both limited to
±20 dB, accepted when the hold-out error falls to at most 8 dB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]

SLOPE_PAIRS, OFFSET_PAIRS = 30, 10
MIN_HEXES = 10
MIN_SPAN = 2.0
LIMIT_DB = 20.0
TRIM_SHARE = 0.05
ACCEPT_RMSE_DB = 8.0
HOLD_OUT_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted line ``a + b·log10(d/d_ref)`` and its residuals' root mean square."""

    offset_db: float
    slope_db: float
    reference_m: float
    rmse_db: float

    def at(self, distance_m: ArrayLike) -> Floats:
        """Correction in dB to add to the predicted level at a distance."""
        ratio = np.maximum(np.asarray(distance_m, float), 1.0) / self.reference_m
        return np.asarray(self.offset_db + self.slope_db * np.log10(ratio))


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that held on data it was not fitted to.

    ``sigma_db`` is the hold-out spread that replaces the default; ``before_db`` and ``after_db``
    are the hold-out errors without and with the correction.
    """

    offset_db: float
    slope_db: float
    reference_m: float
    sigma_db: float
    before_db: float
    after_db: float
    pairs: int
    hexes: int

    def at(self, distance_m: ArrayLike) -> Floats:
        """Correction in dB to add to the predicted level at a distance."""
        return Line(self.offset_db, self.slope_db, self.reference_m, self.after_db).at(distance_m)


def fit_line(
    residual_db: ArrayLike,
    distance_m: ArrayLike,
    reference_m: float | None = None,
    slope: bool = True,
    limit_db: float = LIMIT_DB,
) -> Line:
    """Trimmed least squares of residuals on log distance (or the offset alone).

    ``reference_m`` defaults to 100 m; offset and slope are held within ±``limit_db``. The worst 5 %
    of the residuals are set aside once.

    >>> line = fit_line([-4, -5.5, -7, -8, -9, -9.5], [100, 200, 400, 800, 1000, 1600])
    >>> round(line.offset_db, 2), round(line.slope_db, 2), round(line.rmse_db, 2)
    (-4.08, -4.62, 0.18)
    """
    residual, distance = np.asarray(residual_db, float), np.asarray(distance_m, float)
    if residual.size == 0 or residual.shape != distance.shape:
        raise InputError("residuals and distances must be equally many and at least one", field="residual_db")
    reference = 100.0 if reference_m is None else reference_m
    log_ratio = np.log10(np.maximum(distance, 1.0) / reference)
    first = _least_squares(residual, log_ratio, slope)
    kept = _without_worst(np.abs(residual - first[0] - first[1] * log_ratio))
    offset, tilt = _least_squares(residual[kept], log_ratio[kept], slope)
    error = residual[kept] - offset - tilt * log_ratio[kept]
    return Line(_limit(offset, limit_db), _limit(tilt, limit_db), reference, float(np.sqrt(np.mean(error**2))))


def calibrate(
    residual_db: ArrayLike, distance_m: ArrayLike, hexes: ArrayLike, seed: int = 0, trimmed: bool = False
) -> Correction:
    """Fit one group (a clutter class on a band) and check it on hexes held out.

    Parameters
    ----------
    residual_db, distance_m, hexes : (pairs,) median residual, ground distance and hex of each pair.
    seed : of the split into hold-out folds (whole hexes stay together).
    trimmed : set the worst 5 % aside in the judgement as in the fit, so that a few wrong positions or
        holes do not refuse a law that holds elsewhere.

    Raises
    ------
    NotEnoughData
        Too few pairs or hexes, or the correction does not hold on hexes it was not fitted to.
    """
    residual, distance = np.asarray(residual_db, float), np.asarray(distance_m, float)
    places = np.asarray(hexes)
    distinct = len(np.unique(places))
    if len(residual) < OFFSET_PAIRS or distinct < 2:
        raise NotEnoughData(
            f"calibration needs at least {OFFSET_PAIRS} hex-cell pairs in several hexes; "
            f"there are {len(residual)} pairs in {distinct} hexes"
        )
    slope = slope_allowed(residual, distance, distinct)
    error = _hold_out_errors(residual, distance, places, slope, seed)
    kept = _without_worst(np.abs(error)) if trimmed else np.arange(len(error))
    before, after = _rms(residual[kept]), _rms(error[kept])
    if after >= before or after > ACCEPT_RMSE_DB:
        raise NotEnoughData(
            f"the correction does not hold: hold-out error {before:.1f} dB before, {after:.1f} dB after "
            f"(it must fall, to at most {ACCEPT_RMSE_DB:g} dB)"
        )
    line = fit_line(residual, distance, slope=slope)
    spread = _rms(error)
    return Correction(line.offset_db, line.slope_db, line.reference_m, spread, before, after, len(residual), distinct)


def slope_allowed(residual: Floats, distance: Floats, hexes: int) -> bool:
    """A slope needs 30 pairs, 10 hexes and distances that span 2:1."""
    span = np.max(distance) / max(float(np.min(distance)), 1.0)
    return bool(len(residual) >= SLOPE_PAIRS and hexes >= MIN_HEXES and span >= MIN_SPAN)


def _hold_out_errors(residual: Floats, distance: Floats, places: NDArray, slope: bool, seed: int) -> Floats:
    _, group = np.unique(places, return_inverse=True)
    folds = min(HOLD_OUT_FOLDS, int(group.max()) + 1)
    fold = np.random.default_rng(seed).permutation(int(group.max()) + 1)[group] % folds
    error = np.empty_like(residual)
    for held in range(folds):
        out = fold == held
        line = fit_line(residual[~out], distance[~out], slope=slope)
        error[out] = residual[out] - line.at(distance[out])
    return error


def _least_squares(residual: Floats, log_ratio: Floats, slope: bool) -> tuple[float, float]:
    if not slope or np.ptp(log_ratio) < 1e-9:
        return float(np.mean(residual)), 0.0
    design = np.stack([np.ones_like(log_ratio), log_ratio], axis=1)
    found = np.linalg.lstsq(design, residual, rcond=None)[0]
    return float(found[0]), float(found[1])


def _without_worst(error: Floats) -> NDArray[np.int64]:
    keep = len(error) - int(TRIM_SHARE * len(error))
    return np.sort(np.argsort(error, kind="stable")[:keep])


def _limit(value: float, limit_db: float) -> float:
    return float(np.clip(value, -limit_db, limit_db))


def _rms(error: Floats) -> float:
    return float(np.sqrt(np.mean(error**2)))
