"""Radio cells by page, straight from the database: there are too many to read whole for each page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geoservice.service.hex_view import Window
from geoservice.store import Store


def count_cells(store: Store, windows: Sequence[Window], filters: Mapping[str, Any]) -> int:
    """How many cells match."""
    return store.count("cells", _conditions(store, windows, filters))


def cell_rows(
    store: Store, windows: Sequence[Window], filters: Mapping[str, Any], limit: int, offset: int
) -> pd.DataFrame:
    """Matching cells in the order of their keys."""
    where = _conditions(store, windows, filters)
    return store.read("cells", where=where, order=[store.column("cells", "cgi")], limit=limit, offset=offset)


def cell_extent(store: Store) -> list[float] | None:
    """West, south, east, north of all cells, None when there are none."""
    lat, lon = store.column("cells", "lat"), store.column("cells", "lon")
    query = sa.select(sa.func.min(lon), sa.func.min(lat), sa.func.max(lon), sa.func.max(lat))
    with store.database.reading() as connection:
        found = connection.execute(query).one()
    return None if found[0] is None else [float(value) for value in found]


def _conditions(
    store: Store, windows: Sequence[Window], filters: Mapping[str, Any]
) -> tuple[sa.ColumnElement[bool], ...]:
    equal = [store.column("cells", name) == _stored(value) for name, value in filters.items()]
    if not windows:
        return tuple(equal)
    lat, lon = store.column("cells", "lat"), store.column("cells", "lon")
    inside = [sa.and_(lat.between(w.south, w.north), lon.between(w.west, w.east)) for w in windows]
    return (*equal, sa.or_(*inside))


def _stored(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
