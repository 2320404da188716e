"""An index of name forms: exact by dictionary, misspelt by shared letter groups and edit distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.locate import words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CANDIDATES = 24  # forms compared letter by letter with each query
_QUERY_GRAMS = 14  # rarest letter groups of a query that are looked up
_CHUNK = 4000
_LEAST_COSINE = 0.22
# What a name is worth that is only heard alike, only part of the other, or has words missing; judgement, tested.
_HEARD_ALIKE = 0.97
_PART_OF = 0.86
_WORDS_MISSING = 0.90
_SURFACE_SHARE = 0.25


class NameIndex:
    """Forms of names and the entries they stand for.

    Parameters
    ----------
    forms : (n,) normalised texts (see :func:`words.normalise`).
    entries : (n,) the entry each form names.
    """

    def __init__(self, forms: Sequence[str], entries: Sequence[int] | Ints):
        spellings = [(r, t, e) for t, e in zip(forms, entries, strict=True) for r in words.readings(t) if r]
        self.roman = np.array([r for r, _, _ in spellings], object)
        self.text = np.array([t for _, t, _ in spellings], object)
        self.entry = np.array([e for _, _, e in spellings], np.int64)
        self._sound = np.array([words.sound(r) for r in self.roman], object)
        self._exact = pd.Series(np.arange(len(self.roman))).groupby(self.roman, sort=False).indices if spellings else {}
        self._grams: dict[str, int] = {}
        self._idf: Floats = np.empty(0)
        self._matrix = self._build() if spellings else None

    def __len__(self) -> int:
        return len(self.roman)

    def find(self, queries: Sequence[str]) -> pd.DataFrame:
        """Entries whose name is or resembles each query.

        Parameters
        ----------
        queries : normalised texts.

        Returns
        -------
        DataFrame with columns query (position), entry, similarity (0 … 1; 1 = same spelling), form (position);
        one row per query and entry, no order promised.
        """
        romans = [words.romanise(query) for query in queries]
        exact = [(i, f) for i, roman in enumerate(romans) for f in self._exact.get(roman, ())]
        known = {i for i, _ in exact}
        rest = [i for i, roman in enumerate(romans) if i not in known and len(roman) >= 2]
        parts = [np.array(exact, np.int64).reshape(-1, 2), self._alike([romans[i] for i in rest], rest)]
        pairs = np.concatenate(parts)
        similarity = self._similarity(queries, romans, pairs)
        found = pd.DataFrame(
            {"query": pairs[:, 0], "entry": self.entry[pairs[:, 1]], "similarity": similarity, "form": pairs[:, 1]}
        )
        best = found.sort_values("similarity", ascending=False, kind="stable")
        return best.drop_duplicates(["query", "entry"], ignore_index=True)

    def _build(self) -> Any:
        from scipy.sparse import csr_matrix

        sets = [words.grams(r) for r in self.roman]
        for gram_set in sets:
            for gram in gram_set:
                self._grams.setdefault(gram, len(self._grams))
        columns = np.array([self._grams[g] for s in sets for g in s], np.int64)
        rows = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
        frequency = np.bincount(columns, minlength=len(self._grams))
        self._idf = np.log((1 + len(sets)) / (1 + frequency)) + 0.1
        weights = self._idf[columns]
        length = np.sqrt(np.bincount(rows, weights**2, minlength=len(sets)))
        shape = (len(sets), len(self._grams))
        return csr_matrix(((weights / length[rows]).astype(np.float32), (rows, columns)), shape).T.tocsr()

    def _alike(self, romans: list[str], positions: list[int]) -> Ints:
        """(query position, form) pairs that share the rare letter groups."""
        if self._matrix is None or not romans:
            return np.empty((0, 2), np.int64)
        parts = [self._alike_chunk(romans[i : i + _CHUNK]) for i in range(0, len(romans), _CHUNK)]
        offsets = np.repeat(np.arange(0, len(romans), _CHUNK), [len(p) for p in parts])
        pairs = np.concatenate(parts)
        return np.column_stack([np.asarray(positions, np.int64)[pairs[:, 0] + offsets], pairs[:, 1]])

    def _alike_chunk(self, romans: list[str]) -> Ints:
        from scipy.sparse import csr_matrix

        rows, columns, weights = self._query_grams(romans)
        query = csr_matrix((weights, (rows, columns)), (len(romans), len(self._grams)))
        scores = (query @ self._matrix).tocsr()
        owner = np.repeat(np.arange(len(romans)), np.diff(scores.indptr))
        good = scores.data >= _LEAST_COSINE
        owner, form, score = owner[good], scores.indices[good], scores.data[good]
        order = np.lexsort((-score, owner))
        owner, form = owner[order], form[order]
        starts = np.searchsorted(owner, np.arange(len(romans)))
        top = np.arange(len(owner)) - starts[owner] < _CANDIDATES
        return np.column_stack([owner[top], form[top]]).astype(np.int64)

    def _query_grams(self, romans: list[str]) -> tuple[Ints, Ints, NDArray[np.float32]]:
        idf, known = self._idf, self._grams
        picked = [sorted((known[g] for g in words.grams(r) if g in known), key=lambda c: -idf[c]) for r in romans]
        kept = [columns[:_QUERY_GRAMS] for columns in picked]
        rows = np.repeat(np.arange(len(romans)), [len(k) for k in kept])
        columns = np.array([c for k in kept for c in k], np.int64)
        # Groups no name has count in the length: a query full of them resembles nothing.
        strange = np.array([sum(g not in known for g in words.grams(r)) for r in romans], float)
        weights = idf[columns] if len(columns) else np.empty(0)
        length = np.sqrt(np.bincount(rows, weights**2, minlength=len(romans)) + 0.5 * strange + 1e-9)
        return rows, columns, (weights / length[rows]).astype(np.float32)

    def _similarity(self, queries: Sequence[str], romans: Sequence[str], pairs: Ints) -> Floats:
        """How alike query and form are, 0 … 1; spelt, heard, or one a part of the other."""
        from rapidfuzz import fuzz
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        if not len(pairs):
            return np.empty(0)
        asked = np.array(romans, object)[pairs[:, 0]]
        named = self.roman[pairs[:, 1]]
        spelt = _pairwise(cpdist, asked, named, OSA.normalized_similarity)
        heard = _pairwise(cpdist, [words.sound(r) for r in asked], self._sound[pairs[:, 1]], OSA.normalized_similarity)
        texts, names = np.array(list(queries), object)[pairs[:, 0]], self.text[pairs[:, 1]]
        spelt = np.where(_both_han(texts, names), self._with_surface(cpdist, texts, names, spelt), spelt)
        shorter, longer = _lengths(asked, named)
        ratio = np.sqrt(shorter / longer)
        part = _pairwise(cpdist, asked, named, fuzz.partial_ratio) / 100
        part = np.where((part >= 0.99) & (shorter >= 4), _PART_OF * part * ratio, 0)
        tokens = _pairwise(cpdist, texts, names, fuzz.token_set_ratio) / 100
        tokens = np.where((tokens >= 0.95) & (shorter >= 4), _WORDS_MISSING * tokens * ratio, 0)
        return np.maximum.reduce([spelt, _HEARD_ALIKE * heard, part, tokens])

    @staticmethod
    def _with_surface(cpdist: Any, texts: NDArray, names: NDArray, spelt: Floats) -> Floats:
        from rapidfuzz.distance import OSA

        bare = [words.squash(t) for t in texts], [words.squash(n) for n in names]
        surface = _pairwise(cpdist, *bare, OSA.normalized_similarity)
        return (1 - _SURFACE_SHARE) * spelt + _SURFACE_SHARE * surface


def _pairwise(cpdist: Any, a: Any, b: Any, scorer: Any) -> Floats:
    return np.asarray(cpdist(list(a), list(b), scorer=scorer, workers=1), float)


def _both_han(a: NDArray, b: NDArray) -> NDArray[np.bool_]:
    return np.array([words.has_han(x) and words.has_han(y) for x, y in zip(a, b, strict=True)], bool)


def _lengths(a: NDArray, b: NDArray) -> tuple[Floats, Floats]:
    la, lb = np.array([len(x) for x in a], float), np.array([len(x) for x in b], float)
    return np.minimum(la, lb), np.maximum(np.maximum(la, lb), 1.0)
