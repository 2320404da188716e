"""Texts seen through known phrases and kinds of words."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from geoservice.intake.classify import features, senses, views
from geoservice.intake.classify.lexicon import expand, read_toml
from geoservice.intake.classify.normalise import WORD_END
from geoservice.intake.classify.scan import read_chunk


def seen(text: str) -> list[tuple[list[str], list[int]]]:
    """For each view the words each token stands for and the tokens' hashes, clause ends left out."""
    chunk = read_chunk([text])
    found = features.tokens(chunk.joined)
    told = []
    for tokens, first, last in views.views(found, chunk.spans):
        spoken = [place for place in range(len(first)) if not tokens.stop[place]]
        words = [
            chunk.joined[found.start[first[place]] : found.end[last[place]]].replace(WORD_END, "") for place in spoken
        ]
        told.append((words, [int(tokens.word[place]) for place in spoken]))
    return told


def test_words_of_one_kind_are_one_word() -> None:
    plumber, doctor = seen("my plumber complains"), seen("my doctor complains")
    assert plumber[0][1] != doctor[0][1]
    assert plumber[2][1] == doctor[2][1]
    assert plumber[2][0][0] == "my plumber"


def test_wordings_with_one_meaning_are_one_word() -> None:
    one, other = seen("手机打不出去")[1], seen("手機打不出去")[1]
    assert one[1] == other[1]


def test_the_outline_holds_kinds_only() -> None:
    words, _ = seen("the zorblax of my wife plimps in the kitchen")[3]
    assert words == ["my wife", "in the kitchen"]


def test_of_overlapping_phrases_the_first_and_longest_counts() -> None:
    found = features.tokens(read_chunk(["my mother in law"]).joined)
    inner, _ = senses.kinds_of(found)
    assert inner[~found.stop].tolist() == [False, True, True, True]


@pytest.mark.parametrize("texts", [[""], ["", ""], ["。，"], ["\ud800"]])
def test_texts_without_words_have_layers(texts: list[str]) -> None:
    chunk = read_chunk(texts)
    layers = views.layers_of(features.tokens(chunk.joined), chunk.spans, len(texts))
    assert layers.bounds.shape == (len(layers.full), len(texts) + 1)


def test_layers_stand_for_words_of_their_text() -> None:
    chunk = read_chunk(["没信号，my wife cries", "ok"])
    found = features.tokens(chunk.joined)
    layers = views.layers_of(found, chunk.spans, 2)
    assert (layers.first <= layers.last).all()
    assert np.array_equal(layers.stop, found.stop[layers.first])
    for bounds in layers.bounds:
        assert layers.stop[bounds - 1].all()
        for text, (begin, end) in enumerate(itertools.pairwise(bounds.tolist())):
            assert (found.line[layers.first[begin:end]] == text).all()


def test_every_phrase_of_the_lists_is_found() -> None:
    listed = {
        " ".join(p.split()) for patterns in read_toml("senses.toml").values() for q in patterns for p in expand(q)
    }
    phrases = sorted(listed - {""})[::7]
    chunk = read_chunk(phrases)
    found = features.tokens(chunk.joined)
    _, word = senses.kinds_of(found)
    known = np.zeros(len(phrases), np.bool_)
    known[found.line[word != found.word]] = True
    assert known.mean() > 0.999
