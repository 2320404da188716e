"""One pass over many texts: words found, clauses read, findings placed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from geoservice.intake.classify.clauses import read_clause
from geoservice.intake.classify.decide import Said
from geoservice.intake.classify.lexicon import BREAK, GAP, LINE, Lexicon, lexicon, read_toml
from geoservice.intake.classify.normalise import normalise

CHUNK = 1000
RIVALS = 3  # phrases beginning inside a phrase that are looked at
# Last character, meaning, and the next shorter phrase that begins at the same place.
_Match = tuple[int, int, Any]
WIDE_GAP, NARROW_GAP = 10, 2


@dataclass(slots=True)
class Reader:
    """Gathers what one text says, clause by clause."""

    resolved_bit: int
    said: list[Said] = field(default_factory=list)
    resolved: list[int] = field(default_factory=list)
    concepts: int = 0
    clauses: int = 0
    subject: int = 0
    sequence: list[int] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def close(self, meanings: list[int], spans: list[tuple[int, int]]) -> None:
        """Read the clause gathered so far and begin another."""
        if not meanings:
            return
        findings, concepts, self.subject = read_clause(tuple(meanings), self.subject)
        for code, first, last, past in findings:
            self.said.append(Said(code, self.clauses, spans[first][0], spans[last][1], past))
        if concepts & self.resolved_bit:
            self.resolved.append(self.clauses)
        self.concepts |= concepts
        self.sequence += meanings
        self.spans += spans
        self.clauses += 1
        meanings.clear()
        spans.clear()


@dataclass(frozen=True, slots=True)
class TextReading:
    """What was read in one text; spans are of the normalised line ``text[start:end]``, which has ``letters``."""

    said: list[Said]
    concepts: int
    resolved: list[int]
    sequence: list[int]
    spans: list[tuple[int, int]]
    letters: int

    def concepts_in(self, start: int, end: int) -> int:
        """Concepts of the words between two places."""
        masks, found = lexicon().masks, 0
        for (first, last), word in zip(self.spans, self.sequence, strict=True):
            if first >= start and last <= end:
                found |= masks[word]
        return found

    def spans_of(self, concepts: int) -> list[tuple[int, int]]:
        """Where words of these concepts stand."""
        masks = lexicon().masks
        return [span for span, word in zip(self.spans, self.sequence, strict=True) if masks[word] & concepts]


def read_texts(texts: Sequence[str]) -> Iterator[tuple[str, TextReading]]:
    """Each text's normalised chunk and reading, in order."""
    for begin in range(0, len(texts), CHUNK):
        joined, readings = read_chunk(texts[begin : begin + CHUNK])
        for reading in readings:
            yield joined, reading


def read_chunk(texts: Sequence[str]) -> tuple[str, list[TextReading]]:
    """The normalised texts, a line each, every line ended, and each text's reading."""
    joined = normalise(texts) + "\n"
    return joined, list(_read_lines(joined))


@lru_cache(maxsize=1)
def _breaks() -> int:
    """Bits of the words that begin a new clause."""
    return lexicon().mask(" ".join(read_toml("rules.toml")["words"]["breaks"]))


def _read_lines(joined: str) -> Iterator[TextReading]:
    words = lexicon()
    masks, line, stop = words.masks, words.bit[LINE], words.bit[BREAK]
    breaks = _breaks()
    reader, meanings, spans = Reader(words.bit["RESOLVED"]), list[int](), list[tuple[int, int]]()
    alternative, before, line_start = words.bit["ALT"], 0, 0
    ends = line | stop | breaks
    for start, end, meaning in longest_phrases(words, joined):
        mask = masks[meaning]
        if meanings and start - before >= NARROW_GAP and _is_gap(joined, before, start):
            meanings.append(GAP)
            spans.append((start, start))
        before = end + 1
        if mask & ends:
            reader.close(meanings, spans)
            reader.concepts |= mask & breaks
            if mask & line:
                if reader.concepts & alternative and sum(masks[one] & alternative > 0 for one in reader.sequence) > 1:
                    reader.concepts |= words.bit["ALTERNATING"]
                yield TextReading(
                    reader.said, reader.concepts, reader.resolved, reader.sequence, reader.spans, start - line_start
                )
                line_start = end + 1
                reader = Reader(words.bit["RESOLVED"])
            continue
        meanings.append(meaning)
        spans.append((start, before))


def longest_phrases(words: Lexicon, joined: str) -> Iterator[tuple[int, int, int]]:
    """``(start, last, meaning)`` of the phrases from the left, at each place the longest, none overlapping.

    A phrase gives way to a longer one that begins inside it ("is not" to "not available").

    Not ``Automaton.iter_long``: it loses the shorter phrase where a longer one begins and breaks off
    ("没" in "没网络" when "没网络信号" is a phrase).
    """
    longest: dict[int, _Match] = {}
    for last, (meaning, length) in words.automaton.iter(joined):
        start = last - length + 1
        longest[start] = (last, meaning, longest.get(start))  # ends only grow
    starts = sorted(longest)
    free = 0
    for place, start in enumerate(starts):
        if start < free:
            continue
        match: _Match | None = longest[start]
        if place + 1 == len(starts) or starts[place + 1] > longest[start][0]:
            free = longest[start][0] + 1
            yield start, free - 1, longest[start][1]
            continue
        for other in starts[place + 1 : place + 1 + RIVALS]:
            while match is not None and other <= match[0] and longest[other][0] - other > match[0] - start:
                match = match[2]
        if match is not None:
            free = match[0] + 1
            yield start, match[0], match[1]


def _is_gap(joined: str, before: int, start: int) -> bool:
    """Whether unknown words stand between two known ones: two Chinese characters or some Latin letters."""
    return start - before >= (WIDE_GAP if joined[before] == " " else NARROW_GAP)
