"""Reading a file as rows of a table: the reader's blocks under canonical column names, in even chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.errors import FileError
from geoservice.intake.columns import Recognised, recognise
from geoservice.intake.families import GEONAMES, Family, family_of, is_geonames
from geoservice.intake.raw_values import settle_nested, without_guard
from geoservice.intake.readers import Block, Reader, open_reader
from geoservice.intake.readers.delimited import first_line
from geoservice.intake.readers.encoding import find_encoding
from geoservice.intake.readers.limits import CHUNK_RECORDS
from geoservice.intake.readers.sniff import local_file
from geoservice.intake.whole_file import DECIDED_BY_FILE, with_seen
from geoservice.parsing.mapping import ColumnMapping, load_mapping, replace_values
from geoservice.parsing.rejects import merged
from geoservice.parsing.times import times
from geoservice.records import ImportOptions, RawChunk
from geoservice.tables import REJECTS, Table, concat

_TITLE_LINES = 8  # lines of titles above the headings that are looked through for a hint


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose format, family and headings are known."""

    reader: Reader
    mapping: ColumnMapping
    family: Family | None
    recognised: Recognised

    @property
    def mapping_found(self) -> dict[str, str]:
        """Heading → column, for reports."""
        return self.recognised.by_heading(self.reader.headings())


