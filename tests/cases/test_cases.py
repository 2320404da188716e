"""Clocks on the Chinese calendar, and the handbook's definitions of section 8."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from geoservice import tables
from geoservice.cases import due_dates, flags, next_due
from geoservice.config import default_config
from geoservice.workdays import add_working_days, is_working_day, working_days_between

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 9, 20), True),  # Sunday worked for it
        (date(2026, 10, 10), True),  # Saturday worked for it
        (date(2026, 10, 11), False),
        (date(2024, 2, 4), True),  # Sunday worked for the Spring Festival of 2024
        (date(2024, 2, 12), False),
    ],
)
def test_working_days_of_the_state_council(day: date, works: bool) -> None:
    assert is_working_day(day, "Asia/Shanghai") is works


def test_elsewhere_weekends_only() -> None:
    assert is_working_day(date(2026, 10, 1), "Asia/Kolkata")
    assert not is_working_day(date(2026, 10, 10), "Asia/Kolkata")


def test_working_days_skip_the_golden_week() -> None:
    """Three working days after Wednesday 30 September 2026 are 8, 9 and the worked Saturday 10 October."""
    start = datetime(2026, 9, 30, 10, 0, tzinfo=SHANGHAI)
    assert add_working_days(start, 3, SHANGHAI) == datetime(2026, 10, 10, 23, 59, 59, tzinfo=SHANGHAI)
    assert working_days_between(date(2026, 9, 30), date(2026, 10, 10), "Asia/Shanghai") == 3
    assert working_days_between(date(2026, 10, 10), date(2026, 9, 30), "Asia/Shanghai") == -3


def test_years_without_an_announced_calendar_still_answer() -> None:
    assert not is_working_day(date(2027, 10, 1), "Asia/Shanghai")
    assert is_working_day(date(2027, 6, 2), "Asia/Shanghai")


def test_the_legal_stop_comes_before_the_internal_ceiling() -> None:
    clocks = due_dates(datetime(2026, 9, 25, 2, tzinfo=UTC), default_config())
    names = [c.name for c in clocks]
    assert names.index("legal") < names.index("ceiling")
    assert names[0] == "acknowledge"
    assert next_due(clocks, datetime(2026, 9, 27, tzinfo=UTC)).name == "first_reply"
    assert next_due(clocks, datetime(2027, 9, 27, tzinfo=UTC)) == clocks[-1]


def tickets(rows: list[dict[str, Any]]) -> pd.DataFrame:
    base = {"source": "s", "time_step": "instant", "class": "WEAK_SIGNAL", "status": "closed", "channel": "hotline"}
    frame = pd.DataFrame([base | {"customer_key": "k"} | row for row in rows])
    frame["complaint_id"] = frame["ticket_no"] = [f"c{i}" for i in range(len(rows))]
    frame["accepted_at"] = pd.to_datetime(frame["accepted_at"], utc=True)
    return tables.conform(frame, tables.COMPLAINTS)


def places(complaints: pd.DataFrame, lats: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame({"complaint_id": complaints["complaint_id"], "lat": lats, "lon": 104.0, "radius_m": 50.0})
    return tables.conform(frame.assign(rank=0, precision="gnss", source="coordinates", probability=1.0), tables.FIXES)


def ask(rows: list[dict[str, Any]], lats: list[float] | None = None) -> pd.DataFrame:
    complaints = tickets(rows)
    return flags(complaints, places(complaints, lats or [30.0] * len(rows)), default_config()).set_index("complaint_id")


def test_same_place_and_class_after_an_answer_is_a_repeat() -> None:
    found = ask([{"accepted_at": "2026-06-01"}, {"accepted_at": "2026-06-20"}])
    assert found.loc["c1", "repeat_of"] == "c0"
    assert found.loc["c0", "repeats"] == 0


@pytest.mark.parametrize(
    ("second", "lat"),
    [
        ({"accepted_at": "2026-06-20", "class": "ECHO"}, 30.0),  # another phenomenon
        ({"accepted_at": "2026-06-20"}, 30.02),  # 2.2 km away
        ({"accepted_at": "2026-09-20"}, 30.0),  # more than 90 days later
    ],
)
def test_otherwise_it_is_a_new_ticket_linked(second: dict[str, Any], lat: float) -> None:
    found = ask([{"accepted_at": "2026-06-01"}, second], [30.0, lat])
    assert pd.isna(found.loc["c1", "repeat_of"])
    assert found.loc["c1", "linked_to"] == "c0"


def test_chasing_an_open_ticket_is_a_duplicate() -> None:
    found = ask([{"accepted_at": "2026-06-01T01:00Z", "status": "acting"}, {"accepted_at": "2026-06-01T20:00Z"}])
    assert found.loc["c1", "duplicate_of"] == "c0"
    assert pd.isna(found.loc["c1", "repeat_of"])


def test_another_customer_is_evidence_not_a_repeat() -> None:
    found = ask([{"accepted_at": "2026-06-01"}, {"accepted_at": "2026-06-02", "customer_key": "z"}])
    assert found[["repeat_of", "linked_to", "duplicate_of"]].isna().all(axis=None)


def test_difficult_needs_a_refused_explanation() -> None:
    first = {"accepted_at": "2026-06-01", "result": "暂时无法解决，已解释"}
    assert ask([first, {"accepted_at": "2026-06-20", "text": "我不接受这个解释"}]).loc["c1", "difficult"]
    assert not ask([first, {"accepted_at": "2026-06-20", "text": "还是没信号"}])["difficult"].any()


def test_major_counts_customers_not_contacts() -> None:
    three = [{"accepted_at": f"2026-06-0{d}", "customer_key": k} for d, k in ((1, "a"), (3, "b"), (6, "c"))]
    assert ask(three)["major"].tolist() == [False, False, True]
    slow = [{"accepted_at": f"2026-06-{d}", "customer_key": k} for d, k in (("01", "a"), ("10", "b"), ("20", "c"))]
    assert not ask(slow)["major"].any()
    vip = [{"accepted_at": f"2026-06-0{d}", "status": "acting"} for d in (1, 2, 3)]
    assert not ask(vip)["major"].any()


def test_escalated_and_urgent() -> None:
    found = ask(
        [{"accepted_at": "2026-06-01", "channel": "regulator"}, {"accepted_at": "2026-06-02", "class": "NO_COVERAGE"}]
    )
    assert found["escalated"].tolist() == [True, False]
    assert found["urgent"].tolist() == [False, True]


def test_a_named_authority_is_a_suggestion_and_the_press_makes_it_major() -> None:
    said = ["没有信号", "我要去工信部申诉", "再不修我就找记者曝光"]
    found = ask([{"accepted_at": f"2026-0{k + 1}-01", "text": text} for k, text in enumerate(said)])
    assert found["announced"].tolist() == [False, True, True]
    assert found["escalated"].tolist() == [False, False, False], "only a higher channel escalates"
    assert found["major"].tolist() == [False, False, True]
