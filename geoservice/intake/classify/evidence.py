"""The deciding phrase as the customer wrote it."""

from __future__ import annotations

import bisect
import itertools

from geoservice.intake.classify.normalise import MAX_CHARACTERS, WORD_END, plain_letters, usual_words


def original(text: str, phrase: str) -> str:
    """The part of ``text`` that normalises to ``phrase``; the phrase itself if no part does.

    >>> original("我的訊號 很差", "信号很差")
    '訊號 很差'
    """
    phrase = phrase.replace(WORD_END, "").strip()
    if phrase in text:
        return phrase
    lower = text.lower()
    start = lower.find(phrase) if len(lower) == len(text) else -1
    return text[start : start + len(phrase)] if start >= 0 else _aligned(text[:MAX_CHARACTERS], phrase)


def _aligned(text: str, phrase: str) -> str:
    """Compare letter by letter, blanks left out."""
    letters = plain_letters(text)
    if isinstance(letters, str) and (place := letters.find(phrase)) >= 0:
        return text[place : place + len(phrase)]
    kept = [place for place, letter in enumerate(letters) if letter.strip()]
    wanted = phrase.replace(" ", "")
    squeezed = "".join([letters[place] for place in kept])
    start = squeezed.find(wanted)
    if start < 0:
        start = usual_words(squeezed).find(wanted)
    if start < 0 or not wanted:
        return phrase
    ends = list(itertools.accumulate(len(letters[place]) for place in kept))
    first, last = bisect.bisect_right(ends, start), bisect.bisect_left(ends, start + len(wanted))
    return text[kept[first] : kept[last] + 1]
