"""Spellings of time against Python's own calendar."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.errors import ConfigError
from geoservice.parsing.times import dates, times

SHANGHAI = "Asia/Shanghai"


def col(*texts: str | None) -> pd.Series:
    return pd.Series(list(texts), dtype="str")


@pytest.mark.parametrize(
    ("text", "local", "step"),
    [
        ("2026-03-04T15:04:05", "2026-03-04 15:04:05", "instant"), ("2026/3/4 5:04", "2026-03-04 05:04", "instant"),
        ("2026年3月4日 15:04", "2026-03-04 15:04", "instant"),
        ("2026年3月4日15时04分05秒", "2026-03-04 15:04:05", "instant"),
        ("2026年3月4日下午3点05分", "2026-03-04 15:05", "instant"), ("2026.3.4", "2026-03-04", "day"),
        ("2026-03-04 12:05 AM", "2026-03-04 00:05", "instant"),
        ("2026-03-04 12:05 PM", "2026-03-04 12:05", "instant"),
        ("20260304150405", "2026-03-04 15:04:05", "instant"), ("20260304", "2026-03-04", "day"),
        ("2026-03", "2026-03-01", "month"),
        ("2026年3月", "2026-03-01", "month"), ("２０２６-03-04", "2026-03-04", "day"),
        ("2026-03-04 星期三 15:04", "2026-03-04 15:04", "instant"),
    ],
)  # fmt: skip
def test_spellings(text: str, local: str, step: str) -> None:
    found = times(col(text), SHANGHAI)
    expected = dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(SHANGHAI))
    assert found.utc[0] == expected
    assert found.step[0] == step
    assert not found.problems


@given(st.datetimes(dt.datetime(1980, 1, 1), dt.datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_iso_with_offset_equals_python(moment: dt.datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    assert times(col(aware.isoformat()), SHANGHAI).utc[0].to_pydatetime() == aware


@given(st.integers(1980, 2100), st.integers(0, 13), st.integers(0, 32))
def test_the_calendar_is_the_calendar(year: int, month: int, day: int) -> None:
    try:
        dt.date(year, month, day)
    except ValueError:
        assert "no-such-time" in times(col(f"{year}-{month:02d}-{day:02d}"), "UTC").problems
    else:
        assert not times(col(f"{year}-{month:02d}-{day:02d}"), "UTC").problems


def test_dates_keep_the_local_day() -> None:
    assert dates(col("2026-03-04", None), SHANGHAI).utc.dt.strftime("%Y-%m-%d")[0] == "2026-03-04"


@pytest.mark.parametrize(
    ("text", "declared", "utc"),
    [
        ("03/04/2026 10:00", "%d/%m/%Y %H:%M", "2026-04-03 02:00"), ("1772600000", "epoch_s", "2026-03-04 04:53:20"),
        ("1772600000123", "epoch_ms", "2026-03-04 04:53:20.123"), ("45000.5", "excel", "2023-03-15 04:00"),
        ("43538.5", "excel1904", "2023-03-15 04:00"),
        ("2026-03-04 10:00 +0100", "%Y-%m-%d %H:%M %z", "2026-03-04 09:00"),
    ],
)  # fmt: skip
def test_declared_formats(text: str, declared: str, utc: str) -> None:
    assert times(col(text), SHANGHAI, declared).utc[0] == pd.Timestamp(utc, tz="UTC")


def test_a_declared_format_refuses_what_does_not_fit() -> None:
    found = times(col("2026-03-04", "04/03/2026", ""), SHANGHAI, "%d/%m/%Y")
    assert found.problems["not-a-time"].tolist() == [True, False, False]
    with pytest.raises(ConfigError, match="unknown time format"):
        times(col("x"), SHANGHAI, "whatever")


SPELLINGS = (
    "2026-03-04 15:04:05",
    "2026/3/4 5:04",
    "2026-03-04",
    "03/04/2026",
    "2026-02-30 10:00:00",
    "gestern",
    None,
    "1999-12-31 23:59:59",
    "2026-03-04 25:00:00",
    "2026-03-04 15:04:05 ",
    "２０２６-03-04 15:04:05",
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(SPELLINGS), min_size=1, max_size=12))
def test_a_column_reads_as_its_texts_one_by_one(texts: list[str | None]) -> None:
    """Whatever stands beside a time, and whichever of the two ways it is read."""
    together = times(col(*texts), SHANGHAI)
    for i, text in enumerate(texts):
        alone = times(col(text), SHANGHAI)
        assert together.utc[i] == alone.utc[0] or (pd.isna(together.utc[i]) and pd.isna(alone.utc[0]))
        assert together.step[i] == alone.step[0]
        assert {code for code, bad in together.problems.items() if bad[i]} == set(alone.problems)


@settings(deadline=None, max_examples=40)
@given(st.datetimes(dt.datetime(1980, 1, 2), dt.datetime(2099, 12, 30)))
def test_the_quick_reading_equals_the_patterns(moment: dt.datetime) -> None:
    """``2026-03-04 15:04:05`` is read by its digits, with a T between by the patterns."""
    plain = moment.replace(microsecond=0)
    quick = times(col(plain.isoformat(" "), plain.isoformat(" "), plain.isoformat("T")), "UTC")
    assert quick.utc.nunique() == 1
    assert quick.utc[0].to_pydatetime() == plain.replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(("text", "taken"), [("+14:00", True), ("-12:00", True), ("+05:45", True), ("+14:01", False),
                                             ("+99:99", False), ("-05:60", False), ("+2400", False)])  # fmt: skip
def test_an_offset_no_clock_has_is_refused(text: str, taken: bool) -> None:
    found = times(col("2026-03-04 15:04:05" + text), SHANGHAI)
    assert bool(found.utc.notna()[0]) == taken
    assert set(found.problems) == (set() if taken else {"no-such-time"})


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("04-Mar-2026 10:00", "2026-03-04 10:00"),
        ("4 March 2026 3:05 PM", "2026-03-04 15:05"),
        ("March 4, 2026", "2026-03-04 00:00"),
        ("Sept 4th 2026", "2026-09-04 00:00"),
        ("sept 4, 2026 23:59:59", "2026-09-04 23:59:59"),
        ("31-DEC-2026", "2026-12-31 00:00"),
        ("30-Feb-2026", None),
        ("4 Marvel 2026", None),
        ("04-Mar-26", None),
        ("Mar", None),
    ],
)
def test_months_by_name(text: str, utc: str | None) -> None:
    found = times(pd.Series([text], dtype="str"), "UTC").utc.iloc[0]
    assert (None if pd.isna(found) else found) == (None if utc is None else pd.Timestamp(utc, tz="UTC"))
