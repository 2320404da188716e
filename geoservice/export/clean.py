"""Text that every format can carry: no control characters, no lone surrogates, no formulas.

XML 1.0 (section 2.2, production Char) forbids C0 controls other than tab, line feed and carriage
return, surrogates, U+FFFE and U+FFFF; UTF-8 forbids lone surrogates. They become U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from geoservice.export.report import Altered

FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝")
# Text the XML of a workbook or a KML file cannot hold.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"


def guard_formula(text: str) -> str:
    """``text`` with an apostrophe before it when a spreadsheet would read it as a formula (CWE-1236).

    Apostrophes already standing before such a text count too, so that :func:`unguard_formula`
    takes back exactly what was added.

    >>> guard_formula("=1+1"), guard_formula("'=1"), guard_formula("ok")
    ("'=1+1", "''=1", 'ok')
    """
    return "'" + text if text.lstrip("'").startswith(FORMULA_LEADS) else text


def unguard_formula(text: str) -> str:
    """The text :func:`guard_formula` was given.

    >>> unguard_formula("'=1+1"), unguard_formula("'quoted'")
    ('=1+1', "'quoted'")
    """
    guarded = text.startswith("'") and text.lstrip("'").startswith(FORMULA_LEADS)
    return text[1:] if guarded else text


def writable(text: str) -> str:
    """``text`` with what XML and UTF-8 cannot hold replaced by U+FFFD."""
    return UNWRITABLE.sub(REPLACEMENT, text)


def clean_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Altered]]:
    """``frame`` with writable text everywhere, and what was altered."""
    altered: list[Altered] = []
    cleaned = {name: _clean_column(frame[name], name, altered) for name in frame.columns}
    return pd.DataFrame(cleaned, index=frame.index), altered


def alter_text(series: pd.Series, change: Callable[[str], str], reason: str, altered: list[Altered]) -> pd.Series:
    """``change`` applied to every text of ``series``; positions that changed are appended to ``altered``."""
    before = series.to_numpy(dtype=object)
    after = np.array([change(v) if isinstance(v, str) else v for v in before] + [None], dtype=object)[:-1]
    changed = np.flatnonzero([isinstance(a, str) and a != b for a, b in zip(after, before, strict=True)])
    altered.extend(Altered(int(row), str(series.name), reason) for row in changed)
    return pd.Series(after, index=series.index, name=series.name, dtype=object)


def is_text(series: pd.Series) -> bool:
    """True where a column may hold text (numbers, times and booleans cannot)."""
    return bool(pd.api.types.is_object_dtype(series.dtype) or pd.api.types.is_string_dtype(series.dtype))


def _clean_column(series: pd.Series, name: str, altered: list[Altered]) -> pd.Series:
    if not is_text(series):
        return series
    return alter_text(series.rename(name), writable, "characters no file format can hold were replaced", altered)
