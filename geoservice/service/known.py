"""Things a handler may type that are not places: a cell, a site, a ticket, a plan, or the start of several names."""

from __future__ import annotations

from typing import Any

import numpy as np
import sqlalchemy as sa

from geoservice import geodesy
from geoservice.service.candidates import QUERY, Candidate, of_frame
from geoservice.service.memory import Memory
from geoservice.store import Store

_MOST = 5
# Candidates whose probabilities differ by less are equally likely as far as anyone can tell.
_TIE = 0.1


def find(store: Store, memory: Memory, query: str, *, tickets: bool = True) -> list[Candidate]:
    """Candidates for the cell, site, plan or (with ``tickets``) ticket called exactly ``query``; none if nothing is."""
    thing = memory.known(query)
    if thing is not None:
        lat, lon, radius_m, precision = thing
        return _fixes([(lat, lon, query)], radius_m, precision, "serving_cell")
    return _of_ticket(store, query) if tickets else []


def several(query: str, places: list[dict[str, Any]]) -> list[Candidate]:
    """Candidates when ``query`` is only the beginning of several names; empty when it names one."""
    wanted = query.casefold()
    called = {str(place["name"]).casefold() for place in places}
    begun = [place for place in places if str(place["name"]).casefold().startswith(wanted)]
    if wanted in called or len({place["name"] for place in begun}) < 2:
        return []
    found = [(place["lat"], place["lon"], str(place["label"] or place["name"])) for place in begun[:_MOST]]
    return _fixes(found, 200.0, "street", "gazetteer")


def tied(candidates: list[Candidate]) -> bool:
    """Whether two candidates are as likely as one another and cannot be the same spot: only the caller knows which."""
    if len(candidates) < 2:
        return False
    best, next_ = candidates[:2]
    apart = float(np.asarray(geodesy.distance_m(best.lat, best.lon, next_.lat, next_.lon)))
    return best.probability - next_.probability < _TIE and apart > best.radius_m + next_.radius_m


def _of_ticket(store: Store, query: str) -> list[Candidate]:
    found = store.first("complaints", "complaint_id", store.column("complaints", "ticket_no") == query)
    if found is None:
        return []
    mine = store.column("fixes", "complaint_id") == found
    located = store.column("fixes", "precision") != "none"
    return of_frame(store.read("fixes", where=[mine, located], order=[sa.asc(store.column("fixes", "rank"))]))


def _fixes(points: list[tuple[float, float, str]], radius_m: float, precision: str, source: str) -> list[Candidate]:
    share = 1.0 / len(points)
    return [
        Candidate(QUERY, rank, float(lat), float(lon), radius_m, precision, source, share, label, None)
        for rank, (lat, lon, label) in enumerate(points)
    ]
