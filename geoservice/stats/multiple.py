"""Control of false discoveries over many tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Adjusted p-values: reject where they are at most α and the false discovery rate is at most α.

    Benjamini & Hochberg (1995); valid for independent and positively dependent tests (Benjamini & Yekutieli 2001).

    >>> benjamini_hochberg([0.01, 0.02, 0.5]).tolist()
    [0.03, 0.03, 0.5]
    """
    return _step_up(p_values, 1.0)


def benjamini_yekutieli(p_values: ArrayLike) -> Floats:
    """The same under any dependence, at the price of the factor 1 + 1/2 + … + 1/m."""
    count = np.asarray(p_values, float).size
    return _step_up(p_values, float((1.0 / np.arange(1, count + 1)).sum()) if count else 1.0)


def selected_families(primary: ArrayLike, p_values: ArrayLike) -> Floats:
    """Adjusted p-values of findings inside families that were themselves selected by Benjamini–Hochberg.

    Parameters
    ----------
    primary : (m,) p-value of each family's strongest finding.
    p_values : (n,) p-values of findings in any of the families, each valid against the family's own maximum.

    Returns
    -------
    (n,) smallest α at which p ≤ α·R(α)/m, R(α) the number of families selected at α
    (Benjamini & Bogomolov 2014, Selective inference on multiple families of hypotheses).
    """
    family, single = np.sort(np.asarray(primary, float)), np.asarray(p_values, float)
    if not family.size or not single.size:
        return np.ones(single.shape)
    rank = np.arange(1, family.size + 1)
    reached = benjamini_hochberg(family)  # α at which at least k families are selected
    needed = np.maximum(single[:, None] * family.size / rank, reached)
    return np.minimum(needed.min(axis=1), 1.0)


def _step_up(p_values: ArrayLike, factor: float) -> Floats:
    p = np.asarray(p_values, float)
    order = np.argsort(-p, kind="stable")
    rank = p.size - np.arange(p.size)
    scaled = np.minimum.accumulate(p[order] * p.size * factor / rank)
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(scaled, 1.0)
    return adjusted
