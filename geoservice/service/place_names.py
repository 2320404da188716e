"""Places by name in the reader's language, and the place nearest to a point."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy
from geoservice.store import Store

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"^[\x20-\x7e\u00c0-\u024f]+$")
_PARTS = re.compile(r"([,，·、\s]+)")
# A hotspot lies at an estate or a village; that it lies in a city of nine kilometres says little.
_LARGE_M = 1500.0
_FAR_M = 3000.0


class PlaceNames:
    """English names of places whose own name is Chinese, and a finder of the nearest place.

    Parameters
    ----------
    gazetteer : columns name, alt_names, lat, lon, radius_m of table GAZETTEER.
    """

    def __init__(self, gazetteer: pd.DataFrame) -> None:
        self._english = _english_names(gazetteer)
        small = gazetteer[gazetteer["radius_m"].fillna(0.0) <= _LARGE_M].reset_index(drop=True)
        self._small = small
        self._tree: Any = None

    def english(self, text: str | None) -> str | None:
        """``text`` with every known Chinese place name as "English (中文)"; None where nothing changes.

        >>> frame = pd.DataFrame({"name": ["和平街"], "alt_names": ["Heping Street"]})
        >>> PlaceNames(frame.assign(lat=30.0, lon=118.0, radius_m=900.0)).english("和平街,某市")
        'Heping Street (和平街),某市'
        """
        if not text or not _HAN.search(text):
            return None
        parts = [self._bilingual(part) for part in _PARTS.split(text)]
        found = "".join(parts)
        return None if found == text else found

    def english_only(self, name: str) -> str | None:
        """The English name of a place, None where there is none."""
        return self._english.get(name)

    def in_sentence(self, sentence: str | None, *names: str | None) -> str | None:
        """A sentence with the given names in it as "English (中文)"."""
        for name in names:
            if sentence and name and name in self._english:
                sentence = sentence.replace(name, self._bilingual(name))
        return sentence

    def nearest(self, lat: float, lon: float) -> str | None:
        """Name of the nearest small place within three kilometres."""
        if self._small.empty:
            return None
        if self._tree is None:
            from scipy.spatial import cKDTree

            self._tree = cKDTree(geodesy.unit_vectors(self._small["lat"], self._small["lon"]))
        distance, row = self._tree.query(geodesy.unit_vectors(np.array([lat]), np.array([lon]))[0])
        return None if distance * geodesy.EARTH_RADIUS_M > _FAR_M else str(self._small["name"].iloc[int(row)])

    def _bilingual(self, part: str) -> str:
        return f"{self._english[part]} ({part})" if part in self._english else part


def place_names(store: Store) -> PlaceNames:
    """The names the store knows now."""
    return PlaceNames(store.read("gazetteer", ["name", "alt_names", "lat", "lon", "radius_m"]))


def with_english(row: Mapping[str, Any], names: PlaceNames, *keys: str) -> dict[str, Any]:
    """A record with ``<key>_en`` beside each of ``keys``: English where it is known, else the text itself."""
    return {**row, **{f"{key}_en": names.english(row.get(key)) or row.get(key) for key in keys}}


def _english_names(gazetteer: pd.DataFrame) -> dict[str, str]:
    chinese = gazetteer[gazetteer["name"].str.contains(_HAN.pattern, regex=True, na=False)]
    found: dict[str, str] = {}
    for name, others in zip(chinese["name"], chinese["alt_names"].fillna(""), strict=True):
        latin = next((other.strip() for other in str(others).split("|") if _LATIN.match(other.strip())), None)
        if latin:
            found.setdefault(str(name), latin)
    return found
