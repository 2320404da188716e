"""Columns of text as Arrow arrays: the fast, linear-time way to look into strings."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

Mask = NDArray[np.bool_]


def arrow(texts: pd.Series) -> Any:
    """The column as one Arrow string array (no copy where pandas already holds Arrow)."""
    array = pa.array(texts, type=pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def series(array: Any, index: pd.Index | None = None) -> pd.Series:
    """An Arrow string array as a pandas ``str`` column."""
    found = pd.Series(array, dtype="str")
    if index is not None:
        found.index = index
    return found


def mask_of(array: Any) -> Mask:
    """An Arrow boolean array as a NumPy mask; null counts as False."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=bool)


def matches(array: Any, pattern: str) -> Mask:
    """Where the RE2 pattern (linear time, no backtracking) is found."""
    return mask_of(pc.match_substring_regex(array, pattern=pattern))


def clean(texts: pd.Series) -> pd.Series:
    """Surrounding white space removed; blank becomes missing."""
    trimmed = pc.utf8_trim_whitespace(arrow(texts))
    blank = pc.equal(pc.binary_length(trimmed), 0)
    return series(pc.if_else(blank, pa.scalar(None, pa.large_string()), trimmed), texts.index)


def normalised(texts: pd.Series) -> pd.Series:
    """:func:`clean` after Unicode NFKC: full-width digits and letters become ordinary ones."""
    array = arrow(texts)
    if not mask_of(pc.invert(pc.string_is_ascii(array))).any():
        return clean(texts)
    return clean(series(pc.utf8_normalize(array, form="NFKC"), texts.index))


def blank(texts: pd.Series) -> Mask:
    """Where nothing was said."""
    return np.asarray(clean(texts).isna())


def map_distinct(texts: pd.Series, function: Callable[[str], Any]) -> pd.Series:
    """``function`` of each text, called once per distinct text; missing stays missing."""
    codes, distinct = pd.factorize(texts)
    values = np.array([function(str(text)) for text in distinct] + [None], dtype=object)
    return pd.Series(values[codes], index=texts.index, dtype=object)


def lookup_key(text: str) -> str:
    """A text reduced to what matters when comparing names: NFKC, lower case, letters, digits.

    >>> lookup_key("eNodeB ID"), lookup_key("经度（百度）")
    ('enodebid', '经度百度')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum())


def synonyms(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """From ``canonical -> spellings`` to ``lookup key -> canonical``."""
    table = {}
    for canonical, spellings in words.items():
        for spelling in (canonical, *spellings):
            table[lookup_key(spelling)] = canonical
    return table


def choose(texts: pd.Series, table: Mapping[str, str]) -> tuple[pd.Series, Mask]:
    """Canonical words for texts by a :func:`synonyms` table, and where a text is not in it."""
    found = map_distinct(clean(texts), lambda text: table.get(lookup_key(text)))
    unknown = np.asarray(found.isna()) & ~blank(texts)
    return found.astype("str"), unknown


def word_where(here: ArrayLike, word: object) -> NDArray[np.object_]:
    """An object array that holds ``word`` where ``here`` is true and nothing elsewhere."""
    chosen = np.asarray(here, bool)
    result = np.full(len(chosen), None, object)
    result[chosen] = word
    return result
