"""One chunk of a file to rows ready for the database; everything that needs no database, in any process."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import intake, locate
from geoservice.pipeline.locating import fixes_of, without_private_cells
from geoservice.pipeline.shared_points import keys_of
from geoservice.records import ImportOptions, RawChunk
from geoservice.store.bulk import Rows, rows_of
from geoservice.tables import TABLES

# Points of a chunk that are compared with cells and places; more would not change the verdict.
_DATUM_SAMPLE = 5_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a chunk: rows of each table, in the order they are to be written.

    ``points`` are keys of the coordinates that came with the name of a place.
    """

    rows: dict[str, Rows]
    rejects: pd.DataFrame
    read: int
    duplicates: int = 0
    notes: tuple[str, ...] = ()
    complaint_ids: list[str] = field(default_factory=list)
    points: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True)
class ComplaintWork:
    """Raw rows → complaints and their fixes; holds what every chunk of an import needs."""

    options: ImportOptions
    secret: bytes
    locator: locate.Locator
    import_id: str

    def warm(self) -> None:
        """Load what the first chunk would load, so that processes made after this share it."""
        from geoservice.intake.classify import classify

        classify(["没信号", "no signal"])

    def __call__(self, chunk: RawChunk) -> Prepared:
        done = intake.complaints_from_rows(chunk, self.options, self.secret)
        frame, private = without_private_cells(self.locator, done.complaints.assign(import_id=self.import_id))
        notes = list(done.notes)
        if private:
            notes.append(f"{private} serving cells that look like telephone numbers were left out")
        rows: dict[str, Rows] = {}
        if len(frame):
            rows["complaints"] = rows_of(frame, TABLES["complaints"])
            rows["fixes"] = rows_of(fixes_of(self.locator, frame), TABLES["fixes"])
            notes += _datum_notes(self.locator, frame)
        if len(done.satisfied):
            rows["satisfied"] = rows_of(done.satisfied, TABLES["satisfied"])
        ids = frame["complaint_id"].tolist()
        return Prepared(rows, done.rejects, chunk.read, done.duplicates, tuple(notes), ids, keys_of(frame))


def _datum_notes(locator: locate.Locator, complaints: pd.DataFrame) -> list[str]:
    """What the offsets between points, serving cells and named places say about the datum; nothing is shifted."""
    pointed = complaints[np.isfinite(complaints["lat"]) & np.isfinite(complaints["lon"])]
    if pointed.empty:
        return []
    found = locator.check_datum(pointed.head(_DATUM_SAMPLE))
    return [f"datum, against {name}: {one.evidence}" for name, one in found.items() if one.is_suspicious]
