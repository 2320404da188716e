"""Search in a gazetteer: names however written, weighed by administrative context and size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.locate import scoring, words
from geoservice.locate.areas import Areas, bare_forms, spelt_out, split_admin
from geoservice.locate.crowding import LEAST_NAMES, demote, names_at_point
from geoservice.locate.likeness import Written
from geoservice.locate.name_index import NameIndex, written
from geoservice.locate.precision import describe_places
from geoservice.locate.query import Piece, Query, find_crossing, parse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_SIMILARITY = 0.72
KEPT = 5
_CHUNK = 2000
_CROSSING_WORDS = 4  # letters of "and" and "crossing" in a Chinese text
_SIZE = 0.45  # log prior of a place for each log of its inhabitants (thousands)


class Gazetteer:
    """Places by name.

    Parameters
    ----------
    table : table ``gazetteer``.
    """

    def __init__(self, table: pd.DataFrame):
        self.places = _places(table)
        texts, entries, surfaces = _forms(self.places)
        self.index = NameIndex(texts, entries)
        self._surfaces = surfaces
        self._areas = Areas(self.places)
        people = self.places["population"].to_numpy(float, na_value=np.nan)
        self._size = _SIZE * np.log1p(np.nan_to_num(people) / 1000.0)

    def __len__(self) -> int:
        return len(self.places)

    def has_name(self, text: str) -> bool:
        """Whether some place is called just so (Chinese names by their characters, not by their sound)."""
        plain = words.normalise(text)
        if words.has_han(plain):
            return words.squash(plain) in self._surfaces
        return bool(self.index.knows([plain])[0])

    def areas(self) -> pd.DataFrame:
        """The entries that are areas, townships and larger: their middles are centroids."""
        return self._coarse

    @cached_property
    def _coarse(self) -> pd.DataFrame:
        coarse = self.places["level"].isin(["township", "district", "city"])
        return self.places.loc[coarse, ["lat", "lon", "radius_m", "level"]]

    def search(self, texts: Sequence[str], limit: int = KEPT) -> pd.DataFrame:
        """Candidates for each text.

        Parameters
        ----------
        texts : place texts; unknown ones have no rows in the answer.
        limit : candidates kept for a text.

        Returns
        -------
        DataFrame with columns query (position in ``texts``), entry (position in ``places``), similarity, score
        (log-odds), probability (sums to 1 over a text), is_near, has_number; best first.
        """
        parts = [self._search_chunk(texts[i : i + _CHUNK], i, limit) for i in range(0, len(texts), _CHUNK)]
        return pd.concat(parts, ignore_index=True) if parts else _nothing()

    def _search_chunk(self, texts: Sequence[str], offset: int, limit: int) -> pd.DataFrame:
        queries = [parse(text, self._surfaces.__contains__) for text in texts]
        pieces = _piece_table(queries)
        if not len(pieces) or not len(self):
            return _nothing()
        distinct, where = np.unique(pieces["text"].to_numpy(object), return_inverse=True)
        pieces["piece"] = where
        pieces = _worth_searching(
            pieces, self.index.knows(list(distinct)) | self._areas.index.knows(list(distinct)), len(queries)
        )
        distinct, where = np.unique(pieces["text"].to_numpy(object), return_inverse=True)
        pieces["piece"] = where
        spelt = written(list(distinct))
        candidates = pieces.merge(self._named(spelt), on="piece")
        mentions = pieces[pieces["is_base"] | (pieces["length"] < pieces["total"])]
        mentions = mentions.merge(self._areas.named(spelt), on="piece")
        mentions = mentions[["query", "start", "end", "length", "admin"]]
        context = scoring.context_of(candidates, mentions, self._areas)
        entry = candidates["entry"].to_numpy(np.int64)
        score = scoring.scores(candidates, context, self._size[entry], self._areas.is_known[entry])
        best = scoring.best(candidates.assign(score=score), limit)
        flags = pd.DataFrame({"is_near": [q.is_near for q in queries], "has_number": [q.has_number for q in queries]})
        best = best.join(flags, on="query")
        return best.assign(query=best["query"] + offset)

    def _named(self, texts: Written) -> pd.DataFrame:
        found = self.index.find_written(texts)
        return found[found["similarity"] >= LEAST_SIMILARITY].rename(columns={"query": "piece"})


def _places(table: pd.DataFrame) -> pd.DataFrame:
    described = describe_places(table["kind"], table["radius_m"], table["population"])
    columns = table[["name", "lat", "lon", "alt_names", "admin", "population"]]
    columns = columns.assign(admin=spelt_out(columns["admin"]))
    columns = columns.assign(label=_labels(columns["name"], columns["admin"]))
    places = pd.concat([columns, described], axis=1).reset_index(drop=True)
    # Entries of many names at one point carry the centroid of something larger.
    fine = places.assign(precision=places["level"])
    areas = places.loc[places["is_area"], ["lat", "lon", "radius_m", "level"]]
    shared = names_at_point(places["lat"].to_numpy(float), places["lon"].to_numpy(float), places["name"])
    raised = demote(fine[~places["is_area"]], places.loc[~places["is_area"], "name"], areas)
    crowded = raised.index[shared[raised.index] >= LEAST_NAMES]
    places.loc[crowded, "radius_m"] = raised.loc[crowded, "radius_m"]
    places.loc[crowded, "level"] = raised.loc[crowded, "precision"]
    return places


def _labels(name: pd.Series, admin: pd.Series) -> pd.Series:
    """Names with the two nearest areas they lie in."""
    codes, texts = pd.factorize(admin)
    short = np.array([", ".join(["", *split_admin(str(text))[:2]]) for text in texts] + [""], object)
    return name + pd.Series(short[codes], index=name.index, dtype="str")


def _forms(places: pd.DataFrame) -> tuple[list[str], list[int], set[str]]:
    """Every form of every name, the entry it belongs to, and the Chinese ones as they are written."""
    texts: list[str] = []
    entries: list[int] = []
    alternatives = places["alt_names"].fillna("").tolist()
    for entry, (name, others) in enumerate(zip(places["name"], alternatives, strict=True)):
        for form in words.unique(f for n in [name, *others.split("|")] for f in _all_forms(n)):
            texts.append(form)
            entries.append(entry)
    return texts, entries, {words.squash(t) for t in texts if words.has_han(t)}


def _all_forms(name: str) -> list[str]:
    crossing = find_crossing(name.casefold())
    return bare_forms(name) + ([" ".join(crossing)] if crossing else [])


def _piece_table(queries: list[Query]) -> pd.DataFrame:
    rows = [
        (i, p.text, p.start, p.end, p.is_base, p.is_fuzzy, q.length)
        for i, q in enumerate(queries)
        for p in _all_pieces(q)
    ]
    frame = pd.DataFrame(rows, columns=["query", "text", "start", "end", "is_base", "is_fuzzy", "total"])
    return frame.assign(length=frame["end"] - frame["start"])


def _worth_searching(pieces: pd.DataFrame, is_known: NDArray[np.bool_], queries: int) -> pd.DataFrame:
    """Where known names make up the whole text, only those; elsewhere also the pieces that may be misspelt."""
    known = is_known[pieces["piece"].to_numpy()]
    masks = np.zeros(queries, object)
    exact = pieces[known]
    for query, start, end in zip(exact["query"], exact["start"], exact["end"], strict=True):
        masks[query] |= (1 << int(end)) - (1 << int(start))
    totals = np.full(queries, -1)
    totals[pieces["query"].to_numpy()] = pieces["total"].to_numpy()
    whole = np.array([mask == (1 << int(total)) - 1 for mask, total in zip(masks, np.maximum(totals, 0), strict=True)])
    kept = known | (pieces["is_fuzzy"].to_numpy(bool) & ~whole[pieces["query"].to_numpy()])
    return pieces[kept].reset_index(drop=True)


def _all_pieces(query: Query) -> list[Piece]:
    """The pieces, and for a crossing its two roads as one name."""
    if query.crossing is None:
        return list(query.pieces)
    roads = " ".join(query.crossing)
    start = max(query.length - len(words.squash(roads)) - _CROSSING_WORDS, 0)
    return [*query.pieces, Piece(roads, start, query.length, False)]


def _nothing() -> pd.DataFrame:
    kinds = {"query": "int64", "entry": "int64", "similarity": "float64", "score": "float64", "probability": "float64"}
    frame = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
    return frame.assign(is_near=pd.Series(dtype=bool), has_number=pd.Series(dtype=bool))
