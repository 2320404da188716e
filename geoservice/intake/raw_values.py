"""Values as the file holds them, before a column reads them: nested JSON, and the guard against formulas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoservice.intake.readers.json_records import LIST, NESTED
from geoservice.parsing.rejects import Rejects
from geoservice.parsing.text import arrow, mask_of, series
from geoservice.tables import Table

# Columns that hold several values separated by a vertical bar: a JSON list is one way to write them.
_SEVERAL = frozenset({"alt_names", "azimuths", "bands", "shared_plmn", "time_pattern", "tags", "secondary"})
# The guard of our own CSV exports (decision 0072), as RE2: an apostrophe before what a spreadsheet would run.
_GUARDED = r"^'('*[=+\-@\t\r\x00＝])"


def without_guard(texts: pd.Series) -> pd.Series:
    """``texts`` with the apostrophe taken off that our CSV export put before formulas.

    >>> without_guard(pd.Series(["'=1+1", "''=1", "'quoted'"], dtype="str")).tolist()
    ['=1+1', "'=1", "'quoted'"]
    """
    array = arrow(texts)
    if not mask_of(pc.starts_with(array, "'")).any():
        return texts
    return series(pc.replace_substring_regex(array, pattern=_GUARDED, replacement=r"\1"), texts.index)


def settle_nested(
    frame: pd.DataFrame, lines: NDArray[np.int64], table: Table
) -> tuple[pd.DataFrame, NDArray[np.bool_], pd.DataFrame]:
    """Lists and objects of JSON records where the column takes them, and the rows where it does not.

    Returns
    -------
    The frame with the marks of ``json_records`` taken off, which rows are kept, and the rejects.
    """
    rejects = Rejects(lines)
    settled = {name: _settle(frame[name], table, rejects) for name in frame.columns}
    return pd.DataFrame(settled, index=frame.index), rejects.kept, rejects.frame()


def _settle(texts: pd.Series, table: Table, rejects: Rejects) -> pd.Series:
    array, name = arrow(texts), str(texts.name)
    deep, listed = (mask_of(pc.starts_with(array, mark)) for mark in (NESTED, LIST))
    if not (deep.any() or listed.any()):
        return texts
    is_json = name in table.by_name and table.by_name[name].dtype == "json"
    reason = "a list or an object where one value is expected; write the value itself"
    rejects.add(deep & (not is_json), name, "nested", reason)
    rejects.add(listed & (name not in _SEVERAL and not is_json), name, "nested", reason)
    return texts.str.slice(1).where(deep | listed, texts).astype("str")
