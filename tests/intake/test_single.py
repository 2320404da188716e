"""One complaint by itself is what a file of one row would have been."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice import tables
from geoservice.intake import complaint_of, complaints_from_rows
from geoservice.records import ImportOptions, RawChunk
from geoservice.store.bulk import row_of, rows_of
from geoservice.tables import COMPLAINTS, conform

SECRET = b"0123456789abcdef0123456789abcdef"
DESK = ImportOptions(timezone="Asia/Shanghai", source="desk")
PLAIN = {
    "ticket_no": "GS-12",
    "accepted_at": "2026-03-01T09:00:00+08:00",
    "text": "家里没有信号，打不了电话",
    "lat": "30.2",
    "lon": "118.1",
}


def as_row(fields: dict[str, str], options: ImportOptions = DESK) -> pd.DataFrame:
    frame = pd.DataFrame({**{name: [text] for name, text in fields.items()}, "line": [1]})
    return complaints_from_rows(RawChunk(frame, tables.empty(tables.REJECTS), 1), options, SECRET).complaints


def filled(frame: pd.DataFrame) -> dict[str, Any]:
    """What the only row holds, as plain values."""
    found = {}
    for name in frame.columns:
        value = frame[name].iloc[0]
        if isinstance(value, list) or not pd.isna(value):
            found[name] = value.item() if isinstance(value, np.generic) else value
    return found


def both(fields: dict[str, str], options: ImportOptions = DESK) -> dict[str, Any] | None:
    """The complaint by itself; it has to be what the rows' way makes of the same texts, stored the same too."""
    single = complaint_of(fields, options, SECRET)
    if single is not None:
        rows = as_row(fields, options)
        assert len(rows) == 1
        assert single == filled(rows)
        one, many = row_of(single, COMPLAINTS), rows_of(rows, COMPLAINTS)
        assert dict(zip(one.names, one.values[0], strict=True)) == dict(zip(many.names, many.values[0], strict=True))
        assert [type(value) for value in one.values[0]] == [
            type(dict(zip(many.names, many.values[0], strict=True))[name]) for name in one.names
        ]
    return single


PIECES = [
    "没信号", "打电话老是断", "上网很慢", "听不到对方说话", "对方听不到我", "在电梯里", "晚上", "13800138000", "张先生",
    "a.b@c.cn", "no signal at home", "calls drop", "5G", " ", "\u3000", "，", "。", "1 3 9 0 0 1 3 9 0 0 0", "信号2格",
    "到国外没信号", "短信收不到", "资费", "\u200b", "[phone]", "ｗｉｆｉ", "😀", "回音", "一直", "", "欠费", "满意",
]  # fmt: skip
WORDS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
MOMENTS = st.builds(
    lambda moment, hours: moment.replace(tzinfo=timezone(timedelta(hours=hours))).isoformat(),
    st.datetimes(datetime(1979, 1, 1), datetime(2027, 12, 1)),
    st.integers(-11, 12),
)
DEGREES = st.one_of(
    st.floats(-91, 91).map(str), st.floats(20, 50).map(lambda value: str(round(value, 5))), st.sampled_from(["0", "1"])
)
FIELDS = {
    "text": st.one_of(WORDS, st.text(max_size=40)),
    "class": st.sampled_from(["WEAK_SIGNAL", "弱覆盖", "满意", "掉话", "什么都不是", "打不通电话", "UNCLEAR", " "]),
    "place_text": st.one_of(WORDS, st.sampled_from(["松涛家园3栋", "30.2,118.1", "人民路12号 13800138000"])),
    "lat": DEGREES,
    "lon": st.one_of(DEGREES, st.floats(100, 125).map(str)),
    "crs": st.sampled_from(["WGS84", "GCJ-02", "百度", "mars", ""]),
    "radius_m": st.sampled_from(["25", "25.5", "-1", "30米", "1e9", "far"]),
    "customer_no": st.sampled_from(["13800138000", "+86 138-0013-8000", "138****8000", "C1002345", "nobody", "12"]),
    "ticket_no": st.sampled_from(["T1", "13800138000", "row-1", "1.0", "4.6E+14", "TS-2026_1", "Ｔ1", ""]),
    "accepted_at": st.one_of(MOMENTS, st.sampled_from(["2026-03-01", "2026-03-01 09:00", "2026-02-30T09:00:00Z"])),
    "occurred_from": MOMENTS,
    "occurred_to": MOMENTS,
    "call_time": MOMENTS,
    "promised_by": MOMENTS,
    "channel": st.sampled_from(["hotline", "热线", "pigeon"]),
    "serving_cgi": st.sampled_from(["460-00-1234-1", "4.6E+14", "unknown", "13800138000"]),
    "rat_shown": st.sampled_from(["4G", "LTE", "9G"]),
    "indoor": st.sampled_from(["true", "false", "室内", "maybe"]),
    "floor": st.sampled_from(["3", "B2", "12楼", "500"]),
    "bars": st.sampled_from(["2格", "9"]),
    "terminal_model": WORDS,
    "event_note": WORDS,
    "status": st.sampled_from(["open", "已派单"]),
    "direction": st.sampled_from(["MO", "up"]),
    "audio": st.sampled_from(["UL", "both"]),
    "language": st.sampled_from(["zh", "klingon"]),
    "frequency": st.sampled_from(["daily", "每天"]),
    "other_phone_ok": st.sampled_from(["true", "no", "?"]),
    "time_pattern": st.sampled_from(["晚上", "18|19"]),
}


