"""The search behind :func:`geoservice.siting.solve`: greedy, bound, annealing, exact repair."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.errors import NotEnoughData
from geoservice.siting.board import Board, make_board
from geoservice.siting.bound import Bound, prove
from geoservice.siting.improve import (
    cost_of,
    cover_counts,
    covered_weight,
    greedy_sites,
    improved,
    own_weights,
    repaired,
)
from geoservice.siting.lattice import make_lattice
from geoservice.siting.plan import SitePlan
from geoservice.siting.problem import Problem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Shares of the time limit at which the bound and the improvement stop at the latest.
_BOUND_SHARE, _IMPROVE_SHARE = 0.5, 0.9
_EXACT_TRIES = 8
_LAST_SITES = 9


@dataclass(frozen=True)
class Aim:
    """What is asked for, and until when."""

    target_share: float | None
    budget: float | None
    seed: int
    start: float
    time_limit: float

    def at(self, share: float) -> float:
        """The moment at which a share of the time is used."""
        return self.start + share * self.time_limit

    @property
    def money(self) -> float:
        return np.inf if self.budget is None else self.budget


def search(problem: Problem, candidates: pd.DataFrame | None, spacing: float, aim: Aim) -> SitePlan:
    """The plan for a problem."""
    given = None if candidates is None else place_candidates(problem, candidates, spacing)
    board = make_board(problem, make_lattice(problem, given), spacing, given)
    sites, x, y, bound = _meet(board, aim, given)
    return _plan(board, aim, sites, x, y, bound)


def _meet(board: Board, aim: Aim, given: tuple[Floats, Floats] | None) -> tuple[Integers, Floats, Floats, Bound]:
    """Sites with their coordinates and the bound; the lattice target is raised until the true points are covered."""
    target = board.total * (1.0 if aim.target_share is None else aim.target_share)
    first = greedy_sites(board, target, aim.money)
    if aim.target_share is not None and covered_weight(board, first) < target * (1 - 1e-12):
        raise _unreachable(board, first, aim.target_share)
    wanted, price = None if aim.target_share is None else target, _marginal_price(board, first)
    bound = prove(
        board.weights, board.outer_disks(), price, board.block, aim.at(_BOUND_SHARE), target=wanted, budget=aim.budget
    )
    better = improved(board, first, bound.price, target, aim.money, aim.seed, aim.at(_IMPROVE_SHARE))
    for _ in range(_EXACT_TRIES):
        sites = _best(
            board, [repaired(board, better, target, aim.money), repaired(board, first, target, aim.money)], aim
        )
        x, y = _coordinates(board, sites, given)
        short = (aim.target_share or 0.0) - covered_share(board.problem, x, y, sites[:, 0])
        if short <= 1e-12 or aim.target_share is None:
            return sites, x, y, bound
        target = min(target + 1.5 * short * board.total, board.total)
    raise _unreachable(board, first, aim.target_share or 1.0)


def _best(board: Board, plans: list[Integers], aim: Aim) -> Integers:
    """The cheapest plan for a target, the one covering most for a budget; the first of equals."""
    if aim.budget is None:
        return min(plans, key=lambda sites: cost_of(board, sites))
    return max(plans, key=lambda sites: covered_weight(board, sites))


def _marginal_price(board: Board, sites: Integers) -> float:
    """What covering a bit more costs: the median over the last greedy sites of cost by weight.

    Nothing was built after them that could share their weight, so what they alone cover is what they brought.
    """
    own = own_weights(board, sites, cover_counts(board, sites)) / board.costs[sites[:, 0]]
    last = own[own > 0][-_LAST_SITES:]
    return float(1.0 / np.median(last)) if len(last) else 1.0 / board.total


def _coordinates(board: Board, sites: Integers, given: tuple[Floats, Floats] | None) -> tuple[Floats, Floats]:
    if given is None:
        return board.lattice.positions(sites[:, 1], sites[:, 2])
    rows, columns = board.lattice.nodes(*given)
    # Later candidates on the same node give way to earlier ones.
    at = {node: k for k, node in reversed(list(enumerate(zip(rows.tolist(), columns.tolist(), strict=True))))}
    chosen = np.array([at[row, column] for row, column in sites[:, 1:].tolist()], np.int64)
    return given[0][chosen], given[1][chosen]


def _plan(board: Board, aim: Aim, sites: Integers, x: Floats, y: Floats, bound: Bound) -> SitePlan:
    problem, cost = board.problem, cost_of(board, sites)
    covered = covered_share(problem, x, y, sites[:, 0])
    names = np.array([t.name for t in problem.types], dtype=object)[sites[:, 0]]
    frame = pd.DataFrame({**problem.columns(x, y), "type": names})
    seconds = time.monotonic() - aim.start
    if aim.budget is not None:
        limit = bound.weight_at_most(aim.budget) / board.total
        return SitePlan(frame, cost, covered, limit, max(limit - covered, 0.0) / limit, seconds)
    least = _rounded(bound.cost_at_least((aim.target_share or 0.0) * board.total), board.cost_unit())
    return SitePlan(frame, cost, covered, least, max(cost - least, 0.0) / cost if cost else 0.0, seconds)


def _rounded(bound: float, unit: float) -> float:
    """Plans cost whole multiples of ``unit``; so does the least cost."""
    return float(np.ceil(bound / unit - 1e-6) * unit) if unit else bound


def _unreachable(board: Board, sites: Integers, share: float) -> NotEnoughData:
    reached = covered_weight(board, sites) / board.total
    return NotEnoughData(f"only about {reached:.4f} of the weight can be covered under this spacing, not {share}")


def place_candidates(problem: Problem, candidates: pd.DataFrame, spacing: float) -> tuple[Floats, Floats]:
    """Given positions in the problem's plane that keep their distance from the existing sites."""
    x, y = problem.locate(candidates, "candidates")
    if not len(x):
        raise NotEnoughData("the candidates name no position; leave them out to build anywhere")
    if len(problem.existing_x):
        from scipy.spatial import cKDTree

        distance, _ = cKDTree(np.column_stack([problem.existing_x, problem.existing_y])).query(np.column_stack([x, y]))
        x, y = x[distance > spacing], y[distance > spacing]
    if not len(x):
        raise NotEnoughData("no candidate position keeps the spacing from the existing sites")
    return x, y


def covered_share(problem: Problem, x: Floats, y: Floats, kinds: Integers) -> float:
    """Share of the weight within the radius of at least one site (closed disks, true coordinates)."""
    from scipy.spatial import cKDTree

    covered = np.zeros(len(problem.x), bool)
    tree = cKDTree(np.column_stack([problem.x, problem.y]))
    for kind, site_type in enumerate(problem.types):
        mine = kinds == kind
        # The tree compares rounded distances; a relative 1e-12 keeps points on the rim inside.
        for hits in tree.query_ball_point(np.column_stack([x[mine], y[mine]]), site_type.radius * (1 + 1e-12)):
            covered[hits] = True
    return float(problem.weight[covered].sum() / problem.total)
