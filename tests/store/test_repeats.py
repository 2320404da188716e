"""Keys of requests that may be sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geoservice.store import repeats
from geoservice.store.database import Database
from geoservice.store.repeats import KEPT, TAKEN_OVER_AFTER, Standing

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/geo.db")
    yield opened
    opened.close()


def test_a_new_key_is_ours_then_busy_then_done(database: Database) -> None:
    assert repeats.claim(database, "k", "f", NOON).standing is Standing.OURS
    assert repeats.claim(database, "k", "f", NOON).standing is Standing.BUSY
    repeats.finish(database, "k", "C1", created=True)
    done = repeats.claim(database, "k", "f", NOON + timedelta(hours=1))
    assert (done.standing, done.subject, done.created, done.first_at) == (Standing.DONE, "C1", True, NOON)


def test_another_content_is_refused_in_every_state(database: Database) -> None:
    repeats.claim(database, "k", "f", NOON)
    assert repeats.claim(database, "k", "g", NOON).standing is Standing.OTHER
    repeats.finish(database, "k", "C1", created=True)
    assert repeats.claim(database, "k", "g", NOON).standing is Standing.OTHER


def test_what_a_dead_process_left_is_taken_over_with_its_first_moment(database: Database) -> None:
    repeats.claim(database, "k", "f", NOON)
    later = NOON + TAKEN_OVER_AFTER + timedelta(seconds=1)
    taken = repeats.claim(database, "k", "f", later)
    assert (taken.standing, taken.first_at) == (Standing.OURS, NOON)
    assert repeats.claim(database, "k", "f", later).standing is Standing.BUSY


def test_a_released_key_is_free_but_a_finished_one_is_not(database: Database) -> None:
    repeats.claim(database, "k", "f", NOON)
    repeats.release(database, "k")
    assert repeats.claim(database, "k", "g", NOON).standing is Standing.OURS
    repeats.finish(database, "k", "C1", created=False)
    repeats.release(database, "k")
    assert repeats.claim(database, "k", "g", NOON).standing is Standing.DONE


def test_old_keys_are_forgotten(database: Database) -> None:
    repeats.claim(database, "k", "f", NOON)
    repeats.finish(database, "k", "C1", created=True)
    assert repeats.claim(database, "k", "g", NOON + KEPT + timedelta(seconds=1)).standing is Standing.OURS


def test_of_twenty_at_once_one_wins(database: Database) -> None:
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: repeats.claim(database, "k", "f").standing, range(20)))
    assert found.count(Standing.OURS) == 1
    assert found.count(Standing.BUSY) == 19
