"""The reject file: every refused record with line, field, reason code and masked value."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from geoservice.tables import REJECTS

# A spreadsheet runs cells that begin like this as formulas (CWE-1236).
_FORMULA = r"^([=+\-@\t\r＝])"


def write_rejects(rejects: pd.DataFrame, path: Path) -> Path:
    """Write ``rejects`` as CSV (UTF-8 with BOM, for Excel): beside, flushed, then renamed into place."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8-sig", newline="") as file:
            _without_formulas(rejects[REJECTS.names]).to_csv(file, index=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return path


def _without_formulas(rejects: pd.DataFrame) -> pd.DataFrame:
    text = {n: rejects[n].str.replace(_FORMULA, r"'\1", regex=True) for n in ("field", "code", "value", "reason")}
    return rejects.assign(**text)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
