"""Getis–Ord Gi*: scores on a neighbourhood table or straight from lattice coordinates, exact permutation p.

Sources: Getis & Ord (1992); Ord & Getis (1995), eq. 14; conditional randomisation as in Anselin (1995).
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from geoservice.errors import InputError

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
# The six neighbours of a hex in H3's local i, j coordinates.
SIX = ((1, 0), (0, 1), (1, 1), (-1, 0), (0, -1), (-1, -1))
# A lattice that fills less of its bounding box than this is better served by a table.
LEAST_FILLED = 0.02


def gi_star(values: Floats, neighbours: Longs) -> Floats:
    """z-scores of Gi* with binary weights, each location counted among its own neighbours.

    Parameters
    ----------
    values : (n,) or (n, m) one or several variables.
    neighbours : (n, k) positions of each location's neighbourhood, itself included; −1 = none.

    Returns
    -------
    z with the shape of ``values``: (Σ_j w_ij x_j − W_i x̄) / (s √((n W_i − W_i²)/(n − 1))), s with divisor n;
    0 where all values are equal.
    """
    columns = values.reshape(len(values), -1)
    padded = np.vstack([columns, np.zeros((1, columns.shape[1]))])
    sums = np.zeros_like(columns)
    for k in range(neighbours.shape[1]):
        sums += padded[neighbours[:, k]]
    size = (neighbours >= 0).sum(axis=1)[:, None].astype(float)
    return np.asarray(_scores(columns, sums, size).reshape(values.shape))


def gi_star_lattice(values: Floats, i: Longs, j: Longs) -> Floats:
    """The same scores for hexes given by lattice coordinates (``grid.local_ij``), without a table.

    Raises
    ------
    InputError
        Two hexes share coordinates (a pentagon's surroundings do), or they are too scattered.
    """
    rows, columns = i - i.min() + 1, j - j.min() + 1
    height, width = int(rows.max()) + 2, int(columns.max()) + 2
    if len(values) < LEAST_FILLED * height * width:
        raise InputError("the hexes are too scattered for a lattice; use gi_star with a table", field="hex")
    at = rows * width + columns
    held, filled = np.zeros(height * width), np.zeros(height * width)
    held[at], filled[at] = values, 1.0
    if filled.sum() != len(values):
        raise InputError("two hexes share lattice coordinates; use gi_star with a table", field="hex")
    sums, size = _stencil(held, width), _stencil(filled, width)
    return _scores(values, sums[at], size[at])


def _stencil(flat: Floats, width: int) -> Floats:
    """Sum over a hex and its six neighbours, for a lattice with an empty rim."""
    total = flat.copy()
    for down, right in SIX:
        shift = down * width + right
        if shift > 0:
            total[:-shift] += flat[shift:]
        else:
            total[-shift:] += flat[:shift]
    return total


def _scores(values: Floats, sums: Floats, size: Floats) -> Floats:
    count = len(values)
    mean, spread = values.mean(axis=0), values.std(axis=0)
    scale = spread * np.sqrt(np.maximum(count * size - size**2, 0.0) / max(count - 1, 1))
    # Rounding in the mean must not turn equal values into scores.
    flat = scale > 1e-12 * np.maximum(np.abs(mean), 1e-300)
    return np.asarray(np.divide(sums - size * mean, scale, out=np.zeros_like(scale), where=flat))


def permutation_p(counts: Longs, neighbours: Longs) -> Floats:
    """Exact upper-tail p of Gi* under conditional randomisation, by counting instead of simulating.

    Each location keeps its own count; its other neighbours are drawn without replacement from all other
    locations. The distribution of their sum depends only on the own count and on their number, so a few
    generating polynomials answer for every location.

    Parameters
    ----------
    counts : (n,) whole numbers ≥ 0. neighbours : (n, k) as for :func:`gi_star`, the location itself in column 0.
    """
    padded = np.append(counts, 0)
    others = neighbours[:, 1:]
    number = (others >= 0).sum(axis=1)
    observed = padded[others].sum(axis=1)
    kinds, kind, times = np.unique(counts, return_inverse=True, return_counts=True)
    p = np.ones(len(counts))
    for own in range(len(kinds)):
        mine = np.flatnonzero(kind == own)
        left = times.copy()
        left[own] -= 1
        tails = _tails(kinds, left, int(number[mine].max(initial=0)))
        p[mine] = tails[number[mine], np.minimum(observed[mine], tails.shape[1] - 1)]
    return p


def _tails(kinds: Longs, times: Longs, most: int) -> Floats:
    """P(sum of k draws without replacement ≥ s), by k = 0 … ``most`` and s."""
    largest = int(np.sort(np.repeat(kinds, np.minimum(times, most)))[::-1][:most].sum())
    ways = np.zeros((most + 1, largest + 2))
    ways[0, 0] = 1.0
    for value, available in zip(kinds.tolist(), times.tolist(), strict=True):
        grown = ways.copy()
        for taken in range(1, min(most, available) + 1):
            shift = taken * value
            if shift <= largest + 1:
                grown[taken:, shift:] += comb(available, taken) * ways[: most + 1 - taken, : ways.shape[1] - shift]
        ways = grown
    total = np.array([max(comb(int(times.sum()), k), 1) for k in range(most + 1)], float)
    return np.asarray(np.cumsum(ways[:, ::-1], axis=1)[:, ::-1] / total[:, None])


def normal_p_value(z: Floats) -> Floats:
    """Upper-tail p of standard normal scores."""
    from scipy.special import ndtr

    return np.asarray(ndtr(-z))
