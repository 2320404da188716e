"""The hotspot a place lies in or touches, as the desk shows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from geoservice import geodesy, grid, names
from geoservice.service.plain import plain
from geoservice.service.run_view import RunView

Card = dict[str, Any]
# A circle wider than this says too little of where the customer is.
REACH_M = 1200.0


def hotspot_at(view: RunView, lat: float, lon: float, radius_m: float) -> Card | None:
    """The highest-ranked hotspot that holds the point, else one that the circle touches; None without one."""
    if view.hotspots.empty:
        return None
    spots, resolution = _spots_by_hex(view)
    centre = grid.hex_at(lat, lon, resolution)
    if centre in spots:
        return {**hotspot_card(view, spots[centre]), "inside": True}
    ranks = [spots[hex_] for hex_ in _touched(spots, centre, lat, lon, radius_m, resolution)]
    return {**hotspot_card(view, min(ranks)), "inside": False} if ranks else None


def _touched(spots: dict[int, int], centre: int, lat: float, lon: float, radius_m: float, resolution: int) -> list[int]:
    """Hexes of hotspots whose centre lies within the circle widened by an edge."""
    edge = grid.MEAN_EDGE_M[resolution]
    near = [
        hex_
        for hex_ in grid.ring_neighbours(centre, int(np.ceil(min(radius_m, REACH_M) / (1.5 * edge))))
        if hex_ in spots
    ]
    return [
        hex_
        for hex_ in near
        if float(np.asarray(geodesy.distance_m(lat, lon, *grid.centre_of(hex_)))) <= radius_m + edge
    ]


def _spots_by_hex(view: RunView) -> tuple[dict[int, int], int]:
    """The best-ranked hotspot (its row) of every hex that belongs to one, and their resolution; made once a run."""
    found: tuple[dict[int, int], int] | None = view.kept.get("spots")
    if found is None:
        rows: dict[int, int] = {}
        for row, hexes in enumerate(view.hotspots["hexes"]):
            for hex_ in grid.text_to_hex([text for text, _ in hexes]).tolist():
                rows.setdefault(hex_, row)
        found = view.kept["spots"] = (rows, int(view.hotspots["resolution"].iloc[0]))
    return found


def hotspot_card(view: RunView, row: int) -> Card:
    """A hotspot as the desk shows it: rank, since when, cause, action, due date; its request as it stands now."""
    key = ("card", row)
    if key not in view.kept:
        view.kept[key] = _card(view, row)
    card: Card = view.kept[key]
    return {**card, "request_state": None if card["request"] is None else view.request_state(card["request"])}


def _card(view: RunView, row: int) -> Card:
    spot = view.hotspots.iloc[row]
    number = str(spot["hotspot_id"])
    causes = view.diagnoses[view.diagnoses["subject_id"] == number]
    plans = view.actions[view.actions["subject_id"] == number]
    return {
        "id": number,
        "rank": int(spot["rank"]),
        "customers": int(spot["customers"]),
        "since": plain(spot["from"]),
        "to": plain(spot["to"]),
        "state": plain(spot["state"]),
        "sentence_zh": plain(spot["sentence_zh"]),
        "sentence_en": plain(spot["sentence_en"]),
        **_named("cause", "causes", None if causes.empty else str(causes["cause"].iloc[0])),
        "confidence": None if causes.empty else plain(causes["confidence"].iloc[0]),
        **_named("action", "actions", None if plans.empty else str(plans["action"].iloc[0])),
        **{name: None if plans.empty else plain(plans[name].iloc[0]) for name in ("department", "due", "script")},
        "request": _requests(view).get(number),
        "request_state": None,
    }


def _requests(view: RunView) -> dict[str, str]:
    """The request of each hotspot that has one, of several the one of highest priority; made once a run."""
    found: dict[str, str] | None = view.kept.get("requests")
    if found is None:
        rows = view.site_requests().dropna(subset=["hotspot_id"]).drop_duplicates("hotspot_id")
        found = view.kept["requests"] = dict(zip(rows["hotspot_id"], rows["request_no"], strict=True))
    return found


def _named(field: str, catalogue: str, code: str | None) -> Card:
    """A code with its names in both languages."""
    told = {f"{field}_name_{language}": code and names.name_of(catalogue, code, language) for language in ("zh", "en")}
    return {field: code, **told}
