"""Mann–Kendall trends and emerging hot spot classes of Gi* series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HOT_Z = 1.6448536269514722  # one-sided 5 %
SHARE = 0.9  # "at least ninety percent of the time-step intervals"


def mann_kendall(series: Floats) -> tuple[Floats, Floats]:
    """Trend of every row: z score (continuity-corrected, ties corrected) and two-sided p.

    Mann (1945), Kendall (1975): S = Σ_{i<j} sign(x_j − x_i),
    var = [n(n−1)(2n+5) − Σ t(t−1)(2t+5)] / 18.
    """
    from scipy.special import ndtr

    rows, steps = series.shape
    score = np.zeros(rows)
    for lag in range(1, steps):
        score += np.sign(series[:, lag:] - series[:, :-lag]).sum(axis=1)
    variance = (steps * (steps - 1) * (2 * steps + 5) - _tie_correction(series)) / 18.0
    z = np.divide(score - np.sign(score), np.sqrt(variance), out=np.zeros(rows), where=variance > 0)
    return z, np.asarray(2.0 * ndtr(-np.abs(z)))


def _tie_correction(series: Floats) -> Floats:
    """Σ t(t−1)(2t+5) over the groups of equal values of each row: each member adds (t−1)(2t+5)."""
    steps = series.shape[1]
    ties = np.zeros(series.shape)
    for column in range(steps):
        ties[:, column] = (series == series[:, [column]]).sum(axis=1)
    return np.asarray(((ties - 1.0) * (2.0 * ties + 5.0)).sum(axis=1))


def emerging_classes(z: Floats, p_trend: Floats, trend: Floats, threshold: float = HOT_Z) -> NDArray[np.object_]:
    """Emerging hot spot class of every row of Gi* scores, with the definitions of the published tool.

    Parameters
    ----------
    z : (n, steps) Gi* scores, oldest first; trend, p_trend : (n,) Mann–Kendall z and p of the same series.

    Returns
    -------
    (n,) text: ``new``, ``consecutive``, ``intensifying``, ``persistent``, ``diminishing``, ``sporadic``,
    ``oscillating`` or ``historical`` followed by ``_hot`` or ``_cold``; empty where no pattern was found.

    Notes
    -----
    Definitions: Esri, *How Emerging Hot Spot Analysis works*. New: only the last step is hot.
    Consecutive: one uninterrupted run of at least two at the end, never hot before, under 90 % hot.
    Intensifying / persistent / diminishing: at least 90 % hot, the last included, trend up / none / down
    (p < 0.05). Sporadic: last is hot, on-again off-again, under 90 % hot, never cold. Oscillating: last is
    hot, cold at some time, under 90 % hot. Historical: last is not hot, at least 90 % hot.
    """
    hot, cold = z >= threshold, z <= -threshold
    found = _classes(hot, cold, p_trend, trend, "_hot")
    chilly = _classes(cold, hot, p_trend, -trend, "_cold")
    return np.where(found == "", chilly, found)


def _classes(
    hot: NDArray[np.bool_], cold: NDArray[np.bool_], p_trend: Floats, trend: Floats, suffix: str
) -> NDArray[np.object_]:
    steps = hot.shape[1]
    share, last = hot.mean(axis=1), hot[:, -1]
    run = np.where(hot.all(axis=1), steps, np.argmin(hot[:, ::-1], axis=1))
    only_run = hot.sum(axis=1) == run
    mostly, moving = share >= SHARE, p_trend < 0.05
    rules = [
        (last & only_run & (run == 1), "new"),
        (mostly & last & moving & (trend > 0), "intensifying"),
        (mostly & last & moving & (trend < 0), "diminishing"),
        (mostly & last, "persistent"),
        (mostly & ~last, "historical"),
        (last & only_run & (run >= 2), "consecutive"),
        (last & cold.any(axis=1), "oscillating"),
        (last, "sporadic"),
    ]
    names = [np.full(len(hot), name + suffix, object) for _, name in rules]
    return np.select([rule for rule, _ in rules], names, default=np.full(len(hot), "", object))
