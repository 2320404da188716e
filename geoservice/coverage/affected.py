"""Which places a change of cells can alter: the rest need no second look.

A place is affected when a changed cell is, was or becomes its best server, comes or goes within the
overlap window or the lead of the best on the serving carrier, or moves the unwanted power there by
more than :data:`QUIET_DB`. Elsewhere every output stays as it was, but for a SINR that moves by
less than that for each changed cell.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoservice import grid
from geoservice.coverage.blocks import Places
from geoservice.coverage.budget import Quality, pair_links
from geoservice.coverage.network import REACH_DBM, Network
from geoservice.radio.power import milliwatt

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

QUIET_DB = 0.01
# The kernels rank in float32: levels this close may rank either way.
TIE_DB = 0.02
_SILENT_DBM = -300.0


def affected_places(
    base: Network,
    changed: Network,
    touched: NDArray[np.int64],
    alive: Flags,
    places: Places,
    present: Quality,
    window_db: float,
) -> NDArray[np.int64]:
    """Positions of the places that the change of rows ``touched`` can alter, ascending.

    Parameters
    ----------
    base, changed : the network before and after; new cells stand at the end of ``changed``.
    alive : rows of ``changed`` that still radiate.
    present : quality of ``places`` in ``base``.
    window_db : overlap window.
    """
    hit = np.zeros(len(places.hexes), bool)
    for row in touched:
        near = _near(places, base, changed, row)
        spot = places.take(near)
        after = _level(changed, row, spot) if alive[row] else np.full(len(near), _SILENT_DBM)
        before = _level(base, row, spot) if row < len(base.reach_m) else np.full(len(near), _SILENT_DBM)
        hit[near[_altered(base, changed, row, before, after, present.take(near), window_db)]] = True
        if changed.cells.indoor[row]:
            hit |= places.hexes == _own_hex(changed, row, places)
    return np.flatnonzero(hit)


def _altered(
    base: Network, changed: Network, row: int, before: Floats, after: Floats, present: Quality, window_db: float
) -> Flags:
    """Whether one cell's change from level ``before`` to ``after`` shows, per place."""
    # Where the best is not above the floor its own level was cut off: anything that moves may show.
    best = np.where((present.best >= 0) & (present.rsrp_dbm > REACH_DBM), present.rsrp_dbm, -np.inf)
    loudest = np.maximum(before, after)
    carrier = np.where(present.best >= 0, base.channel[np.maximum(present.best, 0)], -1)
    old = before if row < len(base.channel) else np.full_like(before, _SILENT_DBM)
    shared_before = (carrier == base.channel[row]) if row < len(base.channel) else np.zeros(len(best), bool)
    shared_after = carrier == changed.channel[row]
    counted = np.maximum(np.where(shared_before, old, _SILENT_DBM), np.where(shared_after, after, _SILENT_DBM))
    second = best - np.nan_to_num(present.dominance_db, nan=np.inf)
    power = _power(base, row, old, shared_before), _power(changed, row, after, shared_after)
    unwanted = milliwatt(best - np.nan_to_num(present.sinr_db, nan=np.inf))
    moves = np.abs(power[1] - power[0]) > (10 ** (QUIET_DB / 10) - 1) * unwanted
    ranks = (loudest >= best - TIE_DB) | (counted >= np.minimum(best - window_db, second) - TIE_DB)
    moved = (before != after) | (shared_before != shared_after)
    return moved & (ranks | moves)


def _power(network: Network, row: int, level: Floats, shared: Flags) -> Floats:
    """Interference of a cell on the serving carrier, mW."""
    load = network.cells.load[row] if row < len(network.cells.load) else 0.0
    return np.where(shared, load * milliwatt(level), 0.0)


def _near(places: Places, base: Network, changed: Network, row: int) -> NDArray[np.int64]:
    """Positions of the places of all blocks for which a cell is a candidate, before or after."""
    reached = places.reached(changed.vectors[row], float(changed.reach_m[row]))
    if row < len(base.reach_m):
        reached = reached | places.reached(base.vectors[row], float(base.reach_m[row]))
    parts = [places.blocks[number].rows for number in np.flatnonzero(reached).tolist()]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _level(network: Network, row: int, places: Places) -> Floats:
    return pair_links(network, np.full(len(places.hexes), row), places).level_dbm


def _own_hex(network: Network, row: int, places: Places) -> int:
    if not len(places.hexes):
        return -1
    resolution = int(grid.resolutions(places.hexes[:1])[0])
    return int(grid.to_hex(network.cells.lat[row], network.cells.lon[row], resolution)[0])
