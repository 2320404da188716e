"""Who hears whom: parts of a call, the exchange of the two persons, and which way speech is lost."""

from __future__ import annotations

import numpy as np
import pytest

from geoservice.intake.classify import classify_one, hearing
from geoservice.intake.classify.lexicon import read_toml
from geoservice.intake.classify.normalise import normalise

NUMBERS = {name: place for place, name in enumerate(read_toml(hearing.ROLES), 2)}


def parts(text: str) -> list[int]:
    return hearing.parts_of([normalise([text])])[0]


def named(text: str) -> list[str]:
    names = {number: name for name, number in NUMBERS.items()}
    return [names[part] for part in parts(text) if part in names]


def test_texts_are_reduced_to_parts() -> None:
    assert named("my plumber can't hear me, 真的") == ["PEER", "DEAF", "ME"]
    assert named("对方听不到我") == ["PEER", "DEAF", "ME"]


def test_clauses_are_kept_apart() -> None:
    keys = hearing.keys_of(parts("I hear, he waits"))
    assert keys != hearing.keys_of(parts("I hear he waits"))


def test_exchanging_twice_changes_nothing_where_no_side_is_asked() -> None:
    for text in ("I hear him, he can't hear me", "my voice reaches them", "我听得到他，他听不到我"):
        once = hearing.exchanged(parts(text))
        assert once != parts(text)
        assert hearing.exchanged(once) == parts(text)


def test_an_ear_is_symmetric() -> None:
    """What is learnt of "he cannot hear me" is known of "I cannot hear him"."""
    lines = normalise(["he can't hear me", "my voice does not reach them", "she hears nothing"] * 3).split("\n")
    ear = hearing.learn_ear(lines, np.array([True] * len(lines)))
    assert hearing.leaning(parts("he can't hear me"), ear) > 0
    assert hearing.leaning(parts("i can't hear him"), ear) < 0
    assert hearing.leaning(parts("zorblax"), ear) == 0


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("he says he can't hear a word from me but I hear him fine", "UL"),
        ("I can hear the caller but the caller cannot hear me", "UL"),
        ("她说听不见我，我听她很清楚", "UL"),
        ("我讲的他收不到，他讲的我都听得到", "UL"),
        ("they hear me perfectly, I hear nothing", "DL"),
        ("she could hear me all along, I could not hear her", "DL"),
        ("我听不到他，他说能听到我", "DL"),
        ("佢聽到我講，我聽唔到佢", "DL"),
        ("接通后两头都没声音", "both"),
    ],
)
def test_which_way_speech_is_lost(text: str, way: str) -> None:
    assert classify_one(text).audio == way


def test_every_part_is_in_use() -> None:
    wanted = {*hearing.CORE, *hearing.ONE_SIDED, *(name for pair in hearing.EXCHANGED for name in pair)}
    assert wanted <= set(NUMBERS)
    assert max(hearing.roles().other.values()) < 1 << 6
