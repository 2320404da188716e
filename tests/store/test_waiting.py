"""Who must wait for a writer, and who need not."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoservice.errors import ConfigError, StateError
from geoservice.store import Database, Store
from geoservice.store.registry import open_registry
from tests.store.test_store import complaints


def test_opening_and_reading_go_on_while_an_import_writes(store: Store, url: str) -> None:
    store.upsert("complaints", complaints(3))
    open_registry(store.database).close()
    with store.importing() as transaction:
        transaction.upsert("complaints", complaints(5))
        other = Store(url)
        assert other.count("complaints") == 3
        registry = open_registry(other.database)
        registry.close()
        other.close()
    assert store.count("complaints") == 5


def test_a_quick_writer_is_told_at_once_that_another_one_writes(tmp_path: Path) -> None:
    """SQLite has one writer; PostgreSQL has many."""
    url = f"sqlite:///{tmp_path}/geo.db"
    store, other = Store(url), Store(url)
    with store.importing(), pytest.raises(StateError) as told, other.importing(wait_s=0.0):
        pytest.fail("two writers at once")
    assert told.value.code == "busy"
    with other.importing(wait_s=0.0):
        pass


def test_a_database_of_another_schema_is_refused_without_a_lock(store: Store, url: str) -> None:
    meta = store.database.metadata.tables["meta"]
    with store.database.writing() as connection:
        connection.execute(meta.update().where(meta.c.key == "schema_version").values(value="99"))
    with pytest.raises(ConfigError, match="schema 99"):
        Database(url)
