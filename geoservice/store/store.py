"""Tables and queries: what the pipeline writes and the service reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geoservice.store import codec
from geoservice.store.database import DEFAULT_URL
from geoservice.store.decisions import Decisions
from geoservice.store.ledger import data_version
from geoservice.store.runs import Run, Runs, newest_done, to_run
from geoservice.store.times import to_us
from geoservice.store.transaction import MARK, ImportTransaction
from geoservice.tables import TABLES

SEEN_WITHIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Glance:
    """The state of the database at a moment (monotonic seconds): marks of tables, newest single complaint, run."""

    at: float
    writes: int
    marks: dict[str, str]
    newest_single: int
    run: Run | None


class Store(Runs, Decisions):
    """All reads and writes of one deployment.

    Parameters
    ----------
    url : ``sqlite:///FOLDER/FILE.db`` or ``postgresql://…``.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        super().__init__(url)
        self._seen: Glance | None = None
        # Counts our own writes: a glance that began before one of them does not know of it.
        self._writes = 0

    @contextmanager
    def importing(self, wait_s: float | None = None) -> Iterator[ImportTransaction]:
        """One import: kept whole or not at all; ``wait_s`` is how long another writer is waited for."""
        with self.database.writing(wait_s) as connection:
            transaction = ImportTransaction(connection, self._tables)
            yield transaction
            transaction.mark()
        self._writes += 1

    def upsert(self, table: str, frame: pd.DataFrame) -> int:
        """Write rows in a transaction of their own; the number that were new or different."""
        with self.importing() as transaction:
            return transaction.upsert(table, frame)

    def complaints_at(self, place_hexes: Sequence[int], since: datetime, until: datetime) -> pd.DataFrame:
        """Complaints whose likeliest fix lies in one of the place hexes, accepted in the period."""
        complaints, fixes = self._tables["complaints"], self._tables["fixes"]
        names = ("complaint_id", "ticket_no", "customer_key", "accepted_at", "class", "status", "result")
        query = (
            sa.select(*(complaints.c[name] for name in names), fixes.c.lat, fixes.c.lon)
            .join(fixes, fixes.c.complaint_id == complaints.c.complaint_id)
            .where(
                fixes.c.place_hex.in_([int(hex_) for hex_ in place_hexes]),
                fixes.c["rank"] == 0,
                complaints.c.accepted_at.between(to_us(since), to_us(until)),
            )
        )
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return codec.decode(rows, [*names, "lat", "lon"], TABLES["complaints"])

    def data_version(self) -> int:
        """Grows by one with every import that changed something."""
        with self.database.reading() as connection:
            return data_version(connection, self._tables["meta"])

    def changed(self, *tables: str) -> str:
        """A text that differs whenever one of these tables was changed by an import or an analysis.

        What other processes change is seen within :data:`SEEN_WITHIN_S`: one look-up asks several times.
        """
        marks = self._glance().marks
        return " ".join(marks.get(MARK + name, "") for name in tables)

    def contacts_state(self) -> tuple[str, int]:
        """When complaints or their places were last changed in bulk, and the number of the last single one."""
        return self.changed("complaints", "fixes"), self._glance().newest_single

    def shown_run(self) -> Run | None:
        """The newest finished run, seen as :meth:`changed` sees the tables."""
        return self._glance().run

    def finish_run(
        self,
        run_id: str,
        results: dict[str, pd.DataFrame],
        summary: dict[str, Any],
        events: pd.DataFrame | None = None,
    ) -> None:
        """Store a run's tables and mark it done (see :meth:`Runs.finish_run`); seen here at once."""
        super().finish_run(run_id, results, summary, events)
        self._writes += 1

    def _glance(self) -> Glance:
        """What tells whether anything kept in memory is out of date: one short reading for many questions."""
        now, writes, seen = monotonic(), self._writes, self._seen
        if seen is None or seen.writes != writes or now - seen.at > SEEN_WITHIN_S:
            seen = self._seen = self._look(now, writes)
        return seen

    def _look(self, now: float, writes: int) -> Glance:
        meta, singles, runs = (self._tables[name] for name in ("meta", "singles", "runs"))
        marks = sa.select(meta.c.key, meta.c.value).where(meta.c.key.startswith(MARK, autoescape=True))
        with self.database.reading() as connection:
            found = {row[0]: row[1] for row in connection.execute(marks)}
            newest = connection.execute(sa.select(sa.func.max(singles.c.number))).scalar()
            run = connection.execute(newest_done(runs)).mappings().first()
        return Glance(now, writes, found, int(newest or 0), to_run(dict(run)) if run else None)

    def find_import(self, table: str, sha256: str, options: str) -> dict[str, Any] | None:
        """The earlier import of the same bytes into the same table with the same options, if what it brought stands.

        It does not when another import changed the table since.
        """
        imports = self._tables["imports"]
        mine = (imports.c.table == table, imports.c.sha256 == sha256, imports.c.options == options)
        newest = sa.select(sa.func.max(imports.c.at)).where(imports.c.table == table, imports.c.taken > 0)
        query = sa.select(imports).where(*mine).order_by(imports.c.at.desc()).limit(1)
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
            changed_at = connection.execute(newest).scalar()
        return None if row is None or row["at"] < (changed_at or 0) else dict(row)

    def imports(self) -> list[dict[str, Any]]:
        """Every import, newest first."""
        table = self._tables["imports"]
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.at.desc())).mappings()]
