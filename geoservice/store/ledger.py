"""The small ledgers beside the tables: the data version and the events."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa

from geoservice.store import codec
from geoservice.store.times import now_us


def data_version(connection: sa.Connection, meta: sa.Table) -> int:
    """Grows by one with every import that changed something."""
    return int(connection.execute(sa.select(meta.c.value).where(meta.c.key == "data_version")).scalar() or 0)


def record_event(connection: sa.Connection, events: sa.Table, subject: str, kind: str, detail: dict[str, Any]) -> None:
    """Append to the events of a subject."""
    row = {
        "event_id": uuid.uuid4().hex,
        "subject": subject,
        "kind": kind,
        "at": now_us(),
        "detail": codec.dump(detail),
    }
    connection.execute(events.insert().values(**row))
