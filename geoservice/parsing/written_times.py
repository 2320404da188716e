"""Written times taken apart: many spellings → year, month, day, clock and offset as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoservice.parsing.text import Mask, arrow, mask_of, matches

# Year-first dates after unification; the time of day and the offset are optional.
_STAMP = (
    r"^(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?"
    r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r" ?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?$"
)
# RE2's \d is ASCII: nineteen bytes, no other spelling.
_PLAIN = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"
_COMPACT = r"^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?$"
_HALF_DAY = (
    r"^(?P<day>\S+) (?:(?P<word>上午|凌晨|早上|下午|晚上|中午) ?)?(?P<hour>\d{1,2})(?P<rest>:\S*?)"
    r"(?: ?(?P<letter>[AaPp])\.?[Mm]\.?)?$"
)

_MONTH_NAMES = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_MONTH_NAME = rf"(?i:{'|'.join(_MONTH_NAMES)})"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"


@dataclass(frozen=True, slots=True)
class WrittenTimes:
    """Calendar fields of each text as arrays; zero where not found, NaN for an offset not written."""

    found: Mask
    year: NDArray[np.int64]
    month: NDArray[np.int64]
    day: NDArray[np.int64]
    hour: NDArray[np.int64]
    minute: NDArray[np.int64]
    second: NDArray[np.int64]
    micro: NDArray[np.int64]
    offset_us: NDArray[np.float64]
    step: NDArray[np.object_]

    @classmethod
    def read(cls, texts: Any) -> WrittenTimes:
        """Take apart texts that :func:`unified` has made alike."""
        parts = pc.extract_regex(texts, pattern=_STAMP)
        found = mask_of(pc.is_valid(parts))
        text = {name: pc.struct_field(parts, [i]) for i, name in enumerate(_FIELDS)}
        number = {name: _whole(text[name]) for name in _FIELDS[:6]}
        has_day, has_hour = _filled(text["day"]), _filled(text["hour"])
        step = np.where(has_hour, "instant", np.where(has_day, "day", "month")).astype(object)
        day = np.where(has_day, number["day"], 1)
        micro = _whole(pc.utf8_slice_codeunits(pc.utf8_rpad(text["fraction"], 6, "0"), 0, 6))
        offset = _offsets(text["zone"])
        rest = (number["hour"], number["minute"], number["second"], micro, offset, step)
        return cls(found, number["year"], number["month"], day, *rest)

    @classmethod
    def of_plain(cls, texts: Any) -> WrittenTimes:
        """Texts that are all written ``2026-03-04 15:04:05``: the digits are read where they stand."""
        width, offset = 19, texts.offset
        body = np.frombuffer(texts.buffers()[2], np.uint8)
        first = int(np.frombuffer(texts.buffers()[1], np.int64)[offset])
        digits = body[first : first + width * len(texts)].reshape(-1, width).astype(np.int64) - ord("0")

        def number(start: int, end: int) -> NDArray[np.int64]:
            return digits[:, start:end] @ (10 ** np.arange(end - start - 1, -1, -1))

        clock = (number(11, 13), number(14, 16), number(17, 19), np.zeros(len(texts), np.int64))
        rest = (np.full(len(texts), np.nan), np.full(len(texts), "instant", object))
        return cls(np.ones(len(texts), bool), number(0, 4), number(5, 7), number(8, 10), *clock, *rest)

    def over(self, where: Mask, other: WrittenTimes) -> WrittenTimes:
        """These fields for the rows of ``where``, those of ``other`` for the rest; both hold only their own rows."""
        return WrittenTimes(*(_merged(where, getattr(self, f.name), getattr(other, f.name)) for f in fields(self)))

    @property
    def valid(self) -> Mask:
        """Where the fields name a moment of the calendar (30 February does not; 24:00 does not)."""
        in_year = (self.month >= 1) & (self.month <= 12)
        month = np.where(in_year, self.month, 1)
        last = _month_start(self.year, month + 1) - _month_start(self.year, month)
        in_month = (self.day >= 1) & (self.day <= last.astype(np.int64))
        on_clock = (self.hour < 24) & (self.minute < 60) & (self.second < 60)
        return in_year & in_month & on_clock & ~np.isinf(self.offset_us)

    def micros(self) -> NDArray[np.int64]:
        """Microseconds since 1970 of the wall clock (only meaningful where valid)."""
        month = np.clip(self.month, 1, 12)
        days = _month_start(self.year, month).astype(np.int64) + self.day - 1
        seconds = days * 86_400 + self.hour * 3600 + self.minute * 60 + self.second
        return seconds * 1_000_000 + self.micro


_FARTHEST_OFFSET_MIN = 14 * 60  # Kiribati
_FIELDS = ("year", "month", "day", "hour", "minute", "second", "fraction", "zone")


def _merged(where: Mask, mine: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    whole = np.empty(len(where), mine.dtype)
    whole[where], whole[~where] = mine, others
    return whole


def _month_start(year: NDArray[np.int64], month: NDArray[np.int64]) -> NDArray[np.datetime64]:
    months = (year - 1970) * 12 + (month - 1)
    return months.astype("datetime64[M]").astype("datetime64[D]")


def _filled(array: Any) -> Mask:
    return mask_of(pc.greater(pc.binary_length(array), 0))


def _whole(array: Any) -> NDArray[np.int64]:
    kept = pc.if_else(pc.greater(pc.binary_length(array), 0), array, "0")
    return np.asarray(pc.fill_null(pc.cast(kept, pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)


def _offsets(array: Any) -> NDArray[np.float64]:
    """Offset from UTC in microseconds; NaN where none was written, infinite where no clock is that far off."""
    result = np.full(len(array), np.nan)
    for zone in pc.unique(array).to_pylist():
        if zone:
            result[mask_of(pc.equal(array, zone))] = _offset(zone)
    return result


def _offset(zone: str) -> float:
    if zone[0] not in "+-":
        return 0.0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes > _FARTHEST_OFFSET_MIN or int(digits[2:]) >= 60:
        return np.inf
    return float(minutes if zone[0] == "+" else -minutes) * 60_000_000


def read_written(texts: pd.Series) -> tuple[Any, WrittenTimes]:
    """Texts with their spellings made alike, and what they say; most exports write every time the same way."""
    array = arrow(texts)
    plain = matches(array, _PLAIN)
    if not plain.any():
        alike = unified(texts)
        return alike, WrittenTimes.read(alike)
    quick = WrittenTimes.of_plain(array.filter(pa.array(plain)))
    if plain.all():
        return array, quick
    others = unified(texts[~plain])
    alike = pc.replace_with_mask(array, pa.array(~plain), others)
    return alike, quick.over(plain, WrittenTimes.read(others))


def unified(texts: pd.Series) -> Any:
    """Spellings brought to ``year-month-day hour:minute:second``; nothing is reordered."""
    array = arrow(texts)
    if matches(array, _STAMP).sum() == pc.count(array).as_py():
        return array
    array = _named_months(array)
    array = pc.replace_substring_regex(array, pattern=r"^(\d{4}) ?[年/.] ?(\d{1,2}) ?[月/.]? ?", replacement=r"\1-\2-")
    array = pc.replace_substring_regex(array, pattern=r"^(\d{4}-\d{1,2})-$", replacement=r"\1")
    array = pc.replace_substring_regex(array, pattern=r"^(\d{4}-\d{1,2}-\d{1,2}) ?[日号]? ?[T]?", replacement=r"\1 ")
    array = pc.replace_substring_regex(array, pattern=r"(?:星期|周)[一二三四五六日天] ?", replacement="")
    array = _clock(array)
    array = pc.replace_substring_regex(array, pattern=_COMPACT, replacement=r"\1-\2-\3 \4:\5:\6\7")
    array = pc.replace_substring_regex(array, pattern=r" ?:+(Z|[+-]\d{2}:?\d{2})?$", replacement=r"\1")
    return pc.utf8_trim_whitespace(array)


def _named_months(array: Any) -> Any:
    """``04-Mar-2026`` and ``March 4, 2026`` year first: a month by its name is no riddle."""
    if not matches(array, rf"^(?:{_DAY}[-/. ]?)?{_MONTH_NAME}").any():
        return array
    for number, name in enumerate(_MONTH_NAMES, 1):
        day_first = rf"^{_DAY}[-/. ]?(?i:{name})[-/., ]{{1,2}}(\d{{4}})(?:[ ,T]+|$)"
        array = pc.replace_substring_regex(array, pattern=day_first, replacement=rf"\2-{number}-\1 ")
        name_first = rf"^(?i:{name})[-/. ]{{1,2}}{_DAY}(?:, ?| )(\d{{4}})(?:[ ,T]+|$)"
        array = pc.replace_substring_regex(array, pattern=name_first, replacement=rf"\2-{number}-\1 ")
    return array


def _clock(array: Any) -> Any:
    """Chinese time of day and the half-day words (下午3点05分, 3:05 PM) as 24-hour time."""
    array = pc.replace_substring_regex(array, pattern=r"(\d{1,2}) ?[时点時點] ?(\d{1,2}) ?分? ?", replacement=r"\1:\2:")
    array = pc.replace_substring_regex(array, pattern=r"(\d{1,2}) ?[时点時點] ?整?$", replacement=r"\1:00")
    array = pc.replace_substring_regex(array, pattern=r":(\d{1,2}) ?秒$", replacement=r":\1")
    array = pc.replace_substring_regex(array, pattern=r":(Z|[+-]\d{2}:?\d{2})?$", replacement=r"\1")
    if not matches(array, r"[上下中]午|凌晨|晚上|早上|(?i:[ap]\.?m\.?)$").any():
        return array
    return _half_days(array)


def _half_days(array: Any) -> Any:
    found = pc.extract_regex(array, pattern=_HALF_DAY)
    valid = pc.is_valid(found)
    day, word, hour, rest, letter = (pc.struct_field(found, [i]) for i in range(5))
    late = pc.or_(pc.is_in(word, pa.array(["下午", "晚上", "中午"], word.type)), pc.equal(pc.utf8_upper(letter), "P"))
    early = pc.or_(pc.is_in(word, pa.array(["上午", "凌晨", "早上"], word.type)), pc.equal(pc.utf8_upper(letter), "A"))
    number = _whole(hour)
    shifted = np.where(mask_of(late) & (number < 12), number + 12, number)
    shifted = np.where(mask_of(early) & (number == 12), 0, shifted)
    hours = pc.cast(pa.array(shifted), array.type)
    rebuilt = _join(day, _join(hours, rest, ""), " ")
    return pc.if_else(pc.fill_null(valid, False), rebuilt, array)


def _join(left: Any, right: Any, between: str) -> Any:
    return pc.binary_join_element_wise(left, right, pa.scalar(between, pa.large_string()))
