"""Old runs can be forgotten; not those somebody decided on."""

from __future__ import annotations

import os
import socket

import pytest

from geoservice.errors import NotFound
from geoservice.store import Store
from tests.store.test_request_ledger import analysed, requests, told


def test_the_newest_runs_and_those_decided_on_stay(store: Store) -> None:
    runs = [analysed(store, requests("SR-H0001")) for _ in range(5)]
    store.set_request_state(runs[1], "SR-H0001", "submitted", None, None)
    assert store.prune_runs(2) == [runs[0], runs[2]]
    assert {run.run_id for run in store.runs()} == {runs[1], runs[3], runs[4]}
    assert told(store, runs[1])[0] == "submitted"
    assert store.count("site_requests") == 3
    with pytest.raises(NotFound):
        store.run(runs[0])
    assert store.prune_runs(2) == []


def test_what_never_ended_goes_and_what_is_under_way_stays(store: Store) -> None:
    failed, dead, living = (store.start_run({}) for _ in range(3))
    store.update_run(failed, state="failed")
    store.update_run(dead, worker=f"{socket.gethostname()} {os.getpid()} 0")
    newest = analysed(store, requests("SR-H0001"))
    assert set(store.prune_runs(1)) == {failed, dead}
    assert {run.run_id for run in store.runs()} == {living, newest}


def test_the_run_that_is_shown_is_never_forgotten(store: Store) -> None:
    assert store.prune_runs(0) == []
    newest = analysed(store, requests("SR-H0001"))
    assert store.prune_runs(0) == []
    current = store.current_run()
    assert current is not None
    assert current.run_id == newest
