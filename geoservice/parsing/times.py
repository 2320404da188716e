"""Points in time: many spellings, one meaning, never a guess.

A date whose day and month cannot be told apart (``03/04/2026``), a bare count of seconds or an
Excel serial is refused unless its format is declared. Naive times are local; an hour that a clock
change skipped or repeated is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoservice.errors import ConfigError
from geoservice.parsing.numbers import floats
from geoservice.parsing.text import Mask, blank, mask_of, matches, normalised
from geoservice.parsing.written_times import read_written

FIRST_YEAR, LAST_YEAR = 1980, 2100
_EXCEL_EPOCH = {"excel": np.datetime64("1899-12-30", "us"), "excel1904": np.datetime64("1904-01-01", "us")}
_EPOCH_UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
DECLARED = "excel, excel1904, epoch_s, epoch_ms or a strptime pattern such as %d/%m/%Y %H:%M"


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
    "year-out-of-range": f"the year is outside {FIRST_YEAR}…{LAST_YEAR}",
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
    zone = _zone(timezone)
    if texts.isna().all():
        nothing = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us, UTC]")
        return Times(nothing, np.full(len(texts), "month", object), {})
    if declared is not None:
        return _declared(texts, zone, declared)
    alike, parts = read_written(normalised(texts))
    problems = _unreadable(alike, parts.found)
    problems["no-such-time"] = parts.found & ~parts.valid
    inside = (parts.year >= FIRST_YEAR) & (parts.year <= LAST_YEAR)
    problems["year-out-of-range"] = parts.found & parts.valid & ~inside
    good = parts.found & parts.valid & inside
    return _to_utc(parts.micros(), good, parts.offset_us, parts.step, zone, problems, texts.index)


def dates(texts: pd.Series, timezone: str, declared: str | None = None) -> Times:
    """Calendar days: like :func:`times` for the zone, but the local day is kept as it stands (naive)."""
    found = times(texts, timezone, declared)
    local = found.utc.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize()
    return Times(local.astype("datetime64[s]"), found.step, found.problems)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"unknown time zone {name!r}; use a name like Asia/Shanghai", field="timezone") from error


def _unreadable(texts: Any, found: Mask) -> dict[str, Mask]:
    given = mask_of(pc.is_valid(texts))
    left = given & ~found
    ambiguous = left & matches(texts, r"^\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}\b")
    number = left & matches(texts, r"^-?\d+(\.\d+)?$")
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
    outside = given & ~unread & ((years < FIRST_YEAR) | (years > LAST_YEAR))
    problems = {code: given & unread, "year-out-of-range": outside}
    good = given & ~unread & ~outside
    return _to_utc(values.astype(np.int64), good, offset, step, zone, problems, index)
