"""In which encoding a text file is written: declared, marked, or strictly proven; never guessed.

One pass over the bytes before the first record is taken: a file that turns undecodable in its
middle is refused as a whole, with the byte offset, and nothing of it is stored.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoservice.errors import FileError
from geoservice.intake.readers.limits import BLOCK_BYTES, MAX_RECORD_BYTES

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LF, _CR = 10, 13
_TOO_LONG = "line-too-long"
_SAMPLE_CHARACTERS = 200_000
# Share of the non-ASCII characters that ordinary Chinese keeps inside GB 2312 and its first level (3,755 characters).
_MIN_GB2312, _MIN_LEVEL_1 = 0.90, 0.75


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text."""

    name: str
    skip: int
    cr_only: bool

    @property
    def is_utf8(self) -> bool:
        return self.name == "utf-8"


def find_encoding(path: Path, declared: str | None = None, *, max_line: int = MAX_RECORD_BYTES) -> Encoding:
    """The encoding of a text file.

    Parameters
    ----------
    declared : the encoding somebody vouches for; then no other is tried.
    max_line : longest line in bytes (a GeoJSON may be one line).

    Raises
    ------
    FileError
        A byte does not fit the declared encoding or any that can be proven; the message names its offset.
    """
    head = _head(path)
    if declared is not None:
        return _declared(path, declared, head, max_line)
    for mark, name in _BOMS:
        if head.startswith(mark):
            _survey(path, name, len(mark), max_line)
            return Encoding(name, len(mark), _cr_only(head))
    if _looks_utf16(head):
        raise FileError(
            f"{path.name}: looks like UTF-16 without a byte order mark; declare --encoding utf-16-le or utf-16-be"
        )
    return Encoding(_proven(path, max_line), 0, _cr_only(head))


def text_blocks(path: Path, encoding: Encoding, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The file's text as UTF-8 bytes, block by block (blocks end anywhere)."""
    for block in _raw_blocks(path, encoding.skip, size) if encoding.is_utf8 else _transcoded(path, encoding, size):
        yield block.replace(b"\r", b"\n") if encoding.cr_only else block


def _transcoded(path: Path, encoding: Encoding, size: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    for block in _raw_blocks(path, encoding.skip, size):
        yield decoder.decode(block).encode("utf-8", "surrogatepass")


def _raw_blocks(path: Path, skip: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(skip)
        while block := file.read(size):
            yield block


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(65_536)


def _cr_only(head: bytes) -> bool:
    return b"\r" in head and b"\n" not in head


def _looks_utf16(head: bytes) -> bool:
    """Every second byte of ASCII in UTF-16 is NUL."""
    pairs = len(head) // 2
    return pairs > 8 and max(head[0::2].count(0), head[1::2].count(0)) > 0.4 * pairs


def _declared(path: Path, declared: str, head: bytes, max_line: int) -> Encoding:
    try:
        name = codecs.lookup(declared).name
    except LookupError as error:
        raise FileError(
            f"{path.name}: unknown encoding {declared!r}; use utf-8, gb18030 or utf-16", field="encoding"
        ) from error
    name = {"utf-8-sig": "utf-8", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030"}.get(name, name)
    mark = next((m for m, n in _BOMS if head.startswith(m) and n.startswith(name)), b"")
    if name == "utf-16":
        name = "utf-16-be" if head.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    _survey(path, name, len(mark), max_line)
    return Encoding(name, len(mark), _cr_only(head) and not name.startswith("utf-16"))


def _proven(path: Path, max_line: int) -> str:
    try:
        _survey(path, "utf-8", 0, max_line)
    except FileError as not_utf8:
        if not_utf8.code == _TOO_LONG:
            raise
        if not _plausible_gb18030(path, max_line):
            raise FileError(
                f"{not_utf8.message}, nor does the file read as Chinese GB18030; declare --encoding"
            ) from not_utf8
        return "gb18030"
    return "utf-8"


def _survey(path: Path, name: str, skip: int, max_line: int, look: Callable[[str], None] | None = None) -> None:
    """Decode the whole file once; refuse an undecodable byte and a line of absurd length."""
    # Lone surrogates written as UTF-8 are the fault of single records: they pass here and are refused by row.
    decoder = codecs.getincrementaldecoder(name)("surrogatepass" if name == "utf-8" else "strict")
    offset, line = skip, _LineLength(path.name, max_line)
    for block in _raw_blocks(path, skip, BLOCK_BYTES):
        pending = len(decoder.getstate()[0])
        line.feed(block)
        text = _decode(decoder, block, path.name, name, offset - pending, final=False)
        offset += len(block)
        if look is not None:
            look(text)
    _decode(decoder, b"", path.name, name, offset - len(decoder.getstate()[0]), final=True)


def _decode(decoder: codecs.IncrementalDecoder, block: bytes, file: str, name: str, offset: int, *, final: bool) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        raise FileError(f"{file}: byte {offset + error.start:,} does not fit {name}", field="encoding") from error


class _LineLength:
    """Refuses a line that never ends before memory pays for it."""

    def __init__(self, file: str, limit: int) -> None:
        self._file, self._limit, self._open = file, limit, 0

    def feed(self, block: bytes) -> None:
        body = np.frombuffer(block, np.uint8)
        breaks = np.flatnonzero((body == _LF) | (body == _CR))
        if not len(breaks):
            self._check(self._open + len(block))
            self._open += len(block)
            return
        self._check(self._open + int(breaks[0]))
        self._check(int(np.diff(breaks).max(initial=0)))
        self._open = len(block) - 1 - int(breaks[-1])

    def _check(self, length: int) -> None:
        if length > self._limit:
            problem = f"a line is longer than {self._limit:,} bytes; this is no table of records"
            raise FileError(f"{self._file}: {problem}", code=_TOO_LONG)


def _plausible_gb18030(path: Path, max_line: int) -> bool:
    """Whether the bytes decode as GB18030 *and* read as ordinary Chinese (Latin-1 decodes too, but does not)."""
    sample: list[str] = []

    def look(text: str) -> None:
        if sum(map(len, sample)) < _SAMPLE_CHARACTERS:
            sample.append("".join(c for c in text if ord(c) > 127)[:_SAMPLE_CHARACTERS])

    try:
        _survey(path, "gb18030", 0, max_line, look)
    except FileError:
        return False
    foreign = "".join(sample)
    ordinary = foreign.encode("gb2312", "ignore")
    first_level = sum(lead <= 0xD7 for lead in ordinary[0::2])
    return len(ordinary) / 2 >= _MIN_GB2312 * len(foreign) and first_level >= _MIN_LEVEL_1 * len(foreign)
