"""Evaluate places block by block: candidate cells by a spatial search, kernels on all cores.

Memory is bounded by a block (a few hundred hexes × its candidate cells), whatever the area.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoservice import grid
from geoservice.coverage.links import COLUMN
from geoservice.coverage.network import Network
from geoservice.coverage.plane import offsets_m
from geoservice.geodesy import EARTH_RADIUS_M, unit_vectors

Floats = NDArray[np.float64]

BLOCK_PLACES = 384
BLOCK_STEPS = 3  # hexes of one ancestor three resolutions up lie within four kilometres at resolution 9
# A what-if touches few hexes: wider blocks spare searches, and threads would cost more than they save.
FEW_PLACES, FEW_STEPS = 1500, 4
# Kernels get places in multiples of this (the widest vector, unrolled four times): the rest of a loop runs
# in scalar code, which rounds otherwise, and a place's answer must not depend on where it stands in a block.
LANES = 64
# Blocks whose candidate cells are remembered: a city of 300 km × 300 km at resolution 9.
MOST_KEPT = 4096


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

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The places in blocks of neighbours; what is evaluated for some of a block's places is bit for
        bit what is evaluated for all of them, for the plane and the candidate cells are the block's."""
        return tuple(self._block(rows) for rows in neighbourly_blocks(self.hexes))

    @cached_property
    def block_of(self) -> NDArray[np.int64]:
        """Number of each place's block."""
        number = np.empty(len(self.hexes), np.int64)
        for position, block in enumerate(self.blocks):
            number[block.rows] = position
        return number

    def reached(self, vector: Floats, reach_m: float) -> NDArray[np.bool_]:
        """Blocks a cell at a unit vector reaches into; the very test by which it becomes a candidate."""
        centres, radii = self._discs
        gap = centres - vector
        square = np.einsum("ij,ij->i", gap, gap)
        return np.asarray((reach_m > 0) & (square <= ((radii + reach_m) / EARTH_RADIUS_M) ** 2))

    @cached_property
    def _discs(self) -> tuple[Floats, Floats]:
        lat0, lon0, radius = (np.array([getattr(b, n) for b in self.blocks]) for n in ("lat0", "lon0", "radius_m"))
        return unit_vectors(lat0, lon0), radius

    def _block(self, rows: NDArray[np.int64]) -> Block:
        lat0, lon0 = float(self.lat[rows].mean()), float(self.lon[rows[0]])
        x, y = offsets_m(self.lat[rows], self.lon[rows], lat0, lon0)
        return Block(rows, lat0, lon0, float(np.hypot(x, y).max()))


@dataclass(frozen=True)
class Block:
    """Positions of neighbouring places, the middle of their plane, and how far the farthest lies."""

    rows: NDArray[np.int64]
    lat0: float
    lon0: float
    radius_m: float


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
    urban search look 30 km around. What was found for a block is kept (what-ifs ask again).
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tiers = _tiers(network)
        self._kept: dict[tuple[float, float, float], NDArray[np.int64]] = {}

    def near(self, lat0: float, lon0: float, radius_m: float) -> NDArray[np.int64]:
        """Rows of the cells that reach into a circle, ascending by channel, then row."""
        key = (lat0, lon0, radius_m)
        found = self._kept.get(key)
        if found is None:
            centre = unit_vectors(lat0, lon0)
            rows = np.concatenate([np.empty(0, np.int64), *(tier.near(centre, radius_m) for tier in self._tiers)])
            found = _by_channel(self._network, rows[_reaching(self._network, rows, centre, radius_m)])
            if len(self._kept) < MOST_KEPT:
                self._kept[key] = found
        return found


class ChangedCandidates(Candidates):
    """The same search over a network in which the cells ``touched`` are other or new ones."""

    def __init__(
        self, base: Candidates, network: Network, touched: NDArray[np.int64], alive: NDArray[np.bool_]
    ) -> None:
        self._base, self._network = base, network
        self._touched, self._living = touched, touched[alive[touched]]

    def near(self, lat0: float, lon0: float, radius_m: float) -> NDArray[np.int64]:
        """Rows of the cells that reach into a circle, ascending by channel, then row."""
        standing = self._base.near(lat0, lon0, radius_m)
        standing = standing[~np.isin(standing, self._touched)]
        reaching = _reaching(self._network, self._living, unit_vectors(lat0, lon0), radius_m)
        return _by_channel(self._network, np.r_[standing, self._living[reaching]])


