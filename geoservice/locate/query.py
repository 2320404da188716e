"""What a place text asks for: its pieces, in any of the ways people write addresses.

A text is cut into base pieces (at commas, at Chinese administrative endings, at house numbers),
and neighbouring pieces are also offered joined, so that a name is found whichever way it was cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from geoservice.locate import words

_SEPARATORS = re.compile(r"[,，、;；|\n\t()（）\[\]【】。]+|\s-\s")
# What programs and clerks write when they know no place.
_PLACEHOLDERS = frozenset(
    {"nan", "none", "null", "na", "n a", "nil", "inf", "unknown", "未知", "不详", "无", "暂无", "地址不详", "未提供"}
)
_MAX_PIECES = 24
_MAX_WINDOW = 4
_MAX_FUZZY_WINDOW = 2  # longer joined pieces are looked up as they stand, unless they are a whole stretch

_NEAR_HAN = re.compile(
    r"(?:的?(?:附近|旁边|对面|周边|周围|一带|门口|门前|里面|楼下|隔壁|旁|[东南西北]侧|[东南西北]面|[东南西北]门))+$"
)
_NEAR_LATIN = re.compile(
    r"^(?:near(?:by)?(?: to)?|next to|close to|opposite(?: to)?|opp|behind|in front of|beside|around|adjacent to|"
    r"outside|inside|at|in|on|the)\s+"
)
_TAIL_LATIN = re.compile(r"\s+(?:area|nearby|vicinity|surroundings)$")
_NUMBER_HAN = re.compile(
    r"[0-9a-z]{1,6}(?:-[0-9]{1,4})?(?:号楼|号院|号|栋|幢|座|单元|室|层|楼|弄|期|米|组)"
    r"|[一二三四五六七八九十]{1,3}(?:号楼|号院|栋|幢|座|单元|期|层)"
)
_NUMBER_LATIN = re.compile(
    r"\b(?:(?:house|flat|plot|door|shop|block|room|unit|apt|building|floor|phase|no|h no|sector)\s+)?(?:no\s+)?"
    r"[0-9]{1,6}[a-z]?\b(?:st|nd|rd|th)?(?:\s+floor)?"
)
# Endings after which a Chinese address goes on with the next smaller unit.
_CUT_HAN = re.compile(r"(?<=..)(?:自治区|街道办事处|街道|省|市|州|盟|区|县|旗|镇|乡|村|路|街|大道|巷|弄)")
_ROAD_HAN = r"[^与和跟及口交]{1,12}?(?:大道|路|街|道|巷|线)"
_CROSSING_HAN = re.compile(
    rf"({_ROAD_HAN})[与和跟及]?({_ROAD_HAN})的?(?:十字路口|丁字路口|交叉路口|交叉口|交汇处|交界处|路口|交汇|交界|口)"
)
_CROSSING_LATIN = re.compile(
    r"^(?:corner|crossing|junction|intersection|crossroads) of (.{2,60}?) (?:and|with|x) (.{2,60})$"
)
_CROSSING_LATIN_TAIL = re.compile(
    r"^(.{2,60}?) (?:and|with|x) (.{2,60}?) (?:corner|crossing|junction|intersection|crossroads)$"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the query's letters; cut (base) or joined from cut ones; worth a search for misspellings or not."""

    text: str
    start: int
    end: int
    is_base: bool
    is_fuzzy: bool = True


@dataclass(frozen=True, slots=True)
class Query:
    """A place text taken apart.

    ``length`` counts the letters that a place has to explain; ``is_near`` says the trouble is beside the place;
    ``crossing`` the two roads when the text names a crossing.
    """

    pieces: tuple[Piece, ...]
    length: int
    is_near: bool = False
    has_number: bool = False
    crossing: tuple[str, str] | None = None


def parse(text: str, is_name: Callable[[str], bool]) -> Query:
    """Take a place text apart.

    Parameters
    ----------
    text : at most 300 characters are looked at.
    is_name : tells whether a Chinese string is a known name, so that unmarked names are cut out too.
    """
    raw = unicodedata.normalize("NFKC", text[: words.MAX_PLACE_TEXT]).casefold()
    crossing = find_crossing(raw)
    segments, near, number = [], False, False
    for part in _SEPARATORS.split(raw):
        segment, is_near, has_number = _strip_segment(part)
        near, number = near or is_near, number or has_number
        if segment and segment not in _PLACEHOLDERS:
            segments.append(segment)
    pieces = _pieces(segments, is_name)
    length = sum(len(words.squash(segment)) for segment in segments)
    return Query(pieces, length, near, number, crossing)


