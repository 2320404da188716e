"""Identity over time: numbers stay, states and merges are right."""

from __future__ import annotations

import pandas as pd
import pytest

from geoservice.errors import InputError
from geoservice.hotspots import track

DAY = pd.Timestamp("2024-03-01", tz="UTC")


def hotspots(*rows):
    """(id, hexes, customers, state) with four expected customers in ten days each."""
    return pd.DataFrame(
        {
            "hotspot_id": [row[0] for row in rows],
            "run_id": "r",
            "rank": range(1, len(rows) + 1),
            "lat": 30.0,
            "lon": 104.0,
            "resolution": 9,
            "hexes": [[[h, 1.0] for h in row[1]] for row in rows],
            "class_group": "coverage",
            "customers": [row[2] for row in rows],
            "contacts": [row[2] for row in rows],
            "expected": 4.0,
            "expectation": "subscribers",
            "relative_risk": 2.0,
            "p_raw": 0.001,
            "p_value": 0.01,
            "from": DAY,
            "to": DAY + pd.Timedelta(days=10),
            "classes": [{} for _ in rows],
            "precise_share": 1.0,
            "state": [row[3] if len(row) > 3 else "new" for row in rows],
        }
    )


def members(**ids):
    rows = [(key, name, 1.0) for key, names in ids.items() for name in names]
    return pd.DataFrame(rows, columns=["hotspot_id", "complaint_id", "weight"])


NOBODY = members()


def tracked(previous, current, old=NOBODY, new=NOBODY):
    return track(previous, old, current, new)


def test_a_hotspot_keeps_its_number_and_new_ones_continue_the_count():
    found = tracked(hotspots(("H0007", "abcd", 20)), hotspots(("H0001", "xyz", 9), ("H0002", "abce", 20))).hotspots
    assert found["hotspot_id"].tolist() == ["H0008", "H0007"]
    assert found["state"].tolist() == ["new", "steady"]


@pytest.mark.parametrize(("customers", "state"), [(30, "growing"), (20, "steady"), (10, "fading")])
def test_the_state_follows_the_excess(customers, state):
    found = tracked(hotspots(("H0001", "abcd", 20)), hotspots(("H0001", "abcd", customers))).hotspots
    assert found["state"].tolist() == [state]


def test_what_is_gone_is_closed_and_may_come_back():
    first = tracked(hotspots(("H0001", "abcd", 20)), hotspots(("H0001", "xyz", 20)))
    assert dict(zip(first.hotspots["hotspot_id"], first.hotspots["state"], strict=True)) == {
        "H0002": "new",
        "H0001": "closed",
    }
    assert "closed" in set(first.events["event"])
    again = tracked(first.hotspots, hotspots(("H0001", "abcd", 20)))
    states = dict(zip(again.hotspots["hotspot_id"], again.hotspots["state"], strict=True))
    assert states == {"H0001": "reopened", "H0002": "closed"}


def test_the_same_complaints_make_the_same_hotspot_even_where_hexes_moved():
    found = tracked(
        hotspots(("H0003", "ab", 5)),
        hotspots(("H0001", "yz", 5)),
        members(H0003=["c1", "c2", "c3"]),
        members(H0001=["c1", "c2", "c9"]),
    )
    assert found.hotspots["hotspot_id"].tolist() == ["H0003"]
    assert set(found.members["hotspot_id"]) == {"H0003"}


def test_a_merge_and_a_split_are_recorded():
    merged = tracked(hotspots(("H0001", "abcd", 20), ("H0002", "xyz", 9)), hotspots(("H0001", "abcdxyz", 29)))
    assert merged.hotspots["hotspot_id"].iloc[0] == "H0001"
    assert ("merged", "H0002", "H0001") in set(
        merged.events[["event", "hotspot_id", "other_id"]].itertuples(index=False, name=None)
    )
    split = tracked(hotspots(("H0001", "abcdxyz", 29)), hotspots(("H0001", "abcd", 20), ("H0002", "xyz", 9)))
    assert split.hotspots["hotspot_id"].tolist() == ["H0001", "H0002"]
    assert ("split", "H0002", "H0001") in set(
        split.events[["event", "hotspot_id", "other_id"]].itertuples(index=False, name=None)
    )


def test_a_merge_is_told_once():
    first = tracked(hotspots(("H0001", "abcd", 20), ("H0002", "xyz", 9)), hotspots(("H0001", "abcdxyz", 29)))
    assert "merged" in set(first.events["event"])
    again = tracked(first.hotspots, hotspots(("H0001", "abcdxyz", 29)))
    assert set(again.events["event"]) == {"matched"}
    assert dict(zip(again.hotspots["hotspot_id"], again.hotspots["state"], strict=True))["H0002"] == "closed"


def test_tracking_twice_is_tracking_once():
    first = tracked(hotspots(("H0001", "abcd", 20)), hotspots(("H0001", "abcd", 21), ("H0002", "xyz", 9)))
    second = tracked(first.hotspots, first.hotspots)
    assert second.hotspots["hotspot_id"].tolist() == first.hotspots["hotspot_id"].tolist()
    assert set(second.hotspots["state"]) == {"steady"}


def test_the_first_run_has_only_new_hotspots():
    found = tracked(hotspots(), hotspots(("H0001", "abcd", 20)))
    assert found.hotspots["state"].tolist() == ["new"]
    assert found.events["event"].tolist() == ["new"]


def test_double_numbers_are_refused():
    with pytest.raises(InputError, match="twice"):
        tracked(hotspots(("H0001", "ab", 5), ("H0001", "cd", 5)), hotspots())
