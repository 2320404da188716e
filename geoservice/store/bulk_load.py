"""Filling an empty table: its indexes are made at the end, sorted, instead of row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

# Pages a writing connection may keep (SQLite: 2 MB unless told), given back when the load is over.
_CACHE_KB = 64 * 1024
_USUAL_CACHE_KB = 2 * 1024


@contextmanager
def loading(connection: sa.Connection, targets: Sequence[sa.Table]) -> Iterator[frozenset[str]]:
    """Inside, the empty ones of ``targets`` have no indexes but their key; answers their names.

    SQLite only: all of it is part of the transaction, so that readers never see a table without its
    indexes. PostgreSQL would shut readers out of the table until the end.
    """
    if connection.dialect.name != "sqlite":
        yield frozenset()
        return
    empty = [table for table in targets if _is_empty(connection, table)]
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")
    try:
        for index in _indexes(empty):
            index.drop(connection)
        yield frozenset(table.name for table in empty)
        for index in _indexes(empty):
            index.create(connection)
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_USUAL_CACHE_KB}")


def _is_empty(connection: sa.Connection, table: sa.Table) -> bool:
    return connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None


def _indexes(tables: Sequence[sa.Table]) -> list[sa.Index]:
    return sorted((index for table in tables for index in table.indexes), key=lambda index: str(index.name))
