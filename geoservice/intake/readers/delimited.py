"""CSV and TSV: strict, streaming, every record accounted for.

Records are found first (``quotes.py``); only records that are whole reach the parser, and its
row count must equal ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as pacsv

from geoservice.errors import FileError
from geoservice.intake.readers.block import Block
from geoservice.intake.readers.encoding import Encoding, find_encoding, text_blocks
from geoservice.intake.readers.limits import MAX_COLUMNS, MAX_RECORD_BYTES
from geoservice.intake.readers.quotes import Split, split_records
from geoservice.parsing.rejects import reject_rows
from geoservice.tables import REJECTS, concat

_DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True)
class Delimited:
    """A delimited text file.

    Parameters
    ----------
    delimiter : one character; found from the heading when None.
    names : headings of a file that brings none (GeoNames).
    quoted : whether ``"`` quotes (GeoNames writes it literally).
    header_line : line of the headings; what stands above is skipped.
    """

    path: Path
    text: Encoding
    delimiter: str
    names: tuple[str, ...]
    first_record_line: int
    quoted: bool = True

    kind: ClassVar[str] = "csv"
    serials: ClassVar[str | None] = None

    @property
    def encoding(self) -> str:
        return self.text.name

    def headings(self) -> tuple[str, ...]:
        return self.names

    def blocks(self) -> Iterator[Block]:
        """Records in file order, each block a few megabytes of text."""
        rest, line = b"", 1
        blocks = text_blocks(self.path, self.text)
        rest, line = _skip_lines(blocks, self.first_record_line)
        for block in blocks:
            split, rest_text = self._split(rest + block, final=False)
            yield self._block(rest + block, split, line)
            rest, line = rest_text, line + split.lines
            if len(rest) > MAX_RECORD_BYTES * 8:
                raise FileError(f"{self.path.name}: the record at line {line} is too long")
        split, _ = self._split(rest, final=True)
        yield self._block(rest, split, line)

    def _split(self, text: bytes, *, final: bool) -> tuple[Split, bytes]:
        split = split_records(text, self.delimiter.encode(), len(self.names), quoted=self.quoted, final=final)
        return split, text[split.consumed :]

    def _block(self, text: bytes, split: Split, line: int) -> Block:
        faults = _faults(text, split, len(self.names))
        good = faults == 0
        starts, ends = split.starts[good], split.ends[good]
        untouched = bool(good.all()) and len(starts) == split.lines and not split.multiline
        table = _parse(_slices(text, starts, ends, whole=untouched), self, split.multiline)
        if table.num_rows != len(starts):
            raise FileError(f"{self.path.name}: {len(starts)} records but {table.num_rows} parsed near line {line}")
        found = [(split.first_lines[faults == code], why) for code, why in _FAULTS.items()]
        found += [(split.unclosed, _UNCLOSED), (split.stray, _STRAY)]
        rejects = [reject_rows(lines + line, "", *why) for lines, why in found if len(lines)]
        read = len(split.starts) + len(split.unclosed) + len(split.stray)
        return Block(table.to_pandas(use_threads=False), split.first_lines[good] + line, concat(rejects, REJECTS), read)


_RAGGED, _NUL, _SURROGATE, _RETURN = 1, 2, 3, 4
_FAULTS = {
    _RAGGED: ("ragged", "the record has more or fewer fields than the heading"),
    _NUL: ("nul", "the record holds a NUL byte; remove it"),
    _SURROGATE: ("surrogate", "the record holds half a character (lone surrogate); export it again as UTF-8"),
    _RETURN: ("stray-return", "a carriage return stands outside quotes in the record; remove it"),
}
_UNCLOSED = (
    "unclosed-quote",
    "a quote is opened and not closed in this record; the lines after it were read for themselves",
)
_STRAY = ("stray-quote", "text follows a closing quote; double the quotes inside a quoted field")


def open_delimited(
    path: Path,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_line: int = 1,
    names: tuple[str, ...] | None = None,
) -> Delimited:
    """A CSV or TSV file ready to stream; encoding proven, heading split, sizes within budget."""
    text = find_encoding(path, encoding)
    if names is not None:
        return Delimited(path, text, delimiter or "\t", names, 1, quoted=False)
    heading, header_line = _heading(path, text, header_line)
    delimiter = delimiter or _find_delimiter(heading)
    return Delimited(path, text, delimiter, _heading_fields(path, heading, delimiter), header_line + 1)


def first_line(path: Path, encoding: Encoding) -> str:
    """The first line that is not blank, as text."""
    return _heading(path, encoding, 1)[0].decode("utf-8", "replace")


def _heading(path: Path, encoding: Encoding, header_line: int) -> tuple[bytes, int]:
    block = next(text_blocks(path, encoding), b"")
    lines = block.split(b"\n", header_line + 20)
    for number, line in enumerate(lines[header_line - 1 :], header_line):
        if line.strip() and not line.lower().startswith(b"sep="):
            return line.rstrip(b"\r"), number
    raise FileError(f"{path.name}: the file is empty; a heading line is expected")


def _find_delimiter(heading: bytes) -> str:
    return max(_DELIMITERS, key=lambda d: heading.count(d.encode()))


def _heading_fields(path: Path, heading: bytes, delimiter: str) -> tuple[str, ...]:
    if heading.count(delimiter.encode()) >= MAX_COLUMNS:
        raise FileError(f"{path.name}: more than {MAX_COLUMNS:,} columns; this is no table of records")
    if b"\0" in heading:
        raise FileError(f"{path.name}: the heading holds a NUL byte")
    split = split_records(heading, delimiter.encode(), 0, quoted=True, final=True)
    if len(split.starts) != 1:
        raise FileError(f"{path.name}: the heading line has broken quotes")
    names = [f"column{i}" for i in range(int(split.widths[0]))]
    row = pacsv.read_csv(
        pa.BufferReader(heading + b"\n"),
        read_options=_alone(column_names=names),
        parse_options=pacsv.ParseOptions(delimiter=delimiter),
        convert_options=_as_text(names),
    )
    return tuple(str(row.column(name)[0].as_py()).strip() for name in names)


def _skip_lines(blocks: Iterator[bytes], first: int) -> tuple[bytes, int]:
    rest, line = b"", 1
    while line < first:
        end = rest.find(b"\n")
        if end < 0:
            block = next(blocks, None)
            if block is None:
                return b"", first
            rest += block
            continue
        rest, line = rest[end + 1 :], line + 1
    return rest, line


def _faults(text: bytes, split: Split, width: int) -> NDArray[np.int8]:
    """Which fault, if any, keeps each record from the parser."""
    faults = np.zeros(len(split.starts), np.int8)
    faults[split.widths != width] = _RAGGED
    if b"\r" in text:
        _mark(faults, split, _stray_returns(text, split), _RETURN)
    if b"\xed" in text:
        body = np.frombuffer(text, np.uint8)
        _mark(faults, split, np.flatnonzero((body[:-1] == 0xED) & (body[1:] >= 0xA0)), _SURROGATE)
    if b"\0" in text:
        _mark(faults, split, np.flatnonzero(np.frombuffer(text, np.uint8) == 0), _NUL)
    return faults


def _stray_returns(text: bytes, split: Split) -> NDArray[np.int64]:
    """Carriage returns that neither belong to a line end nor stand inside quotes."""
    body = np.frombuffer(text, np.uint8)
    returns = np.flatnonzero(body == 13)
    returns = returns[body[np.minimum(returns + 1, len(body) - 1)] != 10]
    if not len(returns) or not len(split.starts):
        return returns
    quotes = np.flatnonzero(body == 34)
    start = split.starts[np.maximum(np.searchsorted(split.starts, returns, side="right") - 1, 0)]
    inside = (np.searchsorted(quotes, returns) - np.searchsorted(quotes, start)) & 1
    return returns[inside == 0]


def _mark(faults: NDArray[np.int8], split: Split, positions: NDArray[np.int64], code: int) -> None:
    if len(positions) and len(faults):
        record = np.searchsorted(split.starts, positions, side="right") - 1
        inside = (record >= 0) & (positions < split.ends[np.maximum(record, 0)])
        faults[record[inside]] = code


def _slices(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64], *, whole: bool) -> bytes:
    if not len(starts):
        return b""
    if whole:
        return text[int(starts[0]) : int(ends[-1])] + b"\n"
    return b"\n".join(text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)) + b"\n"


def _parse(text: bytes, file: Delimited, multiline: bool) -> Any:
    if not text:
        return pa.table({name: pa.array([], pa.string()) for name in _unique(file.names)})
    return pacsv.read_csv(
        pa.BufferReader(text),
        read_options=_alone(column_names=_unique(file.names), block_size=max(len(text) + 1, 1 << 20)),
        parse_options=pacsv.ParseOptions(
            delimiter=file.delimiter, quote_char='"' if file.quoted else False, newlines_in_values=multiline
        ),
        convert_options=_as_text(_unique(file.names)),
    )


def _alone(**options: Any) -> Any:
    """Options to read without threads: a block is one piece of work, and ending while threads start is an abort."""
    return pacsv.ReadOptions(use_threads=False, **options)


def _unique(names: tuple[str, ...]) -> list[str]:
    """Headings may repeat or be blank; positions tell them apart until they are recognised."""
    return [f"{i}\x1f{name}" for i, name in enumerate(names)]


def _as_text(names: list[str]) -> Any:
    return pacsv.ConvertOptions(column_types={name: pa.string() for name in names}, strings_can_be_null=False)
