"""Complaint texts, Chinese and English, to the classes of the handbook, with the phrase that decided.

Deterministic, offline and linear in the length of the text. Two readers look at each text: rules (one pass over
the phrases of ``lexicon.toml``, then ``rules.toml`` on what each clause says) and
weights of n-grams learnt from the labelled texts in ``corpus/`` by ``training.py``; ``judge.py`` joins them.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache

import pandas as pd

from geoservice.intake.classify.details import VOICE, audio, direction, echo_hearer, tags
from geoservice.intake.classify.evidence import original
from geoservice.intake.classify.given import given_class, given_code
from geoservice.intake.classify.hearing import leaning, neither, parts_of
from geoservice.intake.classify.judge import Judged, judge
from geoservice.intake.classify.lexicon import lexicon
from geoservice.intake.classify.model import model as committed
from geoservice.intake.classify.scan import CHUNK, Chunk, TextReading, read_chunk

__all__ = ["Classification", "classify", "classify_one", "given_class", "given_code"]


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


_NAMES = tuple(field.name for field in fields(Classification))
Fields = tuple[str, tuple[str, ...], tuple[str, ...], str | None, str | None, str | None, str | None, float, str]


def _fields(text: str, chunk: Chunk, reading: TextReading, judged: Judged, lost: str | None) -> Fields:
    """The attributes of :class:`Classification`, in order."""
    verdict, phrase, (received,) = judged
    codes, line = {verdict.primary, *verdict.secondary}, reading.line
    return (
        verdict.primary,
        verdict.secondary,
        tags(line.concepts),
        direction(reading, codes, received),
        lost,
        echo_hearer(line.sequence, codes),
        _times(text, chunk, reading) if line.concepts & _time() else None,
        verdict.confidence,
        original(text, phrase) if phrase else "",
    )


@lru_cache(maxsize=1)
def _time() -> int:
    return lexicon().bit["TIME"]


def _times(text: str, chunk: Chunk, reading: TextReading) -> str | None:
    """The words for when, or None."""
    spans = chunk.places(reading, _time())
    return " ".join(original(text, chunk.joined[start:end]) for start, end in spans) or None


def _classified(texts: Sequence[str]) -> Iterator[Fields]:
    for begin in range(0, len(texts), CHUNK):
        own = _whole(texts[begin : begin + CHUNK])
        chunk = read_chunk(own)
        judged = list(judge(chunk))
        lost = _lost(chunk, judged)
        for place, text in enumerate(own):
            yield _fields(text, chunk, chunk.readings[place], judged[place], lost.get(place))


def _whole(texts: Sequence[str]) -> Sequence[str]:
    """The texts with halves of characters as question marks: a table of answers cannot hold them."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return [text.encode("utf-8", "replace").decode() for text in texts]
    return texts


def _lost(chunk: Chunk, judged: Sequence[Judged]) -> dict[int, str]:
    """Which way speech is lost in the texts where it is."""
    silent = [place for place, one in enumerate(judged) if VOICE & {one.verdict.primary, *one.verdict.secondary}]
    if not silent:
        return {}
    lines, ear = chunk.joined.split("\n"), committed().ear
    parts = parts_of([lines[place] for place in silent])
    return {place: audio(leaning(own, ear), neither(own)) for place, own in zip(silent, parts, strict=True)}


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
    return Classification(*next(_classified([text])))


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
        columns = dict(zip(_NAMES, zip(*found, strict=True), strict=True)) if found else dict.fromkeys(_NAMES, ())
        listed = {name: [list(some) for some in columns[name]] for name in ("secondary", "tags")}
        return pd.DataFrame({name: listed.get(name, list(values)) for name, values in columns.items()})
