"""Yes and no in the spellings of two languages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.parsing.text import Mask, choose, synonyms

YES = (
    "y",
    "yes",
    "true",
    "t",
    "1",
    "1.0",
    "是",
    "有",
    "正常",
    "对",
    "√",
    "室内",
    "indoor",
    "ok",
    "已配置",
    "defined",
    "影响",
)
NO = (
    "n",
    "no",
    "false",
    "f",
    "0",
    "0.0",
    "否",
    "无",
    "没有",
    "不正常",
    "异常",
    "错",
    "×",
    "室外",
    "outdoor",
    "未配置",
    "不影响",
)
_TABLE = synonyms({"yes": YES, "no": NO}) | {"10": "yes", "00": "no"}


def flags(texts: pd.Series, table: dict[str, str] | None = None) -> tuple[pd.Series, Mask]:
    """A nullable boolean column, and where a text is neither yes nor no.

    Parameters
    ----------
    table : other words for ``yes``, ``no`` and ``unknown`` (as made by :func:`synonyms`), tried first.
    """
    words, bad = choose(texts, {**_TABLE, **(table or {})})
    values = pd.array(np.asarray(words == "yes"), dtype="boolean")
    known = words.isin(["yes", "no"]).to_numpy()
    values[~known] = pd.NA
    return pd.Series(values, index=texts.index), bad
