"""What-if: new sites as cells, and the answer with before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoservice import grid, siting
from geoservice.config import Config
from geoservice.errors import InputError
from geoservice.radio.benefit import Hexes, effect, served_shares
from geoservice.records import CellChange
from geoservice.service.plain import plain, records
from geoservice.tables import WHAT_IF


@dataclass(frozen=True, slots=True)
class SiteToTry:
    """A site somebody wants to try: WGS-84 degrees, type, height above ground, azimuths."""

    lat: float
    lon: float
    type: str = "macro"
    height_m: float | None = None
    azimuths: tuple[float, ...] = ()


def site_from_text(text: str) -> SiteToTry:
    """``LAT,LON[,TYPE[,HEIGHT_M]]`` as typed on a command line.

    >>> site_from_text("30.1,104.2,micro")
    SiteToTry(lat=30.1, lon=104.2, type='micro', height_m=None, azimuths=())
    """
    parts = [part.strip() for part in text.split(",")]
    try:
        if not 2 <= len(parts) <= 4:
            raise ValueError
        lat, lon = float(parts[0]), float(parts[1])
        height = float(parts[3]) if len(parts) > 3 else None
    except ValueError:
        raise InputError(f"site {text!r} is not of the form LAT,LON[,TYPE[,HEIGHT_M]]", field="site") from None
    return SiteToTry(lat, lon, parts[2] if len(parts) > 2 else "macro", height)


def changes_of(sites: Sequence[SiteToTry], cells: pd.DataFrame) -> list[CellChange]:
    """The cells of new sites, each on its neighbours' carrier.

    Raises
    ------
    InputError
        A position outside the world, a height nobody builds, or an unknown type.
    """
    found: list[CellChange] = []
    for number, site in enumerate(sites, start=1):
        grid.check_coordinates(np.array([site.lat]), np.array([site.lon]))
        if site.height_m is not None and not 1 <= site.height_m <= 150:
            raise InputError(f"height {site.height_m:g} m: sites stand 1 to 150 m high", field="height_m")
        name = f"NEW-SITE-{number}"
        found += siting.site_cells(site.lat, site.lon, site.type, cells, name, site.height_m, site.azimuths)
    return found


def answer(
    frame: pd.DataFrame, changes: Sequence[CellChange], config: Config, near: Hexes | None = None
) -> dict[str, Any]:
    """Customers gained and lost, and every touched hex before and after.

    All counts are those of work orders and requests (:mod:`geoservice.radio.benefit`): gained less lost is net,
    and the newly overlapped are among the lost.

    Parameters
    ----------
    near : hexes whose gain counts, all when not given.
    """
    found = effect(frame, config, near)
    return {
        "customers_gained": plain(found.gain),
        "customers_lost": plain(found.harm),
        "customers_newly_overlapped": plain(_newly_overlapped(frame, config)),
        "customers_net": plain(found.net),
        "new_cells": [plain_cell(change) for change in changes if change.cell is not None],
        "hexes": _told(frame),
    }


def _told(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Every hex before and after, as JSON values."""
    names = grid.hex_to_text(frame["hex"].to_numpy(np.int64)) if len(frame) else []
    return [{**row, "hex": name} for row, name in zip(records(frame, WHAT_IF), names, strict=True)]


def _newly_overlapped(frame: pd.DataFrame, config: Config) -> float:
    """Customers who lose good service though their level stays: more cells overlap than should."""
    customers = np.nan_to_num(frame["customers"].to_numpy("float64", na_value=0.0))
    before, after = served_shares(frame, config)
    level = frame["rsrp_after_dbm"].to_numpy("float64", na_value=np.nan) >= config["rsrp_weak"]
    return float((customers * np.maximum(before - after, 0.0))[level].sum())


def plain_cell(change: CellChange) -> dict[str, Any]:
    """A cell that was tried, with what is known of it."""
    cell = {name: plain(value) for name, value in (change.cell or {}).items()}
    return {name: value for name, value in cell.items() if value is not None}
