"""Evaluate places block by block: candidate cells by a spatial search, kernels on all cores.

Memory is bounded by a block (a few hundred hexes × its candidate cells), whatever the area.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoservice import grid
from geoservice.coverage.links import COLUMN
from geoservice.coverage.network import Network
from geoservice.coverage.plane import offsets_m, unit_vectors
from geoservice.geodesy import EARTH_RADIUS_M

Floats = NDArray[np.float64]

BLOCK_PLACES = 384
BLOCK_STEPS = 3  # hexes of one ancestor three resolutions up lie within four kilometres at resolution 9
# A what-if touches few hexes: wider blocks spare searches, and threads would cost more than they save.
FEW_PLACES, FEW_STEPS = 1500, 4


@dataclass(frozen=True)
class Places:
    """Hexes with their centres, in the caller's order."""

    hexes: NDArray[np.int64]
    lat: Floats
    lon: Floats

    @staticmethod
    def of(hexes: NDArray[np.int64]) -> Places:
        """Centres of hexes."""
        lat, lon = grid.hex_to_latlon(hexes) if len(hexes) else (np.empty(0), np.empty(0))
        return Places(hexes, lat, lon)

    def take(self, rows: NDArray) -> Places:
        """Some of the places."""
        return Places(self.hexes[rows], self.lat[rows], self.lon[rows])


@dataclass(frozen=True)
class Servers:
    """What :func:`.kernels.summarise` finds, per place; rows of the network, −1 for none."""

    best: NDArray[np.int64]
    second: NDArray[np.int64]
    best_dbm: NDArray[np.float32]
    second_dbm: NDArray[np.float32]
    others_mw: NDArray[np.float32]
    within: NDArray[np.int32]
    strong: NDArray[np.int32]


