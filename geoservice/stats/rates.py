"""Rates of counts: exact intervals and empirical-Bayes smoothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def poisson_interval(count: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Exact (Garwood 1936) interval of a Poisson mean; gamma quantiles, so fractional counts are allowed."""
    from scipy.special import gammaincinv

    cases = np.asarray(count, float)
    tail = (1.0 - confidence) / 2.0
    low = np.where(cases > 0, gammaincinv(np.maximum(cases, 1e-12), tail), 0.0)
    return np.asarray(low, float), np.asarray(gammaincinv(cases + 1.0, 1.0 - tail), float)


def empirical_bayes(cases: ArrayLike, expected: ArrayLike) -> Floats:
    """Smoothed relative risks: Marshall's (1991) global moment estimator of the gamma prior.

    Parameters
    ----------
    cases, expected : (n,) observed and expected counts; where nothing is expected the rate is the prior mean.

    Returns
    -------
    (n,) relative risks between the raw rate and the overall rate; the fewer expected, the nearer the overall.
    """
    c, e = np.asarray(cases, float), np.asarray(expected, float)
    total = float(e.sum())
    if total <= 0.0:
        return np.zeros(c.shape)
    mean = float(c.sum()) / total
    raw = np.divide(c, e, out=np.full(c.shape, mean), where=e > 0)
    spread = float((e * (raw - mean) ** 2).sum()) / total
    prior = max(spread - mean * c.size / total, 0.0)
    weight = np.divide(prior, prior + np.divide(mean, e, out=np.full(c.shape, np.inf), where=e > 0))
    return np.asarray(mean + weight * (raw - mean))
