"""An empty table is filled without its indexes and has them afterwards; a failed load leaves everything as it was."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from geoservice.store import Store
from tests.store.test_store import complaints


def indexes(store: Store) -> set[str]:
    names = {str(index["name"]) for index in sa.inspect(store.database.engine).get_indexes("complaints")}
    return {name for name in names if name.startswith("ix_")}


def test_indexes_are_back_after_the_load(store: Store) -> None:
    before = indexes(store)
    with store.importing() as transaction, transaction.loading("complaints") as empty:
        assert empty <= {"complaints"}
        transaction.upsert("complaints", complaints(50))
    assert indexes(store) == before
    assert store.count("complaints") == 50


def test_a_table_with_rows_keeps_its_indexes(store: Store) -> None:
    frame = complaints(7)
    store.upsert("complaints", frame.head(5))
    with store.importing() as transaction, transaction.loading("complaints") as empty:
        assert not empty
        assert transaction.upsert("complaints", frame) == 2


def test_a_failed_load_leaves_indexes_and_no_rows(store: Store) -> None:
    before = indexes(store)

    def fail() -> None:
        with store.importing() as transaction, transaction.loading("complaints"):
            transaction.upsert("complaints", complaints(5))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert indexes(store) == before
    assert store.count("complaints") == 0
