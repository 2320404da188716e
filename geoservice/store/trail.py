"""The audit log as rows; each carries the hash of itself and of the row before: none can be changed unseen."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from geoservice.store.database import Database
from geoservice.store.times import from_us, to_us

GENESIS = "0" * 64
_FIELDS = ("at", "actor", "role", "via", "address", "action", "subject", "detail")
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was read or changed; ``subject`` is an id, never a name, number or text."""

    seq: int
    at: datetime
    actor: str
    role: str
    via: str
    address: str | None
    action: str
    subject: str | None
    detail: dict[str, Any]
    hash: str


class Trail:
    """Appends to the log and reads it.

    Parameters
    ----------
    registry : where the log is kept.
    key : secret under which rows are hashed; who can write to the database cannot forge a chain without it.
    after : called with number and hash of each row once it is committed.
    """

    def __init__(self, registry: Database, key: bytes, after: Callable[[int, str], None]) -> None:
        self._registry = registry
        self._key = key
        self._after = after
        self._table = registry.metadata.tables["audit"]

    def append(self, now: datetime, actor: str, role: str, via: str, address: str | None, action: str,
               subject: str | None, detail: dict[str, Any]) -> int:  # fmt: skip
        """Add a row; its number. Two writers never continue from the same row."""
        text = orjson.dumps(detail, option=orjson.OPT_SORT_KEYS, default=str).decode()
        row: dict[str, Any] = dict(
            zip(_FIELDS, (to_us(now), actor, role, via, address, action, subject, text), strict=True)
        )
        with self._registry.writing() as connection:
            if not self._registry.is_sqlite:
                # SQLite has one writer anyway; here the table itself is the queue.
                connection.exec_driver_sql("LOCK TABLE audit IN EXCLUSIVE MODE")
            seq, before = self._head(connection)
            row |= {"seq": seq + 1, "hash": self._hash(seq + 1, before, row)}
            connection.execute(self._table.insert().values(**row))
        self._after(seq + 1, row["hash"])
        return seq + 1

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest row; 0 and zeros when there is none."""
        with self._registry.reading() as connection:
            return self._head(connection)

    def entries(self, limit: int, before: int | None = None, **equal: str) -> list[Entry]:
        """Newest first; ``equal`` filters by actor, action or subject."""
        table = self._table
        where = [table.c[name] == value for name, value in equal.items()]
        if before is not None:
            where.append(table.c.seq < before)
        query = sa.select(table).where(*where).order_by(table.c.seq.desc()).limit(limit)
        with self._registry.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def broken_at(self, known: tuple[int, str] | None) -> tuple[int, int, str | None]:
        """Walk the chain: how many rows, the first bad number (0 when all is well), and what is wrong.

        ``known`` is a number and hash noted elsewhere: the row must still be there, with that hash.
        """
        count, before, met = 0, GENESIS, known is None or known[0] == 0
        for row in self._all():
            count += 1
            if row["seq"] != count:
                return count, count, "a row is missing"
            if not hmac.compare_digest(row["hash"], self._hash(count, before, row)):
                return count, count, "a row was changed"
            before = row["hash"]
            if known is not None and known[0] == count:
                if not hmac.compare_digest(known[1], before):
                    return count, count, "the rows up to here were replaced"
                met = True
        return (count, 0, None) if met else (count, count + 1, "rows were cut off at the end")

    def _all(self) -> Iterator[sa.RowMapping]:
        after = 0
        while True:
            query = sa.select(self._table).where(self._table.c.seq > after).order_by(self._table.c.seq).limit(_BATCH)
            with self._registry.reading() as connection:
                rows = connection.execute(query).mappings().all()
            if not rows:
                return
            yield from rows
            after = rows[-1]["seq"]

    def _head(self, connection: sa.Connection) -> tuple[int, str]:
        query = sa.select(self._table.c.seq, self._table.c.hash).order_by(self._table.c.seq.desc()).limit(1)
        found = connection.execute(query).first()
        return (int(found[0]), str(found[1])) if found else (0, GENESIS)

    def _hash(self, seq: int, before: str, row: Any) -> str:
        content = orjson.dumps([seq, before, *(row[name] for name in _FIELDS)])
        return hmac.digest(self._key, content, "sha256").hex()


def _entry(row: sa.RowMapping) -> Entry:
    at = from_us(row["at"])
    assert at is not None  # noqa: S101 - the column is always written
    values = {name: row[name] for name in ("seq", "actor", "role", "via", "address", "action", "subject", "hash")}
    return Entry(at=at, detail=orjson.loads(row["detail"]), **values)
