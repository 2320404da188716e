"""The lexicon: phrases with their meaning, compiled into one trie.

``lexicon.toml`` holds the phrases, ``rules.toml`` what they mean together. Concepts become bits of an
integer, so that asking whether a clause speaks of a thing is one operation.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from geoservice.intake.classify.normalise import CLAUSE_ENDS, code_points, normalise

_GROUP = re.compile(r"\{([^{}]*)\}")
LINE, BREAK = "LINE", "BREAK"
GAP = 0  # the meaning of words not known


def expand(pattern: str) -> Iterator[str]:
    """Every phrase a pattern with alternatives stands for.

    >>> list(expand("{no|zero} signal{s|}"))
    ['no signals', 'no signal', 'zero signals', 'zero signal']
    """
    parts = _GROUP.split(pattern)
    choices = [part.split("|") if odd else [part] for odd, part in zip(itertools.cycle((0, 1)), parts, strict=False)]
    return map("".join, itertools.product(*choices))


def read_toml(name: str) -> dict[str, Any]:
    """A data file of this package."""
    return tomllib.loads((files(__package__) / name).read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The compiled lexicon.

    ``trie`` holds the phrases with their meanings (``phrase_kernels.plant``); ``masks[meaning]`` are the concepts
    meant, ``bit[concept]`` the bit of one concept.
    """

    trie: tuple[Any, Any]
    masks: tuple[int, ...]
    bit: dict[str, int]

    def mask(self, concepts: str) -> int:
        """Bits of concepts named with spaces between them."""
        return sum({self.bit[name] for name in concepts.split()})


def _phrases(table: dict[str, list[str]], bit: dict[str, int]) -> dict[str, int]:
    """Concept bits of every normalised phrase."""
    meaning: dict[str, int] = {}
    for names, patterns in table.items():
        mask = sum(bit[name] for name in names.split("+"))
        phrases = list(itertools.chain.from_iterable(map(expand, patterns)))
        for phrase in normalise(phrases).split("\n"):
            if phrase.strip():
                meaning[phrase] = meaning.get(phrase, 0) | mask
    return meaning


def _with_inner_words(meaning: dict[str, int], classes: int, inner: int) -> dict[str, int]:
    """Let phrases that settle a class keep the meaning of some words inside them, which they would hide.

    "别人打不进来" settles ACCESS_FAILURE and still says who is called.
    """
    from geoservice.intake.classify.phrase_kernels import matches

    words = [phrase for phrase, mask in meaning.items() if mask & inner]
    settled = [phrase for phrase, mask in meaning.items() if mask & classes]
    joined = code_points("\n".join(settled))
    found, _ = matches(joined, *trie(words, range(len(words))))
    lines = np.searchsorted(np.flatnonzero(joined == ord("\n")), found[:, 0])
    for line, word in zip(lines.tolist(), found[:, 2].tolist(), strict=True):
        meaning[settled[line]] |= meaning[words[word]] & inner
    return meaning


def trie(phrases: Sequence[str], meanings: Iterable[int]) -> tuple[Any, Any]:
    """The compiled trie of some phrases, which differ, with a number for each."""
    from geoservice.intake.classify.phrase_kernels import plant  # compiled, wanted only where texts are read

    listed = sorted(zip(phrases, meanings, strict=True))
    ends = np.cumsum([len(phrase) for phrase, _ in listed])
    points = code_points("".join(phrase for phrase, _ in listed))
    return plant(points, ends, np.array([meaning for _, meaning in listed], np.int32))


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Load and compile once; takes a second."""
    table = read_toml("lexicon.toml")
    names = dict.fromkeys(itertools.chain.from_iterable(key.split("+") for key in table))
    bit = {name: 1 << place for place, name in enumerate([LINE, BREAK, *names])}
    rules = read_toml("rules.toml")
    classes, inner = (
        sum(bit[name] for name in names if name in bit) for names in (rules["order"], rules["words"]["inner"])
    )
    meaning = _with_inner_words(_phrases(table, bit), classes, inner)
    meaning |= dict.fromkeys(CLAUSE_ENDS, bit[BREAK]) | {"\n": bit[LINE]}
    masks = {mask: number for number, mask in enumerate(dict.fromkeys([GAP, *meaning.values()]))}
    return Lexicon(trie(list(meaning), [masks[mask] for mask in meaning.values()]), tuple(masks), bit)
