"""Which cells look at a place: bearings, distances, and the cells to turn towards it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.problems import Problem

Floats = NDArray[np.float64]


def bearing_deg(cells: pd.DataFrame, problem: Problem) -> Floats:
    """Bearing from every cell to the problem."""
    x, y = cells["x"].to_numpy(), cells["y"].to_numpy()
    return np.asarray(np.degrees(np.arctan2(problem.x - x, problem.y - y)))


def distance_m(cells: pd.DataFrame, problem: Problem) -> Floats:
    return np.asarray(np.hypot(cells["x"].to_numpy() - problem.x, cells["y"].to_numpy() - problem.y))


def off_axis_deg(cells: pd.DataFrame, problem: Problem) -> Floats:
    """How far each cell's beam points past the problem."""
    return np.abs((bearing_deg(cells, problem) - cells["azimuth_deg"].to_numpy() + 180) % 360 - 180)


def facing(cells: pd.DataFrame, problem: Problem, count: int, taken: NDArray[np.int64]) -> NDArray[np.int64]:
    """The best-pointing base cell of each of the nearest sites, without those another problem rests on."""
    base = (cells["carrier"] == "L1800").to_numpy() & ~np.isin(np.arange(len(cells)), taken)
    rank = np.where(base, distance_m(cells, problem).round() * 1e3 + off_axis_deg(cells, problem), np.inf)
    order = np.argsort(rank)
    first = ~cells["site"].iloc[order].duplicated().to_numpy()
    return np.asarray(order[first][:count])


def tall_cell(cells: pd.DataFrame, problem: Problem) -> int:
    """The base cell pointing best from a site with at least four sites nearer than it."""
    distance, off = distance_m(cells, problem), off_axis_deg(cells, problem)
    base = (cells["carrier"] == "L1800").to_numpy()
    ring = np.sort(distance[base & (cells["sector"] == 0).to_numpy()])
    usable = base & (distance >= max(ring[4], 1800.0)) & (distance <= max(ring[12], 2800.0))
    return int(np.where(usable, off + distance / 100, np.inf).argmin())
