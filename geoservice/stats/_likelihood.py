"""The Poisson likelihood ratio of a window and the tables that prune windows exactly (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

# Pruning tables hold one row per half unit of log likelihood ratio; beyond the last row they stay exact, only looser.
LEVEL_STEP = 0.5
LEVELS = 80
COUNT_CAP = 4096


@njit(cache=True, nogil=True, inline="always")
def log_likelihood_ratio(cases: float, expected: float, total: float) -> float:
    """Kulldorff's (1997, eq. for the Poisson model) log likelihood ratio of a high-rate window; 0 if not high."""
    if expected <= 0.0 or cases <= expected:
        return 0.0
    inside = cases * np.log(cases / expected)
    if cases >= total:
        return float(inside)
    return float(inside + (total - cases) * np.log((total - cases) / (total - expected)))


@njit(cache=True, nogil=True, inline="always")
def ratio(cases: float, expected: float, total: float, dispersion: float) -> float:
    """The statistic of a high-rate window: Kulldorff's ratio, or the negative-binomial one when rates are dispersed.

    With rates that vary by a Gamma law of relative variance ``dispersion``, counts are negative binomial with
    variance e + dispersion·e²; the ratio of ``cases`` to ``expected`` as their mean is then
    c·ln(c/e) − (c + 1/d)·ln((1 + d·c)/(1 + d·e)), which grows with c and falls with e as the Poisson ratio does.
    """
    if dispersion <= 0.0:
        return log_likelihood_ratio(cases, expected, total)
    if expected <= 0.0 or cases <= expected:
        return 0.0
    less = (cases + 1.0 / dispersion) * np.log1p(dispersion * (cases - expected) / (1.0 + dispersion * expected))
    return float(max(cases * np.log(cases / expected) - less, 0.0))


@njit(cache=True, nogil=True)
def _largest_dispersed(cases: float, level: float, dispersion: float) -> float:
    """As :func:`_largest_expected`, for dispersed rates: Newton in ln(mu), where the ratio is convex and falling."""
    heavy = (cases + 1.0 / dispersion) * np.log1p(dispersion * cases)
    s = np.log(cases) - (level + heavy) / cases
    for _ in range(60):
        mu = np.exp(s)
        gap = cases * (np.log(cases) - s) - heavy + (cases + 1.0 / dispersion) * np.log1p(dispersion * mu) - level
        slope = -cases + (cases * dispersion + 1.0) * mu / (1.0 + dispersion * mu)
        if slope >= 0.0 or gap <= 0.0:
            break
        s -= gap / slope
        if -gap / slope < 1e-10:
            break
    return float(min(np.exp(s) * (1.0 + 1e-7), cases))


@njit(cache=True, nogil=True)
def _largest_expected(cases: float, level: float, total: float) -> float:
    """Largest expectation at which ``cases`` still reach ``level``: Newton from the left on a convex function."""
    mu = cases * np.exp(-1.0 - level / cases)
    for _ in range(40):
        gap = log_likelihood_ratio(cases, mu, total) - level
        slope = -cases / mu + (total - cases) / max(total - mu, 1e-12)
        if slope >= 0.0 or gap <= 0.0:
            break
        step = -gap / slope
        mu += step
        if step < 1e-10 * mu:
            break
    return float(min(mu * (1.0 + 1e-7), cases))


@njit(cache=True, nogil=True)
def pruning_table(total: int, min_cases: int, dispersion: float) -> NDArray[np.float64]:
    """Largest expectation, by level and count, at which a window can still exceed the level; −1 = never.

    The ratio grows with the cases and falls with the expectation, so a window whose expectation is at
    least the entry cannot exceed ``row * LEVEL_STEP``: pruning by it loses nothing.
    """
    columns = min(total, COUNT_CAP) + 1
    table = np.full((LEVELS, columns), -1.0)
    for row in range(LEVELS):
        for cases in range(min_cases, columns):
            if dispersion > 0.0:
                table[row, cases] = _largest_dispersed(cases, row * LEVEL_STEP, dispersion)
            else:
                table[row, cases] = _largest_expected(cases, row * LEVEL_STEP, total)
    return table
