"""From a greedy plan to a good one: annealing at a price that is steered to the target, then exact repair."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from geoservice.siting.anneal import anneal, own_values, put
from geoservice.siting.board import Board
from geoservice.siting.greedy import block_around, greedy

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_CHUNKS = 40
_MOVES_A_SITE, _MIN_MOVES, _MAX_MOVES = 8_000, 200_000, 16_000_000
# Temperatures in units of the cheapest site's cost.
_HOT, _COLD = 0.1, 0.01
# How strongly the price follows the shortfall (share of the weight, share of the budget).
_TARGET_GAIN, _BUDGET_GAIN, _LARGEST_STEP = 5.0, 0.8, 0.05


def greedy_sites(board: Board, target: float, budget: float, start: Integers | None = None) -> Integers:
    """Sites (type, row, column) chosen greedily, after those of ``start``."""
    sites = np.empty((0, 3), np.int64) if start is None else start
    weights, blocked = board.weights.copy(), board.blocked.copy()
    weights[cover_counts(board, sites) > 0] = 0.0
    for _, row, column in sites:
        block_around(blocked, float(row), float(column), board.spacing)
    have = board.total - float(weights.sum())
    left = budget - cost_of(board, sites)
    kinds, rows, columns, _ = greedy(
        weights, board.loads(weights), board.halves, board.costs, blocked, board.spacing, target - have, left
    )
    return np.concatenate([sites, np.column_stack([kinds, rows, columns])]) if len(kinds) else sites


def improved(
    board: Board, sites: Integers, price: float, target: float, budget: float, seed: int, deadline: float
) -> Integers:
    """``sites`` after annealing: cheaper at the same target, or worth more within the same budget."""
    values = (board.weights * price).astype(np.float32)
    points = np.argwhere(board.weights * price > 1e-3 * board.costs.min())
    room = np.zeros((2 * len(sites) + 100, 3), np.int64)
    room[: len(sites)] = sites
    n, unit = len(sites), float(board.costs.min())
    rng = np.random.default_rng(seed)
    moves = int(np.clip(_MOVES_A_SITE * n, _MIN_MOVES, _MAX_MOVES)) // _CHUNKS
    for chunk in range(_CHUNKS):
        hot, cold = (_HOT * (_COLD / _HOT) ** ((chunk + end) / _CHUNKS) * unit for end in (0, 1))
        n = anneal(
            rng, values, points, board.halves, board.costs, board.blocked, board.spacing, room, n, moves, hot, cold,
        )  # fmt: skip
        values *= np.float32(_price_step(board, room[:n], target, budget))
        if time.monotonic() > deadline:
            break
    return room[:n].copy()


def repaired(board: Board, sites: Integers, target: float, budget: float) -> Integers:
    """``sites`` made to meet the target or the budget exactly, and nothing superfluous kept."""
    sites = _within(board, sites, budget)
    sites = greedy_sites(board, target, budget, sites)
    return sites if np.isfinite(budget) else without_surplus(board, sites, target)


def without_surplus(board: Board, sites: Integers, target: float) -> Integers:
    """Drop sites, the dearest for their own weight first, while the target stays covered."""
    counts = cover_counts(board, sites)
    surplus = float(board.weights[counts > 0].sum()) - target
    own = own_weights(board, sites, counts)
    keep = np.ones(len(sites), bool)
    for k in np.lexsort((own, -board.costs[sites[:, 0]])):
        mine = own_weights(board, sites[k : k + 1], counts)[0]
        if mine <= surplus:
            keep[k] = False
            surplus -= mine
            put(counts, board.halves[sites[k, 0]], sites[k, 1], sites[k, 2], -1)
    return sites[keep]


def cover_counts(board: Board, sites: Integers) -> NDArray[np.int16]:
    """How many sites cover each node."""
    counts = np.zeros(board.weights.shape, np.int16)
    for kind, row, column in sites:
        put(counts, board.halves[kind], row, column, 1)
    return counts


def covered_weight(board: Board, sites: Integers) -> float:
    """Weight on nodes covered by at least one site."""
    return float(board.weights[cover_counts(board, sites) > 0].sum())


def cost_of(board: Board, sites: Integers) -> float:
    """Cost of all sites."""
    return float(board.costs[sites[:, 0]].sum())


def _price_step(board: Board, sites: Integers, target: float, budget: float) -> float:
    if np.isfinite(budget):
        wanted = _BUDGET_GAIN * (budget - cost_of(board, sites)) / budget
    else:
        wanted = _TARGET_GAIN * (target - covered_weight(board, sites)) / board.total
    return float(np.exp(np.clip(wanted, -_LARGEST_STEP, _LARGEST_STEP)))


def _within(board: Board, sites: Integers, budget: float) -> Integers:
    """Drop the sites of least own weight a cost until the budget holds."""
    while cost_of(board, sites) > budget * (1 + 1e-12):
        own = own_weights(board, sites, cover_counts(board, sites)) / board.costs[sites[:, 0]]
        sites = np.delete(sites, int(np.argmin(own)), axis=0)
    return sites


def own_weights(board: Board, sites: Integers, counts: NDArray[np.int16]) -> Floats:
    """Weight that only this site covers, for each site."""
    return own_values(board.weights, counts, board.halves, sites)
