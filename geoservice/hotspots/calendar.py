"""The time steps of an analysis: local days, weeks or months, with their edges in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.hotspots.options import ScanOptions

# More steps than this and the next coarser unit says the same in less time.
LONGEST_IN_DAYS = 190
LONGEST_IN_WEEKS = 110
FREQUENCY = {"day": "D", "week": "7D", "month": "MS"}


@dataclass(frozen=True)
class Steps:
    """``edges`` (steps + 1) UTC; step i covers [edges[i], edges[i + 1])."""

    unit: str
    edges: pd.DatetimeIndex
    timezone: tzinfo

    def __len__(self) -> int:
        return len(self.edges) - 1

    def of(self, times: pd.Series) -> NDArray[np.int64]:
        """Step of each time; −1 outside the period."""
        at = np.asarray(self.edges.searchsorted(pd.DatetimeIndex(times), side="right")) - 1
        return np.where((at >= 0) & (at < len(self)), at, -1)

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """Local day of the week of each step (Monday 0)."""
        return np.asarray(self.edges[:-1].tz_convert(self.timezone).day_of_week, np.int64)

    def first_day(self, step: int) -> date:
        """Local day on which a step begins."""
        return self.edges[step].tz_convert(self.timezone).date()

    def last_day(self, stop: int) -> date:
        """Local day on which the step before ``stop`` ends."""
        return (self.edges[stop] - pd.Timedelta(microseconds=1)).tz_convert(self.timezone).date()

    def days(self, start: int, stop: int) -> int:
        """Length of a window in days."""
        return max(1, round((self.edges[stop] - self.edges[start]).total_seconds() / 86_400))


def choose_steps(complaints: pd.DataFrame, options: ScanOptions, zone: tzinfo) -> tuple[Steps, list[str]]:
    """Steps that cover the period asked for, or the complaints' own, and what was decided."""
    times = complaints["accepted_at"]
    since = pd.Timestamp(options.since) if options.since else times.min()
    until = pd.Timestamp(options.until) if options.until else times.max() + pd.Timedelta(microseconds=1)
    unit, notes = _unit(complaints, since, until, options.step)
    start = since.tz_convert(zone).normalize()
    if unit == "month":
        start = start.replace(day=1)
    end = until.tz_convert(zone)
    edges = pd.date_range(start, end + _one(unit), freq=FREQUENCY[unit], tz=zone)
    last = int(edges.searchsorted(end, side="left"))
    return Steps(unit, edges[: max(last, 1) + 1].tz_convert("UTC"), zone), notes


def _unit(complaints: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp, wanted: str) -> tuple[str, list[str]]:
    if len(complaints) and (complaints["time_step"] == "month").mean() > 0.0:
        if wanted in {"day", "week"}:
            return "month", [f"step {wanted} was asked for, but complaints dated to the month only force monthly steps"]
        return "month", ["monthly steps: some complaints are dated to the month only"]
    if wanted != "auto":
        return wanted, []
    days = (until - since).total_seconds() / 86_400
    unit = "day" if days <= LONGEST_IN_DAYS else "week" if days <= 7 * LONGEST_IN_WEEKS else "month"
    return unit, [f"{unit} steps for a period of {days:.0f} days"]


def _one(unit: str) -> pd.DateOffset:
    return {"day": pd.DateOffset(days=1), "week": pd.DateOffset(days=7), "month": pd.DateOffset(months=1)}[unit]
