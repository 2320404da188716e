"""One import: its writes are kept whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geoservice.records import ImportReport
from geoservice.store import bulk, codec
from geoservice.store.bulk_load import loading
from geoservice.store.ledger import data_version
from geoservice.store.times import now_us
from geoservice.tables import TABLES

MARK = "changed:"


class ImportTransaction:
    """Writes of one import inside one database transaction."""

    def __init__(self, connection: sa.Connection, tables: Any) -> None:
        self._connection = connection
        self._tables = tables
        self._changed: set[str] = set()

    @contextmanager
    def loading(self, *tables: str) -> Iterator[frozenset[str]]:
        """Inside, many rows may be written quickly; answers which of ``tables`` were empty."""
        with loading(self._connection, [self._tables[name] for name in tables]) as empty:
            yield empty

    def upsert(self, table: str, frame: pd.DataFrame) -> int:
        """Write rows; how many were new or different."""
        return 0 if frame.empty else self.upsert_rows(table, bulk.rows_of(frame, TABLES[table]))

    def upsert_one(self, table: str, values: Mapping[str, Any]) -> int:
        """:meth:`upsert` for one row of plain values, without a frame; 1 if it was new or different."""
        return self.upsert_rows(table, bulk.row_of(values, TABLES[table]))

    def upsert_rows(self, table: str, rows: bulk.Rows) -> int:
        """Write rows made ready by :func:`geoservice.store.bulk.rows_of`; how many were new or different."""
        written = bulk.upsert(self._connection, self._tables[table], rows)
        if written:
            self._changed.add(table)
        return written

    def column(self, table: str, name: str) -> sa.Column[Any]:
        """A column to select by."""
        return self._tables[table].c[name]

    def read(self, table: str, columns: Sequence[str], *where: sa.ColumnElement[bool]) -> pd.DataFrame:
        """Rows as this transaction sees them, with the declared dtypes."""
        source = self._tables[table]
        rows = self._connection.execute(sa.select(*(source.c[name] for name in columns)).where(*where)).all()
        return codec.decode(rows, list(columns), TABLES[table])

    def rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """What a query answers inside this transaction."""
        return self._connection.execute(query).all()

    def count(self, table: str) -> int:
        """Rows as this transaction sees them."""
        query = sa.select(sa.func.count()).select_from(self._tables[table])
        return int(self._connection.execute(query).scalar_one())

    def has(self, table: str, column: str, value: Any) -> bool:
        """Whether there is a row with that value."""
        query = sa.select(sa.literal(1)).select_from(self._tables[table]).where(self._tables[table].c[column] == value)
        return self._connection.execute(query.limit(1)).first() is not None

    def clear(self, table: str) -> None:
        """Delete every row."""
        self._changed.add(table)
        self._connection.execute(self._tables[table].delete())

    def delete_in(self, table: str, column: str, values: Sequence[Any]) -> None:
        """Delete the rows whose ``column`` is among ``values`` (in bounded batches)."""
        self._changed.add(table)
        target = self._tables[table]
        for start in range(0, len(values), 500):
            batch = list(values[start : start + 500])
            self._connection.execute(target.delete().where(target.c[column].in_(batch)))

    def record(self, report: ImportReport, sha256: str, options: str, import_id: str) -> None:
        """Enter the import in the ledger; the data version grows when something changed."""
        row = asdict(report)
        fields = ("table", "file", "read", "taken", "rejected", "duplicates", "rejects_file")
        self._connection.execute(
            self._tables["imports"]
            .insert()
            .values(
                import_id=import_id,
                sha256=sha256,
                options=options,
                notes=codec.dump(list(report.notes)),
                at=now_us(),
                **{name: row[name] for name in fields},
            )
        )
        if report.taken:
            self.touch()

    def single(self, complaint_id: str) -> None:
        """What was written is one new complaint with its fixes, no change in bulk."""
        self._changed -= {"complaints", "fixes"}
        singles = self._tables["singles"]
        newest = self._connection.execute(sa.select(sa.func.max(singles.c.number))).scalar()
        self._connection.execute(singles.insert().values(number=int(newest or 0) + 1, complaint_id=complaint_id))

    def mark(self) -> None:
        """Note which tables were changed, so that what is kept of them in memory is read again."""
        meta, now = self._tables["meta"], str(now_us())
        for name in sorted(self._changed):
            self._connection.execute(meta.delete().where(meta.c.key == MARK + name))
            self._connection.execute(meta.insert().values(key=MARK + name, value=now))

    def touch(self) -> None:
        """Let the data version grow."""
        meta = self._tables["meta"]
        version = data_version(self._connection, meta) + 1
        self._connection.execute(meta.delete().where(meta.c.key == "data_version"))
        self._connection.execute(meta.insert().values(key="data_version", value=str(version)))
