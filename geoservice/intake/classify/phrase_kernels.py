"""Compiled inner loops of the rules' scan (numba, compiled at first use): spacing, and known phrases in a text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Points = NDArray[np.uint32]
Places = NDArray[np.int32]

ROOT = 1
POINT_BITS = 21  # of a code point
NODE_BITS = 32  # of a node's number beside a meaning
SIEVE_BITS = 1  # the sieve has a bit for each half of a slot
RIVALS = 3  # phrases beginning inside a phrase that are looked at
WIDE_GAP, NARROW_GAP = 10, 2
_SPACE, _QUOTE, _LINE, _WORD_END = np.uint32(32), np.uint32(39), np.uint32(10), np.uint32(1)
_SIX, _INNER, _ONE = np.uint64(6), np.uint64(63), np.uint64(1)
_NODE = np.int64((1 << NODE_BITS) - 1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True)
def _is_letter(point: np.uint32) -> bool:
    return bool(97 <= point <= 122 or 48 <= point <= 57)


@njit(cache=True)
def _one_blank(points: Points) -> Points:
    """No blank twice, none before a Chinese character but at a line's begin; an opening quote is a blank."""
    kept, count, letter = np.empty(len(points), np.uint32), 0, False
    for point in points:
        blank = point == _SPACE or (point == _QUOTE and not letter)
        letter = _is_letter(point)
        before = kept[count - 1] if count else _LINE
        if blank:
            if before != _SPACE:
                kept[count] = _SPACE
                count += 1
            continue
        if before == _SPACE and 0x3400 <= point <= 0x9FFF and count > 1 and kept[count - 2] != _LINE:
            count -= 1
        kept[count] = point
        count += 1
    return kept[:count]


@njit(cache=True)
def spaced(points: Points) -> Points:
    """A blank before and a mark after every Latin word; blanks as in ``_one_blank``."""
    kept = _one_blank(points)
    result, count, before = np.empty(3 * len(kept), np.uint32), 0, _LINE
    for point in kept:
        if _is_letter(before) and not _is_letter(point):
            result[count] = _WORD_END
            count += 1
        elif _is_letter(point) and not _is_letter(before) and before != _QUOTE and before != _SPACE:
            result[count] = _SPACE
            count += 1
        result[count] = point
        count += 1
        before = point
    if _is_letter(before):
        result[count] = _WORD_END
        count += 1
    return result[:count].copy()


@njit(cache=True)
def _slot(node: int, point: np.uint32, bits: int) -> np.int64:
    key = (np.uint64(node) << np.uint64(POINT_BITS)) | np.uint64(point)
    return np.int64((key * _SPREAD) >> np.uint64(64 - bits))


@njit(cache=True)
def _sieve_bit(node: int, point: np.uint32, bits: int) -> np.uint64:
    """The bit of an edge in the sieve, which turns away most letters that lead nowhere before memory is asked."""
    key = (np.uint64(node) << np.uint64(POINT_BITS)) | np.uint64(point)
    return (key * _SPREAD) >> np.uint64(64 - bits - SIEVE_BITS)


@njit(cache=True)
def _count_nodes(points: Points, ends: Any) -> int:
    """Nodes of the trie of sorted phrases: each letter that no phrase before has at this place."""
    nodes, begin, before = 0, 0, 0
    for end in ends:
        same = 0
        while same < min(end - begin, begin - before) and points[before + same] == points[begin + same]:
            same += 1
        nodes += end - begin - same
        before, begin = begin, end
    return nodes


