"""What an import would make of a file, without taking anything (``--dry-run``)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geoservice.intake.complaints import ComplaintChunk, complaints_from_rows
from geoservice.intake.rows import open_rows, read_rows
from geoservice.parsing.masking import mask
from geoservice.records import ImportOptions, RawChunk
from geoservice.tables import REJECTS, Table, empty

# A function that makes a typed table of a chunk: what it answers has ``frame``, ``rejects`` and ``notes``.
Cleaner = Callable[[RawChunk, ImportOptions], Any]
_ROWS = 10
# Shown as a placeholder only: a preview may be pasted into a ticket.
_PRIVATE = frozenset({"customer_no", "device"})


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file reads.

    ``mapping`` is heading → column, ``ignored`` the headings that mean nothing to the table,
    ``rows`` the first ten rows as read, ``typed`` as they would be stored (personal data masked
    in both). ``read`` counts the records of the whole file, ``unreadable`` those that cannot be split
    into fields, ``taken`` those that would be stored (None without a cleaner).
    """

    file: str
    table: str
    format: str
    encoding: str
    family: str | None
    mapping: dict[str, str]
    constants: dict[str, str]
    ignored: tuple[str, ...]
    rows: pd.DataFrame
    typed: tuple[dict[str, str], ...]
    rejects: pd.DataFrame
    read: int
    unreadable: int
    taken: int | None
    notes: tuple[str, ...]


def preview(path: Path | str, table: Table, options: ImportOptions, clean: Cleaner | None = None) -> Preview:
    """Read a file as an import would and describe the result; nothing is stored.

    Parameters
    ----------
    clean : turns a chunk into a typed table (``network.CLEANERS[table.name]``); complaints need none.
    """
    opened = open_rows(path, table, options)
    cleaner = clean or (_complaints if table.name == "complaints" else None)
    count = _Count()
    for chunk in read_rows(path, table, options):
        count.add(chunk, cleaner(chunk, options) if cleaner else None)
    return Preview(
        file=Path(path).name,
        table=table.name,
        format=opened.reader.kind,
        encoding=opened.reader.encoding,
        family=opened.family.name if opened.family else None,
        mapping=opened.recognised.by_heading(opened.reader.headings()),
        constants=dict(opened.recognised.constants),
        ignored=opened.recognised.ignored,
        rows=_masked(count.rows),
        typed=count.typed,
        rejects=pd.concat(count.rejects, ignore_index=True) if count.rejects else empty(REJECTS),
        read=count.read,
        unreadable=count.unreadable,
        taken=count.taken if cleaner else None,
        notes=tuple(count.notes),
    )


def _complaints(chunk: RawChunk, options: ImportOptions) -> ComplaintChunk:
    """Complaints under a key that is forgotten at once: ids of a preview mean nothing."""
    return complaints_from_rows(chunk, options, secrets.token_bytes(32))


class _Count:
    """What the chunks of a file add up to."""

    def __init__(self) -> None:
        self.rows, self.typed = pd.DataFrame(), ()  # type: pd.DataFrame, tuple[dict[str, str], ...]
        self.rejects: list[pd.DataFrame] = []
        self.read = self.unreadable = self.taken = 0
        self.notes: dict[str, None] = {}

    def add(self, chunk: RawChunk, done: Any) -> None:
        """One chunk and, if there is a cleaner, what it made of it."""
        self.rows = self.rows if len(self.rows) else chunk.frame.head(_ROWS)
        self.read += chunk.read
        self.unreadable += len(chunk.rejects)
        self.rejects.append(chunk.rejects if done is None else done.rejects)
        if done is None:
            return
        frame = done.complaints if isinstance(done, ComplaintChunk) else done.frame
        self.taken += len(frame) + (len(done.satisfied) if isinstance(done, ComplaintChunk) else 0)
        self.typed = self.typed or _records(frame.head(_ROWS))
        self.notes.update(dict.fromkeys(done.notes))


def _records(frame: pd.DataFrame) -> tuple[dict[str, str], ...]:
    """Typed rows as text, without the columns nothing is known of."""
    return tuple({str(k): str(v) for k, v in row.items() if not pd.isna(v)} for row in frame.to_dict("records"))


def _masked(rows: pd.DataFrame) -> pd.DataFrame:
    shown = {}
    for name in rows.columns:
        values = rows[name]
        if name in _PRIVATE:
            values = values.where(values == "", "[private]")
        shown[name] = values if name == "line" else mask(values.astype("str"))
    return pd.DataFrame(shown, index=rows.index)
