"""What look-ups keep in memory is what the tables say, also after they changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.pipeline import PLACE_RESOLUTION
from geoservice.service import Service, finding, nearby, open_service
from geoservice.service.candidates import to_frame
from geoservice.service.nearby import Nearby, of_frame
from geoservice.store import Store

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/geo.db")
    yield opened
    opened.close()


def add(store: Store, count: int, seed: int, *, single: bool = False) -> None:
    rng = np.random.default_rng(seed)
    ids = [f"C{seed}-{k}" for k in range(count)]
    lat, lon = 30.2 + rng.normal(0, 0.02, count), 117.9 + rng.normal(0, 0.02, count)
    rows = pd.DataFrame(
        {
            "complaint_id": ids, "ticket_no": ids,
            "accepted_at": START + pd.to_timedelta(rng.uniform(0, 60, count), "D"),
            "time_step": "instant", "source": "test", "customer_key": [f"{k % 7:032x}" for k in range(count)],
            "class": rng.choice(["NO_COVERAGE", "DROPPED_CALL"], count), "result": rng.choice(["solved", None], count),
        }
    )  # fmt: skip
    fixes = pd.DataFrame(
        {
            "complaint_id": ids, "rank": 0, "lat": lat, "lon": lon, "radius_m": 50.0, "precision": "gnss",
            "source": "coordinates", "probability": 1.0,
        }
    )  # fmt: skip
    with store.importing() as transaction:
        transaction.upsert("complaints", tables.conform(rows, tables.COMPLAINTS))
        placed = tables.conform(fixes, tables.FIXES).assign(place_hex=grid.to_hex(lat, lon, PLACE_RESOLUTION))
        transaction.upsert("fixes", placed)
        if single:
            transaction.single(ids[0])


def told(contacts: nearby.Contacts) -> tuple[list[tuple[float, float, int, object, object]], int]:
    """Rows in an order of their own, and how many customers."""
    rows = zip(
        contacts.lat.tolist(),
        contacts.lon.tolist(),
        contacts.at_us.tolist(),
        contacts.class_,
        contacts.result,
        strict=True,
    )
    return sorted(rows, key=str), len(set(contacts.customer[contacts.customer != 0].tolist()))


def test_columns_answer_as_the_database_does(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "_WORTH_IT", 10)
    add(store, 500, 1)
    memory = Nearby(store)
    memory.warm()
    near = grid.disk(grid.to_hex(30.2, 117.9, PLACE_RESOLUTION), 2)
    since, until = START + timedelta(days=5), START + timedelta(days=40)

    def expected() -> tuple[list[tuple[float, float, int, object, object]], int]:
        return told(of_frame(store.complaints_at(near.tolist(), since, until)))

    assert len(expected()[0]) > 20
    assert memory._snapshot is not None
    assert told(memory.find(near, since, until)) == expected()
    snapshot = memory._snapshot
    add(store, 1, 2, single=True)
    assert told(memory.find(near, since, until)) == expected()
    assert memory._snapshot is snapshot, "a single complaint is added, not everything read again"
    add(store, 50, 3)
    assert told(memory.find(near, since, until)) == expected()
    memory.warm()
    assert told(memory.find(near, since, until)) == expected()


def test_marks_change_with_their_table_only(store: Store) -> None:
    before = {name: store.changed(name) for name in ("complaints", "cells", "gazetteer")}
    add(store, 3, 1)
    assert store.changed("complaints") != before["complaints"]
    assert store.changed("cells") == before["cells"]
    kept = store.changed("complaints", "fixes")
    add(store, 1, 2, single=True)
    assert store.changed("complaints", "fixes") == kept
    assert store.contacts_state()[1] == 1


@pytest.mark.parametrize(
    "text", ["30.2044,117.9421", "117.9421，30.2044", " 30.5 , 118.25 ", "-30.5, 118.2", "30.2044 117.9421"]
)
def test_coordinates_are_found_as_the_searcher_finds_them(town: Service, text: str) -> None:
    locator = town._place.locators.get(town.store, town.config)
    quick = finding.coordinates(locator, text)
    slow = locator.search(text, limit=finding.LIMIT)
    if quick is not None:
        pd.testing.assert_frame_equal(to_frame(quick), slow)
    assert quick is not None or text.startswith(("-", "117"))


def test_names_searched_ahead_are_what_a_search_finds(town: Service) -> None:
    locator = town._place.locators.get(town.store, town.config)
    state = town.store.changed("gazetteer", "cells")
    assert finding.prepare(locator, town.memory, state, town.store) > 50
    for name in town.store.read("gazetteer", ["name"])["name"].iloc[::25]:
        ahead = finding.search(locator, town.memory, state, str(name))
        pd.testing.assert_frame_equal(to_frame(ahead), locator.search(str(name), limit=finding.LIMIT))


def test_things_by_name_follow_the_tables(tmp_path: Path) -> None:
    service = open_service(f"sqlite:///{tmp_path}/geo.db")
    try:
        assert service.memory.known("460-00-1-1") is None
        cell = {"cgi": "460-00-1-1", "lat": 30.2, "lon": 117.9, "rat": "LTE", "site_id": "S1", "status": "active"}
        service.store.upsert("cells", tables.conform(pd.DataFrame([cell]), tables.CELLS))
        assert service.memory.known("460-00-1-1") == (30.2, 117.9, 300.0, "cell")
        assert service.memory.sites_of(["460-00-1-1", "none"]) == ["S1"]
    finally:
        service.close()


def test_warming_ends_also_where_nothing_is_stored(tmp_path: Path) -> None:
    service = open_service(f"sqlite:///{tmp_path}/geo.db")
    try:
        assert not service.is_warm
        service.warm()
        assert service.is_warm
    finally:
        service.close()


def test_what_a_store_writes_it_sees_at_once(store: Store) -> None:
    assert store.shown_run() is None
    run_id = store.start_run({})
    assert store.shown_run() is None
    store.finish_run(run_id, {}, {})
    shown = store.shown_run()
    assert shown is not None
    assert shown.run_id == run_id
    add(store, 1, 1, single=True)
    assert store.contacts_state()[1] == 1


def test_single_complaints_are_found_in_their_own_hexes_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "_WORTH_IT", 10)
    add(store, 50, 1)
    memory = Nearby(store)
    memory.warm()
    for seed in range(2, 6):
        add(store, 1, seed, single=True)
    near = grid.disk(grid.to_hex(30.2, 117.9, PLACE_RESOLUTION), 1)
    until = START + timedelta(days=90)
    assert told(memory.find(near, START, until)) == told(of_frame(store.complaints_at(near.tolist(), START, until)))
    assert memory.find(np.array([1], np.int64), START, until).lat.size == 0
