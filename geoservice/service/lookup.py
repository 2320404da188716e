"""The handler's question: what is known about this place, and what to tell the customer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy, grid, names
from geoservice.config import Config
from geoservice.parsing.masking import mask_text
from geoservice.pipeline import PLACE_RESOLUTION, RadioWorld
from geoservice.service import radio_answers, verdict
from geoservice.service.discreet import Discretion
from geoservice.service.memory import Memory
from geoservice.service.plain import plain
from geoservice.service.run_view import RunView
from geoservice.store import Store, from_us

DESK = "desk"
NEARBY_M = 500.0
NEARBY_DAYS = 90
PLANNED_M = 2000.0
# A cell counts as serving the place when it serves at least this share of it (handbook section 6, outage row).
SERVING_SHARE = 0.2
# Beyond this radius the hex under the centre says nothing about where the customer stands.
COARSE_M = 1200.0
_FIX_COLUMNS = ("lat", "lon", "radius_m", "precision", "source", "probability", "label")
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
    radio: RadioWorld | None
    as_of: datetime
    discretion: Discretion | None = None


def look_up(
    ground: Ground, query: str, fixes: pd.DataFrame, language: str, *, ambiguous: bool = False
) -> dict[str, Any]:
    """The answer card for a query whose candidates are ``fixes`` (FORMATS: ``lookup --json``).

    ``ambiguous`` candidates are told as a question: a sure-sounding answer about the wrong estate is worse than none.
    """
    answer: dict[str, Any] = {
        # What was not understood may be a telephone number.
        "query": query if len(fixes) else mask_text(query),
        "fixes": fix_answers(fixes),
        "as_of": plain(pd.Timestamp(ground.as_of)),
        "run": ground.view.run.run_id if ground.view else None,
    }
    if fixes.empty:
        return {**answer, **_EMPTY, **verdict.told("not_found", {}, language)}
    if ambiguous:
        return {**answer, **_EMPTY, **verdict.told("ambiguous", {"count": len(fixes)}, language)}
    best = fixes.iloc[0]
    place = Place(float(best["lat"]), float(best["lon"]), float(best["radius_m"]), str(best["precision"]))
    coverage, serving = coverage_at(ground, place.lat, place.lon)
    outage = _outage(ground, serving)
    hotspot = None if place.precision in _VAGUE else _hotspot(ground.view, place)
    if ground.discretion is not None:
        hotspot = ground.discretion.card(hotspot)
    answer |= {
        "coverage": coverage,
        "serving": serving,
        "outage": outage,
        "hotspot": hotspot,
        "complaints_nearby": complaints_nearby(ground, place) if ground.discretion is None else None,
        "planned_sites": planned_near(ground.memory.planned(), place.lat, place.lon),
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


def fix_answers(fixes: pd.DataFrame) -> list[dict[str, Any]]:
    """Candidates as records, likeliest first."""
    values = [fixes[column].tolist() for column in _FIX_COLUMNS]
    return [
        {
            column: plain(value, 6 if column in {"lat", "lon"} else 3)
            for column, value in zip(_FIX_COLUMNS, row, strict=True)
        }
        for row in zip(*values, strict=True)
    ]


def coverage_at(ground: Ground, lat: float, lon: float) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Coverage and serving cells of a point: from the run where it predicted them, else computed now."""
    state = (ground.view.run.run_id if ground.view else None, id(ground.radio))
    hexes = tuple(int(grid.to_hex(lat, lon, resolution)[0]) for resolution in _resolutions(ground))
    return ground.memory.answer("coverage", state, hexes, lambda: _coverage_at(ground, lat, lon))


def _resolutions(ground: Ground) -> list[int]:
    """Those at which coverage is told: two points in the same hexes have the same answer."""
    found = [] if ground.radio is None else [ground.radio.resolution]
    return found if ground.view is None or ground.view.coverage.empty else [*found, _resolution_of(ground.view)]


def _resolution_of(view: RunView) -> int:
    return int(grid.resolutions(view.coverage["hex"].to_numpy(np.int64)[:1])[0])


def _coverage_at(ground: Ground, lat: float, lon: float) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    row, serving = _from_run(ground.view, lat, lon)
    if row is None and ground.radio is not None:
        row, serving = ground.radio.at(lat, lon)
    if row is None or plain(row["rsrp_dbm"]) is None:
        return None, []
    answer = radio_answers.coverage_answer(row, ground.config)
    cells = serving[["cgi", "probability", "rsrp_dbm", "distance_m", "basis"]].head(6).to_dict("records")
    return answer, [{str(key): plain(value, 3) for key, value in cell.items()} for cell in cells]


def _from_run(view: RunView | None, lat: float, lon: float) -> tuple[pd.Series | None, pd.DataFrame]:
    if view is None or view.coverage.empty:
        return None, pd.DataFrame()
    hex_ = int(grid.to_hex(lat, lon, _resolution_of(view))[0])
    return view.coverage_of(hex_), view.serving_of(hex_)


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


