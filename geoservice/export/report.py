"""What became of an export."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Altered:
    """One thing that could not be written as it was.

    ``row`` counts data rows from 0; None when the whole column, sheet or file is meant. The value
    itself is not repeated: it may be personal.
    """

    row: int | None
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExportReport:
    """The file written, its rows, and everything that was altered on the way."""

    path: Path
    rows: int
    altered: list[Altered] = field(default_factory=list)
