"""Which share of a hex is well served, now and after a change: expected over the shadowing.

A hex is not one spot. Under means alone cells tie that hardly ever tie on the ground, and a hex
flips as a whole; over the shadowing both level and overlap are shares that move by what a change
really moves. Each mast's shadowing has a part of its own and one common to all (correlation ½
between sites, TR 36.814); sectors of a mast share both. The own part is drawn, the same numbers
before and after a change; the common part moves all cells alike, so it enters in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geoservice.coverage.blocks import Block, Candidates, ChangedCandidates, Places, block_levels, for_each_block
from geoservice.coverage.changes import changed_network
from geoservice.coverage.network import COSITE_M, Network
from geoservice.coverage.serving import OWN_SHADOW_SHARE
from geoservice.geodesy import EARTH_RADIUS_M
from geoservice.radio.shadowing import total_sigma_db
from geoservice.radio.tr38901 import NLOS_SIGMA_DB
from geoservice.records import CellChange

if TYPE_CHECKING:
    from geoservice.coverage.engine import Coverage

Floats = NDArray[np.float64]

DRAWS = 32
# A cell this many spreads of a difference and the window under the best hardly ever comes near it.
FAR_SPREADS = 3.0
LEAST_SIGMA_DB = 1.0
COMMON_TO_OWN = float(np.sqrt((1 - OWN_SHADOW_SHARE) / OWN_SHADOW_SHARE))
_NOTHING_DBM = -200.0


@dataclass(frozen=True)
class Ground:
    """What was measured in places: level, its weight against the prediction (0: nothing), spread; all (places,).

    Where the ground is higher or lower than predicted, all cells that stand are, by the same amount; a
    mast yet to be built has no such history there and counts as predicted (as in the levels told).
    """

    measured_dbm: Floats
    weight: Floats
    sigma_db: Floats


@dataclass(frozen=True)
class _Masts:
    """Number of each cell's mast and the spread of its own shadowing; the first ``standing`` cells stand already."""

    number: NDArray[np.int64]
    own_db: NDArray[np.float32]
    standing: int


@dataclass(frozen=True)
class _Drawn:
    """Draws of places: best level without the common part, and cells within the window; (places, draws)."""

    tops: NDArray[np.float32]
    counts: NDArray[np.int16]


@dataclass(frozen=True)
class Kept:
    """Draws of the network as it stands, kept from what-if to what-if; ``known`` says of which places."""

    places: Places
    tops: NDArray[np.float32]
    counts: NDArray[np.int16]
    known: NDArray[np.bool_]

    @staticmethod
    def of(places: Places) -> Kept:
        """Nothing drawn yet."""
        size = len(places.hexes)
        return Kept(
            places, np.empty((size, DRAWS), np.float32), np.empty((size, DRAWS), np.int16), np.zeros(size, bool)
        )


def well_shares(
    coverage: Coverage, changes: Sequence[CellChange], places: Places, only: NDArray[np.int64], ground: Ground
) -> tuple[Floats, Floats]:
    """Expected share of each place that is well served, before and after ``changes``.

    Parameters
    ----------
    only : positions among ``places`` that are asked about.
    ground : what was measured at the positions ``only``.
    """
    base, window = coverage.network, coverage.config["overlap_window"]
    changed, touched, alive = changed_network(coverage, changes)
    number, own, standing = masts(base, changed), own_sigma_db(changed), len(base.reach_m)
    now = _present(coverage, places, only, _Masts(number, own_sigma_db(base), standing))
    shift = ground.weight * (np.nan_to_num(ground.measured_dbm) - now.tops.mean(axis=1))
    candidates = ChangedCandidates(coverage.candidates, changed, touched, alive)
    then = _draw(changed, candidates, places, only, _Masts(number, own, standing), shift, window)
    usual = own[np.maximum(coverage.quality(places).best[only], 0)] * COMMON_TO_OWN
    spread = np.sqrt(np.maximum(np.nan_to_num(ground.sigma_db) ** 2 - now.tops.var(axis=1), LEAST_SIGMA_DB**2))
    common = np.where(ground.weight > 0, spread, np.maximum(usual, LEAST_SIGMA_DB))
    before = _Drawn(now.tops + shift[:, None].astype(np.float32), now.counts)
    weak, most = coverage.config["rsrp_weak"], coverage.config["overlap_max_incl_best"]
    return _share(before, common, weak, most), _share(then, common, weak, most)


