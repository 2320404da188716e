"""Scoring against small truths whose right answer is plain."""

from __future__ import annotations

import pandas as pd
import pytest

from geoservice.errors import InputError
from geoservice.simulate import evaluate
from geoservice.simulate.score import ACTIONS_OF, same_cause

DEGREE_M = 111_195.0


def _problem(number: int, cause: str, north_m: float, **more) -> dict:
    return {
        "id": f"P{number}", "cause": cause, "classes": ["WEAK_SIGNAL"], "lat": 30 + north_m / DEGREE_M, "lon": 118.0,
        "radius_m": 300, "from": "2026-03-01T00:00:00Z", "to": "2026-03-10T00:00:00Z", "cells": [], **more,
    }  # fmt: skip


def _hotspots(*rows: tuple[str, float, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"hotspot_id": h, "lat": 30 + north / DEGREE_M, "lon": 118.0, "hexes": [], "from": begin, "to": finish}
            for h, north, begin, finish in rows
        ],
        columns=["hotspot_id", "lat", "lon", "hexes", "from", "to"],
    )


def _diagnoses(**causes: str) -> pd.DataFrame:
    rows = [{"subject_id": spot, "rank": 1, "cause": cause} for spot, cause in causes.items()]
    rows += [{"subject_id": spot, "rank": 2, "cause": "K_UNKNOWN"} for spot in causes]
    return pd.DataFrame(rows, columns=["subject_id", "rank", "cause"])


def _actions(**actions: list[str]) -> pd.DataFrame:
    rows = [
        {"subject_id": spot, "rank": rank, "action": action}
        for spot, listed in actions.items()
        for rank, action in enumerate(listed, 1)
    ]
    return pd.DataFrame(rows, columns=["subject_id", "rank", "action"])


IN = ("2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z")
AFTER = ("2026-03-12T00:00:00Z", "2026-03-15T00:00:00Z")


def test_all_right():
    score = evaluate(
        [_problem(1, "K_WEAK", 0)], _hotspots(("H1", 200, *IN)), _diagnoses(H1="K_WEAK"), _actions(H1=["A07"])
    )
    assert (score.planted, score.found, score.false_hotspots, score.cause_right, score.action_right) == (1, 1, 0, 1, 1)
    assert score.details[0]["hotspot"] == "H1"
    assert score.details[0]["distance_m"] == 200


@pytest.mark.parametrize(("north", "span", "found"), [(790, IN, 1), (810, IN, 0), (0, AFTER, 0)])
def test_place_and_time_both_count(north, span, found):
    score = evaluate([_problem(1, "K_WEAK", 0)], _hotspots(("H1", north, *span)), _diagnoses(), _actions())
    assert score.found == found
    assert score.false_hotspots == 1 - found


def test_a_hex_on_the_problem_is_enough():
    from geoservice.grid import hex_to_text, to_hex

    spots = _hotspots(("H1", 5000, *IN))
    spots["hexes"] = [[[hex_to_text(to_hex(30.0, 118.0, 9))[0], 1.0]]]
    assert evaluate([_problem(1, "K_WEAK", 0)], spots, _diagnoses(), _actions()).found == 1


def test_wrong_cause_and_shortcut_action():
    truth, spots = [_problem(1, "K_WEAK", 0)], _hotspots(("H1", 0, *IN))
    score = evaluate(truth, spots, _diagnoses(H1="K_HOLE"), _actions(H1=["A16", "A07"]))
    assert (score.found, score.cause_right, score.action_right) == (1, 0, 0)
    assert score.details[0]["verdict"] == "found, cause wrong"


def test_two_hotspots_on_one_problem_are_not_false_and_the_right_one_speaks():
    spots = _hotspots(("H1", 0, *IN), ("H2", 400, *IN))
    score = evaluate([_problem(1, "K_CONG", 0)], spots, _diagnoses(H1="K_WEAK", H2="K_CONG"), _actions(H2=["A13"]))
    assert (score.false_hotspots, score.cause_right, score.details[0]["hotspot"]) == (0, 1, "H2")


def test_handset_batch_reaches_over_its_area():
    truth = [_problem(1, "K_TERM", 0, radius_m=1000)]
    spots = _hotspots(("H1", 1900, *IN), ("H2", 1900, *IN))
    score = evaluate(truth, spots, _diagnoses(H1="K_SIM", H2="K_WEAK"), _actions(H1=["A01"]))
    assert (score.found, score.cause_right, score.action_right, score.false_hotspots) == (1, 1, 1, 1)


def test_equivalents_are_only_the_documented_ones():
    assert same_cause("K_TX", "K_VOICE")
    assert same_cause("K_SIM", "K_TERM")
    assert not same_cause("K_WEAK", "K_HOLE")
    assert not same_cause("K_VOICE", "K_UL")
    assert not same_cause("K_WEAK", None)


def test_nothing_found_and_nothing_planted():
    spots = _hotspots(("H1", 0, *IN))
    assert evaluate([], spots, _diagnoses(), _actions()).false_hotspots == 1
    empty = evaluate([_problem(1, "K_WEAK", 0)], _hotspots(), _diagnoses(), _actions())
    assert (empty.planted, empty.found, empty.false_hotspots) == (1, 0, 0)


def test_incomplete_truth_is_named():
    broken = _problem(1, "K_WEAK", 0)
    del broken["radius_m"]
    with pytest.raises(InputError, match="problem 1: radius_m"):
        evaluate([broken], _hotspots(), _diagnoses(), _actions())


def test_every_planted_cause_has_its_action_class():
    from geoservice.simulate.kinds import KINDS

    assert {kind.cause for kind in KINDS.values()} <= set(ACTIONS_OF)
