"""Points in time: many spellings, one meaning, never a guess.

A date whose day and month cannot be told apart (``03/04/2026``), a bare count of seconds or an
Excel serial is refused unless its format is declared. Naive times are local; an hour that a clock
change skipped or repeated is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoservice.errors import ConfigError
from geoservice.parsing.numbers import floats
from geoservice.parsing.text import Mask, arrow, blank, mask_of, matches, normalised

# Year-first dates after unification; the time of day and the offset are optional.
_STAMP = (
    r"^(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?"
    r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r" ?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?$"
)
_COMPACT = r"^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?$"
_HALF_DAY = (
    r"^(?P<day>\S+) (?:(?P<word>上午|凌晨|早上|下午|晚上|中午) ?)?(?P<hour>\d{1,2})(?P<rest>:\S*?)"
    r"(?: ?(?P<letter>[AaPp])\.?[Mm]\.?)?$"
)
_FIRST_YEAR, _LAST_YEAR = 1980, 2100
_EXCEL_EPOCH = {"excel": np.datetime64("1899-12-30", "us"), "excel1904": np.datetime64("1904-01-01", "us")}
_EPOCH_UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
DECLARED = "excel, excel1904, epoch_s, epoch_ms or a strptime pattern such as %d/%m/%Y %H:%M"
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Times:
    """Times of a column in UTC (NaT = unknown or refused) with how precise each is.

    ``step`` is ``instant``, ``day`` or ``month``; ``problems`` maps a reason code to the rows it refused.
    """

    utc: pd.Series
    step: NDArray[np.object_]
    problems: dict[str, Mask]


REASONS = {
    "ambiguous-date": f"day and month cannot be told apart; declare the format in the mapping file: {DECLARED}",
    "bare-number": f"a bare number is no time; declare in the mapping file what it counts ([formats]: {DECLARED})",
    "not-a-time": "not a time; write 2026-03-04T15:04:05+08:00 or declare the format in the mapping file",
    "no-such-time": "no such date or time of day in the calendar",
    "year-out-of-range": f"the year is outside {_FIRST_YEAR}…{_LAST_YEAR}",
    "nonexistent-local-time": "the clock change skipped this local time; add the offset",
    "ambiguous-local-time": "the clock change repeated this local time; add the offset",
}


def times(texts: pd.Series, timezone: str, declared: str | None = None) -> Times:
    """Read a text column as times.

    Parameters
    ----------
    texts : ISO 8601, ``2026/3/4 15:04``, ``2026年3月4日15时04分``, ``20260304150405``, ``2026-03`` …
    timezone : IANA name of the zone naive times are in.
    declared : how to read what is not year-first: ``excel``, ``excel1904``, ``epoch_s``, ``epoch_ms``
        or a ``strptime`` pattern.
    """
    zone = ZoneInfo(timezone)
    if declared is not None:
        return _declared(texts, zone, declared)
    unified = _unified(normalised(texts))
    parts = _Parts.read(unified)
    problems = _unreadable(unified, parts.found)
    problems["no-such-time"] = parts.found & ~parts.valid
    inside = (parts.year >= _FIRST_YEAR) & (parts.year <= _LAST_YEAR)
    problems["year-out-of-range"] = parts.found & parts.valid & ~inside
    good = parts.found & parts.valid & inside
    return _to_utc(parts.micros(), good, parts.offset_us, parts.step, zone, problems, texts.index)


def dates(texts: pd.Series, timezone: str, declared: str | None = None) -> Times:
    """Calendar days: like :func:`times` for the zone, but the local day is kept as it stands (naive)."""
    found = times(texts, timezone, declared)
    local = found.utc.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize()
    return Times(local.astype("datetime64[s]"), found.step, found.problems)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Calendar fields of each text as arrays; zero where not found."""

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
    def read(cls, unified: Any) -> _Parts:
        fields = pc.extract_regex(unified, pattern=_STAMP)
        found = mask_of(pc.is_valid(fields))
        text = {name: pc.struct_field(fields, [i]) for i, name in enumerate(_FIELDS)}
        number = {name: _whole(text[name]) for name in _FIELDS[:6]}
        has_day, has_hour = _filled(text["day"]), _filled(text["hour"])
        step = np.where(has_hour, "instant", np.where(has_day, "day", "month")).astype(object)
        day = np.where(has_day, number["day"], 1)
        micro = _whole(pc.utf8_slice_codeunits(pc.utf8_rpad(text["fraction"], 6, "0"), 0, 6))
        offset = _offsets(text["zone"])
        rest = (number["hour"], number["minute"], number["second"], micro, offset, step)
        return cls(found, number["year"], number["month"], day, *rest)

    @property
    def valid(self) -> Mask:
        """Where the fields name a moment of the calendar (30 February does not; 24:00 does not)."""
        in_year = (self.month >= 1) & (self.month <= 12)
        month = np.where(in_year, self.month, 1)
        last = _month_start(self.year, month + 1) - _month_start(self.year, month)
        in_month = (self.day >= 1) & (self.day <= last.astype(np.int64))
        return in_year & in_month & (self.hour < 24) & (self.minute < 60) & (self.second < 60)

    def micros(self) -> NDArray[np.int64]:
        """Microseconds since 1970 of the wall clock (only meaningful where valid)."""
        month = np.clip(self.month, 1, 12)
        days = _month_start(self.year, month).astype(np.int64) + self.day - 1
        seconds = days * 86_400 + self.hour * 3600 + self.minute * 60 + self.second
        return seconds * 1_000_000 + self.micro


