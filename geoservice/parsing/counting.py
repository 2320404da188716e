"""Counts in a sentence: one cell has, two cells have."""

from __future__ import annotations

import re

_VERBS = {
    "stand": "stands", "tilt": "tilts", "point": "points", "belong": "belongs", "name": "names", "have": "has",
    "are": "is", "were": "was", "had": "had", "got": "got", "hold": "holds", "repeat": "repeats",
}  # fmt: skip
_VERB = re.compile(rf"\b({'|'.join(_VERBS)})\b")
_NOUN = re.compile(r"\b(cell|row|value|date|level|azimuth|power|number|tilt|measurement|point)s\b")
_REST = {
    "were": "was", "have": "has", "their": "its", "numbers": "number", "lists": "list", "indices": "an index",
    "places": "place", "codes": "code", "words": "a word", "times": "time",
}  # fmt: skip
_REST_WORD = re.compile(rf"\b({'|'.join(_REST)})\b")


def counted(count: int, what: str) -> str:
    """``count`` before a remark that is written for several things.

    >>> counted(2, "azimuths are unreadable and were left out"), counted(1, "azimuths are unreadable and were left out")
    ('2 azimuths are unreadable and were left out', '1 azimuth is unreadable and was left out')
    """
    verb = _VERB.search(what)
    if count != 1 or verb is None:
        return f"{count} {what}"
    subject = _NOUN.sub(r"\1", what[: verb.start()], count=1)
    rest = _REST_WORD.sub(lambda word: _REST[word[0]], what[verb.end() :])
    return f"1 {subject}{_VERBS[verb[0]]}{rest}"
