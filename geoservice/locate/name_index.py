"""An index of name forms: exact by dictionary, misspelt by shared letter groups and edit distance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.locate import words
from geoservice.locate.likeness import Written, likeness

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CANDIDATES = 16  # forms compared letter by letter with each query
_QUERY_GRAMS = 16  # rarest letter groups of a query that are looked up
_STRANGE = 0.3  # weight of a letter group that no name has, in the length of a query
_CHUNK = 4000
_LEAST_COSINE = 0.15


def written(texts: Sequence[str]) -> Written:
    """Normalised texts spelt out for comparison."""
    return Written(list(texts), [words.romanise(text) for text in texts])


class NameIndex:
    """Forms of names and the entries they stand for.

    Parameters
    ----------
    forms : (n,) normalised texts (see :func:`words.normalise`).
    entries : (n,) the entry each form names.
    worth : (n,) what a match with the form is worth, 0 … 1 (1 for a full name).
    """

    def __init__(self, forms: Sequence[str], entries: Sequence[int], worth: Sequence[float] | None = None):
        worth = [1.0] * len(forms) if worth is None else worth
        spellings = [
            (t, r, e, w) for t, e, w in zip(forms, entries, worth, strict=True) for r in words.readings(t) if r
        ]
        self.forms = Written([t for t, _, _, _ in spellings], [r for _, r, _, _ in spellings])
        self.entry = np.array([e for _, _, e, _ in spellings], np.int64)
        self._worth = np.array([w for _, _, _, w in spellings], float)
        self._exact = pd.Series(np.arange(len(spellings))).groupby(self.forms.roman, sort=False).indices
        self._grams: dict[str, int] = {}
        self._idf: Floats = np.empty(0)
        self._matrix = self._build() if spellings else None

    def __len__(self) -> int:
        return len(self.entry)

    def knows(self, queries: Sequence[str]) -> NDArray[np.bool_]:
        """Whether each query, romanised, is the spelling of some form."""
        return np.array([words.romanise(query) in self._exact for query in queries], bool)

    def find(self, queries: Sequence[str]) -> pd.DataFrame:
        """Entries whose name is or resembles each query.

        Parameters
        ----------
        queries : normalised texts.

        Returns
        -------
        DataFrame with columns query (position), entry, similarity (0 … 1; 1 = same spelling);
        one row per query and entry, no order promised.
        """
        return self.find_written(written(queries))

    def find_written(self, asked: Written) -> pd.DataFrame:
        """:meth:`find` for queries already spelt out."""
        exact = [(i, f) for i, roman in enumerate(asked.roman) for f in self._exact.get(roman, ())]
        known = {i for i, _ in exact}
        rest = [i for i, roman in enumerate(asked.roman) if i not in known and len(roman) >= 2]
        parts = [np.array(exact, np.int64).reshape(-1, 2), self._alike([asked.groups[i] for i in rest], rest)]
        pairs = np.concatenate(parts)
        similarity = likeness(asked, self.forms, pairs) * self._worth[pairs[:, 1]]
        found = pd.DataFrame({"query": pairs[:, 0], "entry": self.entry[pairs[:, 1]], "similarity": similarity})
        best = found.sort_values("similarity", ascending=False, kind="stable")
        return best.drop_duplicates(["query", "entry"], ignore_index=True)

    def _build(self) -> Any:
        from scipy.sparse import csr_matrix

        sets = self.forms.groups
        counts = Counter(gram for gram_set in sets for gram in gram_set)
        self._grams = {gram: i for i, gram in enumerate(counts)}
        frequency = np.array(list(counts.values()), float)
        self._idf = np.log((1 + len(sets)) / (1 + frequency)) + 0.1
        columns = np.array([self._grams[g] for s in sets for g in s], np.int64)
        rows = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
        weights = self._idf[columns]
        length = np.sqrt(np.bincount(rows, weights**2, minlength=len(sets)))
        shape = (len(sets), len(self._grams))
        return csr_matrix(((weights / length[rows]).astype(np.float32), (rows, columns)), shape).T.tocsr()

    def _alike(self, groups: list[set[str]], positions: list[int]) -> Ints:
        """(query position, form) pairs that share the rare letter groups."""
        if self._matrix is None or not groups:
            return np.empty((0, 2), np.int64)
        parts = [self._alike_chunk(groups[i : i + _CHUNK]) for i in range(0, len(groups), _CHUNK)]
        offsets = np.repeat(np.arange(0, len(groups), _CHUNK), [len(p) for p in parts])
        pairs = np.concatenate(parts)
        return np.column_stack([np.asarray(positions, np.int64)[pairs[:, 0] + offsets], pairs[:, 1]])

    def _alike_chunk(self, groups: list[set[str]]) -> Ints:
        from scipy.sparse import csr_matrix

        rows, columns, weights = self._query_grams(groups)
        query = csr_matrix((weights, (rows, columns)), (len(groups), len(self._grams)))
        scores = (query @ self._matrix).tocsr()
        owner = np.repeat(np.arange(len(groups)), np.diff(scores.indptr))
        good = scores.data >= _LEAST_COSINE
        owner, form, score = owner[good], scores.indices[good], scores.data[good]
        order = np.lexsort((-score, owner))
        owner, form = owner[order], form[order]
        starts = np.searchsorted(owner, np.arange(len(groups)))
        top = np.arange(len(owner)) - starts[owner] < _CANDIDATES
        return np.column_stack([owner[top], form[top]]).astype(np.int64)

    def _query_grams(self, groups: list[set[str]]) -> tuple[Ints, Ints, NDArray[np.float32]]:
        idf, known = self._idf, self._grams
        kept = [sorted((known[g] for g in s if g in known), key=idf.__getitem__)[-_QUERY_GRAMS:] for s in groups]
        rows = np.repeat(np.arange(len(groups)), [len(k) for k in kept])
        columns = np.array([c for k in kept for c in k], np.int64)
        # Groups no name has count in the length: a query full of them resembles nothing.
        strange = np.array([sum(g not in known for g in s) for s in groups], float)
        weights = idf[columns] if len(columns) else np.empty(0)
        length = np.sqrt(np.bincount(rows, weights**2, minlength=len(groups)) + _STRANGE * strange + 1e-9)
        return rows, columns, (weights / length[rows]).astype(np.float32)
