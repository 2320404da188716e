"""Small builders shared by the intake tests."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geoservice.intake import ComplaintChunk, complaints_from_rows, read_rows
from geoservice.records import ImportOptions
from geoservice.tables import COMPLAINTS, REJECTS, SATISFIED, Table, concat

SECRET = bytes(range(48, 96))
HEADER = "ticket_no,accepted_at,customer_no,text,lat,lon\n"


def row(n: int, **changes: str) -> str:
    """One good complaint row, with fields replaced."""
    fields = {
        "ticket_no": f"T{n}",
        "accepted_at": "2026-03-04 15:04:05",
        "customer_no": f"1380013{8000 + n}",
        "text": "没信号",
        "lat": "30.66",
        "lon": "104.06",
    }
    return ",".join({**fields, **changes}.values()) + "\n"


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def read(
    path: Path, table: Table = COMPLAINTS, options: ImportOptions | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """(rows, rejects, records read) of a whole file."""
    chunks = list(read_rows(path, table, options or ImportOptions()))
    frame = pd.concat([c.frame for c in chunks], ignore_index=True) if chunks else pd.DataFrame()
    rejects = pd.concat([c.rejects for c in chunks], ignore_index=True) if chunks else pd.DataFrame()
    return frame, rejects, sum(c.read for c in chunks)


def intake(path: Path, options: ImportOptions | None = None, secret: bytes = SECRET) -> ComplaintChunk:
    """A whole file of complaints; asserts that every record is accounted for."""
    chosen = options or ImportOptions()
    parts, total = [], 0
    for chunk in read_rows(path, COMPLAINTS, chosen):
        done = complaints_from_rows(chunk, chosen, secret)
        assert len(done.complaints) + len(done.satisfied) + len(done.rejects) + done.duplicates == chunk.read
        parts.append(done)
        total += chunk.read
    return ComplaintChunk(
        concat([p.complaints for p in parts], COMPLAINTS),
        concat([p.satisfied for p in parts], SATISFIED),
        concat([p.rejects for p in parts], REJECTS),
        sum(p.duplicates for p in parts),
        tuple(note for p in parts for note in p.notes),
    )
