"""The lexicon: phrases with their meaning, compiled into one automaton.

``lexicon.toml`` holds the phrases, ``rules.toml`` what they mean together. Concepts become bits of an
integer, so that asking whether a clause speaks of a thing is one operation.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from geoservice.intake.classify.normalise import CLAUSE_ENDS, normalise

_GROUP = re.compile(r"\{([^{}]*)\}")
LINE, BREAK = "LINE", "BREAK"
LONGEST_PHRASE = 1 << 10  # characters
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

    ``automaton`` yields ``(end, meaning * LONGEST_PHRASE + length)`` for every phrase that ends
    at a place; ``masks[meaning]`` are the concepts meant, ``bit[concept]`` the bit of one concept.
    """

    automaton: Any
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
    import ahocorasick

    words = ahocorasick.Automaton()
    for phrase, mask in meaning.items():
        if mask & inner:
            words.add_word(phrase, mask & inner)
    words.make_automaton()
    return {
        phrase: functools.reduce(operator.or_, (found for _, found in words.iter(phrase)), mask)
        if mask & classes
        else mask
        for phrase, mask in meaning.items()
    }


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Load and compile once; takes a good half second."""
    import ahocorasick  # compiled only where texts are read

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
    automaton = ahocorasick.Automaton()
    for phrase, mask in meaning.items():
        automaton.add_word(phrase, masks[mask] * LONGEST_PHRASE + len(phrase))
    automaton.make_automaton()
    return Lexicon(automaton, tuple(masks), bit)
