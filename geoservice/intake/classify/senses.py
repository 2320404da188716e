"""Words as their kind: "plumber" and "doctor" are both a person, so what was learnt of one is known of the other.

``senses.toml`` lists the words of each kind. They are found by the hashes of their words, as array work on all texts
at once; the automaton of the rules is not asked.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.features import Places, Tokens, Words, hash_of_runs, tokens
from geoservice.intake.classify.lexicon import expand, read_toml
from geoservice.intake.classify.normalise import normalise

SLOT_BITS = 20
_TURNS = 512  # factors tried until no two phrases of a length share a slot


def stable_hash(name: str) -> int:
    """An odd number of 64 bits for a name, the same in every process."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") | 1


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of one length in words, found by hash.

    Attributes
    ----------
    length : words in each.
    factor : spreads the hashes over slots so that no two share one.
    slot : phrase in each slot, 0 where there is none, shape (2^SLOT_BITS,).
    hashes, kind : of each phrase, shape (phrases + 1,); the first stands for none.
    """

    length: int
    factor: np.uint64
    slot: NDArray[np.int16]
    hashes: Words
    kind: Words

    def find(self, words: Words) -> tuple[Places, Words]:
        """Where a phrase begins, and its kind."""
        runs = hash_of_runs(words, self.length)
        which = self.slot[_slots(runs, self.factor)]
        place = np.flatnonzero((self.hashes[which] == runs) & (which > 0))
        return place, self.kind[which[place]]


def _slots(hashes: Words, factor: np.uint64) -> Places:
    return ((hashes * factor) >> np.uint64(64 - SLOT_BITS)).astype(np.int64)


def _table(length: int, kind_of: dict[int, int]) -> Phrases:
    hashes = np.array(sorted(kind_of), np.uint64)
    kinds = np.array([kind_of[int(one)] for one in hashes], np.uint64)
    factors = np.random.default_rng(length).integers(1, 1 << 63, _TURNS, dtype=np.uint64) | np.uint64(1)
    apart = (factor for factor in factors if len(np.unique(_slots(hashes, factor))) == len(hashes))
    factor = next(apart, factors[0])  # should slots be shared all the same, the later phrase is known
    slot = np.zeros(1 << SLOT_BITS, np.int16)
    slot[_slots(hashes, factor)] = np.arange(1, len(hashes) + 1)
    none = np.zeros(1, np.uint64)
    return Phrases(length, factor, slot, np.concatenate((none, hashes)), np.concatenate((none, kinds)))


@lru_cache(maxsize=1)
def senses() -> tuple[Phrases, ...]:
    """The lists of ``senses.toml``, loaded once."""
    return tables("senses.toml")


def tables(name: str) -> tuple[Phrases, ...]:
    """The lists of a file, shortest phrases first; a phrase in two lists is of the first kind."""
    kinds = {
        phrase: stable_hash(f"kind {kind}")
        for kind, patterns in reversed(read_toml(name).items())
        for phrase in itertools.chain.from_iterable(map(expand, patterns))
    }
    found = tokens(normalise(list(kinds)) + "\n")
    by_line: dict[int, list[int]] = defaultdict(list)
    for word, line in zip(found.word[~found.stop].tolist(), found.line[~found.stop].tolist(), strict=True):
        by_line[line].append(word)
    each: dict[int, dict[int, int]] = defaultdict(dict)
    for line, kind in enumerate(kinds.values()):
        words = by_line[line]
        each[len(words)][int(hash_of_runs(np.array(words, np.uint64), len(words))[0])] = kind
    return tuple(_table(length, each[length]) for length in sorted(each))


def kinds_of(found: Tokens, lists: tuple[Phrases, ...] | None = None) -> tuple[NDArray[np.bool_], Words]:
    """Which words are swallowed by a phrase begun before, and the words with the kind in place of each phrase.

    Of phrases that overlap the first counts, of those beginning together the longest. ``lists`` are those of
    ``senses.toml`` unless given.
    """
    count = len(found.word)
    end, word = np.zeros(count, np.int64), found.word.copy()
    for phrases in senses() if lists is None else lists:
        if phrases.length <= count:
            place, kind = phrases.find(found.word)
            end[place], word[place] = place + phrases.length, kind
    before = np.maximum.accumulate(np.concatenate(([0], end)))[:-1]
    begins = np.flatnonzero((end > 0) & (np.arange(count) >= before))
    swallowed = np.zeros(count + 1, np.int64)
    np.add.at(swallowed, begins + 1, 1)
    np.add.at(swallowed, end[begins], -1)
    inner = np.cumsum(swallowed)[:-1] > 0
    told = np.zeros(count, np.bool_)
    told[begins] = True
    return inner, np.where(told, word, found.word)
