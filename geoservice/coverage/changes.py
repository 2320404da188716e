"""What-if: the network with a few cells changed, recomputed only where that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage import network as net
from geoservice.coverage.blocks import Places
from geoservice.coverage.budget import Quality, names, pair_links
from geoservice.coverage.network import Network
from geoservice.coverage.parameters import Antennas
from geoservice.coverage.plane import unit_vectors
from geoservice.errors import InputError
from geoservice.geodesy import EARTH_RADIUS_M
from geoservice.records import CellChange
from geoservice.tables import CELLS, WHAT_IF, conform, empty

if TYPE_CHECKING:
    from geoservice.coverage.engine import Coverage

Floats = NDArray[np.float64]

# A changed cell matters where it is heard above −130 dBm (5 dB under the noise) and changes by 0.05 dB.
AUDIBLE_DBM = -130.0
CHANGED_DB = 0.05
CHANGEABLE = (
    "azimuth_deg", "elec_tilt_deg", "mech_tilt_deg", "rs_power_dbm", "height_m", "gain_dbi", "hbw_deg", "vbw_deg",
    "frequency_mhz", "lat", "lon",
)  # fmt: skip


def what_if(coverage: Coverage, changes: Sequence[CellChange], customers: pd.DataFrame) -> pd.DataFrame:
    """Table ``what_if`` of the hexes of ``customers`` that ``changes`` affect."""
    network = coverage.network
    changed, touched, alive = changed_network(coverage, changes)
    everywhere = coverage.places(customers["hex"].to_numpy())
    affected = _affected(network, changed, touched, alive, everywhere)
    if not len(affected):
        return empty(WHAT_IF)
    places = everywhere.take(affected)
    before = coverage.quality(everywhere).take(affected)
    after = coverage.quality(places, changed, coverage.candidates.changed(changed, touched, alive))
    amount = customers["customers"].to_numpy(dtype="float64", na_value=0.0)[affected]
    return _frame(before, network, after, changed, amount)


def changed_network(
    coverage: Coverage, changes: Sequence[CellChange]
) -> tuple[Network, NDArray[np.int64], NDArray[np.bool_]]:
    """The network after the changes, the rows touched, and which rows still radiate."""
    if not changes:
        raise InputError("at least one change is needed", field="changes")
    base = coverage.network
    frame, environments = _changed_rows(coverage, changes)
    if len(frame):
        part = net.rebuild(base, frame, environments, coverage.config["sinr_load"], coverage.calibration)
        changed, touched = _merge(base, part)
    else:
        changed, touched = base, np.empty(0, np.int64)
    alive = np.ones(len(changed.reach_m), bool)
    off = np.array([base.index[c.cgi] for c in changes if _is_off(c) and c.cgi in base.index], np.int64)
    alive[off] = False
    return changed, np.unique(np.r_[touched, off]).astype(np.int64), alive


def _changed_rows(coverage: Coverage, changes: Sequence[CellChange]) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Rows of table ``cells`` after the changes, with the environment each stands in."""
    off = {change.cgi for change in changes if _is_off(change)}
    edited = [cgi for cgi in dict.fromkeys(c.cgi for c in changes if c.field != "new") if cgi not in off]
    frame = coverage.cell_rows(edited).reset_index(drop=True)
    values = {cgi: row for row, cgi in enumerate(edited)}
    for change in changes:
        if change.field != "new" and change.cgi in values:
            _apply(frame, values[change.cgi], change)
    fresh = [_new_cell(change) for change in changes if change.field == "new"]
    frame = pd.concat([frame, *fresh], ignore_index=True) if fresh else frame
    return frame, _surroundings(coverage.network, frame)


def _apply(frame: pd.DataFrame, row: int, change: CellChange) -> None:
    if change.field == "status":
        frame.loc[row, "status"] = "active"
        return
    if change.field not in CHANGEABLE or not isinstance(change.value, int | float):
        raise InputError(
            f"cell {change.cgi}: {change.field} = {change.value!r} cannot be tried; "
            f"use a number for one of {', '.join(CHANGEABLE)}, status off, or new",
            field="changes",
        )
    column = frame[change.field].to_numpy(dtype="float64", na_value=np.nan).copy()
    column[row] = float(change.value)
    frame[change.field] = column


def _new_cell(change: CellChange) -> pd.DataFrame:
    if change.cell is None:
        raise InputError(f"new cell {change.cgi}: the row of the cell is missing", field="changes")
    row = {"rat": "LTE", **change.cell, "cgi": change.cgi}
    return conform(pd.DataFrame([row]), CELLS)


def _surroundings(network: Network, frame: pd.DataFrame) -> NDArray[np.object_]:
    """Environment of known cells as it was, of new ones that of the nearest cell."""
    rows = np.array([network.index.get(str(cgi), -1) for cgi in frame["cgi"]], np.int64)
    found = np.full(len(frame), None, dtype=object)
    found[rows >= 0] = network.environment[rows[rows >= 0]]
    fresh = frame.loc[rows < 0]
    if len(fresh):
        lat, lon = fresh["lat"].to_numpy(dtype=float), fresh["lon"].to_numpy(dtype=float)
        found[rows < 0] = net.typical_environment(network, lat, lon)
    return found


def _is_off(change: CellChange) -> bool:
    return change.field == "status" and change.value != "active"


