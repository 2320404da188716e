"""What an import would make of a file, without taking anything (``--dry-run``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geoservice.intake.rows import open_rows, read_rows
from geoservice.parsing.masking import mask
from geoservice.records import ImportOptions
from geoservice.tables import Table

_ROWS = 10
# Shown as a placeholder only: a preview may be pasted into a ticket.
_PRIVATE = frozenset({"customer_no", "device"})


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file reads.

    ``mapping`` is heading → column, ``ignored`` the headings that mean nothing to the table,
    ``rows`` the first ten rows (personal data masked), ``read`` and ``unreadable`` the records
    of the whole file and those that cannot be split into fields.
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
    rejects: pd.DataFrame
    read: int
    unreadable: int


def preview(path: Path | str, table: Table, options: ImportOptions) -> Preview:
    """Read a file as :func:`read_rows` would and describe the result."""
    opened = open_rows(path, table, options)
    rows, rejects, read = pd.DataFrame(), [], 0
    for chunk in read_rows(path, table, options):
        rows = chunk.frame.head(_ROWS) if not len(rows) else rows
        rejects.append(chunk.rejects)
        read += chunk.read
    refused = pd.concat(rejects, ignore_index=True) if rejects else pd.DataFrame()
    return Preview(
        file=Path(path).name,
        table=table.name,
        format=opened.reader.kind,
        encoding=opened.reader.encoding,
        family=opened.family.name if opened.family else None,
        mapping=opened.recognised.by_heading(opened.reader.headings()),
        constants=dict(opened.recognised.constants),
        ignored=opened.recognised.ignored,
        rows=_masked(rows),
        rejects=refused,
        read=read,
        unreadable=len(refused),
    )


def _masked(rows: pd.DataFrame) -> pd.DataFrame:
    shown = {}
    for name in rows.columns:
        values = rows[name]
        if name in _PRIVATE:
            values = values.where(values == "", "[private]")
        shown[name] = values if name == "line" else mask(values.astype("str"))
    return pd.DataFrame(shown, index=rows.index)
