"""Complaint texts, Chinese and English, to the classes of the handbook, with the phrase that decided.

Deterministic, offline and linear in the length of the text. Two readers look at each text: rules (one pass of an
Aho-Corasick automaton over the phrases of ``lexicon.toml``, then ``rules.toml`` on what each clause says) and
weights of n-grams learnt from the labelled texts in ``corpus/`` by ``training.py``; ``judge.py`` joins them.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from geoservice.intake.classify.decide import Verdict
from geoservice.intake.classify.details import audio, direction, echo_hearer, tags
from geoservice.intake.classify.evidence import original
from geoservice.intake.classify.given import given_class
from geoservice.intake.classify.judge import judge
from geoservice.intake.classify.lexicon import lexicon
from geoservice.intake.classify.scan import CHUNK, TextReading, read_chunk

__all__ = ["Classification", "classify", "classify_one", "given_class"]


@dataclass(frozen=True, slots=True)
class Classification:
    """What a text was understood to say.

    Attributes
    ----------
    primary : class code of ``reference/classes.csv``; ``UNCLEAR`` where nothing decides.
    secondary : further classes, most important first.
    tags : places and circumstances (indoor, lift, basement, tunnel, road, abroad, crowd, home, BORDER).
    direction : calls that fail: MO, MT, both, unknown; None where no call fails.
    audio : lost speech: UL (peer hears nothing), DL, both, unknown; None where none is lost.
    echo_hearer : customer, peer, both, unknown; None where there is no echo.
    time_pattern : the words for when, as written, or None.
    confidence : 0 (nothing decides) to 1: the belief in the primary class.
    evidence : the words of the text that decided, as written.
    """

    primary: str
    secondary: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    direction: str | None = None
    audio: str | None = None
    echo_hearer: str | None = None
    time_pattern: str | None = None
    confidence: float = 0.0
    evidence: str = ""


def _classification(text: str, joined: str, reading: TextReading, verdict: Verdict, phrase: str) -> Classification:
    codes = {verdict.primary, *verdict.secondary}
    return Classification(
        primary=verdict.primary,
        secondary=verdict.secondary,
        tags=tags(reading.concepts),
        direction=direction(reading, codes),
        audio=audio(reading.concepts, reading.sequence, codes),
        echo_hearer=echo_hearer(reading.sequence, codes),
        time_pattern=_times(text, joined, reading),
        confidence=verdict.confidence,
        evidence=original(text, phrase) if phrase else "",
    )


def _times(text: str, joined: str, reading: TextReading) -> str | None:
    """The words for when, or None."""
    if not reading.concepts & lexicon().bit["TIME"]:
        return None
    spans = reading.spans_of(lexicon().bit["TIME"])
    return " ".join(original(text, joined[start:end]) for start, end in spans) or None


def _classified(texts: Sequence[str]) -> Iterator[Classification]:
    for begin in range(0, len(texts), CHUNK):
        chunk = texts[begin : begin + CHUNK]
        joined, readings = read_chunk(chunk)
        for text, reading, (verdict, phrase) in zip(chunk, readings, judge(joined, readings), strict=True):
            yield _classification(text, joined, reading, verdict, phrase)


@contextmanager
def _no_cycle_search() -> Iterator[None]:
    """Pause the search for reference cycles: reading makes many small values and no cycle, and it costs a quarter."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def classify_one(text: str) -> Classification:
    """Classify one text; never raises for any string.

    >>> classify_one("不是没信号，就是打不出去").primary
    'ACCESS_FAILURE'
    """
    return next(_classified([text]))


def classify(texts: Sequence[str]) -> pd.DataFrame:
    """Classify many texts.

    Parameters
    ----------
    texts : complaint texts; anything but a string (None, NaN) counts as empty. Only the first 4,000
        characters of each are read.

    Returns
    -------
    DataFrame with a row per text (range index) and the attributes of :class:`Classification` as
    columns; ``secondary`` and ``tags`` are lists.
    """
    read = [text if isinstance(text, str) else "" for text in texts]
    with _no_cycle_search():
        found = list(_classified(read))
    return pd.DataFrame(
        {
            "primary": [one.primary for one in found],
            "secondary": [list(one.secondary) for one in found],
            "tags": [list(one.tags) for one in found],
            "direction": [one.direction for one in found],
            "audio": [one.audio for one in found],
            "echo_hearer": [one.echo_hearer for one in found],
            "time_pattern": [one.time_pattern for one in found],
            "confidence": [one.confidence for one in found],
            "evidence": [one.evidence for one in found],
        }
    )
