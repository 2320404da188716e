"""Where records begin and end in a block of delimited text, found independently of the parser.

A record is a line, unless a quoted field carries it over several. An opened quote that swallows
lines which look like records of their own was never meant: its line is refused and the lines
after it are read for themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from geoservice.intake.readers.limits import MAX_QUOTED_LINES

_LF, _CR, _QUOTE = 10, 13, 34
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Records of a block: byte bounds (without the line end), first line, number of fields.

    ``unclosed`` and ``stray`` are the first lines of records whose quotes are broken (not among the
    others); ``consumed`` bytes and ``lines`` lines were used up; the rest belongs to the next block.
    """

    starts: Ints
    ends: Ints
    first_lines: Ints
    widths: Ints
    unclosed: Ints
    stray: Ints
    multiline: bool
    consumed: int
    lines: int


def split_records(text: bytes, delimiter: bytes, width: int, *, quoted: bool, final: bool) -> Split:
    """Records of ``text``, which starts at the beginning of a record and, unless ``final``, ends anywhere."""
    end = len(text) if final else text.rfind(b"\n") + 1
    if final and text and not text.endswith(b"\n"):
        text, end = text + b"\n", len(text) + 1
    body = np.frombuffer(text, np.uint8, count=end)
    breaks = np.flatnonzero(body == _LF)
    starts = np.concatenate(([0], breaks[:-1] + 1)) if len(breaks) else np.empty(0, np.int64)
    ends = breaks - ((breaks > 0) & (body[breaks - 1] == _CR)) if len(breaks) else breaks
    if quoted and b'"' in text[:end] and not _plainly_quoted(body, breaks, delimiter[0]):
        return _split_slowly(text, starts, ends, delimiter, width, final=final)
    widths = _widths(body, starts, breaks, delimiter[0], quoted=quoted)
    return _kept(body, starts, ends, np.arange(len(starts)), widths, end, len(starts))


def _kept(body: NDArray[np.uint8], starts: Ints, ends: Ints, lines: Ints, widths: Ints, end: int, total: int) -> Split:
    """All lines but blank ones, each a record."""
    filled = ends > starts
    short = np.flatnonzero(filled & (widths == 1))
    for i in short[:100_000]:
        filled[i] = bool(bytes(body[starts[i] : ends[i]]).strip(b" \t\r"))
    none = np.empty(0, np.int64)
    return Split(starts[filled], ends[filled], lines[filled], widths[filled], none, none, False, end, total)


def _plainly_quoted(body: NDArray[np.uint8], breaks: Ints, delimiter: int) -> bool:
    """Whether every line closes its quotes and every quote stands at the border of a field (or is doubled)."""
    quotes = np.flatnonzero(body == _QUOTE)
    if (np.searchsorted(quotes, breaks) & 1).any() or len(quotes) & 1:
        return False
    before = np.where(quotes > 0, body[quotes - 1], _LF)[0::2]
    after = body[np.minimum(quotes + 1, len(body) - 1)][1::2]
    opens = (before == delimiter) | (before == _LF) | (before == _QUOTE)
    closes = (after == delimiter) | (after == _LF) | (after == _CR) | (after == _QUOTE)
    return bool(opens.all() and closes.all())


def _widths(body: NDArray[np.uint8], starts: Ints, breaks: Ints, delimiter: int, *, quoted: bool) -> Ints:
    marks = np.flatnonzero(body == delimiter)
    if quoted:
        quotes = np.flatnonzero(body == _QUOTE)
        if len(quotes):
            marks = marks[(np.searchsorted(quotes, marks) & 1) == 0]
    return np.searchsorted(marks, breaks) - np.searchsorted(marks, starts) + 1


