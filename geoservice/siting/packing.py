"""Cutting planes for the packing problem behind the bound: one small linear programme a cluster.

Covering with a price λ for weight left out has the dual

    maximise Σ u_i   with   0 ≤ u_i ≤ λ w_i   and   Σ_{i in D} u_i ≤ c_t for every disk D of every type t.

Points of different clusters (farther apart than a diameter) share no disk, so each cluster is a
programme of its own; disks enter only where they are violated. Neighbouring points are tied
together in blocks: that restricts the dual, hence every value found stays a valid bound.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoservice.siting.clusters import clusters
from geoservice.siting.kernels import disk_maxima, disk_rows, disk_sums, local_peaks

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# A point worth this share of the cheapest site keeps a variable of its own.
_ALONE = 0.05
_TOLERANCE = 2e-3


@dataclass(frozen=True)
class Disks:
    """What may be built: half widths a type (one row each), costs, and the nodes that are free."""

    halves: Integers
    costs: Floats
    free: Flags

    def loads(self, values: Floats, kind: int) -> Floats:
        """Sum of ``values`` over the disk of every free node, in units of the type's cost."""
        return np.where(self.free, disk_sums(values, self.halves[kind]), 0.0) / self.costs[kind]


class Packing:
    """Linear programmes of all clusters at one price, growing by violated disks."""

    def __init__(self, weights: Floats, disks: Disks, kinds: list[int], price: float, block: int) -> None:
        self._weights, self._disks, self._kinds, self._price = weights, disks, kinds, price
        reach = max(int((disks.halves[k] >= 0).sum() // 2) for k in kinds)
        nodes = np.nonzero(self._relevant(weights * price))
        self._rows, self._columns = nodes
        self._hopeless = float(weights.sum() - weights[nodes].sum())
        labels = clusters(nodes[0], nodes[1], 2.0 * reach) if len(nodes[0]) else np.empty(0, np.int64)
        own, variable = self._variables(labels, block)
        self._first = np.searchsorted(own, np.arange(labels.max(initial=-1) + 2))
        self._owner = own
        self._limits = np.bincount(variable, weights[nodes], len(own))
        self._variable_of = np.full(weights.shape, -1, np.int64)
        self._variable_of[nodes] = variable
        self._share = np.zeros(weights.shape)
        self._share[nodes] = weights[nodes] / self._limits[variable]
        self.values = self._limits * price
        self._uncovered = np.zeros(len(own))
        self._programmes = [_programme(self.values[a:b]) for a, b in zip(self._first, self._first[1:], strict=False)]
        self._known: set[int] = set()

    @property
    def price(self) -> float:
        return self._price

    @property
    def uncovered(self) -> float:
        """Weight the linear programme leaves out at this price."""
        return float(self._uncovered.sum()) + self._hopeless

    def reprice(self, price: float) -> None:
        """Another price for weight left out: only the upper bounds of the variables change."""
        self._price = price
        self.values = np.minimum(self.values, self._limits * price)
        for cluster, (a, b) in enumerate(zip(self._first, self._first[1:], strict=False)):
            n = int(b - a)
            upper = self._limits[a:b] * price
            self._programmes[cluster].changeColsBounds(n, np.arange(n, dtype=np.int32), np.zeros(n), upper)
            self._run(cluster, 60.0)

    def round(self, deadline: float) -> int:
        """Add the most violated disks and solve the clusters they are in; returns how many were added."""
        prices = self.prices()
        return sum(self._cut(kind, self._disks.loads(prices, kind), deadline) for kind in self._kinds)

    def prices(self) -> Floats:
        """u of every node; the nodes no site is worth building for have their full λ w."""
        result = self._weights * self._price
        result[self._rows, self._columns] = (
            self.values[self._variable_of[self._rows, self._columns]] * self._share[self._rows, self._columns]
        )
        return result

    def packed(self) -> float:
        """Σ u after scaling every point by the worst disk it lies in: feasible, whatever came before."""
        prices = self.prices()
        worst = np.ones_like(prices)
        for kind in range(len(self._disks.costs)):
            loads = np.maximum(self._disks.loads(prices, kind), 1.0)
            if loads.max() > 1.0:
                np.maximum(worst, disk_maxima(loads, self._disks.halves[kind]), out=worst)
        return float((prices / worst).sum())

    def violated_kinds(self) -> list[int]:
        """Types whose disks are overfull although they are not among the types priced."""
        prices = self.prices()
        others = [kind for kind in range(len(self._disks.costs)) if kind not in self._kinds]
        return [kind for kind in others if self._disks.loads(prices, kind).max(initial=0.0) > 1 + _TOLERANCE]

    def _relevant(self, prices: Floats) -> Flags:
        """Demand nodes in some disk worth more than it costs."""
        near = np.zeros(prices.shape, bool)
        for kind in self._kinds:
            worth = self._disks.loads(prices, kind) > 1.0
            near |= disk_sums(worth.astype(float), self._disks.halves[kind]) > 0.5
        return near & (prices > 0)

    def _variables(self, labels: Integers, block: int) -> tuple[Integers, Integers]:
        """(cluster of each variable, variable of each node): blocks of nodes, valuable nodes alone."""
        width = self._weights.shape[1] // block + 1
        key = (self._rows // block) * width + self._columns // block
        alone = self._weights[self._rows, self._columns] * self._price > _ALONE * self._disks.costs.min()
        key = np.where(alone, -1 - np.arange(len(key)), key)
        unique, inverse = np.unique(np.stack([labels, key]), axis=1, return_inverse=True)
        return unique[0], inverse.reshape(-1)

    def _cut(self, kind: int, loads: Floats, deadline: float) -> int:
        nodes = self._new_peaks(kind, loads)
        if not len(nodes):
            return 0
        half = self._disks.halves[kind]
        starts, index, value = disk_rows(self._variable_of, self._share, half, *nodes.T, len(self._owner))
        keep = np.diff(starts) > 0
        cluster = np.where(keep, self._owner[index[np.minimum(starts[:-1], max(len(index) - 1, 0))]], -1)
        for number in np.unique(cluster[keep]):
            if time.monotonic() > deadline:
                break
            mine = np.flatnonzero(cluster == number)
            self._add(int(number), mine, starts, index, value, self._disks.costs[kind])
            self._run(int(number), deadline - time.monotonic())
        return len(nodes)

    def _new_peaks(self, kind: int, loads: Floats) -> Integers:
        """Local maxima above the limit that are not rows yet."""
        reach = int((self._disks.halves[kind] >= 0).sum() // 2)
        over = np.argwhere(loads > 1 + _TOLERANCE)
        peaks = over[local_peaks(loads, over, max(1, reach // 2))]
        codes = (peaks[:, 0] * loads.shape[1] + peaks[:, 1]) * len(self._disks.costs) + kind
        new = np.array([code not in self._known for code in codes.tolist()], bool)
        self._known.update(codes.tolist())
        return peaks[new]

    def _add(self, number: int, mine: Integers, starts: Integers, index: Integers, value: Floats, limit: float) -> None:
        lengths = starts[mine + 1] - starts[mine]
        entries = (
            np.repeat(starts[mine], lengths)
            + np.arange(lengths.sum())
            - np.repeat(np.cumsum(lengths) - lengths, lengths)
        )
        begin = (np.cumsum(lengths) - lengths).astype(np.int32)
        columns = (index[entries] - self._first[number]).astype(np.int32)
        lower, upper = np.full(len(mine), -np.inf), np.full(len(mine), limit)
        self._programmes[number].addRows(len(mine), lower, upper, len(entries), begin, columns, value[entries])

    def _run(self, number: int, seconds: float) -> None:
        programme = self._programmes[number]
        programme.setOptionValue("time_limit", float(programme.getRunTime() + max(seconds, 0.1)))
        programme.run()
        solution, at = programme.getSolution(), slice(self._first[number], self._first[number + 1])
        upper = self._limits[at] * self._price
        found = np.asarray(solution.col_value)
        if len(found) == len(upper):
            self.values[at] = np.clip(found, 0.0, upper)
            # A reduced cost of −1 means wholly uncovered, 0 covered.
            self._uncovered[at] = np.clip(-np.asarray(solution.col_dual), 0.0, 1.0) * self._limits[at]


def _programme(upper: Any) -> Any:
    import highspy

    programme = highspy.Highs()
    programme.setOptionValue("output_flag", False)
    programme.setOptionValue("threads", 1)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(upper), 0
    model.col_cost_ = -np.ones(len(upper))
    model.col_lower_, model.col_upper_ = np.zeros(len(upper)), upper
    programme.passModel(model)
    return programme
