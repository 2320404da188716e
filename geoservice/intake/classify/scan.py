"""One pass over many texts: words found, clauses read, findings placed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.clauses import read_clause
from geoservice.intake.classify.decide import Said
from geoservice.intake.classify.lexicon import BREAK, GAP, LINE, LONGEST_PHRASE, Lexicon, lexicon, read_toml
from geoservice.intake.classify.normalise import normalise

CHUNK = 1000
RIVALS = 3  # phrases beginning inside a phrase that are looked at
WIDE_GAP, NARROW_GAP = 10, 2

Places = NDArray[np.int64]


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
        """Read the clause with these words."""
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


class Spans(NamedTuple):
    """Start, end and meaning of the known phrases of a chunk in their order, clause ends left out; each shape (n,)."""

    start: Places
    end: Places
    meaning: Places


class Chunk(NamedTuple):
    """Normalised texts, a line each, every line ended, with each text's reading and all their phrases."""

    joined: str
    readings: list[TextReading]
    spans: Spans


def read_texts(texts: Sequence[str]) -> Iterator[tuple[str, TextReading]]:
    """Each text's normalised chunk and reading, in order."""
    for begin in range(0, len(texts), CHUNK):
        chunk = read_chunk(texts[begin : begin + CHUNK])
        for reading in chunk.readings:
            yield chunk.joined, reading


def read_chunk(texts: Sequence[str]) -> Chunk:
    """Read some texts together; several hundred at once are quickest."""
    joined = normalise(texts) + "\n"
    meaning, start, end = _with_gaps(joined, *longest_phrases(lexicon(), joined))
    plain = (meaning != GAP) & ~_marks().ends[meaning]
    return Chunk(joined, list(_read_lines(meaning, start, end)), Spans(start[plain], end[plain], meaning[plain]))


@dataclass(frozen=True, slots=True)
class Marks:
    """Which meanings end a clause, end a text, or stand for a word that begins a clause; by their numbers."""

    ends: NDArray[np.bool_]
    lines: tuple[bool, ...]
    breaks: tuple[int, ...]
    alternative: int
    resolved: int


@lru_cache(maxsize=1)
def _marks() -> Marks:
    words = lexicon()
    breaks = words.mask(" ".join(read_toml("rules.toml")["words"]["breaks"]))
    line, ends = words.bit[LINE], words.bit[LINE] | words.bit[BREAK] | breaks
    return Marks(
        np.array([mask & ends != 0 for mask in words.masks]),
        tuple(mask & line != 0 for mask in words.masks),
        tuple(mask & breaks for mask in words.masks),
        words.bit["ALT"],
        words.bit["RESOLVED"],
    )


def _read_lines(meaning: Places, start: Places, end: Places) -> Iterator[TextReading]:
    marks, masks, alternating = _marks(), lexicon().masks, lexicon().bit["ALTERNATING"]
    meanings, spans = meaning.tolist(), list(zip(start.tolist(), end.tolist(), strict=True))
    reader, begin, line_start = Reader(marks.resolved), 0, 0
    for stop in np.flatnonzero(marks.ends[meaning]).tolist():
        reader.close(meanings[begin:stop], spans[begin:stop])
        begin, last = stop + 1, meanings[stop]
        reader.concepts |= marks.breaks[last]
        if not marks.lines[last]:
            continue
        if (
            reader.concepts & marks.alternative
            and sum([masks[one] & marks.alternative > 0 for one in reader.sequence]) > 1
        ):
            reader.concepts |= alternating
        place = spans[stop][0]
        yield TextReading(
            reader.said, reader.concepts, reader.resolved, reader.sequence, reader.spans, place - line_start
        )
        line_start, reader = place + 1, Reader(marks.resolved)


def longest_phrases(words: Lexicon, joined: str) -> tuple[Places, Places, Places]:
    """Start, last character and meaning of the phrases from the left, at each place the longest, none overlapping.

    A phrase gives way to a longer one that begins inside it ("is not" to "not available").

    Not ``Automaton.iter_long``: it loses the shorter phrase where a longer one begins and breaks off
    ("没" in "没网络" when "没网络信号" is a phrase).
    """
    flat = np.fromiter(itertools.chain.from_iterable(words.automaton.iter(joined)), np.int64)
    last, value = flat[::2], flat[1::2]
    start = last - value % LONGEST_PHRASE + 1
    order = np.lexsort((last, start))
    start, last, meaning = start[order], last[order], value[order] // LONGEST_PHRASE
    longest = np.flatnonzero(np.append(start[1:] != start[:-1], True))  # of those that begin together
    reach = np.maximum.accumulate(last[longest])
    heads = np.flatnonzero(start[longest] > np.concatenate(([-1], reach[:-1])))  # nothing reaches over their start
    if not len(heads):
        return start, last, meaning
    plain = last[longest[heads]] == np.maximum.reduceat(last[longest], heads)  # hold all that begins inside them
    taken = longest[heads[plain]].tolist()
    bounds = np.append(heads, len(longest))
    for cluster in np.flatnonzero(~plain).tolist():
        taken += _settled(start, last, longest[bounds[cluster] : bounds[cluster + 1]].tolist())
    which = np.sort(np.array(taken, np.int64))
    return start[which], last[which], meaning[which]


def _settled(start: Places, last: Places, longest: list[int]) -> Iterator[int]:
    """The phrases to take where some cross each other; ``longest`` at each start, shorter ones stand before it."""
    free = 0
    for place, which in enumerate(longest):
        begin, found = start[which], which
        if begin < free:
            continue
        for rival in longest[place + 1 : place + 1 + RIVALS]:
            length = last[rival] - start[rival]
            while found >= 0 and start[rival] <= last[found] and length > last[found] - begin:
                found = found - 1 if found and start[found - 1] == begin else -1
        if found >= 0:
            free = last[found] + 1
            yield found


def _with_gaps(joined: str, start: Places, last: Places, meaning: Places) -> tuple[Places, Places, Places]:
    """Meaning, start and end of phrases, and of a phrase without meaning or extent where unknown words stand between.

    Unknown words are two Chinese characters or some Latin letters.
    """
    before = np.concatenate(([0], last[:-1] + 1))
    wide = start - before
    letters = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    blank = letters[np.minimum(before, len(letters) - 1)] == ord(" ")
    inside = ~np.concatenate(([True], _marks().ends[meaning[:-1]]))
    gap = inside & (wide >= np.where(blank, WIDE_GAP, NARROW_GAP))
    place = np.cumsum(1 + gap) - 1
    count = len(start) + int(gap.sum())
    known = np.full(count, GAP)
    known[place] = meaning
    begins, ends = np.zeros(count, np.int64), np.zeros(count, np.int64)
    begins[place], ends[place] = start, last + 1
    begins[place[gap] - 1] = ends[place[gap] - 1] = start[gap]
    return known, begins, ends
