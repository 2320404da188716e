"""Counts that may be told to those who must not find out about single customers: one lattice per run.

Hexes form a tree (each parent counts what its children count). The lattice decides from the top down what is told:

* a hex with fewer than ``least`` customers is not told;
* the children of a hex that is not told are not told;
* among the children of a told hex those that are not told together hold at least ``least`` customers and are at
  least two: where they would not, the smallest told ones join them (complementary suppression).

So every difference of told hexes counts either nobody or ``least`` customers and more, of at least two hexes. What
is told is then rounded to multiples of ``step``, which can only take information away and keeps the difference of two
successive runs from being exact. Silence is silence: a hex nobody complained in and one that is withheld look alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
COARSEST = 0


def lattice(hexes: NDArray[np.int64], customers: Floats, least: float, step: float) -> dict[int, pd.Series]:
    """What is told, by resolution.

    Parameters
    ----------
    hexes : (n,) hexes of one resolution, each once.
    customers : (n,) complaining customers, 0 and more.
    least : fewest customers that are told of.
    step : told counts are multiples of this; 0 tells them as they are.

    Returns
    -------
    dict
        Resolution (from the hexes' own to 0) to a series hex -> customers, told hexes only.
    """
    if not np.any(np.asarray(customers) > 0):
        return {}
    finest = int(grid.resolutions(hexes[:1])[0])
    counts = pd.Series(customers, index=hexes)
    counts = counts[counts > 0]
    told: dict[int, pd.Series] = {}
    above: pd.Series | None = None
    for resolution in range(COARSEST, finest + 1):
        here = counts if resolution == finest else counts.groupby(grid.parents(_ids(counts), resolution)).sum()
        if above is None:
            # The whole is known from elsewhere (totals of a run): the coarsest hexes are its children.
            parents, open_ = np.zeros(len(here), np.int64), np.ones(len(here), bool)
        else:
            parents = grid.parents(_ids(here), resolution - 1)
            open_ = np.isin(parents, _ids(above))
        above = here[_tellable(parents, here.to_numpy(float), open_, least)]
        told[resolution] = above
    return {resolution: rounded(values, step) for resolution, values in told.items()}


def rounded(values: pd.Series, step: float) -> pd.Series:
    """To the nearest multiple of ``step``, never to nothing."""
    return values if step <= 0 else (np.floor(values / step + 0.5) * step).clip(lower=step)


def _ids(values: pd.Series) -> NDArray[np.int64]:
    return values.index.to_numpy(np.int64)


def _tellable(parents: NDArray[np.int64], counts: Floats, open_: Bools, least: float) -> Bools:
    """Which children are told, given their parents, their counts and whether their parent is told."""
    order = np.lexsort((counts, parents))
    told = np.zeros(len(counts), bool)
    sorted_parents, sorted_counts = parents[order], counts[order]
    starts = np.flatnonzero(np.r_[True, sorted_parents[1:] != sorted_parents[:-1]])
    ends = np.r_[starts[1:], len(order)]
    for start, end in zip(starts, ends, strict=True):
        if open_[order[start]]:
            hidden = _hidden(sorted_counts[start:end], least)
            told[order[start + hidden : end]] = True
    return told


def _hidden(ascending: Floats, least: float) -> int:
    """How many of the smallest children are withheld."""
    small = int(np.searchsorted(ascending, least))
    if small == 0:
        return 0
    enough = int(np.searchsorted(np.cumsum(ascending), least)) + 1
    return min(len(ascending), max(small, enough, 2))