@njit(cache=True)
def plant(points: Points, ends: Any, meaning: NDArray[np.int32]) -> tuple[Any, Any]:
    """A trie of phrases.

    Parameters
    ----------
    points : letters of the phrases, which are sorted and differ; ``ends`` of each, shape (phrases,).

    Returns
    -------
    key of each edge and what it leads to, in a hash table of a power of two, shape (slots, 2): the node and, above
    ``NODE_BITS``, the meaning of its phrase plus one; a sieve of the edges, a bit each in words of 64.
    """
    nodes = _count_nodes(points, ends)
    bits = 6
    while (1 << bits) < 2 * nodes:
        bits += 1
    edges, sieve = np.zeros((1 << bits, 2), np.int64), np.zeros(1 << (bits + SIEVE_BITS - 6), np.uint64)
    path, slot, begin, before, count = np.full(len(points) + 1, ROOT, np.int32), np.int64(0), 0, 0, ROOT
    for phrase in range(len(ends)):
        end, same = ends[phrase], 0
        while same < min(end - begin, begin - before) and points[before + same] == points[begin + same]:
            same += 1
        for depth in range(same, end - begin):
            point, count = points[begin + depth], count + 1
            bit, slot = _sieve_bit(path[depth], point, bits), _slot(path[depth], point, bits)
            sieve[bit >> _SIX] |= _ONE << (bit & _INNER)
            while edges[slot, 0]:
                slot = (slot + 1) & (len(edges) - 1)
            edges[slot, 0] = (np.int64(path[depth]) << POINT_BITS) | np.int64(point)
            edges[slot, 1] = path[depth + 1] = count
        edges[slot, 1] |= (np.int64(meaning[phrase]) + 1) << NODE_BITS
        before, begin = begin, end
    return edges, sieve


@njit(cache=True)
def matches(points: Points, edges: Any, sieve: Any) -> tuple[Places, NDArray[np.bool_]]:
    """Start, last letter and meaning of every phrase, by start and then by length; which are the longest there."""
    bits, step = 0, len(edges) - 1
    while (1 << bits) < len(edges):
        bits += 1
    found, count = np.empty((1 << 14, 3), np.int32), 0
    longest = np.zeros(len(found), np.bool_)
    for start in range(len(points)):
        node, first = ROOT, count
        for place in range(start, len(points)):
            bit = _sieve_bit(node, points[place], bits)
            if not (sieve[bit >> _SIX] >> (bit & _INNER)) & _ONE:
                break
            slot, key = _slot(node, points[place], bits), (np.int64(node) << POINT_BITS) | np.int64(points[place])
            while edges[slot, 0] and edges[slot, 0] != key:
                slot = (slot + 1) & step
            if not edges[slot, 0]:
                break
            node, meaning = edges[slot, 1] & _NODE, edges[slot, 1] >> NODE_BITS
            if meaning:
                if count == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                    longest = np.concatenate((longest, np.zeros_like(longest)))
                found[count, 0], found[count, 1], found[count, 2] = start, place, meaning - 1
                count += 1
        if count > first:
            longest[count - 1] = True
    return found[:count], longest[:count]


@njit(cache=True)
def _taken(found: Places, longest: Any) -> Any:
    """The phrases to take from the left: at each place the longest, unless a longer one begins inside it."""
    heads, free, count = np.flatnonzero(longest), 0, 0
    taken = np.empty(len(heads), np.int64)
    for place in range(len(heads)):
        one = heads[place]
        begin = found[one, 0]
        if begin < free:
            continue
        for rival in heads[place + 1 : place + 1 + RIVALS]:
            length = found[rival, 1] - found[rival, 0]
            while one >= 0 and found[rival, 0] <= found[one, 1] and length > found[one, 1] - begin:
                one = one - 1 if one and found[one - 1, 0] == begin else -1
        if one >= 0:
            free = found[one, 1] + 1
            taken[count] = one
            count += 1
    return taken[:count]


@njit(cache=True)
def phrases(points: Points, edges: Any, sieve: Any, ends: Any, gap: int) -> tuple[Any, Any, Any]:
    """Meaning, start and end of the known phrases of texts, and ``gap`` without extent where unknown words stand.

    Unknown words are two Chinese characters or some Latin letters between two phrases of a clause.

    Parameters
    ----------
    points : letters of the texts.
    edges, sieve : the trie (``plant``).
    ends : whether a meaning ends a clause.
    """
    found, longest = matches(points, edges, sieve)
    taken = _taken(found, longest)
    meaning = np.empty(2 * len(taken), np.int64)
    start, end = np.empty_like(meaning), np.empty_like(meaning)
    count, before, inside = 0, 0, False
    for one in taken:
        begin = found[one, 0]
        wide = WIDE_GAP if points[before] == _SPACE else NARROW_GAP
        if inside and begin - before >= wide:
            meaning[count], start[count], end[count] = gap, begin, begin
            count += 1
        before = found[one, 1] + 1
        inside = not ends[found[one, 2]]
        meaning[count], start[count], end[count] = found[one, 2], begin, before
        count += 1
    return meaning[:count], start[:count], end[:count]
