"""Names of places as comparable text: normalised, romanised, reduced to how they sound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MAX_PLACE_TEXT = 300  # characters; the table declares it, and it bounds the work of every pattern below

_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_NOT_WORD = re.compile(r"[^\w]+|_+", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_VOWELS = re.compile(r"[aeiou]+")
_LATIN = re.compile(r"[a-z]")
_DOUBLED = re.compile(r"([a-z])\1+")

# Spelling variants of Indian names and of southern pinyin that sound alike (ee/i, w/v, zh/z, -ng/-n …).
_SOUNDS = re.compile(r"ee|oo|aa|ai|ou|au|ck|ph|[bdgjkstzc]h|sh|ng|[wyzxqe]")
_SOUND_OF = {
    "ee": "i", "oo": "u", "aa": "a", "ai": "e", "ou": "u", "au": "o", "ck": "k", "ph": "f", "ng": "n",
    "w": "v", "y": "i", "z": "j", "x": "s", "q": "k", "e": "e",
}  # fmt: skip


def normalise(text: str) -> str:
    """Lower case, full-width folded, accents of Latin letters dropped, anything but letters and digits a space.

    >>> normalise("Zahirābād，  (TELANGANA)")
    'zahirabad telangana'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text[:MAX_PLACE_TEXT]))
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", text))
    # Marks of Indic scripts are part of the letter although \w does not hold them.
    return _keep_words(text[:MAX_PLACE_TEXT].casefold())


def _keep_words(text: str) -> str:
    if text.isascii():
        return " ".join(_NOT_WORD.sub(" ", text).split())
    kept = (c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") else " " for c in text)
    return " ".join("".join(kept).split())


def has_han(text: str) -> bool:
    """True if any character is a Chinese one."""
    return not text.isascii() and _HAN.search(text) is not None


def is_only_han(text: str) -> bool:
    """True if the text is Chinese without Latin letters among it."""
    return has_han(text) and _LATIN.search(text) is None


def squash(text: str) -> str:
    """``text`` without its spaces."""
    return text.replace(" ", "")


def romanise(text: str) -> str:
    """Normalised text in one script: Chinese characters as toneless pinyin, spaces gone.

    >>> romanise("南山 keji园")
    'nanshankejiyuan'
    """
    return squash(text if text.isascii() else text.translate(_PINYIN))


def readings(text: str) -> set[str]:
    """Romanised forms of a name: character by character, and as the phrase is read (重庆 is chongqing)."""
    if not has_han(text):
        return {squash(text)}
    from pypinyin import lazy_pinyin

    return {romanise(text), squash("".join(lazy_pinyin(text)).replace("ü", "v"))}


def sound(roman: str) -> str:
    """Key under which names that are pronounced alike are equal.

    >>> sound("keelakarai") == sound("kilakarai"), sound("shenzhen") == sound("senzen")
    (True, True)
    """
    reduced = _SOUNDS.sub(lambda m: _SOUND_OF.get(m[0]) or _SOUND_OF.get(m[0][0], m[0][0]), roman)
    return _DOUBLED.sub(r"\1", reduced)


def initials(text: str) -> str:
    """First letters of the syllables of a Chinese name or the words of another (科技园 → kjy)."""
    if has_han(text):
        return "".join(romanise(c)[:1] for c in squash(text))
    words = text.split()
    return "".join(word[0] for word in words) if len(words) > 1 else ""


def grams(roman: str) -> set[str]:
    """Letter pairs and triples of a name, its ends marked: what the index files it under."""
    padded = f"^{roman}$"
    # The consonants survive most slips of the finger: pune and pnue are both "#pn".
    skeleton = "#" + _VOWELS.sub("", roman)
    triples = {padded[i : i + 3] for i in range(len(padded) - 2)}
    return triples | {padded[i : i + 2] for i in range(len(padded) - 1)} | {skeleton}


def syllables(text: str) -> str:
    """A Chinese text with one private character for each pronunciation: homophones become equal.

    >>> syllables("科技园") == syllables("柯技园"), len(syllables("科技园"))
    (True, 3)
    """
    return squash(text).translate(_SYLLABLES)


class _Pinyin(dict[int, str]):
    """Toneless pinyin of each Chinese character, looked up once; every other character is itself."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        reading = character
        if _HAN.match(character):
            from pypinyin import lazy_pinyin

            reading = lazy_pinyin(character)[0].replace("ü", "v")
        self[code] = reading
        return reading


class _Syllables(dict[int, str]):
    """One private-use character for each toneless pinyin syllable."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def __missing__(self, code: int) -> str:
        reading = _PINYIN[code]
        if len(reading) > 1:
            reading = self._codes.setdefault(reading, chr(0xE000 + len(self._codes)))
        self[code] = reading
        return reading


_PINYIN = _Pinyin()
_SYLLABLES = _Syllables()


@lru_cache(maxsize=65_536)
def normalised(text: str) -> str:
    """:func:`normalise`, remembered: the same admin names come again and again."""
    return normalise(text)


def unique(items: Iterable[str]) -> list[str]:
    """The distinct non-empty items in their first order."""
    return [item for item in dict.fromkeys(items) if item]
