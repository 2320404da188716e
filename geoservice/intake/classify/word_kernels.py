"""Compiled inner loops that find words in code points and known runs of words (numba, compiled at first use)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Points = NDArray[np.uint32]
Words = NDArray[np.uint64]

_WORD, _SINGLE, _STOP, _BLANK = 0, 1, 2, 3  # kinds of characters
STOP = np.uint64(1)  # the word that a clause end is
_LINE, _PLANE = np.uint32(10), np.uint32(1 << 16)
_SIX, _INNER, _ONE, _ALL = np.uint64(6), np.uint64(63), np.uint64(1), 64


@njit(cache=True)
def split(points: Points, kinds: NDArray[np.uint8], powers: Words, short: int, middle: int) -> Any:
    """Words of code points, the first of which ends a line.

    Parameters
    ----------
    kinds : kind of each code point below 2^16; all above are single words.
    powers : a factor for each letter of a word that counts.
    short, middle : letters that stand for a word's family, fewer first.

    Returns
    -------
    hashes of each word and of its first letters, shape (n, 3); start, end and line of each, shape (n, 3); whether it
    ends a clause, shape (n,).
    """
    words, places = np.empty((len(points), 3), np.uint64), np.empty((len(points), 3), np.int64)
    stop = np.empty(len(points), np.bool_)
    count, line, letters = -1, -1, 0
    before: Any = _BLANK
    for place in range(len(points)):
        point = points[place]
        kind = np.int64(kinds[point] if point < _PLANE else _SINGLE)
        newline = point == _LINE
        if kind == _SINGLE or newline or (kind != _BLANK and kind != before):
            count, letters = count + 1, 0
            words[count] = STOP if kind == _STOP else np.uint64(0)
            places[count, 0], places[count, 1], places[count, 2] = place - 1, place - 1, line
            stop[count] = kind == _STOP
        line += newline
        before = kind
        if kind == _BLANK or letters >= len(powers):
            letters += 1
            continue
        if kind != _STOP:
            letter = np.uint64(point) * powers[letters]
            words[count, 0] += letter
            words[count, 1] += letter if letters < short else np.uint64(0)
            words[count, 2] += letter if letters < middle else np.uint64(0)
        letters += 1
        places[count, 1] += 1
    return words[: count + 1], places[: count + 1], stop[: count + 1]


@njit(cache=True)
def runs(words: Words, powers: Words, seeds: Words, keys: Words, kinds: Words, sieve: Words) -> Any:
    """End and kind of the longest known run of words from each place, 0 where there is none; shapes (n,).

    Parameters
    ----------
    powers : a factor for each word of a run; ``seeds`` what a run of each length begins with.
    keys, kinds : hash table (a power of two long) of the runs' hashes and what they are.
    sieve : a bit for each of 64 times as many slots, set for known runs: most are turned away by it.
    """
    end, found = np.zeros(len(words), np.int64), np.zeros(len(words), np.uint64)
    shift, mask = slot_shift(len(keys)), len(keys) - 1
    for place in range(len(words)):
        total = np.uint64(0)
        for more in range(min(len(seeds), len(words) - place)):
            word = words[place + more]
            if word == STOP:
                break
            total += word * powers[more]
            key = total + seeds[more]
            bit = sieve_bit(key, shift)
            if not (sieve[bit >> _SIX] >> (bit & _INNER)) & _ONE:
                continue
            slot = np.int64(bit >> _SIX)
            while keys[slot] and keys[slot] != key:
                slot = (slot + 1) & mask
            if keys[slot]:
                end[place], found[place] = place + more + 1, kinds[slot]
    return end, found


@njit(cache=True)
def slot_shift(size: int) -> np.uint64:
    """By how much a hash is shifted to number the bits of a sieve of ``size`` words."""
    bits = 0
    while (1 << bits) < size:
        bits += 1
    return np.uint64(58 - bits)


@njit(cache=True)
def sieve_bit(key: np.uint64, shift: np.uint64) -> np.uint64:
    """The bit of a hash in a sieve; its word is the hash's slot."""
    return (key * np.uint64(0x9E3779B97F4A7C15)) >> shift


@njit(cache=True)
def table_of(hashes: Words, kinds: Words) -> tuple[Words, Words, Words]:
    """The hash table and the sieve of :func:`runs`."""
    bits = 4
    while (1 << bits) < 4 * len(hashes):
        bits += 1
    size = 1 << bits
    keys, values, sieve = np.zeros(size, np.uint64), np.zeros(size, np.uint64), np.zeros(size, np.uint64)
    shift = slot_shift(size)
    for one in range(len(hashes)):
        bit = sieve_bit(hashes[one], shift)
        sieve[bit >> _SIX] |= _ONE << (bit & _INNER)
        slot = np.int64(bit >> _SIX)
        while keys[slot] and keys[slot] != hashes[one]:
            slot = (slot + 1) & (size - 1)
        keys[slot], values[slot] = hashes[one], kinds[one]
    return keys, values, sieve


@njit(cache=True)
def covered(end: Any) -> tuple[Any, Any]:
    """Where a run stands and which words are swallowed by one, of runs that overlap the first; shapes (n,)."""
    begins, inner = np.zeros(len(end), np.bool_), np.zeros(len(end), np.bool_)
    free, until = 0, 0
    for place in range(len(end)):
        inner[place] = place < until
        if end[place] and place >= free:
            begins[place], until = True, end[place]
        free = max(free, end[place])
    return begins, inner
