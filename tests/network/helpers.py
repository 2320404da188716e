"""Small builders shared by the network tests."""

from __future__ import annotations

import pandas as pd

from geoservice.network import CLEANERS, Cleaned
from geoservice.records import ImportOptions, RawChunk
from geoservice.tables import REJECTS, empty


def chunk(**columns: list[str | None]) -> RawChunk:
    """Text rows as the reader hands them on."""
    frame = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()}).fillna("")
    return RawChunk(frame.assign(line=range(2, len(frame) + 2)), empty(REJECTS), len(frame))


def clean(table: str, options: ImportOptions | None = None, **columns: list[str | None]) -> Cleaned:
    """Run one cleaner; asserts that every row is accounted for."""
    raw = chunk(**columns)
    done = CLEANERS[table](raw, options or ImportOptions())
    assert len(done.frame) + len(done.rejects) == raw.read
    return done
