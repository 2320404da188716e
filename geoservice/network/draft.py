"""A table in the making: text columns in, typed columns out, every refusal and remark kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.parsing.counting import counted
from geoservice.parsing.flags import flags
from geoservice.parsing.mapping import load_mapping
from geoservice.parsing.numbers import floats, integers, whole_texts
from geoservice.parsing.points import Points, read_points
from geoservice.parsing.rejects import Rejects, merged
from geoservice.parsing.seen import seen_of
from geoservice.parsing.text import Mask, blank, choose, clean
from geoservice.parsing.times import REASONS, Times, dates, times
from geoservice.records import ImportOptions, RawChunk, Seen
from geoservice.tables import Table, conform

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a chunk: ``len(frame) + len(rejects) == read``; remarks for the report."""

    frame: pd.DataFrame
    rejects: pd.DataFrame
    notes: tuple[str, ...] = ()


class Draft:
    """The rows of a chunk on their way into ``table``."""

    def __init__(self, chunk: RawChunk, options: ImportOptions, table: Table) -> None:
        raw = chunk.frame.drop(columns="line")
        self.frame = pd.DataFrame({name: clean(raw[name].astype("str")) for name in raw.columns}, index=raw.index)
        self.rejects = Rejects(chunk.frame["line"])
        self.mapping = load_mapping(options.mapping)
        self.options, self.table = options, table
        self._early, self._seen = chunk.rejects, chunk.seen
        self._remarks: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self.frame)

    def has(self, name: str) -> bool:
        """Whether the file brings the column."""
        return name in self.frame

    def text(self, name: str) -> pd.Series:
        """A column as the file has it; all missing when it has none."""
        if name in self.frame:
            return self.frame[name]
        return pd.Series(None, index=self.frame.index, dtype="str")

    def seen(self, name: str, values: Floats) -> Seen:
        """What the numbers of a column are like in the whole file.

        ``values`` are those of this chunk: all there are of a file of one chunk.
        """
        return self._seen[name] if name in self._seen else seen_of(values)

    def refuse(self, bad: Any, field: str, code: str, reason: str) -> None:
        """Refuse rows; the value shown is the field's."""
        self.rejects.add(np.asarray(bad, bool), field, code, reason, self.text(field))

    def remark(self, rows: Any, what: str) -> None:
        """Say how many rows were taken in spite of something."""
        count = int(np.count_nonzero(rows))
        if count:
            self._remarks[what] += count

    def say(self, sentence: str) -> None:
        """A remark that is not counted by rows."""
        self._remarks[sentence] = -1

    def need(self, name: str) -> pd.Series:
        """A text column that must be there in every row."""
        values = self.text(name)
        self.refuse(blank(values), name, "missing", f"{name} is missing")
        return values

    def key(self, name: str, *, required: bool = True) -> pd.Series:
        """An identifier kept as text; digits lost to a spreadsheet are refused."""
        values, lossy = whole_texts(self.text(name))
        self.refuse(lossy, name, "lost-digits", "scientific notation lost digits; format the column as text")
        if required:
            self.refuse(values.isna(), name, "missing", f"{name} is missing")
        return values

    def number(self, name: str, *, required: bool = False, whole: bool = False) -> Floats:
        """A number within the declared range; anything else refuses the row."""
        values, bad = (integers if whole else floats)(self.text(name))
        self.refuse(bad, name, "not-a-number", "not a finite number")
        if required:
            self.refuse(np.isnan(values), name, "missing", f"{name} is missing")
        low, high = self._range(name)
        self.refuse((values < low) | (values > high), name, "out-of-range", f"outside {low:g}…{high:g}")
        return values

    def soft_number(self, name: str, *, whole: bool = False) -> tuple[Floats, Mask]:
        """A number that helps but does not decide: unreadable or out of range becomes unknown, with a remark."""
        values, bad = (integers if whole else floats)(self.text(name))
        low, high = self._range(name)
        odd = bad | (values < low) | (values > high)
        self.remark(odd, f"values of {name} are unreadable or outside {low:g}…{high:g} and were left out")
        return np.where(odd, np.nan, values), odd

    def time(self, name: str, *, required: bool = False) -> Times:
        """A point in time in UTC."""
        return self._times(
            name, times(self.text(name), self.options.timezone, self.mapping.formats.get(name)), required
        )

    def date(self, name: str) -> pd.Series:
        """A calendar day; an unreadable one becomes unknown, with a remark."""
        found = dates(self.text(name), self.options.timezone, self.mapping.formats.get(name))
        for code, bad in found.problems.items():
            self.remark(bad, f"dates of {name} were left out: {REASONS[code]}")
        return found.utc

    def choice(self, name: str, words: Mapping[str, str], *, required: bool = False) -> pd.Series:
        """One of our codes; an unknown word refuses the row if the column is required, else is left out."""
        values, unknown = choose(self.text(name), words)
        if required:
            allowed = ", ".join(self.table.by_name[name].values)
            self.refuse(unknown, name, "unknown-value", f"not one of {allowed}")
            self.refuse(values.isna(), name, "missing", f"{name} is missing")
        else:
            self.remark(unknown, f"values of {name} are not known to us and were left out")
        return values

    def flag(self, name: str, words: dict[str, str] | None = None) -> pd.Series:
        """Yes, no or unknown; a strange word becomes unknown, with a remark."""
        values, bad = flags(self.text(name), words)
        self.remark(bad, f"values of {name} are neither yes nor no and were left out")
        return values

    def points(self, *, required: bool = True) -> Points:
        """The coordinates in WGS-84."""
        found = read_points(self.frame, self.rejects, self.options.crs, self.mapping.swapped)
        if required:
            nowhere = np.isnan(found.lat)
            self.refuse(nowhere, "lat", "unlocated", "no coordinates (0,0 and −1,−1 are placeholders)")
        self.remark(found.swapped, "rows had latitude and longitude exchanged; exchanged back as declared")
        return found

    def finish(self, columns: Mapping[str, Any]) -> Cleaned:
        """The rows not refused, as the declared table; columns not given come from the file as text."""
        plain = {
            c.name: self.frame[c.name]
            for c in self.table.columns
            if c.dtype == "text" and c.name in self.frame and c.origin != "file"
        }
        frame = pd.DataFrame({**plain, **columns}, index=self.frame.index)[self.rejects.kept].reset_index(drop=True)
        rejects = merged([self._early, self.rejects.frame()])
        notes = tuple(what if n < 0 else counted(n, what) for what, n in self._remarks.items())
        return Cleaned(conform(frame, self.table), rejects, notes)

    def _times(self, name: str, found: Times, required: bool) -> Times:
        for code, bad in found.problems.items():
            self.refuse(bad, name, code, REASONS[code])
        if required:
            self.refuse(blank(self.text(name)), name, "missing", f"{name} is missing")
        return found

    def _range(self, name: str) -> tuple[float, float]:
        column = self.table.by_name[name]
        low = -np.inf if column.low is None else column.low
        return low, np.inf if column.high is None else column.high
