"""Databases of earlier versions grow the columns they lack and lose nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from geoservice.errors import ConfigError
from geoservice.store import Store
from tests.store.test_store import complaints


def as_earlier_version(store: Store, *, drop: str) -> None:
    with store.database.writing() as connection:
        connection.exec_driver_sql(f'ALTER TABLE complaints DROP COLUMN "{drop}"')
        meta = store.database.metadata.tables["meta"]
        connection.execute(meta.delete().where(meta.c.key == "columns"))


def test_an_older_database_grows_and_knows_its_rows(store: Store, url: str) -> None:
    frame = complaints(5)
    store.upsert("complaints", frame)
    as_earlier_version(store, drop="caller_lat")
    store.close()
    newer = Store(url)
    assert newer.read("complaints")["caller_lat"].isna().all()
    assert newer.upsert("complaints", frame) == 0
    assert newer.upsert("complaints", frame.assign(caller_lat=22.5)) == 5
    newer.close()


def test_opening_again_looks_at_no_columns(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("columns were inspected although nothing changed")

    monkeypatch.setattr(sa.Inspector, "get_multi_columns", refuse)
    Store(url).close()


def test_a_column_that_needs_values_is_refused_with_what_to_do(store: Store, url: str) -> None:
    store.upsert("complaints", complaints(2))
    as_earlier_version(store, drop="time_step")
    with pytest.raises(ConfigError, match="import the files again"):
        Store(url)
