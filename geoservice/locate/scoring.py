"""Log-odds of candidate places: the name, its surroundings in the text, and the size of the place.

The weights are judgement, checked on held-back names (``tests/bench/bench_locate.py``): only
their differences matter, and within one text they become probabilities.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PER_EDIT = 2.2
_AGREES = 2.5  # each of at most two area names that are the candidate's own
_CONTRADICTS = 3.5  # each of at most two area names that are not
_UNEXPLAINED = 10.0  # times the share of the text that neither name nor area explains
_NAMED_AS_ITS_AREA = 6.0  # "Maharashtra" after a comma is the state, whatever else bears the name
_MOST = 2
_LEAST_SCORE = -9.5  # below it the name is no more alike than some name always is
_LEAST_ODDS = 0.01


def scores(candidates: pd.DataFrame, context: pd.DataFrame, size: Floats, has_admin: NDArray[np.bool_]) -> Floats:
    """Log-odds of each candidate.

    Parameters
    ----------
    candidates : columns query, start, end (the matched piece), similarity, length (letters of the piece), total
        (letters of the text).
    context : one row per candidate, see :func:`context_of`.
    size : log prior of the place; ``has_admin`` whether its areas are known at all.
    """
    length, total = candidates["length"].to_numpy(float), np.maximum(candidates["total"].to_numpy(float), 1)
    similarity = candidates["similarity"].to_numpy(float)
    unexplained = 1 - np.minimum((length * similarity**2 + context["letters"].to_numpy(float)) / total, 1)
    # Size decides between places of one name; between names the text does.
    rivals = candidates.assign(size=size).groupby(["query", "start", "end"])["size"].transform("max").to_numpy(float)
    score = size - rivals - _PER_EDIT * (1 - similarity) * np.clip(length, 3, 10) - _UNEXPLAINED * unexplained
    score += _AGREES * np.minimum(context["agreements"].to_numpy(float), _MOST)
    score -= _CONTRADICTS * np.minimum(context["against"].to_numpy(float), _MOST) * has_admin
    return score - _NAMED_AS_ITS_AREA * (context["is_area_name"].to_numpy(bool) & (length < total))


class AreaBook(Protocol):
    """What scoring asks of :class:`geoservice.locate.areas.Areas`."""

    def lists(self, entries: Ints, areas: Ints) -> NDArray[np.bool_]:
        """Whether each entry's administrative column lists the area."""

    def holds(self, entries: Ints, areas: Ints) -> NDArray[np.bool_]:
        """Whether each entry lies in the area."""


def context_of(candidates: pd.DataFrame, mentions: pd.DataFrame, areas: AreaBook) -> pd.DataFrame:
    """What the rest of the text says of each candidate.

    Parameters
    ----------
    candidates : columns query, entry, start, end (the matched piece).
    mentions : columns query, start, end, length, admin: pieces that name an administrative area.
    areas : tells whether entries lie in areas.

    Returns
    -------
    One row per candidate: letters (of the text, that name its own areas), agreements and against (numbers of
    pieces that name its own and other areas), is_area_name (its piece is the name of an area it lies in).
    """
    count = len(candidates)
    left = candidates[["query", "entry", "start", "end"]].assign(candidate=np.arange(count))
    pairs = left.merge(mentions, on="query", suffixes=("", "_m"))
    same = pairs[(pairs["end_m"] == pairs["end"]) & (pairs["start_m"] == pairs["start"])]
    is_area = areas.lists(same["entry"].to_numpy(np.int64), same["admin"].to_numpy(np.int64))
    beside = pairs[(pairs["end_m"] <= pairs["start"]) | (pairs["start_m"] >= pairs["end"])]
    own = areas.holds(beside["entry"].to_numpy(np.int64), beside["admin"].to_numpy(np.int64))
    grouped = beside.assign(own=own).groupby(["candidate", "start_m", "end_m"], as_index=False)
    pieces = grouped.agg(own=("own", "max"), length=("length", "first"))
    at, own = pieces["candidate"].to_numpy(np.int64), pieces["own"].to_numpy(bool)
    return pd.DataFrame(
        {
            "letters": np.bincount(at, np.where(own, pieces["length"], 0), count),
            "agreements": np.bincount(at, own, count),
            "against": np.bincount(at, ~own, count),
            "is_area_name": np.bincount(same["candidate"].to_numpy(np.int64)[is_area], minlength=count) > 0,
        }
    )


def best(scored: pd.DataFrame, limit: int) -> pd.DataFrame:
    """The best ``limit`` entries of each query, best first, with probabilities that sum to 1 over it."""
    ordered = scored[scored["score"] >= _LEAST_SCORE].sort_values(["query", "score"], ascending=[True, False])
    ordered = ordered.drop_duplicates(["query", "entry"])
    odds = np.exp(ordered["score"] - ordered.groupby("query")["score"].transform("max"))
    ordered = ordered.assign(odds=odds)[odds >= _LEAST_ODDS]
    ordered = ordered[ordered.groupby("query").cumcount() < limit]
    probability = ordered["odds"] / ordered.groupby("query")["odds"].transform("sum")
    return ordered.assign(probability=probability)[["query", "entry", "similarity", "score", "probability"]]
