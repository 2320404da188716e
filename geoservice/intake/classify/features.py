"""Words of texts and their hashes: single Chinese characters and Latin words, thousands of texts at once.

Everything is array work on the code points of the joined texts, so the cost grows with the number of characters
and not with the number of texts. Their n-grams are found in ``kernels.py``.
"""

from __future__ import annotations

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
    points = code_points("\n" + joined)  # the first text begins at a line's end too
    kind = np.where(points < 1 << 16, _kinds()[np.minimum(points, 0xFFFF)], np.uint8(_SINGLE))
    before = np.concatenate(([np.uint8(_BLANK)], kind[:-1]))
    newline = points == ord("\n")
    begins = (kind == _SINGLE) | ((kind == _WORD) & (before != _WORD)) | ((kind == _STOP) & (before != _STOP)) | newline
    begins[:1] = True
    start = np.flatnonzero(begins)
    group = np.cumsum(begins) - 1
    place = np.arange(len(points)) - start[group]
    solid = (kind != _BLANK) & (place < LETTERS)
    letters = np.where(solid, points, 0).astype(np.uint64) * _powers()[np.minimum(place, LETTERS)]
    stop = kind[start] == _STOP
    lengths = np.add.reduceat(solid.astype(np.int64), start)
    word = np.where(stop, np.uint64(1), np.add.reduceat(letters, start))
    stems = tuple(
        np.where(stop, np.uint64(1), np.add.reduceat(np.where(place < size, letters, np.uint64(0)), start))
        for size in STEMS
    )
    line = np.cumsum(newline)[start] - newline[start] - 1
    keep = (lengths > 0) | stop
    return Tokens(
        word[keep],
        tuple(stem[keep] for stem in stems),
        start[keep] - 1,
        (start + lengths)[keep] - 1,
        stop[keep],
        line[keep],
    )


def hash_of_runs(words: Words, length: int) -> Words:
    """Hash of the ``length`` words from each place, shape (n - length + 1,)."""
    count = len(words) - length + 1
    mixed = np.full(count, -length % (1 << 64), np.uint64) * MIX
    for offset in range(length):
        mixed += words[offset : offset + count] * _powers()[offset + 5]
    return mixed
