"""A run stays what it was: what is imported later, of other days, is none of its."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.pipeline import PLACE_RESOLUTION, AnalyseOptions
from geoservice.pipeline.analysing import _with_period
from geoservice.service.periods import periods_of
from geoservice.store import Store, period_of

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 3, 2, 3, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/geo.db")
    yield opened
    opened.close()


def add(store: Store, name: str, *accepted: datetime) -> pd.DataFrame:
    ids = [f"{name}-{k}" for k in range(len(accepted))]
    rows = pd.DataFrame({"complaint_id": ids, "ticket_no": ids, "accepted_at": pd.DatetimeIndex(accepted)})
    rows = rows.assign(time_step="instant", source="test", **{"class": "NO_COVERAGE"})
    places = pd.DataFrame({"complaint_id": ids, "rank": 0, "lat": 30.2, "lon": 117.9, "radius_m": 50.0})
    places = places.assign(precision="gnss", source="coordinates", probability=1.0)
    kept = tables.conform(rows, tables.COMPLAINTS)
    with store.importing() as transaction:
        transaction.upsert("complaints", kept)
        placed = tables.conform(places, tables.FIXES)
        transaction.upsert(
            "fixes", placed.assign(place_hex=grid.to_hex(placed["lat"], placed["lon"], PLACE_RESOLUTION))
        )
    return kept


def test_the_slider_of_a_run_does_not_move_with_later_imports(store: Store) -> None:
    accepted = [FIRST + timedelta(days=day) for day in range(10)]
    complaints = add(store, "mine", *accepted)
    run_id = store.start_run(AnalyseOptions().as_dict())
    found = _with_period(AnalyseOptions(), SimpleNamespace(complaints=complaints))  # type: ignore[arg-type]
    store.finish_run(run_id, {}, {"options": found})
    run = store.run(run_id)
    assert period_of(run.options) == (accepted[0], accepted[-1] + timedelta(microseconds=1))
    before = periods_of(store, run, 9, ZONE).timeline("all")
    assert sum(step["contacts"] for step in before["steps"]) == 10
    add(store, "old", datetime(1998, 1, 1, tzinfo=UTC))
    add(store, "new", accepted[-1] + timedelta(hours=1), accepted[-1] + timedelta(days=30))
    assert periods_of(store, run, 9, ZONE).timeline("all") == before


def test_what_was_asked_stands_beside_what_was_found() -> None:
    options = AnalyseOptions(since=FIRST - timedelta(days=3), until=FIRST + timedelta(days=40))
    data = SimpleNamespace(complaints=pd.DataFrame({"accepted_at": pd.DatetimeIndex([FIRST])}))
    found = _with_period(options, data)  # type: ignore[arg-type]
    assert period_of(found) == (options.since, options.until)
    assert period_of(AnalyseOptions().as_dict()) == (None, None)
    assert period_of({"since": "2026-03-02T03:00:00", "until": None}) == (FIRST, None)
