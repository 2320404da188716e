"""What-if: the network with a few cells changed, recomputed only where that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage import network as net
from geoservice.coverage.affected import affected_places
from geoservice.coverage.blocks import ChangedCandidates, Places
from geoservice.coverage.budget import Quality, names
from geoservice.coverage.columns import Columns
from geoservice.coverage.network import Network
from geoservice.coverage.parameters import Antennas
from geoservice.errors import InputError
from geoservice.geodesy import EARTH_RADIUS_M
from geoservice.records import CellChange
from geoservice.tables import WHAT_IF, empty

if TYPE_CHECKING:
    from geoservice.coverage.engine import Coverage

Floats = NDArray[np.float64]

CHANGEABLE = (
    "azimuth_deg", "elec_tilt_deg", "mech_tilt_deg", "rs_power_dbm", "height_m", "gain_dbi", "hbw_deg", "vbw_deg",
    "frequency_mhz", "lat", "lon",
)  # fmt: skip


def what_if(coverage: Coverage, changes: Sequence[CellChange], customers: pd.DataFrame) -> pd.DataFrame:
    """Table ``what_if`` of the hexes of ``customers`` that ``changes`` affect."""
    network = coverage.network
    changed, touched, alive = changed_network(coverage, changes)
    everywhere = coverage.places(customers["hex"].to_numpy())
    present = coverage.quality(everywhere)
    affected = affected_places(network, changed, touched, alive, everywhere, present, coverage.config["overlap_window"])
    if not len(affected):
        return empty(WHAT_IF)
    before = present.take(affected)
    after = coverage.quality_of(
        everywhere, affected, changed, ChangedCandidates(coverage.candidates, changed, touched, alive)
    )
    amount = customers["customers"].to_numpy(dtype="float64", na_value=0.0)[affected]
    return _frame(before, network, after, changed, amount)


def unchanged(coverage: Coverage, places: Places, rows: NDArray[np.int64], customers: Floats) -> pd.DataFrame:
    """Table ``what_if`` of the positions ``rows`` of ``places``, where nothing changes by the prediction."""
    now = coverage.quality(places).take(rows)
    return _frame(now, coverage.network, now, coverage.network, customers)


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


def _changed_rows(coverage: Coverage, changes: Sequence[CellChange]) -> tuple[Columns, NDArray[np.object_]]:
    """Radio columns of the changed and new cells after the changes, with the environment each stands in."""
    off = {change.cgi for change in changes if _is_off(change)}
    edited = [cgi for cgi in dict.fromkeys(c.cgi for c in changes if c.field != "new") if cgi not in off]
    rows = coverage.cell_rows(edited)
    position = {cgi: row for row, cgi in enumerate(edited)}
    for change in changes:
        if change.cgi in position:
            rows = _applied(rows, position[change.cgi], change)
    rows = with_new(rows, changes)
    return rows, surroundings(coverage.network, rows)


def _applied(rows: Columns, row: int, change: CellChange) -> Columns:
    if change.field == "status":
        return rows.changed("status", row, "active")
    if change.field not in CHANGEABLE or not isinstance(change.value, int | float):
        raise InputError(
            f"cell {change.cgi}: {change.field} = {change.value!r} cannot be tried; "
            f"use a number for one of {', '.join(CHANGEABLE)}, status off, or new",
            field="changes",
        )
    return rows.changed(change.field, row, float(change.value))


def with_new(rows: Columns, changes: Sequence[CellChange]) -> Columns:
    """``rows`` with the new cells of ``changes`` below them, in their order."""
    fresh = [_new_cell(change) for change in changes if change.field == "new"]
    return rows.below(Columns.of_rows(fresh)) if fresh else rows


def _new_cell(change: CellChange) -> dict[str, object]:
    if change.cell is None:
        raise InputError(f"new cell {change.cgi}: the row of the cell is missing", field="changes")
    return {"rat": "LTE", **change.cell, "cgi": change.cgi}


def surroundings(network: Network, cells: Columns) -> NDArray[np.object_]:
    """Environment of known cells as it was, of new ones that of the nearest cell."""
    rows = np.array([network.index.get(str(cgi), -1) for cgi in cells.values["cgi"]], np.int64)
    found = np.full(len(rows), None, dtype=object)
    found[rows >= 0] = network.environment[rows[rows >= 0]]
    if (rows < 0).any():
        fresh = cells.take(rows < 0)
        found[rows < 0] = net.typical_environment(network, fresh.numbers("lat"), fresh.numbers("lon"))
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
        if not fresh.any() and _same(old[rows], new):
            return old  # most columns of most changes: no copy of a column of the whole network
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


def _same(old: NDArray[Any], new: NDArray[Any]) -> bool:
    return bool(np.array_equal(old, new) or (old.dtype.kind == "f" and np.array_equal(old, new, equal_nan=True)))


def _channels(base: Network, part: Network) -> NDArray[np.int64]:
    """Channel numbers of ``part`` in terms of ``base``; unknown carriers get new numbers."""
    known = dict(base.carriers)
    pairs = zip(part.cells.rat, part.channel_mhz, strict=True)
    return np.array([known.setdefault(net.carrier(rat, mhz), len(known)) for rat, mhz in pairs], np.int64)


def _frame(before: Quality, base: Network, after: Quality, changed: Network, customers: Floats) -> pd.DataFrame:
    values: dict[str, Any] = {"hex": before.hexes, "customers": customers}
    pairs = ((before, base, "before"), (after, changed, "after"))
    for name in ("rsrp_{}_dbm", "sinr_{}_db", "dominance_{}_db"):
        field = name.replace("_{}", "")
        values |= {name.format(moment): getattr(found, field) for found, _, moment in pairs}
    values |= {f"overlap_{moment}": found.overlap_count.astype(float) for found, _, moment in pairs}
    values |= {f"best_{moment}": names(network, found.best) for found, network, moment in pairs}
    # The shares well served want the measured ground too: :meth:`Coverage.well_shares`.
    values |= {f"well_{moment}": np.full(len(customers), np.nan) for moment in ("before", "after")}
    # The declared columns and dtypes in their order (tested); checking every answer cost a third of its time.
    return pd.DataFrame(values)
