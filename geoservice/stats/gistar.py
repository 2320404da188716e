"""Getis–Ord Gi* on a neighbourhood table (Getis & Ord 1992; Ord & Getis 1995)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def gi_star(values: Floats, neighbours: NDArray[np.int64]) -> Floats:
    """z-scores of Gi* with binary weights, each location counted among its own neighbours.

    Parameters
    ----------
    values : (n,) or (n, m) one or several variables.
    neighbours : (n, k) positions of each location's neighbourhood, itself included; −1 = none.

    Returns
    -------
    z with the shape of ``values``: (Σ_j w_ij x_j − W_i x̄) / (s √((n W_i − W_i²)/(n − 1))), s with divisor n
    (Ord & Getis 1995, eq. 14); 0 where all values are equal.
    """
    columns = values.reshape(len(values), -1)
    padded = np.vstack([columns, np.zeros((1, columns.shape[1]))])
    sums = np.zeros_like(columns)
    for k in range(neighbours.shape[1]):
        sums += padded[neighbours[:, k]]
    size = (neighbours >= 0).sum(axis=1)[:, None].astype(float)
    count = len(columns)
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    scale = spread * np.sqrt(np.maximum(count * size - size**2, 0.0) / max(count - 1, 1))
    z = np.divide(sums - size * mean, scale, out=np.zeros_like(columns), where=scale > 0)
    return np.asarray(z.reshape(values.shape))


def normal_p_value(z: Floats) -> Floats:
    """Upper-tail p of standard normal scores."""
    from scipy.special import ndtr

    return np.asarray(ndtr(-z))
