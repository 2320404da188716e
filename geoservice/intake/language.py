"""Which language a text is in; nothing clever, the two the product reads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.parsing.text import arrow, matches

# "5G", "VoLTE", "WeChat" in a Chinese sentence do not make it English; two Latin words in a row do.
_ENGLISH = r"[A-Za-z']{2,}[ ,.]+[A-Za-z']{2,}"
# What masking put in place of personal data.
_MASKED = r"\[(?:phone|id|email|name|number)\]"


def language_of(texts: pd.Series) -> pd.Series:
    """``zh``, ``en`` or ``mixed``; missing where there are no words.

    >>> language_of(pd.Series(["5G没信号", "no signal here", "没信号 no service at all", "123"], dtype="str")).tolist()
    ['zh', 'en', 'mixed', nan]
    """
    array = arrow(texts.str.replace(_MASKED, "", regex=True))
    han, latin, english = (matches(array, p) for p in (r"\p{Han}", r"[A-Za-z]{2,}", _ENGLISH))
    words = np.select([han & english, han, latin], ["mixed", "zh", "en"], "")
    return pd.Series(words, index=texts.index, dtype="str").mask(words == "")