def neighbourly_blocks(hexes: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Positions of hexes in blocks of neighbours (one ancestor, at most :data:`BLOCK_PLACES`)."""
    if not len(hexes):
        return
    order = np.argsort(hexes, kind="stable")
    finest = int(grid.resolutions(hexes[:1])[0])
    steps = FEW_STEPS if len(hexes) <= FEW_PLACES else BLOCK_STEPS
    ancestor = grid.parents(hexes[order], max(finest - steps, 0))
    starts = np.flatnonzero(np.r_[True, ancestor[1:] != ancestor[:-1]])
    for group in np.split(order, starts[1:]):
        for first in range(0, len(group), BLOCK_PLACES):
            yield group[first : first + BLOCK_PLACES]


class Candidates:
    """Cells that can matter in a block: within their own reach of its rim.

    Cells are searched in tiers of like reach: one far-reaching rural cell must not make every
    urban search look 30 km around.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._alive = np.ones(len(network.reach_m), bool)
        self._tiers = _tiers(network)
        self._rebuilt = np.empty(0, np.int64)

    def changed(self, network: Network, touched: NDArray[np.int64], alive: NDArray[np.bool_]) -> Candidates:
        """The same search over a network in which the cells ``touched`` are other or new ones."""
        other = object.__new__(Candidates)
        other._network, other._alive, other._tiers = network, alive, self._tiers
        other._rebuilt = touched
        return other

    def near(self, lat0: float, lon0: float, radius_m: float) -> NDArray[np.int64]:
        """Rows of the cells that reach into a circle, ascending by channel."""
        network = self._network
        centre = unit_vectors(lat0, lon0)
        found = [tier.near(centre, radius_m) for tier in self._tiers]
        rows = np.concatenate([*found, self._rebuilt])
        gap = network.vectors[rows] - centre
        reach = network.reach_m[rows]
        close = np.einsum("ij,ij->i", gap, gap) <= ((radius_m + reach) / EARTH_RADIUS_M) ** 2
        rows = rows[close & (reach > 0) & self._alive[rows]]
        if len(self._rebuilt):
            rows = np.unique(rows)
        return rows[np.lexsort((rows, network.channel[rows]))]


@dataclass(frozen=True)
class _Tier:
    """Cells of like reach and their search tree."""

    rows: NDArray[np.int64]
    tree: Any
    farthest_m: float

    def near(self, centre: Floats, radius_m: float) -> NDArray[np.int64]:
        found = self.tree.query_ball_point(centre, (radius_m + self.farthest_m) / EARTH_RADIUS_M)
        return self.rows[np.asarray(found, np.int64)]


def _tiers(network: Network) -> tuple[_Tier, ...]:
    from scipy.spatial import cKDTree

    reaching = np.flatnonzero(network.reach_m > 0)
    octave = np.floor(np.log2(network.reach_m[reaching])).astype(np.int64)
    groups = [reaching[octave == step] for step in np.unique(octave)]
    return tuple(_Tier(g, cKDTree(network.vectors[g]), float(network.reach_m[g].max())) for g in groups)


def servers(network: Network, candidates: Candidates, places: Places, window_db: float, weak_dbm: float) -> Servers:
    """Best and second server, channel power and counts of every place."""
    n = len(places.hexes)
    floats = [np.zeros(n, np.float32) for _ in range(3)]
    indices, counts = np.full((2, n), -1, np.int64), np.zeros((2, n), np.int32)

    def work(block: NDArray[np.int64]) -> None:
        result = _block_summary(network, candidates, places.take(block), window_db, weak_dbm)
        for target, values in zip(floats, result[0], strict=True):
            target[block] = values
        indices[:, block], counts[:, block] = result[1], result[2]

    for_each_block(places.hexes, work)
    return Servers(indices[0], indices[1], floats[0], floats[1], floats[2], counts[0], counts[1])


def for_each_block(hexes: NDArray[np.int64], work: Callable[[NDArray[np.int64]], None]) -> None:
    """Call ``work`` with the positions of every block, on all cores when there are many places."""
    blocks = list(neighbourly_blocks(hexes))
    cores = os.cpu_count() or 1
    if len(hexes) <= FEW_PLACES or cores == 1:
        for block in blocks:
            work(block)
        return
    with ThreadPoolExecutor(cores) as pool:
        for _ in pool.map(work, blocks):
            pass


def block_levels(
    network: Network, candidates: Candidates, places: Places
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Candidate rows of a block and their levels, (cells, places) float32."""
    from geoservice.coverage import kernels

    rows, x, y, table = _block_inputs(network, candidates, places)
    out = np.empty((len(rows), len(x)), np.float32)
    if len(rows):
        kernels.levels(x, y, table, out)
    return rows, out


def _block_summary(
    network: Network, candidates: Candidates, places: Places, window_db: float, weak_dbm: float
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int32]]:
    from geoservice.coverage import kernels

    rows, x, y, table = _block_inputs(network, candidates, places)
    floats, found = np.zeros((3, len(x)), np.float32), np.full((2, len(x)), -1, np.int32)
    counts = np.zeros((2, len(x)), np.int32)
    channel = network.channel[rows]
    starts = (
        np.r_[0, np.flatnonzero(channel[1:] != channel[:-1]) + 1, len(rows)] if len(rows) else np.zeros(1, np.int64)
    )
    window, weak = np.float32(window_db), np.float32(weak_dbm)
    kernels.summarise(x, y, table, starts.astype(np.int64), window, weak, *floats, found, counts)
    lookup = np.r_[rows, -1]
    return floats, lookup[found], counts


def _block_inputs(
    network: Network, candidates: Candidates, places: Places
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    lat0, lon0 = float(places.lat.mean()), float(places.lon[0])
    x, y = offsets_m(places.lat, places.lon, lat0, lon0)
    rows = candidates.near(lat0, lon0, float(np.hypot(x, y).max()))
    table = network.rows[rows]
    table[:, COLUMN["x"]], table[:, COLUMN["y"]] = offsets_m(
        network.cells.lat[rows], network.cells.lon[rows], lat0, lon0
    )
    return rows, x.astype(np.float32), y.astype(np.float32), table.astype(np.float32)
