"""Names as comparable text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.locate import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zahirābād", "zahirabad"), ("  PUNE,(Maharashtra) ", "pune maharashtra"), ("Ｐｕｎｅ", "pune"),
        ("科技园・南区", "科技园 南区"), ("मुंबई", "मुंबई"), ("St. Mary's", "st mary s"), ("", ""),
        ("São_Paulo", "sao paulo"),
    ],
)  # fmt: skip
def test_normalise(text: str, expected: str) -> None:
    assert words.normalise(text) == expected


@settings(deadline=None)
@given(st.text(max_size=80))
def test_normalise_is_stable_and_bare(text: str) -> None:
    once = words.normalise(text)
    assert words.normalise(once) == once
    assert once == once.strip()
    assert "  " not in once


def test_romanise_and_readings() -> None:
    assert words.romanise("科技园") == "kejiyuan"
    assert words.romanise("shen zhen 湾") == "shenzhenwan"
    assert words.readings("重庆") >= {"chongqing"}
    assert words.initials("科技园") == "kjy"
    assert words.initials("new delhi") == "nd"


@pytest.mark.parametrize(
    ("a", "b"), [("keelakarai", "kilakarai"), ("poona", "puna"), ("vadodara", "wadodara"), ("zhongshan", "zongsan")]
)
def test_what_sounds_alike_has_one_key(a: str, b: str) -> None:
    assert words.sound(a) == words.sound(b)


def test_what_sounds_different_has_not() -> None:
    assert words.sound("pune") != words.sound("patna")


def test_homophones_are_one_syllable_each() -> None:
    assert words.syllables("阳光") == words.syllables("洋光")
    assert words.syllables("阳光") != words.syllables("阳关村")
