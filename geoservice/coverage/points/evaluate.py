"""Compiled walk through boosted trees (imported only when a model is evaluated)."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def add_trees(rows, root, feature, threshold, missing_left, left, right, value, out):  # type: ignore[no-untyped-def]
    """Add every tree's leaf value to ``out`` for each row; NaN goes where the fit sent it."""
    for t in range(root.size):
        for i in range(rows.shape[0]):
            node = root[t]
            while feature[node] >= 0:
                v = rows[i, feature[node]]
                go_left = missing_left[node] if v != v else v <= threshold[node]
                node = left[node] if go_left else right[node]
            out[i] += value[node]
