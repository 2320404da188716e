"""The problem on the lattice, as the kernels want it: weights, disks, forbidden nodes."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from geoservice.siting.kernels import disk_sums
from geoservice.siting.lattice import Lattice, half_widths
from geoservice.siting.packing import Disks
from geoservice.siting.problem import Problem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.uint8]
# Nodes tied together in the bound, as a share of the smallest radius.
_BLOCK_SHARE = 0.3


@dataclass(frozen=True)
class Board:
    """Weights by node; half widths (type by row), costs; nodes no site may stand on; spacing in steps."""

    problem: Problem
    lattice: Lattice
    weights: Floats
    halves: Integers
    costs: Floats
    blocked: Flags
    spacing: float
    off_node: float

    @property
    def total(self) -> float:
        return float(self.weights.sum())

    @property
    def block(self) -> int:
        """Side of the blocks of the bound."""
        smallest = min(t.radius for t in self.problem.types) / self.lattice.step
        return max(1, int(_BLOCK_SHARE * smallest))

    def outer_disks(self) -> Disks:
        """Disks widened by what a point may be away from its node, so that a bound holds for the true points."""
        halves = self.halves if self.off_node == 0 else _halves(self.problem, self.lattice, self.off_node)
        return Disks(halves, self.costs, self.blocked == 0)

    def loads(self, weights: Floats) -> Floats:
        """Weight inside the disk of every node, one layer a type."""
        return np.stack([disk_sums(weights, half) for half in self.halves])

    def cost_unit(self) -> float:
        """Every plan costs a multiple of this: the greatest common divisor of whole costs, else 0."""
        whole = [int(cost) for cost in self.costs]
        return float(gcd(*whole)) if all(self.costs == whole) else 0.0


def make_board(problem: Problem, lattice: Lattice, spacing: float, candidates: tuple[Floats, Floats] | None) -> Board:
    """The board of a problem; with ``candidates`` only their nodes are free."""
    from geoservice.siting.greedy import block_around

    weights = lattice.weights(problem)
    blocked = np.zeros(weights.shape, np.uint8)
    # A given position may be off its node: two of them need a margin on the lattice.
    steps = (spacing + (0.0 if candidates is None else 2 * lattice.slack)) / lattice.step
    if candidates is not None:
        blocked[:] = 1
        blocked[lattice.nodes(*candidates)] = 0
    else:
        for x, y in zip(problem.existing_x, problem.existing_y, strict=True):
            block_around(blocked, (x - lattice.x0) / lattice.step, (y - lattice.y0) / lattice.step, steps)
    costs = np.array([t.cost for t in problem.types])
    off = lattice.slack * (1 if candidates is None else 2)
    return Board(problem, lattice, weights, _halves(problem, lattice, 0.0), costs, blocked, steps, off)


def _halves(problem: Problem, lattice: Lattice, widened: float) -> Integers:
    halves = [half_widths((t.radius + widened) / lattice.step) for t in problem.types]
    longest = max(len(half) for half in halves)
    return np.stack([np.pad(half, (longest - len(half)) // 2, constant_values=-1) for half in halves])
