"""The store's contract; every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from geoservice import tables
from geoservice.errors import ConfigError, NotFound
from geoservice.records import ImportReport
from geoservice.store import Store, from_us, to_us


def complaints(count: int, **columns: object) -> pd.DataFrame:
    base = {
        "complaint_id": [f"{i:032x}" for i in range(count)],
        "ticket_no": [f"T{i}" for i in range(count)],
        "accepted_at": pd.Timestamp("2026-01-01T00:00:00.123456Z") + pd.to_timedelta(np.arange(count), unit="h"),
        "source": "test",
        "time_step": "instant",
        "text": ["信号差 'quoted' \"double\" \\ back\ttab\nline"] * count,
        "lat": np.linspace(22.5, 22.6, count),
        "lon": np.linspace(114.0, 114.1, count),
        "indoor": [None, True] * (count // 2) + [None] * (count % 2),
        "floor": [3, None] * (count // 2) + [None] * (count % 2),
    }
    return tables.conform(pd.DataFrame({**base, **columns}), tables.COMPLAINTS)


def test_what_is_written_comes_back_equal(store: Store) -> None:
    frame = complaints(101)
    assert store.upsert("complaints", frame) == 101
    back = store.read("complaints").sort_values("complaint_id", ignore_index=True)
    pd.testing.assert_frame_equal(back, frame)


def test_the_same_rows_twice_change_nothing(store: Store) -> None:
    frame = complaints(10)
    store.upsert("complaints", frame)
    assert store.upsert("complaints", frame) == 0
    assert store.count("complaints") == 10


def test_one_changed_row_counts_once_even_when_its_column_was_empty_before(store: Store) -> None:
    frame = complaints(10)
    store.upsert("complaints", frame)
    frame.loc[3, "status"] = "closed"
    assert store.upsert("complaints", frame) == 1
    assert store.count("complaints") == 10


def test_a_key_twice_in_one_frame_keeps_the_last(store: Store) -> None:
    cells = pd.DataFrame({"cgi": ["a", "a"], "lat": [1.0, 2.0], "lon": [3.0, 3.0], "rat": "LTE"})
    assert store.upsert("cells", tables.conform(cells, tables.CELLS)) == 1
    assert store.read("cells")["lat"].tolist() == [2.0]


def test_import_ids_do_not_make_rows_different(store: Store) -> None:
    store.upsert("complaints", complaints(3, import_id="one"))
    assert store.upsert("complaints", complaints(3, import_id="two")) == 0


def test_an_import_that_fails_leaves_nothing(store: Store) -> None:
    def fail_half_way() -> None:
        with store.importing() as transaction:
            transaction.upsert("complaints", complaints(5))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail_half_way()
    assert store.count("complaints") == 0
    assert store.data_version() == 0


def test_the_ledger_recognises_a_file(store: Store) -> None:
    report = ImportReport("a.csv", "complaints", 3, 3, 0, 0, None, 0.1)
    with store.importing() as transaction:
        transaction.upsert("complaints", complaints(3))
        transaction.record(report, "abc", "{}", "I1")
    assert store.find_import("complaints", "abc", "{}") is not None
    assert store.find_import("cells", "abc", "{}") is None
    assert store.data_version() == 1


def test_a_run_shows_nothing_until_it_is_finished(store: Store) -> None:
    run_id = store.start_run({"seed": 1})
    assert store.current_run() is None
    rates = pd.DataFrame({"hex": [1, 2], "class_group": "all", "customers": 1.0, "contacts": 2.0, "expected": 0.5})
    results = {"hex_rates": tables.conform(rates, tables.HEX_RATES)}
    store.finish_run(run_id, results, {"complaints": 2, "notes": ["one"], "hotspots": 0})
    current = store.current_run()
    assert current is not None
    assert (current.run_id, current.complaints, current.notes) == (run_id, 2, ["one"])
    pd.testing.assert_frame_equal(store.run_table(run_id, "hex_rates"), results["hex_rates"])


def test_runs_of_a_dead_process_are_interrupted(store: Store) -> None:
    mine, dead, elsewhere, older = (store.start_run({}) for _ in range(4))
    # No process lives since the tick 0; a machine of that name is not this one; earlier versions noted no worker.
    store.update_run(dead, worker=f"{socket.gethostname()} {os.getpid()} 0")
    store.update_run(elsewhere, worker="another-machine 1 1")
    store.update_run(older, worker=None)
    states = {run.run_id: run.state for run in store.runs()}
    told = {mine: "running", dead: "interrupted", elsewhere: "running", older: "interrupted"}
    assert states == told
    store.start_run({})
    stored = store.database.metadata.tables["runs"]
    with store.database.reading() as connection:
        rows = {row[0]: row[1] for row in connection.execute(sa.select(stored.c.run_id, stored.c.state))}
    assert {run_id: rows[run_id] for run_id in told} == told


def test_a_run_that_is_begun_again_is_one_run(store: Store) -> None:
    run_id = store.start_run({"seed": 1})
    store.update_run(run_id, share=0.4, error="died")
    assert store.start_run({"seed": 1}, run_id) == run_id
    assert [(run.run_id, run.share, run.error) for run in store.runs()] == [(run_id, 0.0, None)]


def test_unknown_things_are_named(store: Store) -> None:
    with pytest.raises(NotFound, match="R-nope"):
        store.run("R-nope")
    with pytest.raises(NotFound, match="S-nope"):
        store.set_request_state("R", "S-nope", "submitted", None, None)


def test_events_are_kept_in_order(store: Store) -> None:
    store.record_event("H0001", "state", {"to": "new"})
    store.record_event("H0001", "state", {"to": "growing"})
    assert [event["detail"]["to"] for event in store.events("H0001")] == ["new", "growing"]


def test_times_round_trip_to_the_microsecond() -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
    assert from_us(to_us(moment)) == moment


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "not a url", "sqlite:///:memory:"])
def test_other_databases_are_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(ConfigError):
        Store(url)


def _write_and_hang(url: str, started: object) -> None:
    store = Store(url)
    with store.importing() as transaction:
        transaction.upsert("complaints", complaints(1000))
        started.set()  # type: ignore[attr-defined]
        time.sleep(60)


def test_a_killed_import_leaves_nothing_and_can_be_repeated(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    process = context.Process(target=_write_and_hang, args=(url, started))
    process.start()
    assert started.wait(60)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    store = Store(url)
    assert store.count("complaints") == 0
    assert store.upsert("complaints", complaints(1000)) == 1000
    store.close()
