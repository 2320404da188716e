"""Overlap of complaint events with alarms and with daily shutdown windows."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
DAY_S = 86400.0


def seconds(times: pd.Series) -> Floats:
    """Seconds since 1970 UTC; NaT becomes NaN."""
    stamps = pd.to_datetime(times, utc=True).astype("datetime64[us, UTC]")
    return np.where(stamps.isna(), np.nan, stamps.astype("int64").to_numpy(float) / 1e6)


def touches(start: Floats, end: Floats, begin: Floats, finish: Floats) -> NDArray[np.bool_]:
    """True for each event [start, end] that meets any of the intervals [begin, finish]."""
    if not len(begin):
        return np.zeros(len(start), bool)
    order = np.argsort(begin)
    latest = np.maximum.accumulate(finish[order])
    before = np.searchsorted(begin[order], end, side="right")
    reach = np.where(before > 0, latest[np.maximum(before - 1, 0)], -np.inf)
    return np.asarray((before > 0) & (reach >= start))


def local_clock_s(text: str) -> float:
    """Seconds after midnight of ``HH:MM`` or ``HH:MM:SS``.

    >>> local_clock_s("01:30")
    5400.0
    """
    parts = [float(p) for p in str(text).split(":")]
    return sum(value * unit for value, unit in zip(parts, (3600.0, 60.0, 1.0), strict=False))


def local_seconds(times: pd.Series, zone: ZoneInfo) -> Floats:
    """Seconds of the local wall clock since 1970-01-01 00:00 local; NaT becomes NaN."""
    naive = pd.to_datetime(times, utc=True).dt.tz_convert(zone).dt.tz_localize(None).astype("datetime64[us]")
    return np.where(naive.isna(), np.nan, naive.astype("int64").to_numpy(float) / 1e6)


def window_share(start: Floats, end: Floats, opens_s: ArrayLike, closes_s: ArrayLike) -> Floats:
    """Share of each local interval [start, end] that lies in a daily window (one, or one each); may cross midnight.

    Closed form: W(t), the window time before t, is whole days times the window's length plus the
    part of today; the share is (W(end) - W(start)) / (end - start), for instants 0 or 1.

    >>> float(window_share(np.array([0.0]), np.array([7200.0]), 82800.0, 3600.0)[0])
    0.5
    """
    span = np.asarray(closes_s, float) - np.asarray(opens_s, float)
    length = np.where(span % DAY_S == 0, DAY_S, span % DAY_S)
    width = np.maximum(end - start, 1.0)
    opens = np.asarray(opens_s, float)
    inside = _before(start + width, opens, length) - _before(start, opens, length)
    return np.asarray(inside / width)


def _before(time: Floats, opens_s: Floats, length: Floats) -> Floats:
    days, rest = np.divmod(time - opens_s, DAY_S)
    return np.asarray(days * length + np.minimum(rest, length))
