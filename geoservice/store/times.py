"""Moments as they are stored: microseconds of UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np


def from_us(microseconds: int | None) -> datetime | None:
    """Stored time to an aware datetime."""
    return None if microseconds is None else datetime.fromtimestamp(microseconds / 1e6, UTC)


def to_us(time: datetime) -> int:
    """Aware datetime to stored time."""
    return int(np.datetime64(time.astimezone(UTC).replace(tzinfo=None), "us").astype(np.int64))


def now_us() -> int:
    """This moment, as stored."""
    return to_us(datetime.now(UTC))
