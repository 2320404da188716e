"""A text seen four ways: its words, known phrases as what they mean, words as their kind, and the kinds alone.

The rules' lexicon and ``senses.toml`` know far more wordings than the labelled texts hold. Seen through them, texts
that say the same in other words become alike; n-grams of every view count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.features import Places, Tokens, Words
from geoservice.intake.classify.lexicon import lexicon
from geoservice.intake.classify.scan import Spans
from geoservice.intake.classify.senses import kinds_of, stable_hash

# What an n-gram of each view counts beside one of the words themselves; by cross-writer validation.
SHARES = (1.0, 0.7, 0.5, 0.5)
_SALT, _STEM = 100, 10  # between the numbers of the views' n-grams, and those of stems

Flags = NDArray[np.bool_]


class Layers(NamedTuple):
    """The views of some texts as ``kernels.collect`` takes them, n words in all.

    Attributes
    ----------
    word, stop, told, first, last : of each word, shape (n,).
    bounds : where each text begins in each layer, shape (layers, texts + 1).
    salt, full, share : of each layer: tells its n-grams from others', whether it has more than runs of two words,
        and what they count; shape (layers,).
    """

    word: Words
    stop: Flags
    told: Flags
    first: Places
    last: Places
    bounds: Places
    salt: Words
    full: Flags
    share: NDArray[np.float32]


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


def _shown(found: Tokens, spans: Spans) -> Iterator[tuple[View, Flags, int, bool, float]]:
    """Each layer: a view, which of its words count in runs of two, its salt, whether it is full, its share."""
    for number, view in enumerate(views(found, spans)):
        salt, share = 1 + _SALT * number, SHARES[number]
        yield view, np.ones(len(view.first), np.bool_), salt, True, share
        for order, stem in enumerate(() if number else found.stems, 1):
            cut = View(replace(found, word=stem, stems=()), view.first, view.last)
            yield cut, stem != found.word, salt + _STEM * order, False, share


def layers_of(found: Tokens, spans: Spans, texts: int) -> Layers:
    """All views one after the other; after the first, its words cut to their stems."""
    shown, told, salt, full, share = zip(*_shown(found, spans), strict=True)
    begins = np.cumsum([0, *(len(view.first) for view in shown)])
    lines = np.arange(texts + 1)
    return Layers(
        np.concatenate([view.tokens.word for view in shown]),
        np.concatenate([view.tokens.stop for view in shown]),
        np.concatenate(told),
        np.concatenate([view.first for view in shown]),
        np.concatenate([view.last for view in shown]),
        np.array([np.searchsorted(view.tokens.line, lines) for view in shown]) + begins[:-1, None],
        np.array(salt, np.uint64),
        np.array(full),
        np.array(share, np.float32),
    )
