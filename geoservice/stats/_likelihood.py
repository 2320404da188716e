"""The Poisson likelihood ratio of a window and the tables that prune windows exactly (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

# Pruning tables hold one row per half unit of log likelihood ratio; beyond the last row they stay exact, only looser.
LEVEL_STEP = 0.5
LEVELS = 80
COUNT_CAP = 8192


@njit(cache=True, nogil=True, inline="always")
def log_likelihood_ratio(cases: float, expected: float, total: float) -> float:
    """Kulldorff's (1997, eq. for the Poisson model) log likelihood ratio of a high-rate window; 0 if not high."""
    if expected <= 0.0 or cases <= expected:
        return 0.0
    inside = cases * np.log(cases / expected)
    if cases >= total:
        return float(inside)
    return float(inside + (total - cases) * np.log((total - cases) / (total - expected)))


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
def pruning_table(total: int, min_cases: int) -> NDArray[np.float64]:
    """Largest expectation, by level and count, at which a window can still exceed the level; −1 = never.

    The ratio grows with the cases and falls with the expectation, so a window whose expectation is at
    least the entry cannot exceed ``row * LEVEL_STEP``: pruning by it loses nothing.
    """
    columns = min(total, COUNT_CAP) + 1
    table = np.full((LEVELS, columns), -1.0)
    for row in range(LEVELS):
        for cases in range(min_cases, columns):
            table[row, cases] = _largest_expected(cases, row * LEVEL_STEP, total)
    return table
