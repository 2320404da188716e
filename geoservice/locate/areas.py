"""Administrative areas: which ones a text names, and whether a place lies in them."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.geodesy import distance_m
from geoservice.locate import words
from geoservice.locate.likeness import Written
from geoservice.locate.name_index import NameIndex

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_HAN_SUFFIX = re.compile(r"(?:特别行政区|自治区|自治州|自治县|街道办事处|街道|小区|省|市|区|县|镇|乡|村|州|盟|旗)$")
_LATIN_SUFFIX = re.compile(r" (?:city|town|village|district|taluk|tehsil|municipality|state|province|subdistrict)$")
_SPLIT = re.compile(r"[,，、;；|/>]+")
_IS_NAME = 0.84  # similarity at which a piece names an area
_INSIDE = 1.5  # within so many radii of its middle a place belongs to an area


class Areas:
    """Names of areas, from the administrative column and from the entries that are areas themselves.

    Parameters
    ----------
    places : columns name, admin, lat, lon, radius_m, level.
    """

    def __init__(self, places: pd.DataFrame):
        own, texts = pd.factorize(places["admin"].fillna(""))
        split = [words.unique(part.strip() for part in split_admin(str(text))) for text in texts]
        coarse = places[places["level"].isin(["township", "district", "city"])]
        self._names = words.unique([part for parts in split for part in parts] + coarse["name"].tolist())
        number = {name: i for i, name in enumerate(self._names)}
        self._lists = _closed([{number[part] for part in parts} for parts in split], own, coarse, number)
        self._of_entry = own.astype(np.int64)
        self.is_known: Bools = np.array([len(codes) > 0 for codes in self._lists], bool)[own] if len(own) else own > 0
        self._middle = coarse.assign(area=[number[name] for name in coarse["name"]])[["area", "lat", "lon", "radius_m"]]
        self._places = places[["lat", "lon", "radius_m"]].reset_index(drop=True)
        forms = [(form, i) for i, name in enumerate(self._names) for form in bare_forms(name)]
        self.index = NameIndex([form for form, _ in forms], [i for _, i in forms])

    def named(self, texts: Written) -> pd.DataFrame:
        """Areas each text names: columns piece (position in ``texts``), admin (an area's number)."""
        found = self.index.find_written(texts)
        found = found[found["similarity"] >= _IS_NAME]
        return found.rename(columns={"query": "piece", "entry": "admin"})[["piece", "admin"]]

    def lists(self, entries: Ints, areas: Ints) -> Bools:
        """Whether the administrative column of each entry lists the area, directly or above its own areas."""
        width = max(len(self._names), 1)
        listed = [code * width + area for code, codes in enumerate(self._lists) for area in codes]
        return np.isin(self._of_entry[entries] * width + areas, np.array(listed, np.int64))

    def holds(self, entries: Ints, areas: Ints) -> Bools:
        """Whether each entry lies in the area: listed, or within 1.5 radii of a larger entry of that name."""
        inside = self.lists(entries, areas)
        open_ = np.flatnonzero(~inside)
        pairs = pd.DataFrame({"at": open_, "entry": entries[open_], "area": areas[open_]})
        pairs = pairs.merge(self._middle, on="area")
        place = self._places.iloc[pairs["entry"]]
        metres = distance_m(place["lat"], place["lon"], pairs["lat"], pairs["lon"])
        larger = pairs["radius_m"].to_numpy() > place["radius_m"].to_numpy()
        near = larger & (metres <= _INSIDE * pairs["radius_m"].to_numpy())
        inside[pairs["at"].to_numpy(np.int64)[near]] = True
        return inside


def spelt_out(admin: pd.Series) -> pd.Series:
    """Administrative context with GeoNames codes as names: "16, IN" is Maharashtra in India.

    Other names of an area follow its first one; texts without a known country code stay.
    """
    codes, texts = pd.factorize(admin)
    named = np.array([_spelt_out(str(text)) for text in texts] + [None], object)
    return pd.Series(named[codes], index=admin.index, dtype="str")


def _spelt_out(text: str) -> str:
    parts = [part.strip() for part in _SPLIT.split(text) if part.strip()]
    country = parts[-1] if parts else ""
    if (country, "") not in _first_level():
        return text
    names = [_first_level().get((country, part), () if part.isdigit() else (part,)) for part in parts[:-1]]
    return "|".join(name for known in [*names, _first_level()[country, ""]] for name in known)


@cache
def _first_level() -> dict[tuple[str, str], tuple[str, ...]]:
    """Names of countries (code "") and of their first-level areas by GeoNames code (``reference/admin1.csv``)."""
    text = (files("geoservice") / "reference" / "admin1.csv").read_text("utf-8")
    return {(r["country"], r["code"]): tuple(r["names"].split("|")) for r in csv.DictReader(text.splitlines())}


def bare_forms(name: str) -> list[str]:
    """A name as it is matched: normalised, and without the ending of its kind (深圳市 → 深圳)."""
    text = words.normalise(name)
    bare = _HAN_SUFFIX.sub("", text) if words.has_han(text) else _LATIN_SUFFIX.sub("", text)
    return words.unique([text, bare if len(bare) >= 2 else ""])


def split_admin(text: str) -> list[str]:
    """Names in an administrative context, in their order."""
    parts = _SPLIT.split(text)
    return [bit for part in parts for bit in (part.split() if words.has_han(part) else [part])]


def _closed(lists: list[set[int]], own: Ints, coarse: pd.DataFrame, number: dict[str, int]) -> list[set[int]]:
    """Each list with the areas above the areas in it (南山区 in 深圳市 brings 广东省)."""
    above: dict[int, set[int]] = {}
    for name, code in zip(coarse["name"], own[coarse.index], strict=True):
        above.setdefault(number[name], set()).update(lists[code])
    return [codes.union(*(above.get(code, set()) for code in codes)) for codes in lists]