def _merge(base: Network, part: Network) -> tuple[Network, NDArray[np.int64]]:
    """``base`` with rows of ``part`` in place of theirs, new ones appended."""
    size = len(base.reach_m)
    rows = np.array([base.index.get(str(cgi), -1) for cgi in part.cells.cgi], np.int64)
    fresh = rows < 0
    rows[fresh] = size + np.arange(int(fresh.sum()))

    def put(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        grown = np.concatenate([old, new[fresh]])
        grown[rows] = new
        return grown

    cells = Antennas(
        **{f.name: put(getattr(base.cells, f.name), getattr(part.cells, f.name)) for f in fields(Antennas)}
    )
    arrays = ("environment", "model", "rows", "reach_m", "channel_mhz", "sigma_override_db", "vectors")
    merged = {name: put(getattr(base, name), getattr(part, name)) for name in arrays}
    sites = replace(base.sites, spacing_m=_spacing(base, part, rows, put))
    channel = put(base.channel, _channels(base, part))
    index = base.index if not fresh.any() else {str(cgi): row for row, cgi in enumerate(cells.cgi)}
    return replace(base, cells=cells, sites=sites, channel=channel, index=index, **merged), rows


def _spacing(base: Network, part: Network, rows: NDArray[np.int64], put: Any) -> Floats:
    """Reference distance of the cells: unchanged for old ones, to the nearest other mast for new ones."""
    spacing = part.sites.spacing_m.copy()
    old = rows < len(base.reach_m)
    spacing[old] = base.sites.spacing_m[rows[old]]
    masts = base.sites.vectors
    if len(masts):
        gaps = np.linalg.norm(part.vectors[~old][:, None] - masts[None], axis=2) * EARTH_RADIUS_M
        spacing[~old] = np.where(gaps > net.COSITE_M, gaps, np.inf).min(axis=1)
    return np.asarray(put(base.sites.spacing_m, spacing))


def _channels(base: Network, part: Network) -> NDArray[np.int64]:
    """Channel numbers of ``part`` in terms of ``base``; unknown carriers get new numbers."""
    known = _channel_table(base)
    result = []
    for rat, mhz in zip(part.cells.rat, part.channel_mhz, strict=True):
        result.append(known.setdefault((str(rat), round(float(mhz), 1)), len(known)))
    return np.array(result, np.int64)


def _channel_table(base: Network) -> dict[tuple[str, float], int]:
    number, first = np.unique(base.channel, return_index=True)
    rats, mhz = base.cells.rat[first], base.channel_mhz[first]
    return {(str(r), round(float(f), 1)): int(n) for r, f, n in zip(rats, mhz, number, strict=True)}


def _affected(
    base: Network, changed: Network, touched: NDArray[np.int64], alive: NDArray[np.bool_], places: Places
) -> NDArray[np.int64]:
    """Positions of the places where a touched cell is heard and its level changes."""
    size = len(base.reach_m)
    hit = np.zeros(len(places.hexes), bool)
    for row in touched:
        reach = max(changed.reach_m[row], base.reach_m[row] if row < size else 0.0)
        near = _within(places, changed, row, reach)
        spot = places.take(near)
        after = _level(changed, row, spot) if alive[row] else np.full(len(near), -np.inf)
        before = _level(base, row, spot) if row < size else np.full(len(near), -np.inf)
        heard = np.maximum(before, after) >= AUDIBLE_DBM
        hit[near[heard & (np.abs(np.maximum(before, -150) - np.maximum(after, -150)) > CHANGED_DB)]] = True
        if changed.cells.indoor[row]:
            hit |= places.hexes == _own_hex(changed, row, places)
    return np.flatnonzero(hit)


def _within(places: Places, network: Network, row: int, reach_m: float) -> NDArray[np.int64]:
    """Positions of the places within ``reach_m`` of a cell; a latitude band first, it is cheap."""
    band = np.degrees(reach_m / EARTH_RADIUS_M)
    near = np.flatnonzero(np.abs(places.lat - network.cells.lat[row]) <= band)
    gap = unit_vectors(places.lat[near], places.lon[near]) - network.vectors[row]
    return near[np.einsum("ij,ij->i", gap, gap) <= (reach_m / EARTH_RADIUS_M) ** 2]


def _level(network: Network, row: int, places: Places) -> Floats:
    return pair_links(network, np.full(len(places.hexes), row), places).level_dbm


def _own_hex(network: Network, row: int, places: Places) -> int:
    from geoservice import grid

    if not len(places.hexes):
        return -1
    resolution = int(grid.resolutions(places.hexes[:1])[0])
    return int(grid.to_hex(network.cells.lat[row], network.cells.lon[row], resolution)[0])


def _frame(before: Quality, base: Network, after: Quality, changed: Network, customers: Floats) -> pd.DataFrame:
    values = {"hex": before.hexes, "customers": customers}
    for moment, found in (("before", before), ("after", after)):
        values |= {
            f"rsrp_{moment}_dbm": found.rsrp_dbm,
            f"sinr_{moment}_db": found.sinr_db,
            f"dominance_{moment}_db": found.dominance_db,
            f"overlap_{moment}": found.overlap_count.astype(float),
        }
    frame = pd.DataFrame(values)
    frame["best_before"] = names(base, before.best)
    frame["best_after"] = names(changed, after.best)
    return conform(frame, WHAT_IF)
