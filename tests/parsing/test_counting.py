"""A count of one stands with the singular."""

from __future__ import annotations

import pytest

from geoservice.network.sites import WATCH_MEANING
from geoservice.parsing.counting import counted


@pytest.mark.parametrize(
    ("what", "one"),
    [
        ("azimuths are unreadable and were left out", "1 azimuth is unreadable and was left out"),
        ("channel numbers belong to no known band", "1 channel number belongs to no known band"),
        ("values of neighbours are no lists and were left out", "1 value of neighbours is no list and was left out"),
        ("measurements got the nearest cell", "1 measurement got the nearest cell"),
        (
            "cells name no technology; it was read from their key or channel number",
            "1 cell names no technology; it was read from its key or channel number",
        ),
        ("values of due are words, no times, and were left out", "1 value of due is a word, no time, and was left out"),
        ("rows repeat a ticket", "1 row repeats a ticket"),
        ("cells tilt less than 2°", "1 cell tilts less than 2°"),
    ],
)
def test_one_is_singular_and_more_are_as_written(what: str, one: str) -> None:
    assert counted(1, what) == one
    assert counted(2, what) == f"2 {what}"


@pytest.mark.parametrize("meaning", WATCH_MEANING.values())
def test_every_finding_of_the_watch_list_has_a_singular(meaning: str) -> None:
    words = counted(1, f"cells {meaning}").split()
    assert words[:2] == ["1", "cell"]
    assert not {"cells", "have", "stand", "their"} & set(words)
