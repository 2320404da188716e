"""Which reader a file gets: by its suffix, confirmed by its first bytes; only local regular files."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

from geoservice.errors import FileError
from geoservice.intake.readers.block import Reader
from geoservice.intake.readers.delimited import open_delimited
from geoservice.intake.readers.geojson import open_geojson
from geoservice.intake.readers.json_records import open_json_lines
from geoservice.intake.readers.parquet import open_parquet
from geoservice.intake.readers.spreadsheet import open_spreadsheet

TAKEN = ".csv .tsv .txt .xlsx .jsonl .ndjson .geojson .json .parquet"
_REFUSED = {
    ".xls": "old Excel; save it as .xlsx",
    ".xlsm": "a workbook with macros; save it as .xlsx",
    ".xlsb": "a binary workbook; save it as .xlsx",
    ".gz": "compressed; unpack it first",
    ".zip": "an archive; unpack it first",
    ".kml": "KML; export it as GeoJSON or CSV",
    ".tab": "MapInfo; export it as CSV",
    ".mif": "MapInfo; export it as CSV",
    ".pkl": "a Python pickle; such files can run code and are never opened",
}
# First bytes that give a file away, whatever its suffix says.
_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or workbook"),
    (b"PAR1", "Parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0", "old Excel or an encrypted workbook"),
    (b"%PDF", "PDF"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x03", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"\x89HDF", "HDF5"),
    (b"ARROW1", "Arrow or Feather"),
    (b"FEA1", "Feather"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
)


def local_file(path: Path | str) -> Path:
    """The path if it names an ordinary local file; URLs and virtual paths are never opened.

    Raises
    ------
    FileError
        It is a URL, a GDAL virtual path, a device, a folder, or does not exist.
    """
    text = str(path)
    if re.match(r"^[A-Za-z][A-Za-z0-9+.\-]+:/", text) or text.startswith("/vsi"):
        raise FileError("only local files are read, never a URL or a virtual path", field="file")
    if "\0" in text:
        raise FileError("the file name holds a NUL byte", field="file")
    found = Path(path)
    try:
        mode = found.stat().st_mode
    except (OSError, ValueError) as error:
        raise FileError(f"{found.name[:200]}: no such file", field="file") from error
    if not stat.S_ISREG(mode):
        raise FileError(f"{found.name[:200]}: not an ordinary file", field="file")
    return found


def open_reader(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header_line: int | None = None,
    names: tuple[str, ...] | None = None,
) -> Reader:
    """The reader for a file; suffix and first bytes must agree."""
    suffix = path.suffix.lower()
    if suffix in _REFUSED:
        raise FileError(f"{path.name}: {_REFUSED[suffix]}")
    head = _head(path)
    if not head:
        raise FileError(f"{path.name}: the file is empty")
    if suffix == ".xlsx":
        _expect(path, head, b"PK\x03\x04", "an XLSX workbook")
        return open_spreadsheet(path, sheet, header_line)
    if suffix == ".parquet":
        _expect(path, head, b"PAR1", "Parquet")
        return open_parquet(path)
    _refuse_magic(path, head, "text")
    if suffix in {".csv", ".tsv", ".txt"}:
        return open_delimited(path, encoding, delimiter, header_line or 1, names)
    return _json_reader(path, suffix, head)(path, encoding)


def _json_reader(path: Path, suffix: str, head: bytes) -> Callable[[Path, str | None], Reader]:
    # A .json of several objects, one a line, is JSON lines; one object or array is read whole.
    several = suffix == ".json" and re.match(rb"(?:\xef\xbb\xbf)?\{[^\n]*\}\s*\n\s*\{", head)
    if suffix in {".jsonl", ".ndjson"} or several:
        return open_json_lines
    if suffix in {".geojson", ".json"}:
        return open_geojson
    raise FileError(f"{path.name}: unknown kind of file; taken are {TAKEN}")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _expect(path: Path, head: bytes, magic: bytes, what: str) -> None:
    if not head.startswith(magic):
        _refuse_magic(path, head, what)
        raise FileError(f"{path.name}: not {what} in spite of its name")


def _refuse_magic(path: Path, head: bytes, what: str) -> None:
    for magic, found in _MAGIC:
        if head.startswith(magic):
            raise FileError(f"{path.name}: this is {found}, not {what}")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<ogrvrt", b"<svg", b"<kml")):
        raise FileError(f"{path.name}: this is a web page or XML, not {what}")
