"""What a handler may mean while typing: a point, a place, a cell, a site, a plan, a ticket."""

from __future__ import annotations

import re
from typing import Any

from geoservice import locate
from geoservice.errors import InputError
from geoservice.service.place_names import PlaceNames, with_english
from geoservice.service.plain import plain
from geoservice.store import Store

_TWO_NUMBERS = re.compile(r"\d\D+\d")
_LAST = "\U0010ffff"
# What a number or name may be the beginning of: table, column, kind, what stands beside it.
_KEYS: tuple[tuple[str, str, str, str | None], ...] = (
    ("cells", "cgi", "cell", "cell_name"),
    ("cells", "site_id", "site", "site_name"),
    ("cells", "site_name", "site", "site_id"),
    ("planned_sites", "plan_no", "plan", "status"),
)
_LEAST = 3
_EACH = 3


def suggest(store: Store, locator: locate.Locator, names: PlaceNames, typed: str, limit: int) -> list[dict[str, Any]]:
    """Best guesses first: coordinates, then places, then things with a number."""
    text = typed.strip()[:100]
    points = _points(locator, text)
    places = [] if points else locator.suggest(text, limit)
    found = points + [_of_gazetteer(place) for place in places] + _numbered(store, text)
    return [with_english(one, names, "name", "label") for one in found[:limit]]


def _points(locator: locate.Locator, text: str) -> list[dict[str, Any]]:
    """Coordinates in any notation and datum, read before the search button is pressed."""
    if not _TWO_NUMBERS.search(text):
        return []
    try:
        fixes = locator.search(text, limit=3)
    except InputError:  # not a place yet; said in words when the search button is pressed
        return []
    fixes = fixes[fixes["source"] == "text_coordinates"]
    return [
        {
            "name": f"{row.lat:.6f},{row.lon:.6f}",
            "label": "WGS-84",
            "lat": plain(row.lat, 6),
            "lon": plain(row.lon, 6),
            "kind": "point",
            "radius_m": plain(row.radius_m, 1),
            "exact": True,
        }
        for row in fixes.itertuples()
    ]


def _of_gazetteer(place: dict[str, Any]) -> dict[str, Any]:
    rounded = {name: plain(place[name], digits) for name, digits in (("lat", 6), ("lon", 6), ("radius_m", 1))}
    return {**place, **rounded, "exact": False}


def _numbered(store: Store, text: str) -> list[dict[str, Any]]:
    if len(text) < _LEAST:
        return []
    found: list[dict[str, Any]] = []
    for table, column, kind, beside in _KEYS:
        found += _begins(store, table, column, kind, beside, text)
    return found + _tickets(store, text)


def _begins(store: Store, table: str, column: str, kind: str, beside: str | None, text: str) -> list[dict[str, Any]]:
    # A range instead of LIKE: it uses the index and % and _ mean themselves.
    key = store.by_bytes(table, column)
    columns = [column, "lat", "lon", *([beside] if beside else [])]
    rows = store.read(table, columns, where=[key >= text, key < text + _LAST], order=[key], limit=12)
    rows = rows.drop_duplicates(column).head(_EACH)
    return [
        {
            "name": str(row[column]),
            "label": plain(row[beside]) if beside else None,
            "lat": plain(row["lat"], 6),
            "lon": plain(row["lon"], 6),
            "kind": kind,
            "radius_m": None,
            "exact": False,
        }
        for row in rows.to_dict("records")
    ]


def _tickets(store: Store, text: str) -> list[dict[str, Any]]:
    if len(text) < _LEAST + 1:
        return []
    key = store.by_bytes("complaints", "ticket_no")
    rows = store.read("complaints", ["ticket_no"], where=[key >= text, key < text + _LAST], order=[key], limit=_EACH)
    nowhere = {"label": None, "lat": None, "lon": None, "kind": "ticket", "radius_m": None, "exact": False}
    return [{"name": str(ticket), **nowhere} for ticket in rows["ticket_no"]]
