"""Who a customer says they will turn to, or have turned to: words that announce an escalation.

A complaint *is* escalated when it came through a higher channel (handbook section 8). Words in its text only announce
it, so what they raise is a suggestion: a person reads it and decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from geoservice import names

# Bodies whose mention alone suggests a major complaint: the handbook counts city-level media among the reasons.
MAJOR_BODIES = frozenset({"media"})
_MOST_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Mention:
    """A body that a text names: the words as they stand there, and what it is."""

    words: str
    body: str
    name_zh: str
    name_en: str


def mentions(text: str) -> list[Mention]:
    """Bodies above the operator that ``text`` names, each once, in the order of the text.

    >>> [(m.words, m.body) for m in mentions("再不解决我就打12300，还要找工信部")]
    [('12300', 'regulator'), ('工信部', 'regulator')]
    >>> mentions("my lawyers' office has no signal")
    []
    """
    found: dict[str, Mention] = {}
    for match in _pattern().finditer(text[:_MOST_CHARACTERS]):
        row = _rows()[match[0].casefold()]
        found.setdefault(row["zh"], Mention(match[0], row["body"], row["zh"], row["en"]))
    return list(found.values())


@cache
def _rows() -> dict[str, dict[str, str]]:
    return {word.casefold(): row for word, row in names.catalogue("escalation_words").items()}


@cache
def _pattern() -> re.Pattern[str]:
    """Longest words first; letters and digits stand alone, so that no telephone number holds a hotline."""
    rows = names.catalogue("escalation_words")
    parts = [_part(word, rows[word]["unless"]) for word in sorted(rows, key=len, reverse=True)]
    return re.compile("|".join(parts), re.IGNORECASE)


def _part(word: str, unless: str) -> str:
    """One word as a pattern; ``unless`` it goes on so (a law firm is a place, no threat)."""
    whole = rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z’'])" if word.isascii() else re.escape(word)
    return whole + (f"(?!{unless})" if unless else "")