def file_sha256(path: Path | str) -> str:
    """SHA-256 of the file's bytes: the identity of an import."""
    with local_file(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_rows(path: Path | str, table: Table, options: ImportOptions) -> Opened:
    """Open a file for a table; everything that condemns the file as a whole is found here.

    Raises
    ------
    FileError
        Wrong kind, over budget, undecodable, or headings that cannot be matched.
    """
    found = local_file(path)
    mapping = load_mapping(options.mapping)
    reader = _reader(found, table, options, mapping)
    headings = reader.headings()
    family = family_of(found, headings, table)
    constants = dict(family.constants) if family else {}
    source = options.source or mapping.file.get("source")
    if source:
        constants["source"] = str(source)
    try:
        recognised = recognise(headings, table, mapping, constants, found.name)
    except FileError as error:
        raise _with_heading_line(error, found, table, options, mapping) from None
    return Opened(reader, mapping, family, recognised)


def _with_heading_line(
    error: FileError, path: Path, table: Table, options: ImportOptions, mapping: ColumnMapping
) -> FileError:
    """The error, with the line that reads like the headings where titles stand above them."""
    if "header_line" in mapping.file:
        return error
    for line in range(2, _TITLE_LINES + 2):
        below = replace(mapping, file={**mapping.file, "header_line": line})
        try:
            headings = _reader(path, table, options, below).headings()
            recognise(headings, table, below, {}, path.name)
        except FileError:
            continue
        hint = f"line {line} reads like the headings: put header_line = {line} under [file] in a mapping file"
        return FileError(f"{error.message}; {hint}", field=error.field)
    return error


def read_rows(path: Path | str, table: Table, options: ImportOptions) -> Iterator[RawChunk]:
    """Rows of a file as text under the column names of ``table``, 25,000 records a chunk.

    Memory does not grow with the file. The whole file is checked for its encoding first, so
    that nothing is half taken. ``frame`` has the recognised columns, ``line``, and for known
    families the columns they imply (``source``, ``accepted_at`` …).
    """
    yield from rows_of_opened(open_rows(path, table, options), Path(path).name, table, options)


def rows_of_opened(opened: Opened, name: str, table: Table, options: ImportOptions) -> Iterator[RawChunk]:
    """:func:`read_rows` of a file that is open; ``name`` is the file's for messages."""

    def read() -> Iterator[RawChunk]:
        return _even(_named(block, opened, table, options, name) for block in opened.reader.blocks())

    decided = DECIDED_BY_FILE.get(table.name)
    yield from with_seen(read, decided) if decided else read()


def _reader(path: Path, table: Table, options: ImportOptions, mapping: ColumnMapping) -> Reader:
    settings = mapping.file
    encoding = options.encoding or settings.get("encoding")
    names = _geonames(path, table, encoding)
    return open_reader(
        path,
        encoding=encoding,
        delimiter=settings.get("delimiter"),
        sheet=settings.get("sheet"),
        header_line=settings.get("header_line"),
        names=names,
    )


def _geonames(path: Path, table: Table, encoding: str | None) -> tuple[str, ...] | None:
    if table.name not in {"gazetteer", "exposure"} or path.suffix.lower() not in {".tsv", ".txt", ".csv"}:
        return None
    with path.open("rb") as file:
        if b"\t" not in file.read(4096):
            return None
    return GEONAMES if is_geonames(first_line(path, find_encoding(path, encoding))) else None


def _named(block: Block, opened: Opened, table: Table, options: ImportOptions, file: str) -> RawChunk:
    recognised = opened.recognised
    headings = tuple(str(c).split("\x1f", 1)[1] for c in block.frame.columns)
    if opened.reader.kind in {"jsonl", "geojson"} and len(block.frame):
        constants = dict(recognised.constants)
        recognised = recognise(headings, table, opened.mapping, constants, file)
    frame = pd.DataFrame(
        {c: block.frame.iloc[:, i] for i, c in recognised.positions.items() if i < block.frame.shape[1]}
    )
    frame = frame.reindex(range(len(block.frame)), fill_value="") if frame.empty else frame
    lines, rejects = block.lines, block.rejects
    if opened.reader.kind == "csv":
        frame = pd.DataFrame({name: without_guard(frame[name]) for name in frame.columns}, index=frame.index)
    elif opened.reader.kind in {"jsonl", "geojson"}:
        frame, kept, nested = settle_nested(frame, lines, table)
        frame, lines, rejects = frame[kept].reset_index(drop=True), lines[kept], merged([rejects, nested])
    frame = replace_values(frame.assign(**recognised.constants), opened.mapping)
    if opened.reader.serials:
        frame = _with_serials(frame, table, opened, options)
    return RawChunk(frame.assign(line=lines), rejects, block.read)


def _with_serials(frame: pd.DataFrame, table: Table, opened: Opened, options: ImportOptions) -> pd.DataFrame:
    """Bare numbers in a spreadsheet's time columns are that workbook's day count."""
    for column in table.columns:
        if column.dtype in {"time", "date"} and column.name in frame and column.name not in opened.mapping.formats:
            bare = frame[column.name].str.fullmatch(r"\d{4,5}(\.\d+)?").to_numpy(bool)
            if bare.any():
                frame[column.name] = _from_serials(frame[column.name], bare, str(opened.reader.serials))
    return frame


def _from_serials(texts: pd.Series, bare: NDArray[np.bool_], serials: str) -> pd.Series:
    wall = times(texts.where(bare, ""), "UTC", serials).utc.dt.strftime("%Y-%m-%d %H:%M:%S")
    return texts.where(~bare, wall).astype("str")


def _even(chunks: Iterator[RawChunk]) -> Iterator[RawChunk]:
    """Chunks joined and cut to at most 25,000 rows."""
    held: list[RawChunk] = []
    for chunk in chunks:
        held.append(chunk)
        while sum(len(c.frame) for c in held) >= CHUNK_RECORDS:
            joined = _joined(held)
            head, tail = joined.frame.iloc[:CHUNK_RECORDS], joined.frame.iloc[CHUNK_RECORDS:]
            yield RawChunk(head.reset_index(drop=True), joined.rejects, joined.read - len(tail))
            held = [RawChunk(tail.reset_index(drop=True), joined.rejects.iloc[:0], len(tail))]
    joined = _joined(held)
    if joined.read:
        yield joined


def _joined(chunks: list[RawChunk]) -> RawChunk:
    frame = pd.concat([c.frame for c in chunks], ignore_index=True) if len(chunks) > 1 else chunks[0].frame
    text = [c for c in frame.columns if c != "line"]
    frame[text] = frame[text].fillna("") if len(chunks) > 1 else frame[text]
    return RawChunk(frame, concat([c.rejects for c in chunks], REJECTS), sum(c.read for c in chunks))
