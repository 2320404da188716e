"""The searcher: every source answers with candidates, together they make the fixes of complaints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.locate.agreement import combine
from geoservice.locate.asked_points import check_asked_point
from geoservice.locate.categories import Categories
from geoservice.locate.crowding import demote
from geoservice.locate.datum_check import DatumSuspicion, datum_suspicion
from geoservice.locate.gazetteer import Gazetteer
from geoservice.locate.online import OnlineGeocoder
from geoservice.locate.online_settings import OnlineSettings
from geoservice.locate.points import from_coordinates
from geoservice.locate.precision import coarser, level_of_radius, widened
from geoservice.locate.query import without_house_number
from geoservice.locate.remembered import Remembered
from geoservice.locate.serving_cell import ServingCells, with_timing_advance
from geoservice.locate.suggest import Suggestions
from geoservice.locate.text_coordinates import Region, from_texts, parse_points
from geoservice.tables import FIXES, conform, empty

_COLUMNS = ["row", "lat", "lon", "radius_m", "precision", "source", "probability", "label"]
_QUERY_ID = "query"
_SURE = 0.9
_REFERENCE_RADIUS_M = 2000.0
_REGION_MARGIN_DEG = 1.0


class Locator:
    """Finds where complaints and queries are.

    Parameters
    ----------
    gazetteer, cells : tables of those names; may be empty.
    config : thresholds.
    index : folder for remembered answers of the online geocoder; None keeps them in memory.
    online : an online geocoder to ask about places the gazetteer does not know; None asks nobody.
    """

    def __init__(
        self,
        gazetteer: pd.DataFrame,
        cells: pd.DataFrame,
        config: Mapping[str, float],
        index: Path | None = None,
        online: OnlineSettings | None = None,
    ):
        self.online = OnlineGeocoder(online, index) if online is not None else None
        self.gazetteer = Gazetteer(gazetteer)
        self._remembered = Remembered(self.gazetteer.search)
        self.cells = ServingCells(cells)
        self.config = config
        self.region = _region(gazetteer, cells)
        self._suggestions = Suggestions(self.gazetteer.places)
        self._categories = Categories(self.gazetteer.places)

    def locate(self, complaints: pd.DataFrame, names: NDArray[np.int64] | None = None) -> pd.DataFrame:
        """Fixes (table ``fixes``) of complaints: several candidates each, probabilities summing to 1.

        A complaint that no source can place has no row.

        Parameters
        ----------
        names : how many different places are named at each complaint's coordinates, shape (n,); counted among
            ``complaints`` unless given.
        """
        points = from_coordinates(complaints)
        told = None if names is None else names[points["row"].to_numpy(np.int64)]
        points = demote(points, complaints["place_text"].iloc[points["row"]], self.gazetteer.areas(), told)
        parts = [points.assign(source="coordinates")]
        if complaints["place_text"].isna().all() and complaints["serving_cgi"].isna().all():
            return self._fixes(parts, complaints["complaint_id"])
        parts += [
            from_texts(complaints["place_text"], self.region).assign(source="text_coordinates"),
            *self._by_name_or_online(complaints["place_text"]),
            self._by_cell(complaints).assign(source="serving_cell"),
        ]
        return self._fixes(parts, complaints["complaint_id"])

    def search(self, query: str, limit: int = 5) -> pd.DataFrame:
        """Fixes of a free text, of coordinates in any notation, or of a radio cell's key; best first.

        Raises
        ------
        InputError
            The query is a pair of numbers that is no place (0,0; beyond the globe).
        """
        exchanged = check_asked_point(query, self.region)
        texts = pd.Series([query], dtype="str")
        points = pd.DataFrame(parse_points(query, self.region, is_query=True))
        if exchanged:
            points["label"] = f"{query.strip()} (longitude, latitude)"
        parts = [
            points.assign(row=0, source="text_coordinates"),
            self.cells.find(texts).assign(source="serving_cell"),
        ]
        if not any(len(part) for part in parts):
            parts.append(self._by_kind(query, limit).assign(source="gazetteer"))
        if not any(len(part) for part in parts):
            parts += self._by_name_or_online(texts, limit)
        return self._fixes(parts, pd.Series([_QUERY_ID], dtype="str")).head(limit)

    def check_datum(self, points: pd.DataFrame) -> dict[str, DatumSuspicion]:
        """Whether points look like WGS-84, by each reference they bring; nothing is changed.

        Parameters
        ----------
        points : rows of ``complaints`` (lat, lon, serving_cgi, place_text) or of ``measurements`` (lat, lon, cgi).

        Returns
        -------
        Findings under ``cells`` (against the centroids of the cells that served) and ``places`` (against the
        places of radius below 2 km that the texts name without doubt); a reference the rows lack is absent.
        """
        keys = points.get("serving_cgi", points.get("cgi"))
        found: dict[str, pd.DataFrame] = {}
        if keys is not None:
            found["cells"] = self.cells.find(keys)
        if "place_text" in points:
            places = self._by_name(points["place_text"])
            found["places"] = places[(places["probability"] > _SURE) & (places["radius_m"] <= _REFERENCE_RADIUS_M)]
        lat, lon = points["lat"].to_numpy(float), points["lon"].to_numpy(float)
        return {name: datum_suspicion(lat[r["row"]], lon[r["row"]], r["lat"], r["lon"]) for name, r in found.items()}

    def suggest(self, prefix: str, limit: int = 8) -> list[dict[str, object]]:
        """Places whose name, pinyin or pinyin initials begin with ``prefix``: name, label, lat, lon, kind."""
        return self._suggestions.find(prefix, limit)

    def _by_cell(self, complaints: pd.DataFrame) -> pd.DataFrame:
        """The serving cell, at the distance of the timing advance where the handset's is known."""
        found = self.cells.find(complaints["serving_cgi"])
        if "ta_m" not in complaints or not len(found):
            return found
        return with_timing_advance(found, complaints["ta_m"].to_numpy(float)[found["row"]])

    def _by_kind(self, query: str, limit: int) -> pd.DataFrame:
        """Places of the kind a query asks for ("医院"), equally likely; none where one is called just so."""
        entries = self._categories.find(query, limit)
        if not len(entries) or self.gazetteer.has_name(query):
            return pd.DataFrame(columns=_COLUMNS)
        places = self.gazetteer.places.iloc[entries].reset_index(drop=True)
        found = places[["lat", "lon", "radius_m", "label"]].assign(row=0, precision=places["level"])
        return found.assign(probability=1.0 / len(entries))

    def _by_name_or_online(self, texts: pd.Series, limit: int = 5) -> list[pd.DataFrame]:
        named = self._by_name(texts, limit).assign(source="gazetteer")
        if self.online is None:
            return [named]
        unknown = texts.notna().to_numpy() & ~np.isin(np.arange(len(texts)), named["row"])
        rows = np.flatnonzero(unknown)
        codes, distinct = pd.factorize(texts.iloc[rows].str.strip())
        answers = self.online.find([str(text) for text in distinct if text])
        found = pd.DataFrame({"row": rows, "code": codes}).merge(answers, on="code")
        return [named, found.assign(source="online")]

    def _by_name(self, texts: pd.Series, limit: int = 5) -> pd.DataFrame:
        asked = texts.str.strip()
        rows = np.flatnonzero((asked.notna() & (asked != "")).to_numpy())
        codes, distinct = pd.factorize(asked.iloc[rows])
        # Thousands of house numbers share one estate: it is looked up once.
        bare, cores = pd.factorize(np.array([without_house_number(str(text)) for text in distinct], object))
        codes = bare[codes]
        found = self._remembered.search([str(core) for core in cores], limit)
        places = self.gazetteer.places.iloc[found["entry"]].reset_index(drop=True)
        answers = pd.DataFrame({"code": found["query"].to_numpy(), "probability": found["probability"].to_numpy()})
        near = found["is_near"].to_numpy(bool)
        radius = places["radius_m"].to_numpy(float)
        radius = np.where(near, widened(radius), radius)
        level = np.where(near, coarser(level_of_radius(radius), places["level"]), places["level"])
        answers = answers.assign(
            lat=places["lat"], lon=places["lon"], radius_m=radius, precision=level, label=places["label"]
        )
        return pd.DataFrame({"row": rows, "code": codes}).merge(answers, on="code")

    def _fixes(self, parts: list[pd.DataFrame], ids: pd.Series) -> pd.DataFrame:
        filled = [part.reindex(columns=_COLUMNS) for part in parts if len(part)]
        if not filled:
            return empty(FIXES)
        combined = combine(pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0])
        combined = combined.assign(complaint_id=ids.to_numpy()[combined["row"].to_numpy(np.int64)])
        return conform(combined, FIXES)


def _region(gazetteer: pd.DataFrame, cells: pd.DataFrame) -> Region | None:
    """Box around the middle 98 % of what we know; a few far places do not stretch it."""
    lat = np.concatenate([gazetteer["lat"].to_numpy(float), cells["lat"].to_numpy(float)])
    lon = np.concatenate([gazetteer["lon"].to_numpy(float), cells["lon"].to_numpy(float)])
    if not len(lat):
        return None
    (south, north), (west, east) = (np.quantile(values, [0.01, 0.99]) for values in (lat, lon))
    margin = _REGION_MARGIN_DEG
    return Region(float(south - margin), float(west - margin), float(north + margin), float(east + margin))