def without_house_number(text: str) -> str:
    """A Chinese address without its house, block and room numbers; any other text as it is."""
    if not words.has_han(text):
        return text
    return _NUMBER_HAN.sub(" ", unicodedata.normalize("NFKC", text[: words.MAX_PLACE_TEXT]).casefold())


def find_crossing(text: str) -> tuple[str, str] | None:
    """The two roads of "X路与Y路交叉口" or "corner of X and Y", normalised and sorted; None if it names none."""
    tail = _CUT_ADMIN.sub("", text)
    match = _CROSSING_HAN.search(tail)
    if match is None:
        plain = words.normalise(text.replace("&", " and ").split(",")[0])
        match = _CROSSING_LATIN.match(plain) or _CROSSING_LATIN_TAIL.match(plain)
    if match is None:
        return None
    roads = sorted((words.normalise(match[1]), words.normalise(match[2])), key=words.romanise)
    return roads[0], roads[1]


# Province, city and district in front of the first road of a crossing.
_CUT_ADMIN = re.compile(r"^(?:[^路街道]{2,8}?(?:自治区|省|市|区|县|镇|乡|街道))+")


def _strip_segment(part: str) -> tuple[str, bool, bool]:
    """(bare name, said to be near it, carried a number) of one stretch between commas."""
    near = False
    number_pattern = _NUMBER_HAN if words.has_han(part) else _NUMBER_LATIN
    text = part.strip()
    bare = _NEAR_HAN.sub("", text)
    near = bare != text
    if words.has_han(bare):
        without = number_pattern.sub(" ", bare)
        return words.normalise(without), near, without != bare
    plain = words.normalise(bare)
    shorn = _TAIL_LATIN.sub("", _NEAR_LATIN.sub("", plain))
    without = " ".join(number_pattern.sub(" ", shorn).split())
    # A name that is nothing but a number stays: "Sector 62" is a place.
    return without or shorn, near or shorn != plain, bool(without) and without != shorn


def _pieces(segments: list[str], is_name: Callable[[str], bool]) -> tuple[Piece, ...]:
    base: list[Piece] = []
    found: list[Piece] = []
    at = 0
    for segment in segments:
        atoms = _atoms(segment)
        base += _place(atoms, at)
        joined = words.squash(segment)
        if words.has_han(segment):
            found += _known_within(joined, at, is_name)
        at += len(joined)
    pieces = base + _windows(base, segments) + found
    distinct = {(piece.start, piece.end): piece for piece in sorted(pieces, key=lambda p: p.is_fuzzy)}
    ordered = sorted(distinct.values(), key=lambda p: (-(p.end - p.start), p.start))
    return tuple(ordered[:_MAX_PIECES])


def _atoms(segment: str) -> list[str]:
    """Smallest units: words, and Chinese runs cut after administrative and road endings."""
    atoms: list[str] = []
    for word in segment.split():
        if not words.has_han(word):
            atoms.append(word)
            continue
        last = 0
        for match in _CUT_HAN.finditer(word):
            if match.end() - last >= 2:
                atoms.append(word[last : match.end()])
                last = match.end()
        if last < len(word):
            atoms.append(word[last:])
    return atoms


def _place(atoms: list[str], at: int) -> list[Piece]:
    placed = []
    for atom in atoms:
        placed.append(Piece(atom, at, at + len(atom), True))
        at += len(atom)
    return placed


def _windows(base: list[Piece], segments: list[str]) -> list[Piece]:
    """Neighbouring base pieces joined, up to four; whole segments; the whole text."""
    joined = [
        _join(base[first : last + 1])
        for first in range(len(base))
        for last in range(first + 1, min(first + _MAX_WINDOW, len(base)))
    ]
    at = 0
    for segment in segments:
        length = len(words.squash(segment))
        joined.append(Piece(segment, at, at + length, len(_atoms(segment)) == 1))
        at += length
    if len(segments) > 1:
        joined.append(replace(_join(base), is_fuzzy=len(base) <= _MAX_WINDOW))
    return joined


def _join(pieces: list[Piece]) -> Piece:
    text = " ".join(p.text for p in pieces)
    if any(words.has_han(p.text) for p in pieces):
        text = words.squash(text)
    return Piece(text, pieces[0].start, pieces[-1].end, False, len(pieces) <= _MAX_FUZZY_WINDOW)


def _known_within(text: str, at: int, is_name: Callable[[str], bool]) -> list[Piece]:
    """The longest known names written inside unbroken Chinese text."""
    found: list[Piece] = []
    start = 0
    while start < len(text) - 1:
        for end in range(min(len(text), start + 12), start + 1, -1):
            if is_name(text[start:end]):
                found.append(Piece(text[start:end], at + start, at + end, True))
                start = end - 1
                break
        start += 1
    return found
