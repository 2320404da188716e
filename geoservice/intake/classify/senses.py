"""Words as their kind: "plumber" and "doctor" are both a person, so what was learnt of one is known of the other.

``senses.toml`` lists the words of each kind. They are found by the hashes of their words, as array work on all texts
at once; the automaton of the rules is not asked.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.features import RUN_FACTORS, Tokens, Words, hash_of_run, run_seeds, tokens
from geoservice.intake.classify.lexicon import expand, read_toml
from geoservice.intake.classify.normalise import normalise


def stable_hash(name: str) -> int:
    """An odd number of 64 bits for a name, the same in every process."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") | 1


class Phrases(NamedTuple):
    """Phrases found by the hash of their words (``word_kernels.runs``).

    Attributes
    ----------
    powers : a factor for each word of a phrase, shape (longest,).
    seeds : what the hash of a phrase of each length begins with, shape (longest,).
    keys, kinds, sieve : the hash table of what each is.
    """

    powers: Words
    seeds: Words
    keys: Words
    kinds: Words
    sieve: Words


@lru_cache(maxsize=1)
def senses() -> Phrases:
    """The lists of ``senses.toml``, loaded once."""
    return tables("senses.toml")


def tables(name: str) -> Phrases:
    """The lists of a file; a phrase in two lists is of the first kind."""
    from geoservice.intake.classify.word_kernels import table_of  # compiled, wanted only where texts are read

    kinds = {
        phrase: stable_hash(f"kind {kind}")
        for kind, patterns in reversed(read_toml(name).items())
        for phrase in itertools.chain.from_iterable(map(expand, patterns))
    }
    found = tokens(normalise(list(kinds)) + "\n")
    by_line: dict[int, list[int]] = defaultdict(list)
    for word, line in zip(found.word[~found.stop].tolist(), found.line[~found.stop].tolist(), strict=True):
        by_line[line].append(word)
    kind_of = {hash_of_run(by_line[line]): kind for line, kind in enumerate(kinds.values())}
    longest = max(map(len, by_line.values()))
    table = table_of(np.array(list(kind_of), np.uint64), np.array(list(kind_of.values()), np.uint64))
    return Phrases(RUN_FACTORS[:longest], run_seeds(longest), *table)


def kinds_of(found: Tokens, lists: Phrases | None = None) -> tuple[NDArray[np.bool_], Words]:
    """Which words are swallowed by a phrase begun before, and the words with the kind in place of each phrase.

    Of phrases that overlap the first counts, of those beginning together the longest. ``lists`` are those of
    ``senses.toml`` unless given.
    """
    from geoservice.intake.classify.word_kernels import covered, runs  # compiled, wanted only where texts are read

    end, kind = runs(found.word, *(senses() if lists is None else lists))
    begins, inner = covered(end)
    return inner, np.where(begins, kind, found.word)
