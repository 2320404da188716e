"""Words of texts and their hashed n-grams: single Chinese characters and Latin words, thousands of texts at once.

Everything is array work on the code points of the joined texts, so the cost grows with the number of characters
and not with the number of texts. Hashing (Weinberger et al. 2009, "Feature hashing for large scale multitask
learning") makes a table of known n-grams needless.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.normalise import CLAUSE_ENDS, WORD_END

Words = NDArray[np.uint64]
Places = NDArray[np.int64]

BITS = 22
BUCKETS = 1 << BITS
LONGEST = 3  # words in an n-gram
STEMS = (3, 5)  # letters of a Latin word that stand for the word's family
LETTERS = 24  # letters of a Latin word that count
_WORD, _SINGLE, _STOP, _BLANK = 0, 1, 2, 3
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - BITS)


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


def code_points(joined: str) -> NDArray[np.uint32]:
    """The characters as numbers; lone surrogates stay themselves."""
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)


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


def _bucket(mixed: Words) -> Places:
    """In place, for these are the longest arrays: half the time of reading goes into n-grams."""
    bucket = mixed >> np.uint64(29)
    bucket ^= mixed
    bucket *= _MIX
    bucket >>= _SHIFT
    return bucket.view(np.int64)


def hash_of_runs(words: Words, length: int) -> Words:
    """Hash of the ``length`` words from each place, shape (n - length + 1,)."""
    return _grams(words, tuple(range(length)), -length)


def _grams(words: Words, offsets: tuple[int, ...], kind: int) -> Words:
    """Hash of the words at ``offsets`` from each place where all fit, shape (n - last offset,)."""
    count = len(words) - offsets[-1]
    factors = _powers()
    mixed = np.full(count, kind % (1 << 64), np.uint64) * _MIX
    for order, offset in enumerate(offsets):
        mixed += words[offset : offset + count] * factors[order + 5]
    return mixed


# Offsets of the words of an n-gram: runs, and pairs with a gap.
RUNS = tuple(tuple(range(length)) for length in range(1, LONGEST + 1))
PAIRS = ((0, 2), (0, 3))


@dataclass(frozen=True, slots=True)
class Rows:
    """For each bucket the number to give instead of it, and whether it is wanted at all, each shape (BUCKETS,)."""

    row: NDArray[np.int32]
    wanted: NDArray[np.bool_]  # asked first: a quarter of the memory to wander through


@dataclass(frozen=True, slots=True)
class Grams:
    """N-grams found: bucket, first and last word (positions in ``Tokens``) and text of each, each shape (m,)."""

    bucket: Places
    first: Places
    last: Places
    line: Places


def grams(found: Tokens, salt: int, rows: Rows | None = None) -> Grams:
    """Every n-gram inside a clause, the clause's edges taken as words; only those wanted if ``rows`` are given.

    Parameters
    ----------
    salt : tells the n-grams of one view of the texts from those of another.
    rows : numbers to give instead of buckets.
    """
    stops = np.concatenate(([0], np.cumsum(found.stop)))
    parts = [
        _of_kind(found, found.word, stops, offsets, salt + kind, rows) for kind, offsets in enumerate(RUNS + PAIRS)
    ]
    for number, stems in enumerate(found.stems, 1):
        shortened = stems != found.word
        parts += [
            _of_kind(found, stems, stops, offsets, salt + 10 * number + kind, rows, shortened)
            for kind, offsets in enumerate(RUNS[:2])
        ]
    bucket, first, last = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Grams(bucket, first, last, np.where(found.stop[first], found.line[last], found.line[first]))


def _of_kind(
    found: Tokens,
    words: Words,
    stops: Places,
    offsets: tuple[int, ...],
    kind: int,
    rows: Rows | None,
    wanted: NDArray[np.bool_] | None = None,
) -> tuple[Places, Places, Places]:
    """Bucket, first and last word of the n-grams with words at ``offsets``, of which one is ``wanted`` if given."""
    if len(words) <= offsets[-1]:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    allowed = _allowed(found.stop, stops, offsets)
    if wanted is not None:
        allowed &= wanted[: len(allowed)] | wanted[offsets[-1] :]
    bucket = _bucket(_grams(words, offsets, kind))
    if rows is not None:
        allowed &= rows.wanted.take(bucket)
    first = np.flatnonzero(allowed)
    bucket = bucket[first] if rows is None else rows.row[bucket[first]].astype(np.int64)
    return bucket, first, first + offsets[-1]


def _allowed(stop: NDArray[np.bool_], stops: Places, offsets: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which n-grams of a kind count: no clause end inside, not only clause ends."""
    span = offsets[-1]
    count = len(stop) - span
    if not span:
        return ~stop
    if len(offsets) < span + 1:  # a pair with a gap has no edges
        return np.asarray(stops[span + 1 :] == stops[:count])
    if span == 1:
        return ~(stop[:count] & stop[1:])
    return np.asarray(stops[span:-1] == stops[1 : count + 1])
