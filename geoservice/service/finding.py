"""Where a query is: coordinates without detours, the gazetteer's own names from memory, the rest by the searcher."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from geoservice import tables
from geoservice.locate import Locator
from geoservice.locate.asked_points import check_asked_point
from geoservice.locate.text_coordinates import parse_points
from geoservice.service.candidates import QUERY, Candidate, of_frame
from geoservice.service.memory import Memory
from geoservice.store import Store

LIMIT = 5
# Two decimal numbers and nothing else: no cell, ticket or place is called so.
_COORDINATES = re.compile(r"[\s+\-]*\d{1,3}\.\d+[\s,，;]+[+\-]?\d{1,3}\.\d+\s*")
# Candidates below this share are not told (as everywhere in ``locate``).
_LEAST = 0.03
# Searching a name takes some five milliseconds; the larger the place, the sooner somebody asks for it.
_MOST_NAMES = 5_000
_BATCH = 500


def coordinates(locator: Locator, text: str) -> list[Candidate] | None:
    """Candidates of a text that is two decimal numbers, None for every other text.

    The same as the searcher finds (a test compares them), without its tables for thousands of texts at once.
    """
    # Longitude first is the searcher's affair: it says so beside the point.
    if not _COORDINATES.fullmatch(text) or check_asked_point(text, locator.region):
        return None
    found = parse_points(text, locator.region, is_query=True)
    if not found:
        return None
    total = sum(float(str(point["probability"])) for point in found)
    told = [point for point in found if float(str(point["probability"])) / total >= _LEAST]
    total = sum(float(str(point["probability"])) for point in told)
    told.sort(key=lambda point: (-float(str(point["probability"])), float(str(point["radius_m"]))))
    return [_of_point(rank, point, total) for rank, point in enumerate(told[:LIMIT])]


def _of_point(rank: int, point: dict[str, object], total: float) -> Candidate:
    lat, lon, radius_m, odds = (float(str(point[name])) for name in ("lat", "lon", "radius_m", "probability"))
    precision = str(point["precision"])
    return Candidate(QUERY, rank, lat, lon, radius_m, precision, "text_coordinates", odds / total, None, False)


def search(locator: Locator, memory: Memory, state: str, text: str) -> list[Candidate]:
    """Candidates of any text; what was asked before is remembered while places and cells do not change."""
    return memory.answer("search", state, text, lambda: of_frame(locator.search(text, limit=LIMIT)))


def prepare(locator: Locator, memory: Memory, state: str, store: Store) -> int:
    """Search the gazetteer's own names ahead: they are what is chosen from the suggestions; how many there were."""
    places = store.read("gazetteer", ["name", "radius_m"]).dropna(subset=["name"])
    names = places.sort_values("radius_m", ascending=False)["name"].drop_duplicates().head(_MOST_NAMES)
    # What could be read as coordinates or as a cell is searched when it is asked for.
    cells = locator.cells.knows(names.astype("str"))
    told = [str(name).strip() for name, is_cell in zip(names, cells, strict=True) if not is_cell]
    plain = [name for name in told if not parse_points(name, locator.region, is_query=True)]
    for start in range(0, len(plain), _BATCH):
        for name, candidates in _located(locator, plain[start : start + _BATCH]):
            memory.remember("search", state, name, candidates)
    return len(plain)


def _located(locator: Locator, names: list[str]) -> Iterator[tuple[str, list[Candidate]]]:
    filler = {"ticket_no": QUERY, "source": QUERY, "time_step": "instant", "class": "NON_NETWORK"}
    asked = pd.DataFrame({"complaint_id": [str(row) for row in range(len(names))], "place_text": names, **filler})
    asked["accepted_at"] = pd.Timestamp("2000-01-01", tz="UTC")
    found = locator.locate(tables.conform(asked, tables.COMPLAINTS))
    for row, part in found.groupby("complaint_id", sort=False):
        yield names[int(str(row))], of_frame(part.assign(complaint_id=QUERY).head(LIMIT))
