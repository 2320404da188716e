"""One pass over many texts: words found, clauses read, findings placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.classify.clauses import read_clause
from geoservice.intake.classify.decide import Said, Verdict, decide
from geoservice.intake.classify.lexicon import BREAK, GAP, LINE, lexicon, read_toml
from geoservice.intake.classify.normalise import code_points, normalise

CHUNK = 1000
REMEMBERED = 20_000

Places = NDArray[np.int64]
Meanings = tuple[int, ...]


class Line(NamedTuple):
    """What a text's known words say together, whatever stands between them.

    Attributes
    ----------
    said : findings; their places are numbers of words.
    concepts : bits of every concept that stands.
    resolved : whether a clause says that the trouble is over.
    sequence : meanings of the words, clause ends left out.
    verdict : what the rules make of it.
    """

    said: tuple[Said, ...]
    concepts: int
    resolved: bool
    sequence: Meanings
    verdict: Verdict


class TextReading(NamedTuple):
    """What was read in one text.

    Attributes
    ----------
    line : what its words say.
    meanings : of its words, clause ends among them.
    first : number of its first word in the chunk.
    letters : its length.
    known : letters of it in known phrases.
    """

    line: Line
    meanings: Meanings
    first: int
    letters: int
    known: int


class Spans(NamedTuple):
    """Start, end and meaning of the known phrases of a chunk in their order, clause ends left out; each shape (n,)."""

    start: Places
    end: Places
    meaning: Places


class Chunk(NamedTuple):
    """Normalised texts, a line each, every line ended, with each text's reading and all their phrases.

    ``starts`` and ``ends`` are those of all known words, clause ends and gaps among them.
    """

    joined: str
    readings: list[TextReading]
    spans: Spans
    starts: list[int]
    ends: list[int]

    def places(self, reading: TextReading, concepts: int) -> list[tuple[int, int]]:
        """Where a text's words of these concepts stand."""
        masks = lexicon().masks
        which = [reading.first + place for place, word in enumerate(reading.meanings) if masks[word] & concepts]
        return [(self.starts[one], self.ends[one]) for one in which]

    def words(self, reading: TextReading, first: int, last: int) -> str:
        """The words of a text from one to another, as they are normalised."""
        return self.joined[self.starts[reading.first + first] : self.ends[reading.first + last]]


def read_chunk(texts: Sequence[str]) -> Chunk:
    """Read some texts together; several hundred at once are quickest."""
    from geoservice.intake.classify.phrase_kernels import phrases  # compiled, wanted only where texts are read

    joined = normalise(texts) + "\n"
    meaning, start, end = phrases(code_points(joined), *lexicon().trie, _marks().ends, GAP)
    plain = (meaning != GAP) & ~_marks().ends[meaning]
    readings = _read_lines(meaning, start, end, plain)
    return Chunk(joined, readings, Spans(start[plain], end[plain], meaning[plain]), start.tolist(), end.tolist())


@dataclass(frozen=True, slots=True)
class Marks:
    """Which meanings end a clause, end a text, or stand for a word that begins a clause; by their numbers."""

    ends: NDArray[np.bool_]
    stops: frozenset[int]  # the same as numbers, which plain code asks sooner
    lines: NDArray[np.bool_]
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
        frozenset(meaning for meaning, mask in enumerate(words.masks) if mask & ends),
        np.array([mask & line != 0 for mask in words.masks]),
        tuple(mask & breaks for mask in words.masks),
        words.bit["ALT"],
        words.bit["RESOLVED"],
    )


def _read_lines(meaning: Places, start: Places, end: Places, plain: NDArray[np.bool_]) -> list[TextReading]:
    """Each text's reading; a text ends at the word for a line's end."""
    stops = np.flatnonzero(_marks().lines[meaning])
    begins = np.concatenate(([0], stops[:-1] + 1))
    covered = np.concatenate(([0], np.cumsum(np.where(plain, end - start, 0))))
    letters = np.diff(start[stops], prepend=-1) - 1
    known, meanings = covered[stops] - covered[begins], meaning.tolist()
    parts = zip(begins.tolist(), stops.tolist(), letters.tolist(), known.tolist(), strict=True)
    found = []
    for begin, stop, size, share in parts:
        words = tuple(meanings[begin:stop])
        found.append(TextReading(read_line(words), words, begin, size, share))
    return found


@lru_cache(maxsize=REMEMBERED)
def read_line(words: Meanings) -> Line:
    """Read a text, clause by clause.

    Parameters
    ----------
    words : positions in ``Lexicon.masks``, in the order of the text, clause ends among them.
    """
    marks, masks = _marks(), lexicon().masks
    said: list[Said] = []
    resolved: list[int] = []
    concepts = clauses = subject = begin = 0
    stops = [place for place, word in enumerate(words) if word in marks.stops]
    for stop in (*stops, len(words)):
        if stop > begin:
            findings, meant, subject = read_clause(words[begin:stop], subject)
            if findings:
                said += [Said(code, clauses, begin + first, begin + last, past) for code, first, last, past in findings]
            if meant & marks.resolved:
                resolved.append(clauses)
            concepts |= meant
            clauses += 1
        begin = stop + 1
    for stop in stops:
        concepts |= marks.breaks[words[stop]]
    sequence = tuple([word for word in words if word not in marks.stops]) if stops else words
    if concepts & marks.alternative and sum([masks[one] & marks.alternative > 0 for one in sequence]) > 1:
        concepts |= lexicon().bit["ALTERNATING"]
    return Line(tuple(said), concepts, bool(resolved), sequence, decide(said, concepts, resolved))
