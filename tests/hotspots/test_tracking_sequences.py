"""Sequences of runs against a plain model: numbers last, states follow, nothing is lost or counted twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.hotspots import track
from tests.hotspots.test_tracking import NOBODY, hotspots

# Four places far from one another; every run holds some of them, each with its customers.
PLACES = ("abcd", "efgh", "ijkl", "mnop")
RUNS = st.lists(
    st.dictionaries(st.sampled_from(PLACES), st.integers(5, 60), max_size=len(PLACES)), min_size=1, max_size=7
)


def _play(runs):
    """Tracked tables after every run."""
    table, answers = hotspots(), []
    for run in runs:
        rows = [(f"H{i + 1:04d}", place, customers) for i, (place, customers) in enumerate(run.items())]
        found = track(table, NOBODY, hotspots(*rows), NOBODY)
        table = found.hotspots
        answers.append(found)
    return answers


def _place(row):
    return "".join(item[0] for item in row["hexes"])


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_a_place_keeps_its_number_for_ever_and_its_state_follows(runs):
    numbers, before = {}, {}
    for run, found in zip(runs, _play(runs), strict=True):
        table = found.hotspots
        assert not table["hotspot_id"].duplicated().any()
        seen = {_place(row): row for _, row in table.iterrows()}
        assert set(seen) == set(before) | set(run)  # closed ones stay
        for place, row in seen.items():
            assert numbers.setdefault(place, row["hotspot_id"]) == row["hotspot_id"]
            assert row["state"] == _expected(before.get(place), run.get(place))
        before = {place: (row["state"], row["customers"]) for place, row in seen.items()}


def _expected(before, customers):
    """State of a place from its former state and customers (four are expected in ten days, always)."""
    if customers is None:
        return "closed"
    if before is None:
        return "new"
    if before[0] == "closed":
        return "reopened"
    change = (customers - 4) / (before[1] - 4)
    return "growing" if change > 1.25 else "fading" if change < 0.75 else "steady"


@settings(max_examples=20, deadline=None)
@given(RUNS)
def test_every_change_is_recorded_once(runs):
    before = {}
    for found in _play(runs):
        after = dict(zip(found.hotspots["hotspot_id"], found.hotspots["state"], strict=True))
        events = dict(zip(found.events["hotspot_id"], found.events["event"], strict=True))
        assert len(events) == len(found.events)
        for name, state in after.items():
            if state == "closed":
                assert (events.get(name) == "closed") == (before.get(name) != "closed")
            else:
                kind = {"new": "new", "reopened": "reopened"}.get(state, "matched")
                assert events[name] == kind
        before = after


def test_two_that_grow_together_and_part_again():
    one, two = ("H0001", "abcd", 20), ("H0002", "efgh", 12)
    first = track(hotspots(), NOBODY, hotspots(one, two), NOBODY)
    joined = track(first.hotspots, NOBODY, hotspots(("H0001", "abcdefgh", 30)), NOBODY)
    assert joined.hotspots.set_index("hotspot_id")["state"].to_dict() == {"H0001": "growing", "H0002": "closed"}
    assert ("merged", "H0002", "H0001") in set(
        joined.events[["event", "hotspot_id", "other_id"]].itertuples(index=False, name=None)
    )
    parted = track(joined.hotspots, NOBODY, hotspots(one, two), NOBODY)
    states = parted.hotspots.set_index("hotspot_id")["state"].to_dict()
    assert states == {"H0001": "fading", "H0002": "reopened"}
