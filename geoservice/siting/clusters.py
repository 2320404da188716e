"""Clusters of weak points: points at most a distance apart, transitively (single linkage)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError

Integers = NDArray[np.int64]


def clusters(x: ArrayLike, y: ArrayLike, distance: float) -> Integers:
    """Cluster number of each point, numbered by first appearance; two points at most ``distance`` apart share one.

    Points are binned into squares whose diagonal is ``distance``: all points of a bin belong together,
    and only bins up to two apart can be linked, so the time is near-linear in the points.

    Raises
    ------
    InputError
        Unequal lengths, a coordinate that is not finite, or a distance that is not above 0.

    >>> clusters([0, 20, 41], [0, 0, 0], 20)
    array([0, 0, 1])
    """
    xs, ys = np.asarray(x, float).ravel(), np.asarray(y, float).ravel()
    if xs.shape != ys.shape or not (np.isfinite(xs).all() and np.isfinite(ys).all()):
        raise InputError("clusters need as many finite x as y")
    if not distance > 0 or not np.isfinite(distance):
        raise InputError("the clustering distance must be above 0", field="distance")
    if not len(xs):
        return np.empty(0, np.int64)
    from geoservice.siting.kernels import link_bins

    order, starts, keys = _bins(xs, ys, distance)
    pairs = _neighbour_bins(keys)
    roots = link_bins(xs[order], ys[order], starts, pairs, distance * distance)
    labels = np.empty(len(xs), np.int64)
    labels[order] = np.repeat(roots, np.diff(starts))
    return _by_appearance(labels)


def _bins(x: NDArray[np.float64], y: NDArray[np.float64], distance: float) -> tuple[Integers, Integers, Integers]:
    """Points ordered by bin, start of each bin, and (column, row) of each bin."""
    # A hair smaller than distance/√2, so that rounding cannot put two points farther apart into one bin.
    side = distance / np.sqrt(2.0) * (1 - 1e-9)
    column, row = (np.floor((v - v.min()) / side).astype(np.int64) for v in (x, y))
    order = np.lexsort((row, column))
    c, r = column[order], row[order]
    first = np.flatnonzero(np.concatenate([[True], (np.diff(c) != 0) | (np.diff(r) != 0)]))
    return order, np.append(first, len(x)), np.column_stack([c[first], r[first]])


def _neighbour_bins(keys: Integers) -> Integers:
    """Pairs of bins at most two apart, each once."""
    height = int(keys[:, 1].max()) + 5
    code = keys[:, 0] * height + keys[:, 1]
    found = []
    for dc, dr in [(0, 1), (0, 2), *((c, r) for c in (1, 2) for r in range(-2, 3))]:
        wanted = code + dc * height + dr
        at = np.minimum(np.searchsorted(code, wanted), len(code) - 1)
        hit = (code[at] == wanted) & (keys[:, 1] + dr >= 0)
        found.append(np.column_stack([np.flatnonzero(hit), at[hit]]))
    return np.concatenate(found)


def _by_appearance(labels: Integers) -> Integers:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse]
