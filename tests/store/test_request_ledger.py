"""What people decided on site-build requests outlasts the next analysis."""

from __future__ import annotations

import pandas as pd
import pytest

from geoservice import tables
from geoservice.errors import Changed
from geoservice.store import Store

RING_M = 200.0
# About 100 m and 1.1 km of latitude.
NEAR, FAR = 0.0009, 0.01


def requests(*numbers: str, lat: float = 30.0, state: str = "draft") -> pd.DataFrame:
    frame = pd.DataFrame({"request_no": list(numbers)})
    frame = frame.assign(
        run_id="R", hotspot_id="H0001", state=state, customers=10, lat=lat, lon=117.0, type="macro",
        search_ring_m=RING_M, priority=50.0,
    )  # fmt: skip
    frame["priority_terms"] = [{} for _ in numbers]
    return tables.conform(frame, tables.SITE_REQUESTS)


def analysed(store: Store, made: pd.DataFrame) -> str:
    run_id = store.start_run({})
    store.finish_run(run_id, {"site_requests": made}, {})
    return run_id


def told(store: Store, run_id: str, number: str = "SR-H0001") -> tuple[object, ...]:
    rows = store.run_table(run_id, "site_requests")
    row = rows[rows["request_no"] == number].iloc[0]
    return tuple(None if pd.isna(row[name]) else row[name] for name in ("state", "reason", "approver"))


def test_an_approval_stands_after_the_next_analysis(store: Store) -> None:
    run = analysed(store, requests("SR-H0001"))
    store.set_request_state(run, "SR-H0001", "submitted", None, None, "draft")
    store.set_request_state(run, "SR-H0001", "approved", None, "Wang", "submitted")
    again = analysed(store, requests("SR-H0001", lat=30.0 + NEAR))
    assert told(store, again) == ("approved", None, "Wang")
    assert told(store, run) == ("approved", None, "Wang")


def test_a_refusal_keeps_its_reason_and_can_be_taken_back(store: Store) -> None:
    run = analysed(store, requests("SR-H0001"))
    store.set_request_state(run, "SR-H0001", "refused", "no roof to be had", None)
    again = analysed(store, requests("SR-H0001"))
    assert told(store, again) == ("refused", "no roof to be had", None)
    store.set_request_state(again, "SR-H0001", "draft", None, None, "refused")
    assert told(store, analysed(store, requests("SR-H0001"))) == ("draft", None, None)


def test_a_request_that_vanished_is_remembered_until_it_is_back(store: Store) -> None:
    run = analysed(store, requests("SR-H0001", "SR-H0001-2"))
    store.set_request_state(run, "SR-H0001-2", "refused", "too dear", None)
    analysed(store, requests("SR-H0001"))
    known = store.known_requests().set_index("request_no")
    assert known.loc["SR-H0001-2", "reason"] == "too dear"
    back = analysed(store, requests("SR-H0001", "SR-H0001-2"))
    assert told(store, back, "SR-H0001-2") == ("refused", "too dear", None)


def test_a_decision_does_not_move_to_another_place(store: Store) -> None:
    run = analysed(store, requests("SR-H0001"))
    store.set_request_state(run, "SR-H0001", "refused", "no roof", None)
    assert told(store, analysed(store, requests("SR-H0001", lat=30.0 + FAR)))[0] == "draft"
    # Nor does it wander step by step: the ring stays round the place that was decided on.
    for steps in (1, 2):
        analysed(store, requests("SR-H0001", lat=30.0 + steps * NEAR))
    assert told(store, analysed(store, requests("SR-H0001", lat=30.0 + 3 * NEAR)))[0] == "draft"


def test_a_decision_taken_while_an_analysis_was_being_finished_reaches_the_new_run(store: Store) -> None:
    seen = analysed(store, requests("SR-H0001"))
    newer = analysed(store, requests("SR-H0001"))
    store.set_request_state(seen, "SR-H0001", "submitted", None, None, "draft")
    assert told(store, newer)[0] == "submitted"
    with pytest.raises(Changed):
        store.set_request_state(newer, "SR-H0001", "refused", "late", None, "draft")


def test_a_database_of_before_gives_its_decisions_back(store: Store, url: str) -> None:
    """Its runs hold decisions, the newest run (which forgot them) only drafts, and there is no ledger."""
    run = analysed(store, requests("SR-H0001", "SR-H0001-1"))
    store.set_request_state(run, "SR-H0001", "refused", "no roof", None)
    newer = analysed(store, requests("SR-H0001", "SR-H0001-1"))
    rows = store.database.metadata.tables["site_requests"]
    with store.database.writing() as connection:
        connection.execute(rows.update().where(rows.c.run_id == newer).values(state="draft", reason=None))
        connection.exec_driver_sql("DROP TABLE request_ledger")
        meta = store.database.metadata.tables["meta"]
        connection.execute(meta.delete().where(meta.c.key == "columns"))
    store.close()
    grown = Store(url)
    assert set(grown.known_requests()["request_no"]) == {"SR-H0001", "SR-H0001-1"}
    again = analysed(grown, requests("SR-H0001", "SR-H0001-1"))
    assert told(grown, again) == ("refused", "no roof", None)
    assert told(grown, again, "SR-H0001-1") == ("draft", None, None)
    grown.close()
