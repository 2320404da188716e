"""Tables and queries: what the pipeline writes and the service reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geoservice.store import codec
from geoservice.store.database import DEFAULT_URL
from geoservice.store.decisions import Decisions
from geoservice.store.ledger import data_version
from geoservice.store.runs import Runs
from geoservice.store.times import to_us
from geoservice.store.transaction import MARK, ImportTransaction
from geoservice.tables import TABLES

SEEN_WITHIN_S = 0.1


class Store(Runs, Decisions):
    """All reads and writes of one deployment.

    Parameters
    ----------
    url : ``sqlite:///FOLDER/FILE.db`` or ``postgresql://…``.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        super().__init__(url)
        self._seen: tuple[float, dict[str, str]] | None = None

    @contextmanager
    def importing(self) -> Iterator[ImportTransaction]:
        """One import: kept whole or not at all."""
        with self.database.writing() as connection:
            transaction = ImportTransaction(connection, self._tables)
            yield transaction
            transaction.mark()
        self._seen = None

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
        now, seen = monotonic(), self._seen
        if seen is None or now - seen[0] > SEEN_WITHIN_S:
            meta = self._tables["meta"]
            query = sa.select(meta.c.key, meta.c.value).where(meta.c.key.startswith(MARK, autoescape=True))
            with self.database.reading() as connection:
                seen = (now, {row[0]: row[1] for row in connection.execute(query)})
            self._seen = seen
        return " ".join(seen[1].get(MARK + name, "") for name in tables)

    def contacts_state(self) -> tuple[str, int]:
        """When complaints or their places were last changed in bulk, and the number of the last single one."""
        singles = self._tables["singles"]
        with self.database.reading() as connection:
            newest = connection.execute(sa.select(sa.func.max(singles.c.number))).scalar()
        return self.changed("complaints", "fixes"), int(newest or 0)

    def find_import(self, table: str, sha256: str, options: str) -> dict[str, Any] | None:
        """The earlier import of the same bytes into the same table with the same options, if any."""
        imports = self._tables["imports"]
        query = sa.select(imports).where(
            imports.c.table == table, imports.c.sha256 == sha256, imports.c.options == options
        )
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return dict(row) if row else None

    def imports(self) -> list[dict[str, Any]]:
        """Every import, newest first."""
        table = self._tables["imports"]
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.at.desc())).mappings()]
