"""Phones report the cell that won, so the level of a server stands above its own mean.

A cell serves far out only where its shadowing happens to be kind. Fitting a law to the levels of
servers therefore draws a law that falls too slowly: every far cell seems near, and ties between
cells appear that the ground does not have. The excess is known in closed form when a mast's own part
of the error is Gumbel with scale ``s`` (the softmax rule of :mod:`.serving`): the expected
level of the winner does not depend on who wins, so a cell of mean ``m`` that serves with
probability ``P`` has there ``E[level | it serves] = m − s·ln P``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoservice.coverage.blocks import Block, Candidates, Places, block_levels, for_each_block
from geoservice.coverage.budget import pair_links
from geoservice.coverage.network import Network
from geoservice.coverage.serving import GUMBEL

Floats = NDArray[np.float64]

# Share of a formula's error that a cell does not share with the cells of other masts: shadowing, and the
# antenna's side lobes. Two cells' residuals at one 5 m square of Chengdu correlate by 0.28 (coverage-accuracy.md).
OWN_ERROR_SHARE = 0.72
# Below this nothing scatters: levels are what the formula says, and nobody serves by luck.
LEAST_SCALE_DB = 0.05
# exp of more than this is surely a cell that does not serve.
_MOST_EXPONENT = 60.0


def own_scale_db(sigma_db: float) -> float:
    """Scale of the part of an error of spread ``sigma_db`` that is a mast's own.

    >>> round(own_scale_db(6.0), 2)
    3.97
    """
    return float(sigma_db * np.sqrt(OWN_ERROR_SHARE) * GUMBEL)


def server_gain_db(
    network: Network, places: Places, place: NDArray[np.int64], row: NDArray[np.int64], scale_db: float
) -> Floats:
    """By how much cells stand above their mean where they serve: −s·ln P(serves), one per pair.

    Parameters
    ----------
    places : the places.
    place, row : (pairs,) position among ``places`` and row of the network of the serving cell.
    scale_db : see :func:`own_scale_db`.

    Notes
    -----
    Cells of one mast share its shadowing: they compete by their antennas alone, and the strongest of
    them stands for the mast.
    """
    if scale_db < LEAST_SCALE_DB:
        return np.zeros(len(row))
    mine = pair_links(network, row, places.take(place)).level_dbm
    rivals = np.zeros(len(row))
    candidates = Candidates(network)
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(len(places.hexes) + 1))

    def work(block: Block) -> None:
        heard, table = block_levels(network, candidates, places, block)
        if not len(heard):
            return
        mast, top = _strongest_of_masts(network.sites.of_cell[heard], table)
        counts = bounds[block.rows + 1] - bounds[block.rows]
        pairs = order[np.repeat(bounds[block.rows], counts) + _ranks(counts)]
        column = np.repeat(np.arange(len(block.rows)), counts)
        lead = np.clip((top[:, column] - mine[pairs]) / scale_db, -_MOST_EXPONENT, _MOST_EXPONENT)
        rivals[pairs] = (np.exp(lead) * (mast[:, None] != network.sites.of_cell[row[pairs]])).sum(axis=0)

    for_each_block(places, work)
    return scale_db * np.log1p(rivals)


def _strongest_of_masts(site: NDArray[np.int64], table: NDArray[np.float32]) -> tuple[NDArray[np.int64], Floats]:
    """Masts and, per mast and place, the level of its strongest cell."""
    order = np.argsort(site, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(site[order]) != 0])
    return site[order][starts], np.maximum.reduceat(table[order], starts, axis=0).astype(float)


def _ranks(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, … within each group.

    >>> _ranks(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    ends = np.cumsum(counts)
    return np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
