"""Texts in one spelling: compatibility forms, case, traditional characters, spaces and apostrophes.

Many texts are normalised in one pass, joined by line breaks, so that the work is done by string methods
and arrays and not by Python. Nothing here backtracks.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS = 4000
# Characters that end a clause, as they stand after NFKC.
CLAUSE_ENDS = ',。;!?.:…()[]【】「」《》|~"“”'
WORD_END = "\x01"
_MASKED = re.compile(r"\[(?:phone|id|email|name|number)\]")  # what stands for personal data says nothing
_SPACE, _QUOTE, _LINE = ord(" "), ord("'"), ord("\n")
Points = NDArray[np.uint32]
_APOSTROPHES = "‘’ʼ´`＇"
_BLANKS = "\t\v\f\r\x85\u2028\u2029-‐‑‒–—―_/\\*#^=<>+"


@lru_cache(maxsize=1)
def _table() -> dict[int, int]:
    source = tomllib.loads((files(__package__) / "traditional.toml").read_text("utf-8"))
    pairs = "".join(source["pairs"].split())
    table = {ord(old): ord(new) for old, new in zip(pairs[::2], pairs[1::2], strict=True)}
    table.update(dict.fromkeys(map(ord, _APOSTROPHES), ord("'")))
    table.update(dict.fromkeys(map(ord, _BLANKS), ord(" ")))
    table.update(dict.fromkeys(range(32), ord(" ")))
    table.update({0x200B: ord(" "), 0xFEFF: ord(" ")})
    del table[ord("\n")]
    return table


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """Words of Taiwan and Hong Kong and the mainland word of the same length."""
    source = tomllib.loads((files(__package__) / "traditional.toml").read_text("utf-8"))
    return dict(source["words"])


def plain_letters(text: str) -> Sequence[str]:
    """The normalised form of each character of ``text``; blanks and punctuation that is ignored become blanks."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_table())
    if len(plain) == len(text):
        return plain
    return [unicodedata.normalize("NFKC", letter).lower().translate(_table()) for letter in text]


def usual_words(text: str) -> str:
    """Regional words replaced by the usual ones; lengths do not change."""
    for word, usual in _words().items():
        text = text.replace(word, usual)
    return text


def _flatten(text: str) -> str:
    """One line of at most ``MAX_CHARACTERS`` characters; a line break ends a clause."""
    return text[:MAX_CHARACTERS].replace("\n", "。")


def normalise(texts: Sequence[str]) -> str:
    """Join ``texts`` into one string, a line each; a word in Latin letters always follows a space.

    Lone surrogates and control characters are kept or blanked, never an error. NFKC may lengthen a
    character up to 18-fold; the cap applies before it, so the work stays linear in the input.
    """
    joined = "\n".join(map(_flatten, texts))
    if not joined.isascii():
        joined = unicodedata.normalize("NFKC", joined)
    joined = joined.lower().translate(_table())
    if "[" in joined:
        joined = _MASKED.sub("。", joined)
    plain = _spaced(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32))
    joined = plain.tobytes().decode("utf-32-le", "surrogatepass")
    return joined if joined.isascii() else usual_words(joined)


def _spaced(points: Points) -> Points:
    """A blank before and ``WORD_END`` after every Latin word; no blank twice, none before a Chinese character.

    Array work on code points: patterns that look around at every place cost five times as much.
    """
    letter = _is_letter(points)
    opening = (points == _QUOTE) & ~_shifted(letter, False)
    points = np.where(opening, np.uint32(_SPACE), points)
    points = points[~((points == _SPACE) & (_shifted(points, 0) == _SPACE))]
    before = _shifted(points, _LINE)
    after_word = (before != _SPACE) & (before != _LINE)
    chinese = (points >= 0x3400) & (points <= 0x9FFF)
    points = points[~((points == _SPACE) & after_word & np.append(chinese[1:], False))]
    letter, before = _is_letter(points), _shifted(points, _LINE)
    begins = letter & ~_is_letter(before) & (before != _QUOTE) & (before != _SPACE)
    ends = letter & ~np.append(letter[1:], False)
    place = np.cumsum(1 + begins + _shifted(ends, False)) - 1
    spaced = np.full(len(points) + int(begins.sum()) + int(ends.sum()), _SPACE, np.uint32)
    spaced[place] = points
    spaced[place[ends] + 1] = ord(WORD_END)
    return spaced


def _is_letter(points: Points) -> NDArray[np.bool_]:
    return ((points >= ord("a")) & (points <= ord("z"))) | ((points >= ord("0")) & (points <= ord("9")))


def _shifted(values: Any, first: Any) -> Any:
    """Each place's predecessor."""
    return np.concatenate((np.array([first], values.dtype), values[:-1]))[: len(values)]
