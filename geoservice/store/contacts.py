"""Located complaints as plain rows: all of them by the chunk, or those taken one by one since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from geoservice.store.database import Database

Row = tuple[int, float, float, int, str | None, str | None, str | None]
_CHUNK = 50_000


def contact_chunks(database: Database) -> Iterator[list[Row]]:
    """Place hex, lat, lon, time (microseconds), customer key, class and result of every located complaint."""
    with database.engine.connect().execution_options(stream_results=True, max_row_buffer=_CHUNK) as connection:
        result = connection.execute(_query(database))
        while rows := result.fetchmany(_CHUNK):
            yield [tuple(row) for row in rows]


def contacts_after(database: Database, number: int) -> tuple[int, list[Row]]:
    """The same of complaints taken one by one after the one of that number; and the newest number."""
    singles = database.metadata.tables["singles"]
    complaints = database.metadata.tables["complaints"]
    query = _query(database).join(singles, singles.c.complaint_id == complaints.c.complaint_id)
    with database.reading() as connection:
        newest = connection.execute(sa.select(sa.func.max(singles.c.number))).scalar()
        rows = connection.execute(query.where(singles.c.number > number)).all()
    return int(newest or 0), [tuple(row) for row in rows]


def _query(database: Database) -> sa.Select[Any]:
    complaints, fixes = database.metadata.tables["complaints"], database.metadata.tables["fixes"]
    place = (fixes.c.place_hex, fixes.c.lat, fixes.c.lon)
    told = (complaints.c.accepted_at, complaints.c.customer_key, complaints.c["class"], complaints.c.result)
    joined = sa.select(*place, *told).join_from(fixes, complaints, complaints.c.complaint_id == fixes.c.complaint_id)
    return joined.where(fixes.c["rank"] == 0, fixes.c.place_hex.is_not(None))