def _reaching(network: Network, rows: NDArray[np.int64], centre: Floats, radius_m: float) -> NDArray[np.bool_]:
    gap, reach = network.vectors[rows] - centre, network.reach_m[rows]
    close = np.einsum("ij,ij->i", gap, gap) <= ((radius_m + reach) / EARTH_RADIUS_M) ** 2
    return np.asarray(close & (reach > 0))


def _by_channel(network: Network, rows: NDArray[np.int64]) -> NDArray[np.int64]:
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


def servers(
    network: Network,
    candidates: Candidates,
    places: Places,
    window_db: float,
    weak_dbm: float,
    only: NDArray[np.int64] | None = None,
) -> Servers:
    """Best and second server, channel power and counts of every place, or of the positions ``only``."""
    n = len(places.hexes)
    best, second, others = (np.zeros(n, np.float32) for _ in range(3))
    indices, counts = np.full((2, n), -1, np.int64), np.zeros((2, n), np.int32)

    def work(block: Block) -> None:
        result = _block_summary(network, candidates, places, block, window_db, weak_dbm)
        best[block.rows], second[block.rows], others[block.rows] = result[0]
        indices[:, block.rows], counts[:, block.rows] = result[1], result[2]

    for_each_block(places, work, only)
    rows = slice(None) if only is None else only
    return Servers(
        indices[0][rows], indices[1][rows], best[rows], second[rows], others[rows], counts[0][rows], counts[1][rows]
    )


def for_each_block(places: Places, work: Callable[[Block], None], only: NDArray[np.int64] | None = None) -> None:
    """Call ``work`` with every block, or the part of it among ``only``; on all cores when there is much to do."""
    blocks = places.blocks if only is None else _parts(places, only)
    cores = os.cpu_count() or 1
    if cores == 1 or sum(len(block.rows) for block in blocks) <= FEW_PLACES:
        for block in blocks:
            work(block)
        return
    with ThreadPoolExecutor(cores) as pool:
        for _ in pool.map(work, blocks):
            pass


def _parts(places: Places, only: NDArray[np.int64]) -> list[Block]:
    """The blocks that hold positions ``only``, each cut down to them."""
    number = places.block_of[only]
    order = np.argsort(number, kind="stable")
    found, start = np.unique(number[order], return_index=True)
    parts = np.split(only[order], start[1:])
    return (
        [replace(places.blocks[n], rows=rows) for n, rows in zip(found.tolist(), parts, strict=True)]
        if len(only)
        else []
    )


def block_levels(
    network: Network, candidates: Candidates, places: Places, block: Block
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Candidate rows of a block and their levels, (cells, places) float32."""
    from geoservice.coverage import kernels

    rows, x, y, table = _block_inputs(network, candidates, places, block)
    out = np.empty((len(rows), len(x)), np.float32)
    if len(rows):
        kernels.levels(x, y, table, out)
    return rows, out[:, : len(block.rows)]


def _block_summary(
    network: Network, candidates: Candidates, places: Places, block: Block, window_db: float, weak_dbm: float
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int32]]:
    from geoservice.coverage import kernels

    rows, x, y, table = _block_inputs(network, candidates, places, block)
    floats, found = np.zeros((3, len(x)), np.float32), np.full((2, len(x)), -1, np.int32)
    counts = np.zeros((2, len(x)), np.int32)
    channel = network.channel[rows]
    starts = (
        np.r_[0, np.flatnonzero(channel[1:] != channel[:-1]) + 1, len(rows)] if len(rows) else np.zeros(1, np.int64)
    )
    window, weak = np.float32(window_db), np.float32(weak_dbm)
    kernels.summarise(x, y, table, starts.astype(np.int64), window, weak, *floats, found, counts)
    lookup = np.r_[rows, -1]
    n = len(block.rows)
    return floats[:, :n], lookup[found[:, :n]], counts[:, :n]


def _block_inputs(
    network: Network, candidates: Candidates, places: Places, block: Block
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    lat0, lon0 = block.lat0, block.lon0
    lanes = np.pad(block.rows, (0, -len(block.rows) % LANES), mode="edge")
    x, y = offsets_m(places.lat[lanes], places.lon[lanes], lat0, lon0)
    rows = candidates.near(lat0, lon0, block.radius_m)
    table = network.rows[rows]
    table[:, COLUMN["x"]], table[:, COLUMN["y"]] = offsets_m(
        network.cells.lat[rows], network.cells.lon[rows], lat0, lon0
    )
    return rows, x.astype(np.float32), y.astype(np.float32), table.astype(np.float32)
