"""Working days of a calendar: weekends, public holidays and the make-up Saturdays of China."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

CHINESE_ZONES = frozenset({"Asia/Shanghai", "Asia/Chongqing", "Asia/Urumqi", "PRC"})


def is_working_day(day: date, zone: str) -> bool:
    """True on days people work: in China by the State Council's calendar, elsewhere Monday to Friday.

    Years the calendar does not know yet (it appears each November) fall back to the rules of the
    holidays themselves, then without make-up days that have not been announced.

    >>> is_working_day(date(2026, 10, 10), "Asia/Shanghai")  # Saturday worked for National Day
    True
    """
    if zone not in CHINESE_ZONES:
        return day.weekday() < 5
    return _chinese_working_day(day)


@cache
def _chinese_working_day(day: date) -> bool:
    import chinese_calendar  # late: not needed to start

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        import holidays

        return bool(holidays.country_holidays("CN", years=day.year).is_working_day(day))


def add_working_days(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """End (23:59:59 local) of the ``days``-th working day after ``start``; the day itself does not count.

    Parameters
    ----------
    start : aware datetime.
    days : number of working days, at least 0.
    zone : zone whose midnight and calendar count.

    Returns
    -------
    Aware datetime in ``zone``.
    """
    day = start.astimezone(zone).date()
    left = days
    while left > 0:
        day += timedelta(days=1)
        left -= is_working_day(day, zone.key)
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone)


def working_days_between(start: date, end: date, zone: str) -> int:
    """Working days after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
    step = 1 if end >= start else -1
    first, last = (start, end) if step == 1 else (end, start)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return step * sum(is_working_day(day, zone) for day in days)
