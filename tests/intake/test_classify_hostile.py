"""Any text at all: no error, no long wait, the same answer twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.intake.classify import classify, classify_one
from geoservice.intake.classify.lexicon import expand, lexicon, read_toml
from geoservice.intake.classify.normalise import MAX_CHARACTERS, normalise
from tests.growth import assert_linear

ANYTHING = st.text(alphabet=st.characters(codec=None), max_size=200)  # lone surrogates and controls too
WORDS = st.lists(
    st.sampled_from(
        ["没", "信号", "不是", "电话", "断", " calls", " drop", "，", "not ", "以前", "1", "\n", "é", "İ", "ﷺ"]
    )
)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    classify_one("信号")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 26 + "!", "1" * 26 + "x", "信" * 50_000, "没" * 50_000, "没信号" * 20_000, "no " * 20_000, " " * 50_000,
        "\n" * 50_000, "'" * 50_000, "不是没" * 10_000, "a1'" * 20_000, "，。" * 30_000, "ﷺ" * 50_000, "\ud800" * 5_000,
    ],
    ids=lambda text: f"{text[:4]!r}x{len(text)}",
)  # fmt: skip
def test_any_text_takes_linear_time(text: str) -> None:
    assert_linear(classify_one, text)


@given(ANYTHING)
@settings(max_examples=300, deadline=None)
def test_any_text_has_an_answer(text: str) -> None:
    found = classify_one(text)
    assert found.primary
    assert 0 <= found.confidence <= 1
    assert found.primary not in found.secondary


@given(st.lists(st.one_of(ANYTHING, WORDS.map("".join)), max_size=8))
@settings(max_examples=200, deadline=None)
def test_neighbours_do_not_matter(texts: list[str]) -> None:
    assert classify(texts)["primary"].tolist() == [classify_one(text).primary for text in texts]


@given(WORDS.map("".join))
@settings(max_examples=200, deadline=None)
def test_case_and_width_do_not_matter(text: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    assert classify_one(wide).primary == classify_one(text).primary


def test_only_the_first_characters_are_read() -> None:
    assert classify_one("好" * MAX_CHARACTERS + "没信号").primary == "UNCLEAR"
    assert classify_one("好" * 100 + "，没信号").primary == "NO_COVERAGE"


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "\ud800没信号", "没信号\x00", "\r\n\t", "🙃", "\u202e"])
def test_odd_texts(text: str) -> None:
    assert classify_one(text).primary == ("NO_COVERAGE" if "没信号" in text else "UNCLEAR")


def test_normalise_keeps_one_line_a_text() -> None:
    assert normalise(["a\nb", "訊號", "Wi-Fi", ""]).count("\n") == 3


def test_expand_and_lexicon_agree_with_the_rules() -> None:
    assert sorted(expand("{no|zero} bar{s|}")) == ["no bar", "no bars", "zero bar", "zero bars"]
    rules, known = read_toml("rules.toml"), lexicon().bit
    named = {name for names in rules["words"].values() for name in names} | set(rules["state"]) | set(rules["denied"])
    named |= {name for rule in rules["combine"] for part in (*rule["all"], *rule["none"]) for name in part.split()}
    named |= {name for tag in rules["tag"] for name in tag["any"]}
    assert named <= set(known)


def test_halves_of_characters_stand_in_no_answer() -> None:
    found = classify(["\ud800没信号\udc00", "没\ud83d信号"])
    assert found["evidence"].str.encode("utf-8").notna().all()
    assert found["primary"][0] == "NO_COVERAGE"
