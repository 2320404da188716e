"""The handler's question: what is known about this place, and what to tell the customer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy, grid
from geoservice.config import Config
from geoservice.parsing.masking import mask_text
from geoservice.pipeline import PLACE_RESOLUTION
from geoservice.service import verdict
from geoservice.service.candidates import Candidate, fix_answers
from geoservice.service.coverage_here import Prediction, coverage_at
from geoservice.service.discreet import Discretion
from geoservice.service.hotspot_here import hotspot_at
from geoservice.service.memory import Memory
from geoservice.service.plain import plain
from geoservice.service.run_view import RunView
from geoservice.store import Store, from_us

DESK = "desk"
NEARBY_M = 500.0
NEARBY_DAYS = 90
# A cell counts as serving the place when it serves at least this share of it (handbook section 6, outage row).
SERVING_SHARE = 0.2
# Beyond this radius the hex under the centre says nothing about where the customer stands.
COARSE_M = 1200.0
_VAGUE = frozenset({"township", "district", "city", "none"})


@dataclass(frozen=True, slots=True)
class Place:
    """The most probable candidate of a query."""

    lat: float
    lon: float
    radius_m: float
    precision: str

    @property
    def is_coarse(self) -> bool:
        """Too vague to judge the network of one spot."""
        return self.precision in _VAGUE or self.radius_m > COARSE_M


@dataclass(frozen=True, slots=True)
class Ground:
    """What a look-up stands on."""

    memory: Memory
    config: Config
    view: RunView | None
    radio: Prediction
    as_of: datetime
    discretion: Discretion | None = None


def look_up(
    ground: Ground, query: str, fixes: list[Candidate], language: str, *, ambiguous: bool = False
) -> dict[str, Any]:
    """The answer card for a query whose candidates are ``fixes`` (FORMATS: ``lookup --json``).

    ``ambiguous`` candidates are told as a question: a sure-sounding answer about the wrong estate is worse than none.
    """
    answer: dict[str, Any] = {
        # What was not understood may be a telephone number.
        "query": query if fixes else mask_text(query),
        "fixes": fix_answers(fixes),
        "as_of": plain(pd.Timestamp(ground.as_of)),
        "run": ground.view.run.run_id if ground.view else None,
    }
    if not fixes:
        return {**answer, **_EMPTY, **verdict.told("not_found", {}, language)}
    if ambiguous:
        return {**answer, **_EMPTY, **verdict.told("ambiguous", {"count": len(fixes)}, language)}
    best = fixes[0]
    place = Place(best.lat, best.lon, best.radius_m, best.precision)
    coverage, serving = coverage_at(ground.memory, ground.config, ground.view, ground.radio, place.lat, place.lon)
    outage = _outage(ground, serving)
    hotspot = None
    if ground.view is not None and place.precision not in _VAGUE:
        hotspot = hotspot_at(ground.view, place.lat, place.lon, place.radius_m)
    if ground.discretion is not None:
        hotspot = ground.discretion.card(hotspot)
    answer |= {
        "coverage": coverage,
        "serving": serving,
        "outage": outage,
        "hotspot": hotspot,
        "complaints_nearby": complaints_nearby(ground, place) if ground.discretion is None else None,
        "planned_sites": ground.memory.planned().near(place.lat, place.lon),
        "too_coarse": place.is_coarse,
    }
    return answer | verdict.judge(ground.config, answer, ground.as_of, language)


_EMPTY: dict[str, Any] = {
    "coverage": None,
    "serving": [],
    "outage": None,
    "hotspot": None,
    "complaints_nearby": None,
    "planned_sites": [],
    "too_coarse": False,
}


def _outage(ground: Ground, serving: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The gravest alarm active now on a cell (or its site) that serves the place."""
    cells = [cell["cgi"] for cell in serving if cell["probability"] >= SERVING_SHARE]
    if not cells:
        return None
    alarms = ground.memory.alarms([*cells, *ground.memory.sites_of(cells)], ground.as_of)
    if not alarms:
        return None
    row = alarms[0]
    return {
        "object": row["object_key"],
        "code": row["code"],
        "severity": row["severity"],
        "from": plain(row["raised_at"]),
        "to": plain(row["cleared_at"]),
        "planned": bool(row["planned_work"]) if plain(row["planned_work"]) is not None else False,
    }


def complaints_nearby(ground: Ground, place: Place) -> dict[str, Any]:
    """Earlier complaints within :data:`NEARBY_M`: counts by class and result, no personal data."""
    radius = max(NEARBY_M, min(place.radius_m, 1000.0))
    rings = int(np.ceil(radius / (1.5 * grid.MEAN_EDGE_M[PLACE_RESOLUTION]))) + 1
    near = grid.ring_neighbours(grid.hex_at(place.lat, place.lon, PLACE_RESOLUTION), rings)
    since = ground.as_of - timedelta(days=NEARBY_DAYS)
    # Tickets taken since belong to the story too, however old the imports are.
    rows = ground.memory.nearby.find(np.array(near, np.int64), since, max(ground.as_of, datetime.now(UTC)))
    distance = np.asarray(geodesy.distance_m(place.lat, place.lon, rows.lat, rows.lon))
    rows = rows.where(distance <= radius)
    results = Counter(result for result in rows.result if result is not None)
    return {
        "radius_m": radius,
        "days": NEARBY_DAYS,
        "contacts": int(rows.lat.size),
        "customers": int(np.unique(rows.customer[rows.customer != 0]).size),
        "classes": dict(Counter(str(code) for code in rows.class_ if code is not None).most_common()),
        "results": {str(result): count for result, count in results.most_common(5)},
        "last": plain(pd.Timestamp(int(rows.at_us.max()), unit="us", tz="UTC")) if rows.lat.size else None,
    }


def newest_record(store: Store) -> datetime | None:
    """Time of the newest imported complaint or alarm; tickets taken at the desk do not make old imports new."""
    imported = store.column("complaints", "source") != DESK
    newest = (store.newest("complaints", "accepted_at", imported), store.newest("alarms", "raised_at"))
    return max((moment for moment in map(from_us, newest) if moment is not None), default=None)
