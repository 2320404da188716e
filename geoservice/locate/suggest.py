"""Suggestions while typing: names, pinyin and pinyin initials that begin with what was typed."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pandas as pd

from geoservice.locate import words

_LAST = "\U0010ffff"
_RANK = {"city": 7.0, "district": 6.0, "town": 5.0, "township": 4.0, "village": 3.0}


class Suggestions:
    """Sorted keys of every place.

    Parameters
    ----------
    places : columns name, label, alt_names, lat, lon, kind, population.
    """

    def __init__(self, places: pd.DataFrame):
        self._places = places
        keyed = sorted(_keys(places))
        self._keys = [key for key, _ in keyed]
        self._entries = np.array([entry for _, entry in keyed], np.int64)
        people = np.nan_to_num(places["population"].to_numpy(float, na_value=np.nan))
        rank = places["kind"].map(_RANK).fillna(1.0).to_numpy(float)
        self._weight = np.log1p(people) + rank

    def find(self, prefix: str, limit: int = 8) -> list[dict[str, object]]:
        """The weightiest places that begin with ``prefix``; shorter names first among equals."""
        typed = words.squash(words.normalise(prefix))
        if not typed or limit < 1:
            return []
        entries = self._range(typed)
        if not len(entries) and words.has_han(typed):
            entries = self._range(words.romanise(typed))
        entries = np.unique(entries)
        order = np.argsort(-self._weight[entries], kind="stable")[:limit]
        return [self._describe(int(entry)) for entry in entries[order]]

    def _range(self, typed: str) -> np.ndarray:
        first, last = bisect_left(self._keys, typed), bisect_left(self._keys, typed + _LAST)
        return self._entries[first:last]

    def _describe(self, entry: int) -> dict[str, object]:
        place = self._places.iloc[entry]
        return {
            "name": str(place["name"]),
            "label": str(place["label"]),
            "lat": float(place["lat"]),
            "lon": float(place["lon"]),
            "kind": str(place["kind"]),
            "radius_m": float(place["radius_m"]),
        }


def _keys(places: pd.DataFrame) -> set[tuple[str, int]]:
    keys: set[tuple[str, int]] = set()
    others = places["alt_names"].fillna("").tolist()
    for entry, (name, alternatives) in enumerate(zip(places["name"], others, strict=True)):
        for form in words.unique([name, *alternatives.split("|")]):
            text = words.normalise(form)
            found = {words.squash(text), words.initials(text), *words.readings(text)}
            keys.update((key, entry) for key in found if key)
    return keys
