"""A text seen four ways: its words, known phrases as what they mean, words as their kind, and the kinds alone.

The rules' lexicon and ``senses.toml`` know far more wordings than the labelled texts hold. Seen through them, texts
that say the same in other words become alike; n-grams of every view count.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.features import Grams, Places, Rows, Tokens, Words, grams
from geoservice.intake.classify.lexicon import lexicon
from geoservice.intake.classify.scan import Spans
from geoservice.intake.classify.senses import kinds_of, stable_hash

# What an n-gram of each view counts beside one of the words themselves; by cross-writer validation.
SHARES = (1.0, 0.7, 0.5, 0.5)
_SALT = 100  # between the numbers of the views' n-grams

Flags = NDArray[np.bool_]


class View(NamedTuple):
    """Words as seen, and the first and last of the text's own words that each stands for, shape (n,)."""

    tokens: Tokens
    first: Places
    last: Places


@lru_cache(maxsize=1)
def _meaning_hashes() -> Words:
    words = lexicon()
    names = [sorted(name for name, bit in words.bit.items() if mask & bit) for mask in words.masks]
    return np.array([stable_hash(f"meaning {named}") for named in names], np.uint64)


def _meanings(found: Tokens, spans: Spans) -> tuple[Flags, Words]:
    """Which words are swallowed by the phrase before them, and the words with meanings in place of phrases."""
    start, end, meaning = spans
    if not len(start):
        return np.zeros(len(found.word), np.bool_), found.word
    phrase = np.searchsorted(start, found.start, "right") - 1
    within = (phrase >= 0) & (found.start < end[phrase]) & ~found.stop
    inner = within & np.concatenate(([False], (phrase[1:] == phrase[:-1]) & within[:-1]))
    return inner, np.where(within, _meaning_hashes()[meaning[phrase]], found.word)


def _pick(found: Tokens, which: Places, word: Words) -> Tokens:
    return Tokens(word[which], (), found.start[which], found.end[which], found.stop[which], found.line[which])


def _merged(found: Tokens, inner: Flags, word: Words) -> View:
    """The words with every phrase as one."""
    first = np.flatnonzero(~inner)
    return View(_pick(found, first, word), first, np.append(first[1:], len(inner)) - 1)


def _outline(view: View, found: Tokens) -> View:
    """Only what was replaced, and the ends of clauses."""
    told = np.flatnonzero((view.tokens.word != found.word[view.first]) | view.tokens.stop)
    return View(_pick(view.tokens, told, view.tokens.word), view.first[told], view.last[told])


def views(found: Tokens, spans: Spans) -> Iterator[View]:
    """The four views, in the order of ``SHARES``."""
    everything = np.arange(len(found.word))
    yield View(found, everything, everything)
    yield _merged(found, *_meanings(found, spans))
    kinds = _merged(found, *kinds_of(found))
    yield kinds
    yield _outline(kinds, found)


def grams_of(found: Tokens, spans: Spans, rows: Rows | None = None) -> Iterator[Grams]:
    """N-grams of each view; their words are positions in ``found``."""
    for number, (tokens, first, last) in enumerate(views(found, spans)):
        seen = grams(tokens, 1 + _SALT * number, rows)
        yield Grams(seen.bucket, first[seen.first], last[seen.last], seen.line)
