"""The reject file: every refused record with line, field, reason code and masked value."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

import pandas as pd

from geoservice.tables import REJECTS

# A spreadsheet runs cells that begin like this as formulas (CWE-1236).
_FORMULA = r"^([=+\-@\t\r＝])"


class RejectFile:
    """Rejects as CSV (UTF-8 with BOM, for Excel), written as they come: memory does not grow with their number.

    They go into a file beside ``path`` that is flushed and renamed by :meth:`publish`; without that nothing is left.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        self._file: TextIO | None = None

    def __enter__(self) -> RejectFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        self._beside.unlink(missing_ok=True)

    def add(self, rejects: pd.DataFrame) -> None:
        """Write more rows of table ``rejects``."""
        if rejects.empty:
            return
        first = self._file is None
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._beside.open("w", encoding="utf-8-sig", newline="")
        _without_formulas(rejects[REJECTS.names]).to_csv(self._file, index=False, header=first)

    def publish(self) -> Path | None:
        """Give the file its name; None if there were no rejects."""
        if self._file is None:
            return None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._beside, self.path)
        _sync_folder(self.path.parent)
        self._file = None
        return self.path


def _without_formulas(rejects: pd.DataFrame) -> pd.DataFrame:
    text = {n: rejects[n].str.replace(_FORMULA, r"'\1", regex=True) for n in ("field", "code", "value", "reason")}
    return rejects.assign(**text)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
