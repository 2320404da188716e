"""What an import would make of a file, without taking anything (``--dry-run``)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.intake.complaints import ComplaintChunk, complaints_from_rows
from geoservice.intake.file_names import discreet, shown_name
from geoservice.intake.rows import open_rows, read_rows
from geoservice.parsing.masking import mask, mask_keys
from geoservice.records import ImportOptions, RawChunk
from geoservice.tables import KEYS, REJECTS, Table, empty

# A function that makes a typed table of a chunk: what it answers has ``frame``, ``rejects`` and ``notes``.
Cleaner = Callable[[RawChunk, ImportOptions], Any]
_ROWS = 10
# Shown as a placeholder only: a preview may be pasted into a ticket.
_PRIVATE = frozenset({"customer_no", "calling_no", "called_no", "customer_key", "device", "sms_centre", "tac8"})
_KEYS = frozenset({"ticket_no", "serving_cgi", "cgi"})


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file reads.

    ``mapping`` is heading → column, ``ignored`` the headings that mean nothing to the table,
    ``rows`` the first ten rows as read, ``typed`` as they would be stored (personal data masked
    in both). ``read`` counts the records of the whole file, ``unreadable`` those that cannot be split
    into fields, ``taken`` those that would be stored (None without a cleaner) in an empty database,
    ``duplicates`` those that repeat another of the file: ``taken + rejected + duplicates == read``.
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
    rejected: int
    duplicates: int
    rejects_file: None
    seconds: float
    notes: tuple[str, ...]


def preview(path: Path | str, table: Table, options: ImportOptions, clean: Cleaner | None = None) -> Preview:
    """Read a file as an import would and describe the result; nothing is stored.

    Parameters
    ----------
    clean : turns a chunk into a typed table (``network.CLEANERS[table.name]``); complaints need none.
    """
    with discreet(path):
        return _preview(path, table, options, clean)


def _preview(path: Path | str, table: Table, options: ImportOptions, clean: Cleaner | None) -> Preview:
    started, opened = perf_counter(), open_rows(path, table, options)
    cleaner = clean or (_complaints() if table.name == "complaints" else None)
    count = _Count(table)
    for chunk in read_rows(path, table, options):
        count.add(chunk, cleaner(chunk, options) if cleaner else None)
    return Preview(
        file=shown_name(path),
        table=table.name,
        format=opened.reader.kind,
        encoding=opened.reader.encoding,
        family=opened.family.name if opened.family else None,
        mapping=opened.mapping_found,
        constants=dict(opened.recognised.constants),
        ignored=opened.recognised.ignored,
        rows=_masked(count.rows),
        typed=count.typed,
        rejects=pd.concat(count.rejects, ignore_index=True) if count.rejects else empty(REJECTS),
        read=count.read,
        unreadable=count.unreadable,
        taken=count.taken if cleaner else None,
        rejected=count.rejected,
        duplicates=count.duplicates,
        rejects_file=None,
        seconds=round(perf_counter() - started, 3),
        notes=tuple(count.notes),
    )


def _complaints() -> Cleaner:
    """Complaints under a key that is forgotten at once: ids of a preview mean nothing."""
    secret = secrets.token_bytes(32)
    return lambda chunk, options: complaints_from_rows(chunk, options, secret)


class _Count:
    """What the chunks of a file add up to."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows, self.typed = pd.DataFrame(), ()  # type: pd.DataFrame, tuple[dict[str, str], ...]
        self.rejects: list[pd.DataFrame] = []
        self.read = self.unreadable = self.taken = self.rejected = self.duplicates = 0
        self.notes: dict[str, None] = {}
        self._seen: NDArray[np.integer] = np.empty(0, np.uint64)

    def add(self, chunk: RawChunk, done: Any) -> None:
        """One chunk and, if there is a cleaner, what it made of it."""
        self.rows = self.rows if len(self.rows) else chunk.frame.head(_ROWS)
        self.read += chunk.read
        self.unreadable += len(chunk.rejects)
        rejects = chunk.rejects if done is None else done.rejects
        self.rejects.append(rejects)
        self.rejected += int(rejects["line"].nunique())
        if done is None:
            return
        complaints = isinstance(done, ComplaintChunk)
        frame = done.complaints if complaints else done.frame
        self.duplicates += done.duplicates if complaints else 0
        self._count_new(frame, KEYS.get(self.table.name, ()))
        if complaints:
            self._count_new(done.satisfied, KEYS["satisfied"])
        self.typed = self.typed or _records(frame.head(_ROWS))
        self.notes.update(dict.fromkeys(done.notes))

    def _count_new(self, frame: pd.DataFrame, keys: Sequence[str]) -> None:
        if frame.empty:
            return
        hashes = pd.util.hash_pandas_object(frame[list(keys)].astype("str"), index=False).to_numpy(np.uint64)
        known = np.union1d(self._seen, hashes)
        new = len(known) - len(self._seen)
        self._seen = known
        self.taken += new
        self.duplicates += len(frame) - new


def _records(frame: pd.DataFrame) -> tuple[dict[str, str], ...]:
    """Typed rows as text, without the columns nothing is known of."""
    return tuple({str(k): str(v) for k, v in row.items() if not pd.isna(v)} for row in frame.to_dict("records"))


def _masked(rows: pd.DataFrame) -> pd.DataFrame:
    shown = {}
    for name in rows.columns:
        values = rows[name]
        if name in _PRIVATE:
            values = values.where(values == "", "[private]")
        hide = mask_keys if name in _KEYS else mask
        shown[name] = values if name == "line" else hide(values.astype("str"))
    return pd.DataFrame(shown, index=rows.index)