_FIELDS = ("year", "month", "day", "hour", "minute", "second", "fraction", "zone")


def _month_start(year: NDArray[np.int64], month: NDArray[np.int64]) -> NDArray[np.datetime64]:
    months = (year - 1970) * 12 + (month - 1)
    return months.astype("datetime64[M]").astype("datetime64[D]")


def _filled(array: Any) -> Mask:
    return mask_of(pc.greater(pc.binary_length(array), 0))


def _whole(array: Any) -> NDArray[np.int64]:
    kept = pc.if_else(pc.greater(pc.binary_length(array), 0), array, "0")
    return np.asarray(pc.fill_null(pc.cast(kept, pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)


def _offsets(array: Any) -> NDArray[np.float64]:
    """Offset from UTC in microseconds; NaN where none was written."""
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
    return float(minutes if zone[0] == "+" else -minutes) * 60_000_000


def _unified(texts: pd.Series) -> Any:
    """Spellings brought to ``year-month-day hour:minute:second``; nothing is reordered."""
    array = arrow(texts)
    if matches(array, _STAMP).sum() == pc.count(array).as_py():
        return array
    array = pc.replace_substring_regex(array, pattern=r"^(\d{4}) ?[年/.] ?(\d{1,2}) ?[月/.]? ?", replacement=r"\1-\2-")
    array = pc.replace_substring_regex(array, pattern=r"^(\d{4}-\d{1,2})-$", replacement=r"\1")
    array = pc.replace_substring_regex(array, pattern=r"^(\d{4}-\d{1,2}-\d{1,2}) ?[日号]? ?[T]?", replacement=r"\1 ")
    array = pc.replace_substring_regex(array, pattern=r"(?:星期|周)[一二三四五六日天] ?", replacement="")
    array = _clock(array)
    array = pc.replace_substring_regex(array, pattern=_COMPACT, replacement=r"\1-\2-\3 \4:\5:\6\7")
    array = pc.replace_substring_regex(array, pattern=r" ?:+(Z|[+-]\d{2}:?\d{2})?$", replacement=r"\1")
    return pc.utf8_trim_whitespace(array)


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


def _unreadable(unified: Any, found: Mask) -> dict[str, Mask]:
    given = mask_of(pc.is_valid(unified))
    left = given & ~found
    ambiguous = left & matches(unified, r"^\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}\b")
    number = left & matches(unified, r"^-?\d+(\.\d+)?$")
    return {"ambiguous-date": ambiguous, "bare-number": number, "not-a-time": left & ~ambiguous & ~number}


def _to_utc(
    wall_us: NDArray[np.int64],
    good: Mask,
    offset_us: NDArray[np.float64],
    step: NDArray[np.object_],
    zone: ZoneInfo,
    problems: dict[str, Mask],
    index: pd.Index,
) -> Times:
    fixed = good & np.isfinite(offset_us)
    utc = np.full(len(wall_us), np.datetime64("NaT"), "datetime64[us]")
    utc[fixed] = (wall_us[fixed] - offset_us[fixed].astype(np.int64)).astype("datetime64[us]")
    naive = good & ~fixed
    local, skipped, repeated = _localise(wall_us[naive].astype("datetime64[us]"), zone)
    utc[naive] = local
    problems["nonexistent-local-time"] = _scatter(skipped, naive)
    problems["ambiguous-local-time"] = _scatter(repeated, naive)
    column = pd.Series(utc, index=index).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    return Times(column, step, {code: bad for code, bad in problems.items() if bad.any()})


def _localise(wall: NDArray[np.datetime64], zone: ZoneInfo) -> tuple[NDArray[np.datetime64], Mask, Mask]:
    """Local wall times as UTC, with where the local clock skipped or repeated that time."""
    local = pd.DatetimeIndex(wall)
    aware = local.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    lost = np.asarray(aware.isna())
    if not lost.any():
        return _utc_values(aware), lost, lost
    forward = local.tz_localize(zone, ambiguous=np.ones(len(local), bool), nonexistent="NaT")
    skipped = np.asarray(forward.isna())
    return _utc_values(aware), skipped, lost & ~skipped


def _utc_values(aware: pd.DatetimeIndex) -> NDArray[np.datetime64]:
    return np.asarray(aware.tz_convert("UTC").tz_localize(None), "datetime64[us]")


def _scatter(part: Mask, where: Mask) -> Mask:
    full = np.zeros(len(where), bool)
    full[where] = part
    return full


def _declared(texts: pd.Series, zone: ZoneInfo, declared: str) -> Times:
    if declared in _EXCEL_EPOCH or declared in _EPOCH_UNITS:
        return _counted(texts, zone, declared)
    if "%" not in declared:
        raise ConfigError(f"unknown time format {declared!r}; use {DECLARED}", field="formats")
    plain = normalised(texts)
    wall = pd.to_datetime(plain, format=declared, errors="coerce", utc="%z" in declared)
    naive = wall.dt.tz_localize(None) if wall.dt.tz is not None else wall
    offset = np.full(len(texts), 0.0 if "%z" in declared else np.nan)
    values = naive.to_numpy("datetime64[us]")
    step = np.full(len(texts), "instant" if "%H" in declared or "%I" in declared else "day", object)
    return _checked(values, ~blank(texts), offset, step, zone, "not-a-time", texts.index)


def _counted(texts: pd.Series, zone: ZoneInfo, declared: str) -> Times:
    """Excel serials (local days) and Unix epochs (UTC)."""
    numbers, _ = floats(texts)
    sane = np.isfinite(numbers) & (np.abs(numbers) < 1e14)
    filled = np.where(sane, numbers, 0.0)
    if declared in _EXCEL_EPOCH:
        values = _EXCEL_EPOCH[declared] + np.round(filled * 86_400).astype(np.int64) * np.timedelta64(1_000_000, "us")
        offset = np.full(len(texts), np.nan)
    else:
        values = np.round(filled * _EPOCH_UNITS[declared]).astype(np.int64).astype("datetime64[us]")
        offset = np.zeros(len(texts))
    values[~sane] = np.datetime64("NaT")
    step = np.full(len(texts), "instant", object)
    return _checked(values, ~blank(texts), offset, step, zone, "not-a-time", texts.index)


def _checked(
    values: NDArray[np.datetime64],
    given: Mask,
    offset: NDArray[np.float64],
    step: NDArray[np.object_],
    zone: ZoneInfo,
    code: str,
    index: pd.Index,
) -> Times:
    unread = np.isnat(values)
    years = values.astype("datetime64[Y]").astype(np.int64) + 1970
    outside = given & ~unread & ((years < _FIRST_YEAR) | (years > _LAST_YEAR))
    problems = {code: given & unread, "year-out-of-range": outside}
    good = given & ~unread & ~outside
    return _to_utc(values.astype(np.int64), good, offset, step, zone, problems, index)
