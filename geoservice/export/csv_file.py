"""CSV: UTF-8 with a byte-order mark for Excel, canonical headings, no formulas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geoservice.export.clean import FORMULA_LEADS, guard_formula, is_text
from geoservice.export.values import flat_frame, utc_text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Headings are the canonical column names, so that the file can be imported again."""
    flat = flat_frame(frame)
    written = pd.DataFrame({guard_formula(str(n)): _times(flat[n]) for n in flat.columns}, index=flat.index)
    written.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def guard_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with an apostrophe before every text a spreadsheet would read as a formula; numbers untouched.

    To be done before characters are replaced, so that a text led by NUL is guarded too.
    """
    return pd.DataFrame({name: _guard_column(frame[name]) for name in frame.columns}, index=frame.index)


def _guard_column(series: pd.Series) -> pd.Series:
    if not is_text(series):
        return series
    values = series.to_numpy(dtype=object)
    if not any(isinstance(v, str) and v.lstrip("'")[:1] in FORMULA_LEADS for v in values):
        return series
    guarded = [guard_formula(v) if isinstance(v, str) else v for v in values]
    return pd.Series(guarded, index=series.index, dtype=object)


def _times(series: pd.Series) -> pd.Series:
    if not isinstance(series.dtype, pd.DatetimeTZDtype):
        return series
    return pd.Series([None if pd.isna(t) else utc_text(t) for t in series], index=series.index, dtype=object)
