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
APART_M = 1750.0


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of one problem; ``site`` is the row of its mast or −1."""

    kind: str
    x: float
    y: float
    site: int


def choose_spots(town: Town, sites: pd.DataFrame, people: People) -> list[Spot]:
    """One spot per planned kind; the seed shuffles which place each gets.

    Spots keep 1.75 km from one another where the town has room, else the widest gap there is.
    """
    rng = stream(town.seed, "spots")
    chosen: list[Spot] = []
    for name in town.size.problems:
        xy, site = _candidates(KINDS[name], town, sites, people)
        order = rng.permutation(len(xy))
        pick = order[_first_apart(xy[order], chosen)]
        chosen.append(Spot(name, float(xy[pick, 0]), float(xy[pick, 1]), int(site[pick])))
    return chosen


def _first_apart(xy: Floats, chosen: list[Spot]) -> int:
    if not chosen:
        return 0
    taken = np.array([[spot.x, spot.y] for spot in chosen])
    gap = np.hypot(xy[:, None, 0] - taken[:, 0], xy[:, None, 1] - taken[:, 1]).min(axis=1)
    apart = gap >= APART_M
    return int(apart.argmax() if apart.any() else gap.argmax())


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
