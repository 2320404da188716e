"""What the gazetteer answered before: exports name the same places over and over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOST_TEXTS = 100_000
_COLUMNS = ("entry", "probability", "is_near")
_Memory = dict[tuple[str, int], tuple[NDArray, ...]]
Search = Callable[[Sequence[str], int], pd.DataFrame]


class Remembered:
    """A search that asks ``search`` about a text once.

    Parameters
    ----------
    search : :meth:`geoservice.locate.gazetteer.Gazetteer.search`; its answer must depend on the text alone.

    Threads may share one: when too much is remembered a new memory begins, and who still reads the old one keeps it.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        self._known: _Memory = {}

    def search(self, texts: Sequence[str], limit: int) -> pd.DataFrame:
        """Columns query (position in ``texts``), entry, probability and is_near, as the search answers them."""
        known = self._known
        fresh = [text for text in dict.fromkeys(texts) if (text, limit) not in known]
        if len(known) + len(fresh) > MOST_TEXTS:
            known = self._known = {}
            fresh = list(dict.fromkeys(texts))
        self._learn(fresh, limit, known)
        answers = [known[text, limit] for text in texts]
        counts = [len(answer[0]) for answer in answers]
        frame = {name: np.concatenate([a[i] for a in answers]) for i, name in enumerate(_COLUMNS) if answers}
        return pd.DataFrame({"query": np.repeat(np.arange(len(texts)), counts), **frame}, columns=["query", *_COLUMNS])

    def _learn(self, texts: Sequence[str], limit: int, known: _Memory) -> None:
        if not texts:
            return
        found = self._search(texts, limit).sort_values("query", kind="stable")
        columns = (
            found["entry"].to_numpy(np.int64), found["probability"].to_numpy(float), found["is_near"].to_numpy(bool)
        )  # fmt: skip
        ends = np.searchsorted(found["query"].to_numpy(np.int64), np.arange(len(texts) + 1))
        for i, text in enumerate(texts):
            known[text, limit] = tuple(column[ends[i] : ends[i + 1]].copy() for column in columns)
