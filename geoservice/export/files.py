"""Files that are whole or absent, and names that are only names."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from geoservice.errors import FileError, GeoserviceError, InputError

_ASIDE = ".geoservice-export-"
# A folder younger than this may belong to a writer that has not locked it yet.
_GRACE_S = 60.0
_MAX_NAME_BYTES = 200
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_WORDS = ("disk I/O error", "database or disk is full", "No space left on device", "File too large")
_FULL_DISK = "the disk is full; free space and export again"


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A path to write to; on success the file takes the place of ``path``, on failure nothing remains.

    The file is written in a hidden folder beside the target (so that side files of SQLite are kept
    together), flushed to disk, renamed, and the rename itself flushed. The folder is locked while the
    writer lives: what a killed writer leaves is recognised by its free lock and swept.

    Raises
    ------
    FileError
        The folder is missing, not writable or full; ``code`` is ``no-space`` when the disk is full.
    """
    target = checked_path(path)
    with _named_errors(target):
        sweep_orphans(target.parent)
        folder = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=target.parent))
        lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            aside = folder / f"export{target.suffix.lower()}"
            yield aside
            _flush(aside)
            os.replace(aside, target)
            _flush(target.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def sweep_orphans(folder: Path) -> int:
    """Remove what killed exports left in ``folder``; returns how many were removed."""
    return sum(_sweep(orphan) for orphan in folder.glob(_ASIDE + "*"))


def checked_path(path: Path) -> Path:
    """``path`` if a file can be put there.

    Raises
    ------
    InputError, FileError
        The name is no file name, or its folder does not exist.
    """
    text = os.fspath(path)
    if "\0" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise InputError("the export path holds characters a file name cannot have", field="path")
    if not path.suffix or len(path.name.encode()) > _MAX_NAME_BYTES:
        raise InputError("the export path needs a short name with a suffix such as .xlsx", field="path")
    if not path.parent.is_dir():
        raise FileError(f"{path.parent}: no such folder; create it first", field="path")
    if path.is_dir():
        raise FileError(f"{path}: is a folder; name a file", field="path")
    return path


def safe_name(text: str, suffix: str = "") -> str:
    """``text`` as a bare file name: no separators, control characters, quotes or leading dots.

    >>> safe_name("../../etc/passwd", ".csv")
    'etc-passwd.csv'
    """
    name = re.sub(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\\/:*?"<>|;%]+', "-", text)
    name = re.sub(r"\.{2,}", ".", name).strip("-. ")
    while len(name.encode()) > _MAX_NAME_BYTES - len(suffix):
        name = name[:-1]
    return (name or "export") + suffix


def content_disposition(name: str) -> str:
    """The attachment header for ``name`` (RFC 6266, RFC 5987): one line, ASCII, Chinese names encoded.

    >>> content_disposition("需求.csv")
    'attachment; filename="export.csv"; filename*=UTF-8\\'\\'%E9%9C%80%E6%B1%82.csv'
    """
    stem, dot, suffix = name.rpartition(".")
    suffix = re.sub(r"[^A-Za-z0-9]", "", suffix)
    whole = safe_name(stem if dot else name, f".{suffix}" if dot and suffix else "")
    plain = whole if whole.isascii() else "export" + (f".{suffix}" if suffix and dot else "")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(whole, safe='')}"


@contextmanager
def _named_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in _FULL
        problem = _FULL_DISK if full else (error.strerror or type(error).__name__)
        raise FileError(f"{target.name}: {problem}", code="no-space" if full else None, field="path") from error
    except GeoserviceError:
        raise
    except Exception as error:
        # The libraries behind the formats raise errors of their own when nothing more can be written.
        if _tells_of_full_disk(error):
            raise FileError(f"{target.name}: {_FULL_DISK}", code="no-space", field="path") from error
        raise


def _tells_of_full_disk(error: BaseException | None) -> bool:
    """Whether a full disk is the cause of an error, or SQLite's words for one are in it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if any(words in str(error) for words in _FULL_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(orphan: Path) -> bool:
    try:
        if time.time() - orphan.stat().st_mtime < _GRACE_S:
            return False
        descriptor = os.open(orphan, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(orphan, ignore_errors=True)
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