def _share(drawn: _Drawn, common_db: Floats, weak_dbm: float, most: float) -> Floats:
    """Share of the draws, and of the common part in each, with a level and no crowd."""
    from scipy.special import ndtr

    reached = ndtr((drawn.tops - weak_dbm) / common_db[:, None])
    return np.asarray((reached * (drawn.counts <= most)).mean(axis=1), float)


def _present(coverage: Coverage, places: Places, only: NDArray[np.int64], known: _Masts) -> _Drawn:
    """Draws before any change: the same for every change, so each place is drawn once."""
    kept = coverage.kept_draws(places)
    fresh = only[~kept.known[only]]
    if len(fresh):
        found = _draw(
            coverage.network, coverage.candidates, places, fresh, known, None, coverage.config["overlap_window"]
        )
        kept.tops[fresh], kept.counts[fresh] = found.tops, found.counts
        kept.known[fresh] = True
    return _Drawn(kept.tops[only], kept.counts[only])


def _draw(
    network: Network, candidates: Candidates, places: Places, only: NDArray[np.int64], known: _Masts,
    shift: Floats | None, window_db: float,
) -> _Drawn:  # fmt: skip
    from geoservice.coverage import odds_kernels

    tops = np.full((len(only), DRAWS), _NOTHING_DBM, np.float32)
    counts = np.zeros((len(only), DRAWS), np.int16)
    slot = np.zeros(len(places.hexes), np.int64)
    slot[only] = np.arange(len(only))
    moved = np.zeros(len(only), np.float32) if shift is None else shift.astype(np.float32)
    window = np.float32(window_db)

    def work(block: Block) -> None:
        rows, table = block_levels(network, candidates, places, block)
        if not len(rows):
            return
        mine, own = slot[block.rows], known.own_db[rows]
        top, count = tops[mine], counts[mine]
        reach = np.float32(window + FAR_SPREADS * np.sqrt(2.0) * own.max())
        stands = (rows < known.standing).astype(np.float32)
        ground = (stands, moved[mine], known.number[rows], own, network.channel[rows], places.hexes[block.rows])
        odds_kernels.draw(np.ascontiguousarray(table), *ground, window, reach, top, count)
        tops[mine], counts[mine] = top, count

    for_each_block(places, work, only)
    return _Drawn(tops, counts)


def masts(base: Network, network: Network) -> NDArray[np.int64]:
    """Number of each cell's mast: that of ``base``, new numbers for new masts, one for all within 30 m."""
    known = base.sites.of_cell
    fresh = np.arange(len(base.reach_m), len(network.reach_m))
    if not len(fresh):
        return known
    vectors = network.vectors
    gaps = np.linalg.norm(vectors[fresh][:, None] - vectors[None], axis=2) * EARTH_RADIUS_M
    first = np.argmax(gaps <= COSITE_M, axis=1)  # itself at the latest
    number = np.r_[known, int(known.max(initial=-1)) + 1 + np.arange(len(fresh))]
    number[fresh] = number[first]
    return np.asarray(number, np.int64)


def own_sigma_db(network: Network) -> NDArray[np.float32]:
    """Spread of a mast's own part of the shadowing, by cell."""
    usual = np.zeros(len(network.model))
    for name, sigma_db in NLOS_SIGMA_DB.items():
        usual[network.model == name] = sigma_db
    sigma = np.where(np.isfinite(network.sigma_override_db), network.sigma_override_db, usual)
    return (np.sqrt(OWN_SHADOW_SHARE) * total_sigma_db(sigma, network.cells.extra_sigma_db)).astype(np.float32)
