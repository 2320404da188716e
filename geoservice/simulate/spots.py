"""Choosing where the planted problems lie: in their zones, and far from one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.chance import stream
from geoservice.simulate.kinds import KINDS, Kind
from geoservice.simulate.town import People, Town

Floats = NDArray[np.float64]
APART_M = 1800.0
_TRIES = 60


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of one problem; ``site`` is the row of its mast or −1."""

    kind: str
    x: float
    y: float
    site: int


def choose_spots(town: Town, sites: pd.DataFrame, people: People) -> list[Spot]:
    """One spot per planned kind; the seed shuffles which place each gets.

    Of up to sixty shuffles the first is taken that keeps all spots 1.8 km apart, else the one with the widest gap.
    """
    rng = stream(town.seed, "spots")
    names = town.size.problems
    places = [_candidates(KINDS[name], town, sites, people) for name in names]
    best, widest = [0] * len(names), -1.0
    for _ in range(_TRIES):
        picks, gap = _shuffle([xy for xy, _ in places], rng)
        if gap > widest:
            best, widest = picks, gap
        if widest >= APART_M:
            break
    return [
        Spot(name, float(xy[pick, 0]), float(xy[pick, 1]), int(site[pick]))
        for name, (xy, site), pick in zip(names, places, best, strict=True)
    ]


def _shuffle(places: list[Floats], rng: np.random.Generator) -> tuple[list[int], float]:
    """One place for each problem in turn: the first far enough from those before; and the smallest gap."""
    taken = np.full((len(places), 2), np.inf)
    picks, smallest = [], np.inf
    for row, xy in enumerate(places):
        order = rng.permutation(len(xy))
        gap = np.hypot(xy[order, None, 0] - taken[:row, 0], xy[order, None, 1] - taken[:row, 1])
        nearest = gap.min(axis=1, initial=np.inf)
        apart = nearest >= APART_M
        first = int(apart.argmax() if apart.any() else nearest.argmax())
        picks.append(int(order[first]))
        taken[row], smallest = xy[order[first]], min(smallest, float(nearest[first]))
    return picks, smallest


def _candidates(kind: Kind, town: Town, sites: pd.DataFrame, people: People) -> tuple[Floats, NDArray[np.int64]]:
    """Places of the first of the kind's zones that has any, with the mast each sits on."""
    mast = sites[["x", "y"]].to_numpy()
    for zone in kind.zones:
        if kind.anchor == "site":
            rows = np.flatnonzero(sites["zone"].to_numpy() == zone)
            xy, site = mast[rows], rows
        else:
            xy = people.xy[_eligible(kind, zone, town, people, mast)]
            site = np.full(len(xy), -1)
        inner = np.hypot(xy[:, 0], xy[:, 1]) < town.radius_m - 1200
        if inner.any():
            return xy[inner], site[inner].astype(np.int64)
    raise AssertionError("every size has ground in every zone its kinds ask for")


def _eligible(kind: Kind, zone: int, town: Town, people: People, mast: Floats) -> NDArray[np.bool_]:
    there = town.zone(people.xy) == zone
    if kind.anchor == "people":
        return there & (people.customers >= np.quantile(people.customers[there], 0.6) if there.any() else there)
    near = np.hypot(people.xy[:, None, 0] - mast[:, 0], people.xy[:, None, 1] - mast[:, 1]).min(axis=1)
    return there & (near >= np.quantile(near[there], 0.7) if there.any() else there)
