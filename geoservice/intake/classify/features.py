"""Words of texts and their hashes: single Chinese characters and Latin words, thousands of texts at once.

Everything is array work on the code points of the joined texts, so the cost grows with the number of characters
and not with the number of texts. Their n-grams are found in ``kernels.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.normalise import CLAUSE_ENDS, WORD_END, code_points

Words = NDArray[np.uint64]
Places = NDArray[np.int64]

BITS = 22
BUCKETS = 1 << BITS
STEMS = (3, 5)  # letters of a Latin word that stand for the word's family
LETTERS = 24  # letters of a Latin word that count
_WORD, _SINGLE, _STOP, _BLANK = 0, 1, 2, 3
MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words of joined texts in order; a clause end (also a line's) is one word ``stop``.

    Attributes
    ----------
    word, stem : hash of each word and of its first letters, shape (n,).
    start, end : its characters ``joined[start:end]``, shape (n,).
    stop : whether it ends a clause, shape (n,).
    line : the text it belongs to, shape (n,); a line's end belongs to the line it ends.
    """

    word: Words
    stems: tuple[Words, ...]
    start: Places
    end: Places
    stop: NDArray[np.bool_]
    line: Places


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """What each code point below 2^16 is; all above are single words (emoji, rare characters)."""
    kinds = np.full(1 << 16, _SINGLE, np.uint8)
    kinds[[ord(letter) for letter in "abcdefghijklmnopqrstuvwxyz0123456789'"]] = _WORD
    kinds[0xC0:0x250] = _WORD  # letters with accents
    kinds[[ord(letter) for letter in CLAUSE_ENDS + "\n、"]] = _STOP
    kinds[[ord(letter) for letter in " " + WORD_END]] = _BLANK
    return kinds


@lru_cache(maxsize=1)
def _powers() -> Words:
    """One odd factor for each place in a word."""
    return np.random.default_rng(20).integers(1, 1 << 63, LETTERS + 1, dtype=np.uint64) | np.uint64(1)


FACTORS = _powers()[5:8]  # for the words of an n-gram


def tokens(joined: str) -> Tokens:
    """The words of normalised texts, one text a line, every line ended."""
    from geoservice.intake.classify.word_kernels import split  # compiled, wanted only where texts are read

    points = code_points("\n" + joined)  # the first text begins at a line's end too
    words, places, stop = split(points, _kinds(), _powers()[:LETTERS], *STEMS)
    word, *stems = np.ascontiguousarray(words.T)
    start, end, line = np.ascontiguousarray(places.T)
    return Tokens(word, tuple(stems), start, end, stop, line)


RUN_FACTORS = _powers()[5:]  # for the words of a phrase


def run_seeds(longest: int) -> Words:
    """What the hash of a run of one word, of two, … begins with, shape (longest,)."""
    return np.array([-length % (1 << 64) for length in range(1, longest + 1)], np.uint64) * MIX


def hash_of_run(words: Sequence[int]) -> int:
    """Hash of some words in a row."""
    own = np.array(words, np.uint64)
    return int((run_seeds(len(own))[-1:] + (own * RUN_FACTORS[: len(own)]).sum())[0])
