"""Further classes beside the primary one, and the order of the handbook between them."""

from __future__ import annotations

import numpy as np
import pytest

from geoservice.intake.classify import classify_one
from geoservice.intake.classify.beside import ordered, told_beside

CLASSES = ("DROPPED_CALL", "ECHO", "INDOOR_COVERAGE", "NON_NETWORK", "SLOW_DATA", "UNCLEAR")


def one(**odds: float) -> np.ndarray:
    row = np.full((1, len(CLASSES)), -np.inf, np.float32)
    for code, value in odds.items():
        row[0, CLASSES.index(code)] = value
    return row


def first(odds: np.ndarray, best: str, scores: np.ndarray | None = None) -> str:
    even = np.zeros((1, len(CLASSES)), np.float32)
    found = ordered(odds, even if scores is None else scores, even, np.array([CLASSES.index(best)]), CLASSES)
    return CLASSES[int(found[0])]


def test_a_likely_symptom_earlier_in_the_order_goes_first() -> None:
    assert first(one(DROPPED_CALL=1.0), "ECHO") == "DROPPED_CALL"
    assert first(one(ECHO=1.0), "DROPPED_CALL") == "DROPPED_CALL"
    assert first(one(SLOW_DATA=1.0), "NON_NETWORK") == "SLOW_DATA"


def test_an_unlikely_one_or_one_far_behind_does_not() -> None:
    assert first(one(DROPPED_CALL=-2.0), "ECHO") == "ECHO"
    assert first(one(DROPPED_CALL=1.0), "ECHO", one(DROPPED_CALL=-1.5)) == "ECHO"


def test_a_place_is_no_symptom() -> None:
    assert first(one(INDOOR_COVERAGE=3.0), "SLOW_DATA") == "SLOW_DATA"


def test_the_class_overtaken_is_told_beside() -> None:
    best, primary = np.array([CLASSES.index("ECHO")]), np.array([CLASSES.index("DROPPED_CALL")])
    assert told_beside(one(DROPPED_CALL=1.0, SLOW_DATA=2.0), best, primary, CLASSES) == {0: ("ECHO", "SLOW_DATA")}
    assert told_beside(one(DROPPED_CALL=-3.0), best, best, CLASSES) == {}


@pytest.mark.parametrize(
    ("text", "primary", "second"),
    [
        ("calls drop after a minute, and there is an echo too", "DROPPED_CALL", "ECHO"),
        ("上网特别慢，通话还老是断", "DROPPED_CALL", "SLOW_DATA"),
        ("you overcharged me and there is no service at all in my village", "NO_COVERAGE", "NON_NETWORK"),
    ],
)
def test_two_complaints_in_one_text(text: str, primary: str, second: str) -> None:
    found = classify_one(text)
    assert found.primary == primary
    assert second in found.secondary
