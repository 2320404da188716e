"""A bound no plan can beat, from prices that no disk can exceed (Lagrangian dual)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geoservice.siting.packing import Disks, Packing

Floats = NDArray[np.float64]

_ROUNDS, _REPRICINGS = 40, 3
# How uncovered weight and cost answer to the price, measured on dense and sparse grids: only for speed.
_UNCOVERED_ELASTICITY, _COST_ELASTICITY = 1.1, 0.7


@dataclass
class Bound:
    """Pairs (price λ, packed value Σu) proven feasible; each bounds cost and weight linearly."""

    total: float
    proofs: list[tuple[float, float]] = field(default_factory=list)

    def cost_at_least(self, weight: float) -> float:
        """No plan that covers ``weight`` costs less."""
        return max([0.0, *(packed - price * (self.total - weight) for price, packed in self.proofs)])

    def weight_at_most(self, budget: float) -> float:
        """No plan of that cost covers more."""
        return min([self.total, *(self.total - (packed - budget) / price for price, packed in self.proofs)])

    @property
    def price(self) -> float:
        """Price of the last proof."""
        return self.proofs[-1][0]


def prove(
    weights: Floats,
    disks: Disks,
    price: float,
    block: int,
    deadline: float,
    *,
    target: float | None,
    budget: float | None,
) -> Bound:
    """Bound for a target weight or a budget, starting from a price that is rather too high.

    The price is moved until the linear programme itself covers the target (or spends the budget);
    any price gives a valid bound, the right one the best.
    """
    bound = Bound(float(weights.sum()))
    kinds = [int(np.argmax([disks.loads(weights, kind).max(initial=0.0) for kind in range(len(disks.costs))]))]
    while True:
        packing = Packing(weights, disks, kinds, price, block)
        _tighten(packing, bound, deadline, target, budget, highest=price)
        more = packing.violated_kinds()
        if not more or time.monotonic() > deadline:
            return bound
        kinds = sorted({*kinds, *more})


def _tighten(
    packing: Packing, bound: Bound, deadline: float, target: float | None, budget: float | None, highest: float
) -> None:
    for repricing in range(_REPRICINGS + 1):
        last = repricing == _REPRICINGS
        for _ in range(_ROUNDS if last else 4):
            if packing.round(deadline) == 0 or time.monotonic() > deadline:
                break
        step = _price_step(packing, bound.total, target, budget)
        if last or time.monotonic() > deadline:
            break
        wanted = min(packing.price * step, highest)
        if abs(wanted / packing.price - 1) > 2e-3:
            packing.reprice(wanted)
    bound.proofs.append((packing.price, packing.packed()))


def _price_step(packing: Packing, total: float, target: float | None, budget: float | None) -> float:
    """Factor that moves the price towards the one at which the programme meets the target or the budget."""
    if target is not None:
        wanted = max(total - target, 1e-9 * total)
        ratio, elasticity = max(packing.uncovered, 1e-9 * total) / wanted, _UNCOVERED_ELASTICITY
    else:
        spent = float(packing.prices().sum()) - packing.price * packing.uncovered
        ratio, elasticity = (budget or 0.0) / max(spent, 1e-9), _COST_ELASTICITY
    return float(np.clip(ratio ** (1.0 / elasticity), 0.7, 1.3))
