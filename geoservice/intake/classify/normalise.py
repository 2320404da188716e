"""Texts in one spelling: compatibility forms, case, traditional characters, spaces and apostrophes.

Many texts are normalised in one pass, joined by line breaks, so that the work is done by string methods
and not by Python. Nothing here backtracks: every pattern looks at single characters.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

MAX_CHARACTERS = 4000
# Characters that end a clause, as they stand after NFKC.
CLAUSE_ENDS = ',。;!?.:…()[]【】「」《》|~"“”'
_WORD_START = re.compile(r"(?<![a-z0-9' ])(?=[a-z0-9])")
_WORD_STOP = re.compile(r"(?<=[a-z0-9])(?![a-z0-9])")
WORD_END = "\x01"
_SPACES = re.compile(r" {2,}")
_SPACE_IN_CHINESE = re.compile(r"(?<=\S) (?=[\u3400-\u9fff])")
_QUOTE = re.compile(r"(?<![a-z0-9])'")
_MASKED = re.compile(r"\[(?:phone|id|email|name|number)\]")  # what stands for personal data says nothing
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
    joined = _SPACES.sub(" ", _WORD_START.sub(" ", _QUOTE.sub(" ", joined)))
    if not joined.isascii():
        joined = usual_words(_SPACE_IN_CHINESE.sub("", joined))
    return _WORD_STOP.sub(WORD_END, joined)
