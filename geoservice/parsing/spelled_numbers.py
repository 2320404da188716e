"""Telephone and identity numbers in disguise: spaced out, dotted, in Chinese numerals, with invisible characters.

The ordinary spellings are found by the patterns of ``masking.py``; what is left passes here. A *run* is a
row of digits (of any script, Chinese numerals too) with at most three separators between two of
them. A run is cut into its groups, and groups that together make a number are masked only where
people group such a number like that: ``1 3 9 0 …``, ``139.0013.9000``, but not ``1300 3784900``,
which are two numbers. Every step looks at most 21 digits ahead, so the time is linear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

# Characters that show nothing (and the marks that make keycap emoji of digits).
INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff\u20e3"
_HAN = dict(zip("〇○零一二三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖幺弌", "00012345678912233456678911", strict=True))
_NUMERALS = "⁰¹²³⁴-⁹₀-₉①-⑨⓪❶-❾➀-➈㈠-㈨㊀-㊈"
DIGIT = rf"\p{{Nd}}{_NUMERALS}{''.join(_HAN)}"  # for RE2; Python's \d covers \p{Nd}
SEPARATOR = r" \t\x{a0}\x{3000}\-‐‑‒–—._/\\·•．／＿－~*"
# What Arrow (RE2) can tell quickly: enough digits near one another to be worth a look.
SUSPECT = rf"[{DIGIT}](?:[{SEPARATOR}]{{0,3}}[{DIGIT}]){{9,}}"
HIDDEN = rf"[{DIGIT}A-Za-z@][{SEPARATOR}]{{0,3}}[{INVISIBLE}]+[{SEPARATOR}]{{0,3}}[{DIGIT}A-Za-z@.]"

_D = rf"\d{_NUMERALS}{''.join(_HAN)}"
_S = r" \t\xa0\u3000\-‐‑‒–—._/\\·•．／＿－~*"
_RUN = re.compile(rf"[{_D}](?:[{_S}]{{0,3}}[{_D}]){{9,}}(?:[{_S}]?[XxＸｘ](?![A-Za-z]))?")
_ONE = re.compile(rf"[{_D}]")
_GROUP = re.compile(rf"[{_D}]+")
_UNSEEN = re.compile(rf"[{INVISIBLE}]+")
_FEWEST_DIGITS, _MOST_DIGITS = 10, 21
# How people group the eleven digits of a Chinese mobile number.
_USUAL = frozenset({(3, 4, 4), (3, 8), (7, 4), (3, 3, 5)})
_TWO_DOTS = frozenset({(3, 4, 4), (3, 3, 5), (4, 4, 3)})
# Groupings that ordinary numbers side by side may have too: only where nothing else stands beside them.
_ALONE = frozenset(
    {(4, 4, 3), (1, 5, 5), (1, 3, 3, 4), (1, 2, 4, 4), (3, 4, 2, 2), (3, 2, 2, 2, 2), (1, 2, 2, 2, 2, 2)}
)
# Three numbers side by side (139 1299 1999) look like a mobile number; money, sizes and cell keys say what they are.
_OF_FEW_GROUPS = 3
_LABEL_REACH = 16
_NO_PHONE_BEFORE = re.compile(
    r"(?:[$￥¥€₹£]|(?i:earfcn|arfcn|pci|psc|eci|nci|enb(?: ?id)?|gnb(?: ?id)?|tac|lac|cgi|cell ?id)"
    r"|频点|小区(?i:id|号))[\s:：=]*$"
)
_UNIT_AFTER = re.compile(r"\s{0,2}(?:元(?![旦宵])|块钱|(?i:yuan|rmb|cny|dollars?|rupees?|[kmg]b(?:ps|it)?|dbm|mhz)\b)")
_LANDLINES = frozenset({(7,), (8,), (4, 4), (3, 4), (4, 3), (2, 2, 2, 2), (3, 2, 2), (3, 2, 3)})
_MOBILE = re.compile(r"(0{0,2}86|0)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d\d)(\d{7,8})")
_ID = re.compile(r"[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_AMERICAN = re.compile(r"1?[2-9]\d\d[2-9]\d{6}")
_ANY = re.compile(rf"{_MOBILE.pattern}|{_LANDLINE.pattern}|{_ID.pattern}|[1-8]\d{{16}}|{_AMERICAN.pattern}|\d{{16,19}}")
Groups = tuple[int, ...]


def visible(text: str) -> str:
    """``text`` without characters that show nothing."""
    return _UNSEEN.sub("", text)


def count_numerals(text: str) -> int:
    """How many characters of ``text`` are digits of any script.

    >>> count_numerals("１３九 x①")
    4
    """
    return len(_ONE.findall(text))


def mask_spelled(text: str) -> str:
    """``text`` with numbers in disguise replaced by ``[phone]``, ``[id]`` or ``[number]``.

    >>> mask_spelled("电话1 3 9 0 0 1 3 9 0 0 0谢谢"), mask_spelled("一三九零零一三九零零零")
    ('电话[phone]谢谢', '[phone]')
    >>> mask_spelled("EARFCN 1300 3784900"), mask_spelled("104.0657 30.6598123")
    ('EARFCN 1300 3784900', '104.0657 30.6598123')
    """
    return _RUN.sub(_masked_run, text)


def _masked_run(found: re.Match[str]) -> str:
    run = found.group()
    groups = [(m.start(), m.end()) for m in _GROUP.finditer(run)]
    digits = _plain("".join(run[a:b] for a, b in groups))
    before = found.string[max(found.start() - _LABEL_REACH, 0) : found.start()]
    if before.rstrip(" ").endswith(("+", "＋")) and 8 <= len(digits) <= 15:
        return "[phone]"
    if len(groups) == _OF_FEW_GROUPS and (
        _NO_PHONE_BEFORE.search(before) or _UNIT_AFTER.match(found.string, found.end())
    ):
        return run
    ends = np.cumsum([0] + [b - a for a, b in groups]).tolist()
    out, at, i = [], 0, 0
    while i < len(groups):
        length, label = _number_at(run, groups, digits, ends, i)
        if length:
            out += [run[at : groups[i][0]], label]
            at = groups[i + length - 1][1]
            # The letter of an identity number belongs to it.
            at = len(run) if label == "[id]" and i + length == len(groups) else at
        i += max(length, 1)
    return "".join([*out, run[at:]])


def _says_what_it_is(before: str, found: re.Match[str]) -> bool:
    """Words beside three numbers that make them money, sizes or keys of cells."""
    return bool(_NO_PHONE_BEFORE.search(before) or _UNIT_AFTER.match(found.string, found.end()))


def _number_at(
    run: str, groups: Sequence[tuple[int, int]], digits: str, ends: Sequence[int], first: int
) -> tuple[int, str]:
    """How many groups from ``first`` make a number (0 = none), and its label; the longest wins."""
    best = (0, "")
    for last in range(first, len(groups)):
        size = ends[last + 1] - ends[first]
        if size > _MOST_DIGITS:
            break
        written = digits[ends[first] : ends[last + 1]]
        if size < _FEWEST_DIGITS or not _ANY.fullmatch(written):
            continue
        between = {run[groups[i][1] : groups[i + 1][0]].strip() or " " for i in range(first, last)}
        shape = tuple(b - a for a, b in groups[first : last + 1])
        to_end = last == len(groups) - 1
        lettered = to_end and run[-1] in "XxＸｘ"
        label = _label(written, "X" * lettered, shape, between, alone=first == 0 and to_end)
        if label and not _plain_already(run[groups[first][0] : groups[last][1]], shape):
            best = (last - first + 1, label)
    return best


def _label(digits: str, letter: str, shape: Groups, between: set[str], *, alone: bool) -> str:
    if _ID.fullmatch(digits + letter) and (len(shape) <= 6 or max(shape) == 1):
        return "[id]"
    if _is_phone(digits, shape, between, alone=alone):
        return "[phone]"
    cards = shape[:4] == (4, 4, 4, 4) and sum(shape) in {16, 17, 18, 19} and len(shape) <= 5
    return "[number]" if cards and len(between) == 1 else ""


def _is_phone(digits: str, shape: Groups, between: set[str], *, alone: bool) -> bool:
    mobile = _MOBILE.fullmatch(digits)
    if mobile and _grouped_like_a_mobile(_without(shape, len(mobile[1] or "")), between, alone=alone):
        return True
    landline = _LANDLINE.fullmatch(digits)
    if landline and (max(shape) == 1 or _without(shape, len(landline[1])) in _LANDLINES):
        return True
    return alone and bool(_AMERICAN.fullmatch(digits)) and shape in {(3, 3, 4), (1, 3, 3, 4)}


def _grouped_like_a_mobile(shape: Groups, between: set[str], *, alone: bool) -> bool:
    if shape == (11,) or (shape and max(shape) == 1):
        return True
    if between <= {"-", "‐", "‑", "‒", "–", "—", "－"}:
        # Keys of cells are numbers joined by hyphens too: 460-00-1390123-4012.
        return shape in _USUAL - {(7, 4)} or (alone and len(shape) <= 5)
    if "." in between or "．" in between:  # two decimals may stand side by side: only one kind of mark, twice
        return len(between) == 1 and shape in _TWO_DOTS
    return shape in _USUAL or (alone and shape in _ALONE)


def _without(shape: Groups, prefix: int) -> Groups:
    """The groups after the first ``prefix`` digits; a prefix may share a group with what follows."""
    rest = list(shape)
    while prefix and rest:
        taken = min(prefix, rest[0])
        prefix -= taken
        rest[0] -= taken
        if not rest[0]:
            rest.pop(0)
    return tuple(rest)


def _plain_already(written: str, shape: Groups) -> bool:
    """One group of ordinary digits: the patterns for ordinary spellings have judged it."""
    return len(shape) == 1 and written.isdecimal()


def _plain(written: str) -> str:
    return "".join(_HAN.get(c) or str(int(unicodedata.numeric(c, 0))) for c in written)
