"""One pass over many texts: words found, clauses read, findings placed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from geoservice.intake.classify.clauses import read_clause
from geoservice.intake.classify.decide import Said
from geoservice.intake.classify.lexicon import BREAK, LINE, lexicon, read_toml
from geoservice.intake.classify.normalise import normalise

CHUNK = 2000


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
        self.clauses += 1
        meanings.clear()
        spans.clear()


@dataclass(frozen=True, slots=True)
class TextReading:
    """What was read in one text; spans are of the normalised line ``text[start:end]``."""

    said: list[Said]
    concepts: int
    resolved: list[int]
    sequence: list[int]
    times: list[tuple[int, int]]


def read_texts(texts: Sequence[str]) -> Iterator[tuple[str, TextReading]]:
    """Each text's normalised chunk and reading, in order."""
    for begin in range(0, len(texts), CHUNK):
        joined = normalise(texts[begin : begin + CHUNK]) + "\n"
        for reading in _read_lines(joined):
            yield joined, reading


def _read_lines(joined: str) -> Iterator[TextReading]:
    words = lexicon()
    masks, line, stop, time = words.masks, words.bit[LINE], words.bit[BREAK], words.bit["TIME"]
    breaks = words.mask(" ".join(read_toml("rules.toml")["words"]["breaks"]))
    reader, meanings, spans, times = (
        Reader(words.bit["RESOLVED"]),
        list[int](),
        list[tuple[int, int]](),
        list[tuple[int, int]](),
    )
    for end, (meaning, length, word_end) in words.automaton.iter_long(joined):
        mask = masks[meaning]
        if mask & (line | stop | breaks):
            if word_end and _inside_word(joined, end):
                continue
            reader.close(meanings, spans)
            if mask & line:
                yield TextReading(reader.said, reader.concepts, reader.resolved, reader.sequence, times)
                reader, times = Reader(words.bit["RESOLVED"]), []
            reader.concepts |= mask & breaks
            continue
        if word_end and _inside_word(joined, end):
            continue
        meanings.append(meaning)
        spans.append((end - length + 1, end + 1))
        if mask & time:
            times.append(spans[-1])


def _inside_word(joined: str, end: int) -> bool:
    """Whether a match stops in the middle of a Latin word."""
    after = joined[end + 1]
    return after.isascii() and after.isalnum()