@dataclass(slots=True)
class _Found:
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    unclosed: list[int] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)
    multiline: bool = False

    def add(self, start: int, end: int, line: int, width: int) -> None:
        self.starts.append(start)
        self.ends.append(end)
        self.lines.append(line)
        self.widths.append(width)

    def split(self, consumed: int, lines: int) -> Split:
        starts, ends, first, widths, unclosed, stray = (
            np.array(a, np.int64) for a in (self.starts, self.ends, self.lines, self.widths, self.unclosed, self.stray)
        )
        return Split(starts, ends, first, widths, unclosed, stray, self.multiline, consumed, lines)


@cache
def _patterns(delimiter: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    """(a whole record, a record whose last field opens a quote, a quoted field); possessive, so linear."""
    d = re.escape(delimiter)
    quoted = rb'"(?:[^"]++|"")*+"'
    plain = rb'(?:[^"' + d + rb"][^" + d + rb"]*+)?"
    one = rb"(?:" + quoted + rb"|" + plain + rb")"
    whole = re.compile(one + rb"(?:" + d + one + rb")*+", re.DOTALL)
    opened = re.compile(rb"(?:" + one + d + rb')*+("(?:[^"]++|"")*+)', re.DOTALL)
    return whole, opened, re.compile(rb"(^|" + d + rb")" + quoted)


def _split_slowly(text: bytes, starts: Ints, ends: Ints, delimiter: bytes, width: int, *, final: bool) -> Split:
    """Line by line; only blocks with broken or many-line quotes come here."""
    found, total, i = _Found(), len(starts), 0
    bounds = list(zip(starts.tolist(), ends.tolist(), strict=True))
    while i < total:
        start, end = bounds[i]
        line = text[start:end]
        if b'"' not in line:
            if line.strip(b" \t\r"):
                found.add(start, end, i, line.count(delimiter) + 1)
            i += 1
            continue
        used = _quoted_record(text, bounds, i, delimiter, width, found, final=final)
        if used == 0:
            return found.split(start, i)
        i += used
    return found.split(bounds[-1][1] + _line_end(text, bounds[-1][1]) if total else 0, total)


def _line_end(text: bytes, end: int) -> int:
    return 2 if text[end : end + 1] == b"\r" else 1


def _quoted_record(
    text: bytes, bounds: list[tuple[int, int]], i: int, delimiter: bytes, width: int, found: _Found, *, final: bool
) -> int:
    """Take the record that begins on line ``i``; answers the lines used, 0 when the block ends inside it."""
    whole, opened, _ = _patterns(delimiter)
    start, end = bounds[i]
    if whole.fullmatch(text, start, end):
        found.add(start, end, i, _count_fields(text[start:end], delimiter))
        return 1
    if not opened.fullmatch(text, start, end):
        found.stray.append(i)
        return 1
    last = _closing_line(text, bounds, i, delimiter, width)
    if last is None:
        if not final and len(bounds) - i <= MAX_QUOTED_LINES:
            return 0
        found.unclosed.append(i)
        return 1
    if last < 0 or not whole.fullmatch(text, start, bounds[last][1]):
        found.unclosed.append(i)
        return 1
    found.add(start, bounds[last][1], i, _count_fields(text[start : bounds[last][1]], delimiter))
    found.multiline = True
    return last - i + 1


def _closing_line(text: bytes, bounds: list[tuple[int, int]], i: int, delimiter: bytes, width: int) -> int | None:
    """Line that closes the quote opened on line ``i``; −1 if it swallows records; None if it is not in sight."""
    enough = max(1, width - 1)
    for j in range(i + 1, min(i + 1 + MAX_QUOTED_LINES, len(bounds))):
        line = text[bounds[j][0] : bounds[j][1]]
        closes = line.count(b'"') & 1
        inside = line[: line.find(b'"')] if closes else line
        if inside.count(delimiter) >= enough:
            return -1
        if closes:
            return j
    return None


def _count_fields(record: bytes, delimiter: bytes) -> int:
    """Number of fields of a whole record: delimiters left when the quoted fields are taken out."""
    return _patterns(delimiter)[2].sub(rb"\1", record).count(delimiter) + 1
