"""What begins like what was typed is found whatever language the database speaks."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa

from geoservice import tables
from geoservice.service.suggesting import _begins
from geoservice.store import Store

NAMES = ["460-00-1-1", "460-00-12-1", "460-001-1", "46000-1-1", "470-00-1-1", "a-Cell", "A-cell", "站-1"]
ON_POSTGRESQL = pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite orders by bytes
LINGUISTIC = "en_US.utf8"  # made by tests/browser/install.sh


def names_like(store: Store, text: str) -> set[str]:
    return {row["name"] for row in _begins(store, "cells", "cgi", "cell", None, text)}


def fill(store: Store) -> None:
    frame = pd.DataFrame({"cgi": NAMES, "lat": 30.0, "lon": 104.0, "rat": "LTE"})
    store.upsert("cells", tables.conform(frame, tables.CELLS))


@pytest.mark.parametrize("text", ["460-00-1", "A-c", "a-C", "站", "%", "460-00-1-1"])
def test_a_beginning_is_a_beginning(store: Store, text: str) -> None:
    fill(store)
    assert names_like(store, text) == {name for name in NAMES if name.startswith(text)}


@ON_POSTGRESQL
def test_also_in_a_database_made_before_in_a_linguistic_order(store: Store) -> None:
    with store.database.writing() as connection:
        try:
            connection.exec_driver_sql(f"CREATE COLLATION linguistic (provider = libc, locale = '{LINGUISTIC}')")
        except sa.exc.DBAPIError:
            pytest.skip(f"this system has no {LINGUISTIC}, and none could be made without root")
        connection.exec_driver_sql("ALTER TABLE cells ALTER cgi TYPE text COLLATE linguistic")
    fill(store)
    assert names_like(store, "460-00-1") == {"460-00-1-1", "460-00-12-1"}


@ON_POSTGRESQL
def test_the_index_serves_on_postgresql(store: Store) -> None:
    fill(store)
    key = store.by_bytes("cells", "cgi")
    query = (
        sa.select(key)
        .where(key >= "460", key < "461")
        .compile(dialect=store.database.engine.dialect, compile_kwargs={"literal_binds": True})
    )
    with store.database.reading() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {query}".replace("%", "%%")))
    assert "Index Cond" in plan, plan
