"""Coordinates that many different places share are centroids, whichever files the complaints came in (decision 0030).

Where a complaint is depends on what all stored complaints name at its coordinates. A chunk of a file knows its own
rows only, so after everything is written the coordinates it touched are looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from geoservice import locate
from geoservice.pipeline.locating import WHERE, fixes_of
from geoservice.store import ImportTransaction

Keys = NDArray[np.int64]

_HALF_A_STEP = 0.5e-6  # degrees: keys of points are rounded to the sixth decimal
_MANY = 2_000  # points from which the database counts all of them at once
_SHOWN = ("complaint_id", "lat", "lon", "place_text")


def keys_of(complaints: pd.DataFrame) -> Keys:
    """Keys of the coordinates of complaints that name a place."""
    lat, lon = complaints["lat"].to_numpy(float), complaints["lon"].to_numpy(float)
    named = np.isfinite(lat) & np.isfinite(lon) & complaints["place_text"].notna().to_numpy(bool)
    return locate.point_keys(lat[named], lon[named])


def settle(
    transaction: ImportTransaction,
    locator: locate.Locator,
    touched: Sequence[Keys],
    *,
    first: bool = False,
    only: str | None = None,
) -> int:
    """Give complaints at shared coordinates the fixes that all stored names call for; how many were located again.

    Parameters
    ----------
    touched : keys of the coordinates that were written, a key for each complaint.
    first : whether no other complaints were there before.
    only : the one complaint that was written; others at its coordinates are left alone unless it changes what
        the coordinates stand for.
    """
    rows = _at(transaction, _candidates(transaction, touched, first))
    if rows.empty:
        return 0
    names = _names(rows)
    again = names >= locate.LEAST_NAMES
    if only is not None and again.any():
        new = (rows["complaint_id"] == only).to_numpy(bool)
        before = np.zeros(len(rows), np.int64)
        before[~new] = _names(rows[~new])
        again &= new | (locate.rank_of(names) != locate.rank_of(before))
    if not again.any():
        return 0
    counted = pd.Series(names[again], rows.loc[again, "complaint_id"].to_numpy(object))
    _locate_again(transaction, locator, counted)
    return len(counted)


def _locate_again(transaction: ImportTransaction, locator: locate.Locator, names: pd.Series) -> None:
    """Fixes of complaints (index) anew, with the number of names at the coordinates of each."""
    ids = names.index.tolist()
    column = transaction.column("complaints", "complaint_id")
    parts = [transaction.read("complaints", WHERE, column.in_(ids[at : at + 500])) for at in range(0, len(ids), 500)]
    complaints = pd.concat(parts, ignore_index=True)
    told = names.reindex(complaints["complaint_id"].to_numpy(object)).to_numpy(np.int64)
    transaction.delete_in("fixes", "complaint_id", ids)
    transaction.upsert("fixes", fixes_of(locator, complaints, told))


def _names(rows: pd.DataFrame) -> Keys:
    return locate.names_at_point(rows["lat"].to_numpy(float), rows["lon"].to_numpy(float), rows["place_text"])


def _candidates(transaction: ImportTransaction, touched: Sequence[Keys], first: bool) -> Keys:
    """Those of the touched coordinates that may be shared by enough names."""
    keys, times = np.unique(np.concatenate([np.empty(0, np.int64), *touched]), return_counts=True)
    if first:
        return keys[times >= locate.LEAST_NAMES]
    return keys if len(keys) <= _MANY else np.intersect1d(keys, _often(transaction))


def _often(transaction: ImportTransaction) -> Keys:
    """Keys of all stored coordinates at which at least as many complaints name a place as make a centroid."""
    lat, lon, place = (transaction.column("complaints", name) for name in ("lat", "lon", "place_text"))
    # Written out: PostgreSQL takes a parameter in the list and one in GROUP BY for two different expressions.
    parts = [sa.func.round(column * sa.literal_column("1000000.0")) for column in (lat, lon)]
    query = sa.select(*parts).where(lat.is_not(None), lon.is_not(None), place.is_not(None))
    query = query.group_by(*parts).having(sa.func.count() >= locate.LEAST_NAMES)
    found = np.array(transaction.rows(query), float).reshape(-1, 2)
    return locate.point_keys(found[:, 0] / 1e6, found[:, 1] / 1e6)


def _at(transaction: ImportTransaction, keys: Keys) -> pd.DataFrame:
    """The stored complaints that name a place at those of these coordinates that have enough of them."""
    lat, lon, place = (transaction.column("complaints", name) for name in ("lat", "lon", "place_text"))
    shown = sa.select(*(transaction.column("complaints", name) for name in _SHOWN)).where(place.is_not(None))
    rows: list[Any] = []
    for north, east in zip(*(part.tolist() for part in locate.points_of_keys(keys)), strict=True):
        here = [column.between(at - _HALF_A_STEP, at + _HALF_A_STEP) for column, at in ((lat, north), (lon, east))]
        found = transaction.rows(shown.where(*here))
        if len(found) >= locate.LEAST_NAMES:
            rows += found
    return pd.DataFrame([tuple(row) for row in rows], columns=list(_SHOWN))
