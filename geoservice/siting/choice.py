"""Which of a few given sites to build for a budget, when what each reaches is predicted and no circle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# A site may be a hair above the budget: costs are sums of decimals.
_SLACK = 1e-9
# Share of all weight that a favoured site is worth on top; the solver stops at a quarter of it.
_BONUS = 2e-4


@dataclass(frozen=True, slots=True)
class Choice:
    """Positions of the chosen candidates, the weight they reach together, and the weight no choice can exceed."""

    chosen: Integers
    covered: float
    bound: float


def choose(
    reach: Flags, weight: ArrayLike, cost: ArrayLike, apart: Integers, budget: float, time_limit: float = 2.0,
    favoured: Flags | None = None,
) -> Choice:  # fmt: skip
    """Most weight reached by candidates within a budget: a maximum-coverage programme, solved with its bound.

    Parameters
    ----------
    reach : (candidates, points) which point each candidate reaches.
    weight : (points,) what reaching a point is worth, once.
    cost : (candidates,) above 0, in the unit of the budget.
    apart : (pairs, 2) candidates of which only one may be built, as they stand too near to each other.
    budget : most that may be spent.
    time_limit : seconds; the bound holds even when they do not suffice to prove the plan best.
    favoured : (candidates,) sites that are preferred to others that reach as many, to 0.02 % of the weight.

    Notes
    -----
    Maximum coverage (Church & ReVelle 1974) as a mixed-integer programme: ``x`` build, ``y`` reached,
    max Σ w y, y_i <= Σ_s reach_si x_s, Σ c x <= budget. HiGHS proves a bound; greedy by weight for the cost,
    which is there at once, is taken where it found more.
    """
    weights, costs = np.asarray(weight, float), np.asarray(cost, float)
    useful = np.flatnonzero((costs <= budget + _SLACK) & (reach @ weights > 0))
    if not len(useful):
        return Choice(np.empty(0, np.int64), 0.0, 0.0)
    pairs = _renumbered(apart, useful, len(costs))
    quick = _greedy(reach[useful], weights, costs[useful], pairs, budget)
    bonus = np.zeros(len(useful)) if favoured is None else _BONUS * weights.sum() * favoured[useful]
    best, bound = _programme(reach[useful], weights, costs[useful], pairs, budget, time_limit, bonus)
    worth = [float(weights[reach[useful][found].any(axis=0)].sum()) for found in (best, quick)]
    found = best if worth[0] + bonus[best].sum() >= worth[1] else quick
    # The solver's bound is a float that may fall a hair below what is there.
    covered = float(weights[reach[useful][found].any(axis=0)].sum())
    return Choice(useful[found], covered, max(bound, *worth))


def too_near(distance_m: Floats, spacing_m: float) -> Integers:
    """Pairs (first < second) of a distance matrix that are at most ``spacing_m`` apart."""
    first, second = np.nonzero(np.triu(distance_m <= spacing_m, k=1))
    return np.column_stack([first, second]).astype(np.int64)


def _renumbered(pairs: Integers, kept: Integers, count: int) -> Integers:
    position = np.full(count, -1, np.int64)
    position[kept] = np.arange(len(kept))
    moved = position[pairs.reshape(-1, 2)]
    return moved[(moved >= 0).all(axis=1)]


def _greedy(reach: Flags, weights: Floats, costs: Floats, apart: Integers, budget: float) -> Integers:
    """One after another, the most new weight for the cost first."""
    free, left = np.ones(len(costs), bool), weights.copy()
    chosen: list[int] = []
    while True:
        gain = np.where(free & (costs <= budget + _SLACK), (reach @ left) / costs, 0.0)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            return np.array(chosen, np.int64)
        chosen.append(best)
        budget -= costs[best]
        left[reach[best]] = 0.0
        free[best] = False
        free[apart[apart[:, 0] == best, 1]] = False
        free[apart[apart[:, 1] == best, 0]] = False


def _programme(
    reach: Flags, weights: Floats, costs: Floats, apart: Integers, budget: float, time_limit: float, bonus: Floats
) -> tuple[Integers, float]:
    """The programme's choice and its bound; no choice when the time did not suffice for one.

    The bonus can only raise the optimum, so its bound holds without the bonus too.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    patterns, worth = _patterns(reach, weights)
    sites, points = len(costs), len(worth)
    found = milp(
        np.concatenate([-bonus, -worth]),
        integrality=np.concatenate([np.ones(sites), np.zeros(points)]),
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(*_rows(patterns, costs, apart, budget)),
        options={"time_limit": time_limit, "mip_rel_gap": _BONUS / 4},
    )
    dual = found.get("mip_dual_bound")
    bound = float(worth.sum()) if dual is None or not np.isfinite(dual) else min(-float(dual), float(worth.sum()))
    chosen = np.empty(0, np.int64) if found.x is None else np.flatnonzero(found.x[:sites] > 0.5)
    return chosen, bound


def _patterns(reach: Flags, weights: Floats) -> tuple[Flags, Floats]:
    """Points that the same candidates reach are one, and those nobody reaches none."""
    packed, inverse = np.unique(np.packbits(reach, axis=0), axis=1, return_inverse=True)
    patterns: Flags = np.unpackbits(packed, axis=0, count=len(reach)) == 1
    worth = np.asarray(np.bincount(inverse.reshape(-1), weights, packed.shape[1]), float)
    useful = patterns.any(axis=0) & (worth > 0)
    return patterns[:, useful], worth[useful]


def _rows(reach: Flags, costs: Floats, apart: Integers, budget: float) -> tuple[object, Floats, Floats]:
    """Constraint matrix with its bounds: money, reached only from a site, never two too near."""
    from scipy import sparse

    sites, points = reach.shape
    money = sparse.csr_array(np.concatenate([costs, np.zeros(points)])[None])
    reached = sparse.hstack([-sparse.csr_array(reach.T.astype(float)), sparse.eye_array(points)])
    at = np.repeat(np.arange(len(apart)), 2)
    either = sparse.csr_array((np.ones(2 * len(apart)), (at, apart.reshape(-1))), shape=(len(apart), sites + points))
    upper = np.concatenate([[budget + _SLACK], np.zeros(points), np.ones(len(apart))])
    return sparse.vstack([money, reached, either], format="csr"), np.full(len(upper), -np.inf), upper