def _hotspot(view: RunView | None, place: Place) -> dict[str, Any] | None:
    """The highest-ranked hotspot that holds the point, else one that the place's circle touches."""
    if view is None or view.hotspots.empty:
        return None
    resolution = int(view.hotspots["resolution"].iloc[0])
    centre = grid.to_hex(place.lat, place.lon, resolution)
    rings = int(np.ceil(min(place.radius_m, COARSE_M) / (1.5 * grid.MEAN_EDGE_M[resolution])))
    around = grid.disk(centre, rings)
    lat, lon = grid.hex_to_latlon(around)
    reach = place.radius_m + grid.MEAN_EDGE_M[resolution]
    circle = set(grid.hex_to_text(around[geodesy.distance_m(place.lat, place.lon, lat, lon) <= reach]))
    spots = _spots_by_hex(view)
    for wanted, inside in ((grid.hex_to_text(centre), True), (circle, False)):
        ranks = [spots[text] for text in wanted if text in spots]
        if ranks:
            return {**hotspot_card(view, str(view.hotspots["hotspot_id"].iloc[min(ranks)])), "inside": inside}
    return None


def _spots_by_hex(view: RunView) -> dict[str, int]:
    """The best-ranked hotspot (its row) of every hex that belongs to one; made once a run."""
    found: dict[str, int] | None = view.kept.get("spots")
    if found is None:
        found = {}
        for row, hexes in enumerate(view.hotspots["hexes"]):
            for text, _ in hexes:
                found.setdefault(text, row)
        view.kept["spots"] = found
    return found


def hotspot_card(view: RunView, hotspot_id: str) -> dict[str, Any]:
    """A hotspot as the desk shows it: rank, since when, cause, action, due date."""
    spot = view.hotspots[view.hotspots["hotspot_id"] == hotspot_id].iloc[0]
    causes = view.diagnoses[view.diagnoses["subject_id"] == hotspot_id]
    plans = view.actions[view.actions["subject_id"] == hotspot_id]
    requests = view.site_requests()
    mine = requests[requests["hotspot_id"] == hotspot_id]
    cause = None if causes.empty else str(causes["cause"].iloc[0])
    action = None if plans.empty else plans.iloc[0]
    return {
        "id": hotspot_id,
        "rank": int(spot["rank"]),
        "customers": int(spot["customers"]),
        "since": plain(spot["from"]),
        "to": plain(spot["to"]),
        "state": plain(spot["state"]),
        "sentence_zh": plain(spot["sentence_zh"]),
        "sentence_en": plain(spot["sentence_en"]),
        "cause": cause,
        "cause_name_zh": names.name_of("causes", cause, "zh") if cause else None,
        "cause_name_en": names.name_of("causes", cause, "en") if cause else None,
        "confidence": None if causes.empty else plain(causes["confidence"].iloc[0]),
        "action": None if action is None else action["action"],
        "action_name_zh": None if action is None else names.name_of("actions", action["action"], "zh"),
        "action_name_en": None if action is None else names.name_of("actions", action["action"], "en"),
        "department": None if action is None else action["department"],
        "due": None if action is None else plain(action["due"]),
        "script": None if action is None else plain(action["script"]),
        "request": None if mine.empty else str(mine["request_no"].iloc[0]),
        "request_state": None if mine.empty else str(mine["state"].iloc[0]),
    }


def complaints_nearby(ground: Ground, place: Place) -> dict[str, Any]:
    """Earlier complaints within :data:`NEARBY_M`: counts by class and result, no personal data."""
    radius = max(NEARBY_M, min(place.radius_m, 1000.0))
    rings = int(np.ceil(radius / (1.5 * grid.MEAN_EDGE_M[PLACE_RESOLUTION]))) + 1
    near = grid.disk(grid.to_hex(place.lat, place.lon, PLACE_RESOLUTION), rings)
    since = ground.as_of - timedelta(days=NEARBY_DAYS)
    # Tickets taken since belong to the story too, however old the imports are.
    rows = ground.memory.nearby.find(near, since, max(ground.as_of, datetime.now(UTC)))
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


def planned_near(sites: pd.DataFrame, lat_deg: float, lon_deg: float) -> list[dict[str, Any]]:
    """Of ``sites`` (see :meth:`Memory.planned`) those within :data:`PLANNED_M`, nearest first."""
    if sites.empty:
        return []
    distance = np.asarray(geodesy.distance_m(lat_deg, lon_deg, sites["lat"].to_numpy(), sites["lon"].to_numpy()))
    near = distance <= PLANNED_M
    if not near.any():
        return []
    found = sites[near].assign(distance_m=distance[near]).sort_values("distance_m")
    columns = ["plan_no", "distance_m", "status", "type", "expected_on_air", "lat", "lon"]
    return [{key: plain(row[key], 6) for key in columns} for row in found[columns].to_dict("records")]


def newest_record(store: Store) -> datetime | None:
    """Time of the newest imported complaint or alarm; tickets taken at the desk do not make old imports new."""
    imported = store.column("complaints", "source") != DESK
    newest = (store.newest("complaints", "accepted_at", imported), store.newest("alarms", "raised_at"))
    return max((moment for moment in map(from_us, newest) if moment is not None), default=None)
