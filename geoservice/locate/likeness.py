"""How alike two names are: spelt, heard, one a part of the other, or written in other characters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geoservice.locate import words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

# What a name is worth that is only heard alike, only part of the other, or has words missing; judgement, tested.
_HEARD_ALIKE = 0.97
_PART_OF = 0.86
_WORDS_MISSING = (0.72, 0.23)  # worth with words left out: base, and times the share that is there
_BEGINS = (0.70, 0.25)  # the same for a beginning of the name
_SWAPPED = 0.6  # two swapped letters are this much of an edit
_OTHER_CHARACTER = 0.25  # a homophone is this much of an edit
_LEAST_PART = 4  # letters


class Written:
    """Texts with the spellings they are compared by, each worked out once.

    Parameters
    ----------
    text, roman : normalised texts and their romanised forms, of one length.
    """

    def __init__(self, text: Sequence[str], roman: Sequence[str]):
        self.text: Texts = np.array(text, object)
        self.roman: Texts = np.array(roman, object)
        self.sound: Texts = np.array([words.sound(r) for r in roman], object)
        self.letters: Texts = np.array(["".join(sorted(r)) for r in roman], object)
        self.length: Floats = np.array([len(r) for r in roman], float)
        self.is_han: NDArray[np.bool_] = np.array([words.is_only_han(t) for t in text], bool)
        self.characters: Texts = np.array([words.squash(t) for t in text], object)
        self.width: Floats = np.array([len(c) for c in self.characters], float)

    @cached_property
    def syllables(self) -> Texts:
        """One character for each pronunciation."""
        return np.array([words.syllables(t) for t in self.text], object)

    @cached_property
    def groups(self) -> list[set[str]]:
        """Letter groups, and for Chinese the syllables one by one: they survive swapped characters."""
        romans = [words.grams(r) for r in self.roman]
        return [
            g | set(s) if words.has_han(t) else g for g, s, t in zip(romans, self.syllables, self.text, strict=True)
        ]


def likeness(asked: Written, named: Written, pairs: Ints) -> Floats:
    """Similarity 0 … 1 of each pair (position in ``asked``, position in ``named``); 1 = the same.

    Latin names are compared letter by letter and as they sound, Chinese ones character by
    character with homophones nearly equal; a beginning or a part of a name counts less.
    """
    if not len(pairs):
        return np.empty(0)
    q, f = pairs[:, 0], pairs[:, 1]
    longer = np.maximum(np.maximum(asked.length[q], named.length[f]), 1)
    edits = _edits(asked.roman[q], named.roman[f])
    spelt = 1 - _fewer_if_swapped(edits, asked.letters[q] == named.letters[f]) / longer
    heard = _HEARD_ALIKE * _ratio("OSA", asked.sound[q], named.sound[f])
    result = np.maximum.reduce([spelt, heard, _partial(asked, named, q, f)])
    han = np.flatnonzero(asked.is_han[q] & named.is_han[f])
    result[han] = _han(asked, named, q[han], f[han], result[han])
    return np.minimum(result, 1.0)


def _fewer_if_swapped(edits: Floats, same_letters: NDArray[np.bool_]) -> Floats:
    """Letters in another order are a smaller slip than other letters."""
    return np.where(same_letters & (edits > 0), edits - 1 + _SWAPPED, edits)


def _han(asked: Written, named: Written, q: Ints, f: Ints, as_letters: Floats) -> Floats:
    """Chinese against Chinese: wrong characters count, homophones a quarter."""
    if not len(q):
        return np.empty(0)
    longer = np.maximum(np.maximum(asked.width[q], named.width[f]), 1)
    syllables = _edits(asked.syllables[q], named.syllables[f])
    characters = _edits(asked.characters[q], named.characters[f])
    syllables = _fewer_if_swapped(syllables, asked.letters[q] == named.letters[f])
    edits = syllables + _OTHER_CHARACTER * np.maximum(characters - np.ceil(syllables), 0)
    other = _OTHER_CHARACTER * characters / longer
    return np.maximum(1 - edits / longer, as_letters - other)


def _partial(asked: Written, named: Written, q: Ints, f: Ints) -> Floats:
    """One is the beginning or a part of the other, or the same words with some left out."""
    a, b = asked.length[q], named.length[f]
    shorter, share = np.minimum(a, b), np.minimum(a, b) / np.maximum(np.maximum(a, b), 1)
    enough = np.flatnonzero((shorter >= _LEAST_PART) & (share < 1))
    result = np.zeros(len(q))
    q, f, share = q[enough], f[enough], share[enough]
    if not len(q):
        return result
    part = _ratio("partial", asked.roman[q], named.roman[f])
    part = np.where(part >= 0.99, _PART_OF * np.sqrt(share), 0)
    tokens = _ratio("tokens", asked.text[q], named.text[f])
    tokens = np.where(tokens >= 0.95, _WORDS_MISSING[0] + _WORDS_MISSING[1] * share, 0)
    begins = np.array([n.startswith(r) for r, n in zip(asked.roman[q], named.roman[f], strict=True)], bool)
    begins = np.where(begins, _BEGINS[0] + _BEGINS[1] * share, 0)
    result[enough] = np.maximum.reduce([part, tokens, begins])
    return result


def _edits(a: Texts, b: Texts) -> Floats:
    """Edit distance with swaps of each pair."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    return np.asarray(cpdist(a.tolist(), b.tolist(), scorer=OSA.distance, workers=1), float)


def _ratio(kind: str, a: Texts, b: Texts) -> Floats:
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    scorers = {"OSA": OSA.normalized_similarity, "partial": fuzz.partial_ratio, "tokens": fuzz.token_set_ratio}
    ratio = np.asarray(cpdist(a.tolist(), b.tolist(), scorer=scorers[kind], workers=1), float)
    return ratio if kind == "OSA" else ratio / 100
