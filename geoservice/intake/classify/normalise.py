"""Texts in one spelling: compatibility forms, case, traditional characters, spaces and apostrophes.

Many texts are normalised in one pass, joined by line breaks, so that the work is done by string methods
and arrays and not by Python. Nothing here backtracks.
"""

from __future__ import annotations

import re
import sys
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS = 4000
# Characters that end a clause, as they stand after NFKC.
CLAUSE_ENDS = ',。;!?.:…()[]【】「」《》|~"“”'
WORD_END = "\x01"
_MASKED = re.compile(r"\[(?:phone|id|email|name|number)\]")  # what stands for personal data says nothing
_BRACKET = ord("[")
# In place of a plain form: not met yet, several characters, one that its neighbours may change.
_UNKNOWN, _SEVERAL, _ENTANGLED = 0, 1, 2
# Characters that NFKC and lower case take one by one: Latin, Cyrillic, signs, Chinese, kana, Korean syllables,
# surrogates, full-width forms, emoji, rare Chinese. Marks and letters of other scripts may join.
_LONERS = (
    (0x0, 0x2FF), (0x400, 0x52F), (0x2000, 0x30FF), (0x3200, 0x9FFF), (0xAC00, 0xFAFF), (0xFE00, 0xFFFF),
    (0x1F000, 0x1FAFF), (0x20000, 0x323AF),
)  # fmt: skip
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
    from geoservice.intake.classify.phrase_kernels import spaced  # compiled, wanted only where texts are read

    points = plain_points("\n".join(map(_flatten, texts)))
    if (points == _BRACKET).any():
        points = code_points(_MASKED.sub("。", _text(points)))
    joined = _text(spaced(points))
    return joined if joined.isascii() else usual_words(joined)


def _text(points: Points) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


def code_points(text: str) -> Points:
    """The characters as numbers; lone surrogates stay themselves."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def plain_points(text: str) -> Points:
    """The text in compatibility form (NFKC), lower case and simplified characters, as code points."""
    points = code_points(text)
    plain = _plain()[points]
    if (plain == _UNKNOWN).any():
        _meet(np.unique(points[plain == _UNKNOWN]).tolist())
        plain = _plain()[points]
    if (plain == _SEVERAL).any():
        for point in np.unique(points[plain == _SEVERAL]).tolist():
            text = text.replace(chr(point), unicodedata.normalize("NFKC", chr(point)))
        return plain_points(text)
    if (plain == _ENTANGLED).any():
        return code_points(unicodedata.normalize("NFKC", text).lower().translate(_table()))
    return plain


@lru_cache(maxsize=1)
def _plain() -> Points:
    """The plain form of each code point met so far, or one of the three marks."""
    return np.zeros(sys.maxunicode + 1, np.uint32)


def _meet(points: Iterable[int]) -> None:
    """Learn the plain forms of characters met for the first time; the same whoever meets them first."""
    for point in points:
        composed = unicodedata.normalize("NFKC", chr(point))
        plain = composed.lower().translate(_table())
        if not all(map(_alone, composed)) or (len(composed) == 1 != len(plain)):
            _plain()[point] = _ENTANGLED
        else:
            _plain()[point] = ord(plain) if len(composed) == 1 else _SEVERAL


def _alone(letter: str) -> bool:
    """Whether a character neither joins the one before it nor changes case by its neighbours."""
    point = ord(letter)
    return not unicodedata.combining(letter) and any(first <= point <= last for first, last in _LONERS)
