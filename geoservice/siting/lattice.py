"""Candidate positions as a lattice: nodes of a square grid over the demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoservice.siting.problem import Problem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_STEPS_A_RADIUS = 20.0
_MAX_NODES = 30_000_000


@dataclass(frozen=True)
class Lattice:
    """Nodes (row = x, column = y) at ``x0 + i·step``; ``exact`` when all demand lies on nodes."""

    x0: float
    y0: float
    step: float
    rows: int
    columns: int
    exact: bool

    def nodes(self, x: Floats, y: Floats) -> tuple[Integers, Integers]:
        """Nearest node of each point."""
        i = np.clip(np.rint((x - self.x0) / self.step), 0, self.rows - 1).astype(np.int64)
        j = np.clip(np.rint((y - self.y0) / self.step), 0, self.columns - 1).astype(np.int64)
        return i, j

    def positions(self, i: Integers, j: Integers) -> tuple[Floats, Floats]:
        """Coordinates of nodes."""
        return np.asarray(self.x0 + i * self.step, float), np.asarray(self.y0 + j * self.step, float)

    def weights(self, problem: Problem) -> Floats:
        """Demand summed on the nodes, shape (rows, columns)."""
        i, j = self.nodes(problem.x, problem.y)
        flat = np.bincount(i * self.columns + j, problem.weight, self.rows * self.columns)
        return np.asarray(flat, float).reshape(self.rows, self.columns)

    @property
    def slack(self) -> float:
        """Farthest a point can be from its node: 0 when exact."""
        return 0.0 if self.exact else self.step / np.sqrt(2.0)


def make_lattice(problem: Problem, candidates: tuple[Floats, Floats] | None = None) -> Lattice:
    """The integer grid when demand and sites are integers, else a grid of a twentieth of the smallest radius.

    A site outside the box of the demand covers nothing that the nearest position inside does not cover.
    """
    xs, ys = (problem.x, problem.y) if candidates is None else (
        np.concatenate([problem.x, candidates[0]]), np.concatenate([problem.y, candidates[1]])
    )  # fmt: skip
    low_x, low_y = float(xs.min()), float(ys.min())
    extent = float(xs.max()) - low_x, float(ys.max()) - low_y
    values = (xs, ys, problem.existing_x, problem.existing_y)
    integer = all(bool((v == np.rint(v)).all()) for v in values)
    if integer and (extent[0] + 1) * (extent[1] + 1) <= _MAX_NODES:
        return Lattice(low_x, low_y, 1.0, int(extent[0]) + 1, int(extent[1]) + 1, True)
    step = min(t.radius for t in problem.types) / _STEPS_A_RADIUS
    step = max(step, float(np.sqrt((extent[0] + step) * (extent[1] + step) / _MAX_NODES)))
    return Lattice(low_x, low_y, step, int(np.ceil(extent[0] / step)) + 1, int(np.ceil(extent[1] / step)) + 1, False)


def half_widths(radius_steps: float) -> Integers:
    """Half width of each row of a closed disk of ``radius_steps`` lattice steps; −1 for an empty row.

    >>> half_widths(2.0)
    array([0, 1, 2, 1, 0])
    """
    reach = int(np.floor(radius_steps + 1e-9))
    offsets = np.arange(-reach, reach + 1)
    return np.floor(np.sqrt(np.maximum(radius_steps**2 - offsets**2, 0.0)) + 1e-9).astype(np.int64)