@settings(deadline=None, max_examples=30)
@given(st.fixed_dictionaries({}, optional=FIELDS))
def test_any_fields_give_the_complaint_of_a_row(fields: dict[str, str]) -> None:
    both(fields)


@settings(deadline=None, max_examples=30)
@given(
    st.fixed_dictionaries(
        {}, optional={k: v for k, v in FIELDS.items() if k not in {"lat", "lon", "ticket_no", "accepted_at"}}
    )
)
def test_fields_beside_a_plain_complaint_give_the_complaint_of_a_row(fields: dict[str, str]) -> None:
    both({**PLAIN, **fields})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"crs": "GCJ02"},
        {"customer_no": "+86 138 0013 8000", "terminal_model": "iPhone 15，张先生", "channel": "热线"},
        {"class": "掉话"},
        {"class": "听不清楚说话", "text": "不知道"},
        {"place_text": "松涛家园3栋", "serving_cgi": "460-00-1234-1", "indoor": "true", "floor": "3"},
        {"ticket_no": "13800138000"},
        {"text": "x" * 5000, "event_note": "y" * 5000},
        {"call_time": "2026-03-01T08:00:00+08:00"},
    ],
)
def test_what_a_desk_sends_needs_no_frame(changes: dict[str, str]) -> None:
    assert both({**PLAIN, **changes}) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": "0", "lon": "0"},
        {"lat": "118.1", "lon": "30.2"},
        {"lat": "95"},
        {"lat": "far"},
        {"crs": "mars"},
        {"accepted_at": "1979-12-31T00:00:00+00:00"},
        {"accepted_at": (datetime.now(UTC) + timedelta(days=3)).isoformat()},
        {"accepted_at": "03/04/2026"},
        {"occurred_from": "2026-03-02T09:00:00+08:00"},
        {"customer_no": "nobody"},
        {"class": "满意"},
        {"text": " "},
        {"ticket_no": "4.6E+14"},
        {"calling_no": "13800138000"},
        {"colour": "red"},
    ],
)
def test_what_has_to_be_thought_about_is_left_to_the_rows(changes: dict[str, str]) -> None:
    assert complaint_of({**PLAIN, **changes}, DESK, SECRET) is None


def test_a_source_whose_rows_are_known_by_their_content_is_left_to_the_rows() -> None:
    assert complaint_of(PLAIN, ImportOptions(source="mycall"), SECRET) is None


def test_a_frame_of_the_values_is_the_row() -> None:
    single = both(PLAIN)
    assert single is not None
    frame = conform(pd.DataFrame({name: [value] for name, value in single.items()}), COMPLAINTS)
    pd.testing.assert_frame_equal(frame, as_row(PLAIN))
