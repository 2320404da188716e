"""A kind of place instead of a name (医院, "hospital"): the best known ones, none of them sure.

Nobody can be located by "the hospital". At the desk the word is a beginning: the answer lists candidates of equal
probability, so that whoever asks sees that the place is open and picks one.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.geodesy import distance_m
from geoservice.locate import words

# What the chief one of its kind is called.
_CHIEF = re.compile(r"人民|中心|第一|总|省立|大学附属|中央|\b(?:general|central|city|district|civil|government|main)\b")
_AROUND = re.compile(r"^(?:最近的?|附近的?)|(?:附近|旁边|门口|里面?|那边)$")
_AROUND_LATIN = re.compile(r"^(?:(?:the|a|nearest|near|at|in|inside|outside|by|to|next) )+")


class Categories:
    """Places by kind.

    Parameters
    ----------
    places : columns name, lat, lon, population (table of :class:`geoservice.locate.gazetteer.Gazetteer`).
    """

    def __init__(self, places: pd.DataFrame) -> None:
        self._places = places
        self._names: pd.Series | None = None
        self._known: dict[str, NDArray[np.int64]] = {}

    def find(self, text: str, limit: int) -> NDArray[np.int64]:
        """Entries of the kind ``text`` asks for, the chief and central ones first; empty where it asks for none.

        A place that is called exactly so is a name, not a kind.
        """
        category = category_of(text)
        if category is None or limit < 1 or not len(self._places):
            return np.empty(0, np.int64)
        if category not in self._known:
            self._known[category] = self._ranked(category)
        return self._known[category][:limit]

    def _ranked(self, category: str) -> NDArray[np.int64]:
        if self._names is None:
            self._names = self._places["name"].map(words.normalise)
        entries = np.flatnonzero(self._names.str.contains(_endings()[category], regex=True).to_numpy(bool))
        places, names = self._places.iloc[entries], self._names.iloc[entries]
        middle = self._places[["lat", "lon"]].median()
        people = np.nan_to_num(places["population"].to_numpy(float, na_value=np.nan))
        chief = names.str.contains(_CHIEF, regex=True).to_numpy(bool)
        away = distance_m(places["lat"], places["lon"], middle["lat"], middle["lon"])
        return np.asarray(entries[np.lexsort((away, ~chief, -people))], np.int64)


def category_of(text: str) -> str | None:
    """The kind of place a text asks for, if it says nothing else.

    >>> category_of("医院"), category_of("the nearest hospital"), category_of("人民医院")
    ('hospital', 'hospital', None)
    """
    plain = words.normalise(text)
    bare = _AROUND_LATIN.sub("", plain) if plain.isascii() else _AROUND.sub("", words.squash(plain))
    return _asked().get(words.squash(bare))


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = (files("geoservice") / "reference" / "place_categories.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _asked() -> MappingProxyType[str, str]:
    """Word → kind."""
    return MappingProxyType({word.replace("_", ""): r["category"] for r in _rows() for word in r["asked"].split()})


@cache
def _endings() -> MappingProxyType[str, re.Pattern[str]]:
    """How names of a kind end (Chinese) or which words they hold (Latin letters)."""
    return MappingProxyType({row["category"]: _pattern(row["endings"]) for row in _rows()})


def _pattern(endings: str) -> re.Pattern[str]:
    han = [word for word in endings.split() if words.has_han(word)]
    latin = endings[len(" ".join(han)) :].strip().split("|")
    return re.compile(rf"(?:{'|'.join(han)})$|\b(?:{'|'.join(filter(None, latin))})\b")
