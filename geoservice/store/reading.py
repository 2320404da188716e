"""Reads that every part of the store builds on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geoservice.store import codec
from geoservice.store.database import DEFAULT_URL, Database
from geoservice.store.schema import RUN_TABLES
from geoservice.tables import TABLES


class Reading:
    """Rows of the declared tables.

    Parameters
    ----------
    url : ``sqlite:///FOLDER/FILE.db`` or ``postgresql://…``.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        self.database = Database(url)
        self._tables = self.database.metadata.tables

    def close(self) -> None:
        """Release the connections."""
        self.database.close()

    def read(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        where: Sequence[sa.ColumnElement[bool]] = (),
        order: Sequence[sa.ColumnElement[Any]] = (),
        limit: int | None = None,
        offset: int | None = None,
    ) -> pd.DataFrame:
        """Rows of a table as a frame with the declared dtypes."""
        source = self._tables[table]
        names = list(columns) if columns is not None else [c for c in TABLES[table].names if c in source.c]
        query = sa.select(*(source.c[name] for name in names)).where(*where).order_by(*order)
        query = query.limit(limit).offset(offset)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return codec.decode(rows, names, TABLES[table])

    def rows(
        self,
        table: str,
        columns: Sequence[str],
        where: Sequence[sa.ColumnElement[bool]],
        order: Sequence[sa.ColumnElement[Any]] = (),
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """A few rows as dictionaries of Python values, None where missing."""
        source, declared = self._tables[table], TABLES[table].by_name
        query = sa.select(*(source.c[name] for name in columns)).where(*where).order_by(*order).limit(limit)
        with self.database.reading() as connection:
            found = connection.execute(query).all()
        return [
            {name: codec.value_of(raw, declared[name]) for name, raw in zip(columns, row, strict=True)} for row in found
        ]

    def newest(self, table: str, time_column: str, *where: sa.ColumnElement[bool]) -> int | None:
        """Largest stored time of a column in microseconds, None when there is no row."""
        column = self._tables[table].c[time_column]
        # Not max(): ordered, the index is walked from its end until the first row fits.
        query = sa.select(column).where(column.is_not(None), *where).order_by(column.desc()).limit(1)
        with self.database.reading() as connection:
            value = connection.execute(query).scalar()
        return None if value is None else int(value)

    def column(self, table: str, name: str) -> sa.Column:
        """A column to build conditions with."""
        return self._tables[table].c[name]

    def by_bytes(self, table: str, name: str) -> sa.ColumnElement[str]:
        """A text column that is compared and ordered byte by byte.

        SQLite always does; PostgreSQL follows the language of the database, where a range of texts is no prefix
        ("460-00-1" ignores its hyphens). Columns people search by are stored so (see ``schema``), so that their
        index serves.
        """
        column = self._tables[table].c[name]
        return column if self.database.is_sqlite else sa.collate(column, "C")

    def count(self, table: str, where: Sequence[sa.ColumnElement[bool]] = ()) -> int:
        """Number of rows that meet every condition."""
        query = sa.select(sa.func.count()).select_from(self._tables[table]).where(*where)
        with self.database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def table_counts(self) -> dict[str, int]:
        """Rows per data table."""
        return {name: self.count(name) for name in TABLES if name in self._tables and name not in RUN_TABLES}

    def first(self, table: str, name: str, *where: sa.ColumnElement[bool]) -> Any:
        """One column of the first row that meets every condition, None when there is none."""
        with self.database.reading() as connection:
            return connection.execute(sa.select(self._tables[table].c[name]).where(*where).limit(1)).scalar()
