"""Cutting an area into pieces by coarse hex."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoservice import grid


def by_parent(hexes: NDArray[np.int64], resolution: int) -> list[NDArray[np.int64]]:
    """Hexes grouped by their ancestor at ``resolution``; every hex stands in exactly one piece.

    Pieces and the hexes in them come in ascending order, whatever the order of the input, so
    that the merged result does not depend on it.
    """
    ordered = np.unique(np.asarray(hexes, np.int64))
    if ordered.size == 0:
        return []
    parent = grid.parents(ordered, resolution)
    order = np.argsort(parent, kind="stable")
    cuts = np.flatnonzero(np.diff(parent[order])) + 1
    return np.split(ordered[order], cuts)
