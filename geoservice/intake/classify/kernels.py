"""Compiled inner loops of the statistical reader (numba, compiled at first use): n-grams, their sums, their places.

Words come in *layers* (``views.Layers``): the words of all texts as one view shows them, one array after the other.
Hashing (Weinberger et al. 2009, "Feature hashing for large scale multitask learning") makes a table of n-grams
needless.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geoservice.intake.classify.features import BITS, FACTORS, MIX

Words = NDArray[np.uint64]
Places = NDArray[np.int64]
Floats = NDArray[np.float32]

_MIX = MIX
_FOLD = np.uint64(29)
_SHIFT = np.uint64(64 - BITS)
_F0, _F1, _F2 = FACTORS[0], FACTORS[1], FACTORS[2]
_ONE, _SIX, _INNER = np.uint64(1), np.uint64(6), np.uint64(63)
_M1, _M2, _M4 = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES, _TOP = np.uint64(0x0101010101010101), np.uint64(56)
_TWO, _FOUR = np.uint64(2), np.uint64(4)


@njit(cache=True)
def _bucket(mixed: np.uint64) -> np.uint64:
    return (((mixed >> _FOLD) ^ mixed) * _MIX) >> _SHIFT


@njit(cache=True)
def _ones(bits: np.uint64) -> np.uint64:
    """The number of ones in 64 bits (Warren, Hacker's Delight, 5-1)."""
    bits -= (bits >> _ONE) & _M1
    bits = (bits & _M2) + ((bits >> _TWO) & _M2)
    return (((bits + (bits >> _FOUR)) & _M4) * _BYTES) >> _TOP


@njit(cache=True)
def _noted(found: Any, count: np.int64, mixed: np.uint64, first: int, last: int, counts: bool, wanted: Words) -> Any:
    """Note an n-gram and step on if it counts and is wanted, without a branch: nine in ten are not."""
    bucket = _bucket(mixed)
    found[count, 0], found[count, 1], found[count, 2] = bucket, first, last
    return count + np.int64((wanted[bucket >> _SIX] >> (bucket & _INNER)) & np.uint64(counts))


@njit(cache=True)
def _grams(
    found: Any, count: np.int64, word: Words, stop: Any, begin: int, end: int, seed: np.uint64, wanted: Words
) -> Any:
    """Note the n-grams of one text in one layer that begin from ``begin`` on and end before ``end``."""
    for place in range(begin, end):
        left = end - place
        mixed, open_here = seed + word[place] * _F0, not stop[place]
        count = _noted(found, count, mixed, place, place, open_here, wanted)
        if left < 2:
            break
        one, open_next = word[place + 1] * _F1, not stop[place + 1]
        count = _noted(found, count, mixed + _MIX + one, place, place + 1, open_here or open_next, wanted)
        if left < 3 or not open_next:
            continue
        other, kind = word[place + 2], _MIX + _MIX
        count = _noted(found, count, mixed + kind + one + other * _F2, place, place + 2, True, wanted)
        kind += _MIX
        pair = open_here and not stop[place + 2]
        count = _noted(found, count, mixed + kind + other * _F1, place, place + 2, pair, wanted)
        if left > 3:
            far = mixed + kind + _MIX + word[place + 3] * _F1
            count = _noted(found, count, far, place, place + 3, pair and not stop[place + 3], wanted)
    return count


@njit(cache=True)
def _stems(
    found: Any, count: np.int64, word: Words, stop: Any, told: Any, begin: int, end: int, seed: np.uint64, wanted: Words
) -> Any:
    """The same for a layer of stems: runs of one and two words of which one is ``told``."""
    for place in range(begin, end):
        mixed, beside = seed + word[place] * _F0, place + 1 < end and told[place + 1]
        if told[place] and not stop[place]:
            count = _noted(found, count, mixed, place, place, True, wanted)
        if (told[place] or beside) and place + 1 < end:
            run = mixed + _MIX + word[place + 1] * _F1
            count = _noted(found, count, run, place, place + 1, not (stop[place] and stop[place + 1]), wanted)
    return count


@njit(cache=True)
def _numbered(found: Any, begin: int, count: int, wanted: Words, before: Any, stamp: Any, text: int) -> int:
    """Rows in place of the buckets noted from ``begin`` on; in a long text, which has ``stamp``, each once."""
    kept = begin
    for place in range(begin, count):
        bucket = np.uint64(found[place, 0])
        if len(stamp):
            if stamp[bucket] == text + 1:
                continue
            stamp[bucket] = text + 1
        block, inside = bucket >> _SIX, (_ONE << (bucket & _INNER)) - _ONE
        found[kept, 0] = before[block] + np.int64(_ones(wanted[block] & inside))
        found[kept, 1], found[kept, 2] = found[place, 1], found[place, 2]
        kept += 1
    return kept


@njit(cache=True)
def collect(
    word: Words,
    stop: NDArray[np.bool_],
    told: NDArray[np.bool_],
    bounds: Places,
    salt: Words,
    full: NDArray[np.bool_],
    wanted: Words,
    before: NDArray[np.int32],
    long: NDArray[np.bool_],
) -> Any:
    """N-grams of texts, text by text: runs of one, two and three words, pairs with a gap of one and of two.

    A clause end counts as a word at the edge of a run; no n-gram has one inside, and no pair touches one.

    Parameters
    ----------
    word, stop, told : of all layers, shape (n,); in a layer that is not full a run counts if a word of it is ``told``.
    bounds : where each text begins in each layer, shape (layers, texts + 1); a clause end stands before each.
    salt, full : of each layer: tells its n-grams from others', and whether it has more than runs of two.
    wanted, before : a bit for each bucket in words of 64, and how many are wanted in those before; ``everything()``
        wants all of them.
    long : texts in which an n-gram counts once, shape (texts,).

    Returns
    -------
    row (number among those wanted), first and last word (places in ``word``) of each n-gram, shape (n-grams, 3);
    ends of the texts in them, shape (texts + 1,).
    """
    layers, texts = bounds.shape[0], bounds.shape[1] - 1
    found, ends, count = np.empty((1 << 16, 3), np.int32), np.zeros(texts + 1, np.int64), 0
    never, stamps = np.zeros(0, np.int32), np.zeros((1 << BITS) if long.any() else 0, np.int32)
    for text in range(texts):
        stamp = stamps if long[text] else never
        for layer in range(layers):
            begin, end = bounds[layer, text] - 1, bounds[layer, text + 1]
            while count + 5 * (end - begin) + 1 > len(found):
                more = np.empty((2 * len(found), 3), np.int32)
                more[:count] = found[:count]
                found = more
            seed = salt[layer] * _MIX
            if full[layer]:
                count = _grams(found, count, word, stop, begin, end, seed, wanted)
            else:
                count = _stems(found, count, word, stop, told, begin, end, seed, wanted)
        ends[text + 1] = count = _numbered(found, ends[text], count, wanted, before, stamp, text)
    return found[:count], ends


def everything() -> tuple[Words, NDArray[np.int32]]:
    """What wants every bucket, under its own number."""
    blocks = (1 << BITS) // 64
    return np.full(blocks, ~np.uint64(0)), np.arange(blocks, dtype=np.int32) * 64


@njit(cache=True)
def sums(grams: NDArray[np.int32], ends: Places, whole: NDArray[np.int8], unit: Floats) -> Floats:
    """Sum of the weights of each text's n-grams, shape (texts, columns)."""
    columns = whole.shape[1]
    total = np.zeros((len(ends) - 1, columns), np.float32)
    for text in range(len(ends) - 1):
        for place in range(ends[text], ends[text + 1]):
            one = grams[place, 0]
            scale = unit[one]
            for column in range(columns):
                total[text, column] += np.float32(whole[one, column]) * scale
    return total


@njit(cache=True)
def _values(
    grams: Any, whole: Any, unit: Any, column: int, first: Any, last: Any, stop: Any, begin: int, end: int
) -> NDArray[np.float64]:
    """What n-grams say for a class, spread over their words; −∞ at clause ends."""
    change = np.zeros(end - begin + 1)
    for row, opening, closing in grams:
        start, stays = first[opening], last[closing]
        each = np.float64(np.float32(whole[row, column]) * unit[row]) / (stays - start + 1)
        change[max(start - begin, 0)] += each
        change[stays + 1 - begin] -= each
    value = np.cumsum(change)[:-1]
    for place in range(end - begin):
        if stop[begin + place]:
            value[place] = -np.inf
    return value


@njit(cache=True)
def _best_run(value: NDArray[np.float64]) -> tuple[int, int]:
    """First and last place of the run that most exceeds the mean (Kadane's algorithm, linear)."""
    mean, spoken = 0.0, 0
    for one in value:
        if one > -np.inf:
            mean += max(one, 0.0)
            spoken += 1
    mean /= max(spoken, 1)
    best, first, last, total, start = -np.inf, 0, -1, 0.0, 0
    for place in range(len(value)):
        if total <= 0:
            total, start = 0.0, place
        total += value[place] - mean
        if total > best:
            best, first, last = total, start, place
    return first, last


@njit(cache=True)
def best_runs(
    which: Places,
    column: Places,
    grams: NDArray[np.int32],
    ends: Places,
    whole: NDArray[np.int8],
    unit: Floats,
    first: Places,
    last: Places,
    stop: NDArray[np.bool_],
    begins: Places,
) -> Places:
    """First and last word of the run of words that speaks most for a class, in each of some texts.

    Parameters
    ----------
    which, column : the texts and their class, shape (n,).
    grams, ends : known n-grams (``collect``), words being places in ``first`` and ``last``.
    first, last : the words each word of the layers stands for, places in ``stop``.
    begins : first word of each text and the end of all, shape (texts + 1,).

    Returns
    -------
    shape (n, 2); the last is before the first where nothing is said.
    """
    runs = np.zeros((len(which), 2), np.int64)
    for number in range(len(which)):
        text = which[number]
        begin, end = begins[text], begins[text + 1]
        own = grams[ends[text] : ends[text + 1]]
        run = _best_run(_values(own, whole, unit, column[number], first, last, stop, begin, end))
        runs[number, 0], runs[number, 1] = begin + run[0], begin + run[1]
    return runs
