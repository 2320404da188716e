"""Complaints to stored fixes, and who still needs one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoservice import grid, locate, tables
from geoservice.config import Config
from geoservice.parsing.masking import mask_keys
from geoservice.parsing.text import arrow, mask_of
from geoservice.records import Progress, silent
from geoservice.store import ImportTransaction, Store

# Stored fixes carry the hex of this resolution (edge about 530 m) so that a place's neighbourhood is one index range.
PLACE_RESOLUTION = 8
_BATCH = 100_000
# Columns of table COMPLAINTS that a locator looks at.
WHERE = ("complaint_id", "lat", "lon", "radius_m", "precision", "indoor", "place_text", "serving_cgi", "ta_m")


class LocatorCache:
    """One locator per state of the gazetteer and cells; building it costs more than using it.

    Parameters
    ----------
    online : an online geocoder the deployment switched on; None asks nobody.
    folder : where its answers are remembered.
    """

    def __init__(self, online: locate.OnlineSettings | None = None, folder: Path | None = None) -> None:
        self.online = online
        self._folder = folder
        self._lock = Lock()
        self._locator: locate.Locator | None = None
        self._state: str | None = None

    def get(self, store: Store, config: Config) -> locate.Locator:
        """The locator for what the store knows now."""
        state = store.changed("gazetteer", "cells")
        with self._lock:
            if self._locator is None or state != self._state:
                self._locator = locate.Locator(
                    store.read("gazetteer"), store.read("cells"), config, self._folder, self.online
                )
                self._state = state
            return self._locator

    def clear(self) -> None:
        """Forget: the places or cells changed."""
        with self._lock:
            self._locator = None


def without_private_cells(locator: locate.Locator, complaints: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Complaints without "cells" that look like somebody's telephone number, and how many there were.

    A cell key may have eleven digits too, so the keys of the cells on file stay.
    """
    keys = complaints["serving_cgi"]
    if keys.isna().all():
        return complaints, 0
    private = ((mask_keys(keys) != keys) & keys.notna()).to_numpy(bool)
    if private.any():
        private = private & ~locator.cells.knows(keys)
    return complaints.assign(serving_cgi=keys.mask(private)), int(private.sum())


def without_private_cell(locator: locate.Locator, complaint: Mapping[str, Any]) -> dict[str, Any]:
    """:func:`without_private_cells` for one complaint as plain values."""
    if complaint.get("serving_cgi") is None:
        return dict(complaint)
    _, private = without_private_cells(locator, to_locate(complaint))
    return {**complaint, "serving_cgi": None} if private else dict(complaint)


def to_locate(complaint: Mapping[str, Any]) -> pd.DataFrame:
    """One complaint as :func:`fixes_of` needs it: the columns that say where, in their declared types."""
    kinds = {name: tables.COMPLAINTS.by_name[name].dtype for name in WHERE}
    return pd.DataFrame(
        {
            name: tables.absent(kind, 1)
            if complaint.get(name) is None
            else pd.array([complaint[name]], dtype=tables.PANDAS_DTYPES[kind])
            for name, kind in kinds.items()
        }
    )


def fixes_of(locator: locate.Locator, complaints: pd.DataFrame, names: NDArray[np.int64] | None = None) -> pd.DataFrame:
    """Fixes with their place hex; a complaint that cannot be located gets one of precision ``none``.

    ``names`` tells how many places are named at each one's coordinates (see :meth:`geoservice.locate.Locator.locate`).
    """
    found = locator.locate(complaints, names)
    # Arrow's own look-up: pandas would turn every id of the chunk into a Python text first.
    known = pc.is_in(arrow(complaints["complaint_id"]), value_set=arrow(found["complaint_id"]))
    is_known = mask_of(known)
    if is_known.all():
        return found.assign(place_hex=_place_hexes(found))
    lost = complaints.loc[~is_known, "complaint_id"]
    nowhere = pd.DataFrame(
        {"complaint_id": lost.to_numpy(), "rank": 0, "precision": "none", "source": "none", "probability": 1.0}
    )
    fixes = tables.concat([found, tables.conform(nowhere, tables.FIXES)], tables.FIXES)
    return fixes.assign(place_hex=_place_hexes(fixes))


def _place_hexes(fixes: pd.DataFrame) -> pd.Series:
    lat, lon = fixes["lat"].to_numpy(float), fixes["lon"].to_numpy(float)
    known = grid.valid_coordinates(lat, lon)
    hexes = np.full(len(fixes), None, object)
    if known.any():
        hexes[known] = grid.to_hex(lat[known], lon[known], PLACE_RESOLUTION)
    return pd.Series(hexes, index=fixes.index)


def forget_fixes(transaction: ImportTransaction) -> None:
    """Drop every stored fix: the next analysis or import locates again with the new places."""
    transaction.clear("fixes")


def locate_pending(store: Store, locators: LocatorCache, config: Config, progress: Progress = silent) -> int:
    """Locate the stored complaints that have no fix yet; how many there were."""
    known = store.read("fixes", ["complaint_id"])["complaint_id"]
    everyone = store.read("complaints", ["complaint_id"])["complaint_id"]
    if everyone.isin(known).all():
        return 0
    complaints = store.read("complaints")
    waiting = ~complaints["complaint_id"].isin(known).to_numpy(bool)
    # What is named at a coordinate is counted over everything stored, whatever is located now and in which batch.
    names = locate.names_at_point(
        complaints["lat"].to_numpy(float), complaints["lon"].to_numpy(float), complaints["place_text"]
    )[waiting]
    pending = complaints[waiting]
    locator = locators.get(store, config)
    for start in range(0, len(pending), _BATCH):
        batch = pending.iloc[start : start + _BATCH]
        store.upsert("fixes", fixes_of(locator, batch, names[start : start + _BATCH]))
        progress(min(1.0, (start + len(batch)) / len(pending)), "locating")
    return len(pending)
