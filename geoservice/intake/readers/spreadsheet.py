"""XLSX through openpyxl, read-only, under budgets checked before a sheet is opened."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from geoservice.errors import ConfigError, FileError
from geoservice.intake.readers import limits
from geoservice.intake.readers.block import Block
from geoservice.parsing.rejects import reject_rows

_ROWS_PER_BLOCK = 10_000


@dataclass(frozen=True)
class Spreadsheet:
    """One sheet of a workbook: the named one, else the first."""

    path: Path
    sheet: str | None
    header_line: int
    names: tuple[str, ...]
    serials: str

    kind: ClassVar[str] = "xlsx"
    encoding: ClassVar[str] = "utf-8"

    def headings(self) -> tuple[str, ...]:
        return self.names

    def blocks(self) -> Iterator[Block]:
        """Rows below the heading; blank rows are no records."""
        batch: list[tuple[int, list[str]]] = []
        with closing(_workbook(self.path)) as book:
            for row in _rows(book, self.path, self.sheet):
                if row[0] > self.header_line:
                    batch.append(row)
                if len(batch) >= _ROWS_PER_BLOCK:
                    yield self._block(batch)
                    batch = []
        yield self._block(batch)

    def _block(self, batch: list[tuple[int, list[str]]]) -> Block:
        width = len(self.names)
        good = [(line, cells) for line, cells in batch if not any(cells[width:])]
        long = np.array([line for line, cells in batch if any(cells[width:])], np.int64)
        padded = [(cells + [""] * width)[:width] for _, cells in good]
        frame = pd.DataFrame(padded, columns=[f"{i}\x1f{n}" for i, n in enumerate(self.names)], dtype="str")
        rejects = reject_rows(long, "", "ragged", "the row has cells beyond the last heading")
        return Block(frame, np.array([line for line, _ in good], np.int64), rejects, len(batch))


def open_spreadsheet(path: Path, sheet: str | None = None, header_line: int | None = None) -> Spreadsheet:
    """A workbook ready to stream; refuses bombs, macros, encryption and entity tricks by name."""
    check_archive(path)
    with closing(_workbook(path)) as book:
        for line, cells in _rows(book, path, sheet):
            if header_line is None or line >= header_line:
                serials = "excel1904" if book.epoch.year == 1904 else "excel"
                return Spreadsheet(path, sheet, line, _trimmed(cells), serials)
    raise FileError(f"{path.name}: the sheet is empty; a heading row is expected")


def check_archive(path: Path) -> None:
    """Refuse an archive that would unpack beyond the budget, or is no workbook.

    Sizes are those the archive declares; ``zipfile`` never inflates an entry beyond its
    declared size, so a lying header ends in a checksum error, not in memory.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileError(f"{path.name}: not an XLSX workbook (damaged archive)") from error
    if len(entries) > limits.MAX_ZIP_ENTRIES:
        raise FileError(f"{path.name}: {len(entries)} parts in the workbook, limit {limits.MAX_ZIP_ENTRIES}")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.MAX_ZIP_BYTES:
        raise FileError(f"{path.name}: unpacks to {unpacked:,} bytes, limit {limits.MAX_ZIP_BYTES:,}")
    for entry in entries:
        _check_entry(path, entry)
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise FileError(f"{path.name}: not an XLSX workbook (no xl/workbook.xml inside)")
    if "xl/vbaProject.bin" in names:
        raise FileError(f"{path.name}: a workbook with macros is not taken; save it as .xlsx")


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise FileError(f"{path.name}: the workbook is encrypted; save it without a password")
    big = entry.file_size > limits.ZIP_RATIO_FROM_BYTES
    if big and entry.file_size > limits.MAX_ZIP_RATIO * max(entry.compress_size, 1):
        raise FileError(f"{path.name}: a part unpacks more than {limits.MAX_ZIP_RATIO} times its size; this is a bomb")
    if entry.filename.startswith("/") or ".." in Path(entry.filename).parts:
        raise FileError(f"{path.name}: a part of the workbook names a path outside it")


def _workbook(path: Path) -> Any:
    import openpyxl
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise ConfigError("defusedxml is not installed; spreadsheets are not read without it")
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever the XML below it raises
        raise FileError(f"{path.name}: cannot be read as XLSX ({type(error).__name__})") from error


def _rows(book: Any, path: Path, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells as text) of every row that holds something, within the cell budget."""
    cells_read = 0
    rows = iter(_sheet(book, path, sheet).iter_rows(values_only=True))
    for line, row in enumerate(_guarded(rows, path), 1):
        width = len(row)
        while width and row[width - 1] is None:
            width -= 1
        cells_read += width
        if width > limits.MAX_COLUMNS or cells_read > limits.MAX_SHEET_CELLS:
            raise _over_budget(path)
        if width:
            yield line, [_as_text(value) for value in row[:width]]


def _sheet(book: Any, path: Path, name: str | None) -> Any:
    if name is not None and name not in book.sheetnames:
        raise FileError(f"{path.name}: no sheet {name!r}; there are: {', '.join(book.sheetnames[:20])}", field="sheet")
    sheet = book[name] if name is not None else book.worksheets[0]
    if (sheet.max_column or 0) > limits.MAX_COLUMNS:
        raise _over_budget(path)
    # Otherwise the dimension a file declares may lie in either direction; only cells that are there count.
    sheet.reset_dimensions()
    return sheet


def _over_budget(path: Path) -> FileError:
    budget = f"at most {limits.MAX_COLUMNS:,} columns and {limits.MAX_SHEET_CELLS:,} cells"
    return FileError(f"{path.name}: over the cell budget ({budget})")


def _guarded(rows: Iterator[tuple[Any, ...]], path: Path) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except Exception as error:
            raise FileError(f"{path.name}: the sheet is damaged ({type(error).__name__})") from error
        yield row


def _as_text(value: Any) -> str:
    """A cell's value as it would stand in a CSV: ISO times, no ``.0`` behind whole numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in cells)
