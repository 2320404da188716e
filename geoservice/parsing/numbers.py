"""Numbers as people and spreadsheets write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoservice.parsing.text import Mask, arrow, mask_of, matches, normalised, series

# A plain decimal number; "nan", "inf" and hexadecimal never match, "1e999" does and is refused as infinite.
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_WITH_UNIT = r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(?:°|度|m|米|dBm|dBi|dB|MHz|M|兆|人|个|户)$"
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
UNKNOWN = frozenset({"-", "--", "n/a", "na", "nan", "null", "none", "无", "未知", "/", "\\n", "#n/a"})


def floats(texts: pd.Series) -> tuple[NDArray[np.float64], Mask]:
    """Numbers of a text column, and where a text is neither a finite number nor a word for unknown.

    Takes thousands separators (``1,234``), full-width digits, a trailing unit (``65°``, ``25米``)
    and a typographic minus. NaN stands for unknown and for refused.
    """
    plain = arrow(normalised(texts))
    quick = _quick(plain)
    if quick is not None:
        return quick, np.zeros(len(quick), bool)
    simple = matches(plain, _NUMBER)
    if not simple.all():
        plain = _simplified(plain)
        simple = matches(plain, _NUMBER)
    values = _cast(plain, simple)
    infinite = simple & ~np.isfinite(values)
    bad = (mask_of(pc.is_valid(plain)) & ~simple & ~_unknown(plain)) | infinite
    values[infinite] = np.nan
    return values, bad


def integers(texts: pd.Series) -> tuple[NDArray[np.float64], Mask]:
    """Whole numbers (as floats, exact to 2**53); ``12.0`` is whole, ``12.5`` is refused."""
    values, bad = floats(texts)
    uneven = np.isfinite(values) & (values != np.round(values))
    return np.where(uneven, np.nan, values), bad | uneven


def whole_texts(texts: pd.Series) -> tuple[pd.Series, Mask]:
    """Identifiers kept as text: ``"12345.0"`` of a spreadsheet becomes ``"12345"``.

    Refused: scientific notation that lost digits (``4.6E+14``); no key can be read from it.
    """
    plain = arrow(normalised(texts))
    plain = pc.replace_substring_regex(plain, pattern=r"^(\d+)\.0+$", replacement=r"\1")
    lossy = matches(plain, r"^\d(\.\d+)?[eE]\+\d+$")
    return series(plain, texts.index), lossy


def _quick(plain: Any) -> NDArray[np.float64] | None:
    """The column if Arrow reads all of it as finite numbers; None sends it the long way."""
    try:
        values = pc.cast(plain, pa.float64())
    except pa.ArrowInvalid:
        return None
    finite = pc.all(pc.is_finite(values)).as_py()
    return np.array(values.to_numpy(zero_copy_only=False), np.float64) if finite in {True, None} else None


def _cast(plain: Any, simple: Mask) -> NDArray[np.float64]:
    kept = pc.if_else(pa.array(simple), plain, pa.scalar(None, pa.large_string()))
    stripped = pc.replace_substring_regex(kept, pattern=r"^\+", replacement="")
    return np.array(pc.cast(stripped, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _simplified(plain: Any) -> Any:
    plain = pc.replace_substring_regex(plain, pattern=r"^[−﹣–]", replacement="-")
    plain = pc.replace_substring_regex(plain, pattern=_WITH_UNIT, replacement=r"\1")
    grouped = pc.match_substring_regex(plain, pattern=_GROUPED)
    return pc.if_else(pc.fill_null(grouped, False), pc.replace_substring(plain, pattern=",", replacement=""), plain)


def _unknown(plain: Any) -> Mask:
    return mask_of(pc.is_in(pc.utf8_lower(plain), value_set=pa.array(sorted(UNKNOWN), pa.large_string())))
