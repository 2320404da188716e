"""Collecting the rows a step refuses: line, field, reason code, masked value."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geoservice.parsing.masking import mask
from geoservice.parsing.text import Mask
from geoservice.tables import REJECTS, concat, conform, empty

MAX_VALUE_CHARACTERS = 80


class Rejects:
    """The refused rows of one chunk; a row is refused once, for the first reason found.

    Parameters
    ----------
    lines : line number in the file of every row of the chunk.
    """

    def __init__(self, lines: ArrayLike) -> None:
        self._lines = np.asarray(lines, np.int64)
        self.refused: Mask = np.zeros(len(self._lines), bool)
        self._parts: list[pd.DataFrame] = []

    def add(self, bad: Mask, field: str, code: str, reason: str, values: pd.Series | None = None) -> None:
        """Refuse the rows where ``bad`` is true, unless refused already."""
        new = np.asarray(bad, bool) & ~self.refused
        if not new.any():
            return
        self.refused |= new
        self._parts.append(reject_rows(self._lines[new], field, code, reason, None if values is None else values[new]))

    @property
    def kept(self) -> Mask:
        """Rows not refused so far."""
        return ~self.refused

    def frame(self) -> pd.DataFrame:
        """Table ``rejects``, ordered by line."""
        return merged(self._parts)


def merged(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Tables ``rejects`` as one, ordered by line."""
    return concat(parts, REJECTS).sort_values("line", kind="stable", ignore_index=True)


def reject_rows(
    lines: NDArray[np.int64], field: str, code: str, reason: str, values: pd.Series | None = None
) -> pd.DataFrame:
    """Table ``rejects`` for these lines; values are masked and shortened."""
    if not len(lines):
        return empty(REJECTS)
    shown = pd.Series([None] * len(lines), dtype="str") if values is None else _shown(values)
    frame = pd.DataFrame({"line": lines, "field": field, "code": code, "value": shown.to_numpy(), "reason": reason})
    return conform(frame, REJECTS)


def _shown(values: pd.Series) -> pd.Series:
    short = values.reset_index(drop=True).astype("str").str.slice(0, MAX_VALUE_CHARACTERS * 2)
    return mask(short).str.slice(0, MAX_VALUE_CHARACTERS)
