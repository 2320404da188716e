"""The ledger of requests that may be sent twice: which key was used, for what, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

import sqlalchemy as sa

from geoservice.store.database import QUICK_WAIT_S, Database
from geoservice.store.times import from_us, to_us

# Who retries does so within days; older keys are free again.
KEPT = timedelta(days=7)
# A request that has been under way for so long died with its process; the next one may take its place.
TAKEN_OVER_AFTER = timedelta(seconds=60)


class Standing(Enum):
    """What a key stands for."""

    OURS = "ours"  # new, or left behind by a process that died: carry the request out
    DONE = "done"
    BUSY = "busy"
    OTHER = "other"  # used for another request


@dataclass(frozen=True, slots=True)
class Claim:
    """A key as it was found.

    ``first_at`` is when it was first seen: a request that is carried out again must mean the same moment.
    ``created`` and ``subject`` say what became of it when it is done.
    """

    standing: Standing
    first_at: datetime
    subject: str | None = None
    created: bool = False


def claim(database: Database, key: str, fingerprint: str, now: datetime | None = None) -> Claim:
    """Take a key for a request, or say why it cannot be taken.

    Parameters
    ----------
    key : who asks and the key they sent, already hashed.
    fingerprint : hash of the request's content.
    """
    table = database.metadata.tables["repeats"]
    moment = now or datetime.now(UTC)
    try:
        with database.writing(QUICK_WAIT_S) as connection:
            connection.execute(table.delete().where(table.c.first_at < to_us(moment - KEPT)))
            row = connection.execute(sa.select(table).where(table.c.key == key)).mappings().first()
            if row is None:
                at = to_us(moment)
                values = {"key": key, "fingerprint": fingerprint, "first_at": at, "claimed_at": at}
                connection.execute(table.insert().values(**values))
                return Claim(Standing.OURS, moment)
            found = _found(row, fingerprint, moment)
            if found.standing is Standing.OURS:
                connection.execute(table.update().where(table.c.key == key).values(claimed_at=to_us(moment)))
            return found
    except sa.exc.IntegrityError:
        # PostgreSQL: someone else inserted the same key between our look and our insert.
        return Claim(Standing.BUSY, moment)


def finish(database: Database, key: str, subject: str, *, created: bool) -> None:
    """Record what became of the request."""
    table = database.metadata.tables["repeats"]
    with database.writing(QUICK_WAIT_S) as connection:
        connection.execute(table.update().where(table.c.key == key).values(subject=subject, created=int(created)))


def release(database: Database, key: str) -> None:
    """Nothing was stored: the key is free for another try."""
    table = database.metadata.tables["repeats"]
    with database.writing(QUICK_WAIT_S) as connection:
        connection.execute(table.delete().where(table.c.key == key, table.c.subject.is_(None)))


def _found(row: sa.RowMapping, fingerprint: str, now: datetime) -> Claim:
    first_at = from_us(row["first_at"]) or now
    if row["fingerprint"] != fingerprint:
        return Claim(Standing.OTHER, first_at)
    if row["subject"] is not None:
        return Claim(Standing.DONE, first_at, row["subject"], bool(row["created"]))
    busy = row["claimed_at"] > to_us(now - TAKEN_OVER_AFTER)
    return Claim(Standing.BUSY if busy else Standing.OURS, first_at)
