"""Things a handler may type that are not places: a cell, a site, a ticket, a plan, or the start of several names."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from geoservice import tables
from geoservice.store import Store

# What each key means, and how far the thing reaches from its point.
_KEYS: tuple[tuple[str, str, float, str], ...] = (
    ("cells", "cgi", 300.0, "cell"),
    ("cells", "cell_name", 300.0, "cell"),
    ("cells", "site_id", 200.0, "cell"),
    ("cells", "site_name", 200.0, "cell"),
    ("planned_sites", "plan_no", 100.0, "building"),
)
_MOST = 5


def find(store: Store, query: str, *, tickets: bool = True) -> pd.DataFrame:
    """Fixes of the cell, site, plan or (with ``tickets``) ticket called exactly ``query``; empty if there is none."""
    for table, column, radius_m, precision in _KEYS:
        found = store.read(table, [column, "lat", "lon"], where=[store.column(table, column) == query], limit=1)
        if len(found):
            row = found.iloc[0]
            return _fixes([(row["lat"], row["lon"], query)], radius_m, precision, "serving_cell")
    return _of_ticket(store, query) if tickets else tables.empty(tables.FIXES)


def several(query: str, places: list[dict[str, Any]]) -> pd.DataFrame:
    """Candidates when ``query`` is only the beginning of several names; empty when it names one."""
    wanted = query.casefold()
    called = {str(place["name"]).casefold() for place in places}
    begun = [place for place in places if str(place["name"]).casefold().startswith(wanted)]
    if wanted in called or len({place["name"] for place in begun}) < 2:
        return tables.empty(tables.FIXES)
    found = [(place["lat"], place["lon"], str(place["label"] or place["name"])) for place in begun[:_MOST]]
    return _fixes(found, 200.0, "street", "gazetteer")


def _of_ticket(store: Store, query: str) -> pd.DataFrame:
    ids = store.read("complaints", ["complaint_id"], where=[store.column("complaints", "ticket_no") == query], limit=1)
    if ids.empty:
        return tables.empty(tables.FIXES)
    mine = store.column("fixes", "complaint_id") == ids["complaint_id"].iloc[0]
    located = store.column("fixes", "precision") != "none"
    return store.read("fixes", where=[mine, located], order=[sa.asc(store.column("fixes", "rank"))])


def _fixes(points: list[tuple[float, float, str]], radius_m: float, precision: str, source: str) -> pd.DataFrame:
    frame = pd.DataFrame(points, columns=["lat", "lon", "label"])
    frame = frame.assign(
        complaint_id="query",
        rank=range(len(frame)),
        radius_m=radius_m,
        precision=precision,
        source=source,
        probability=1.0 / len(frame),
    )
    return tables.conform(frame, tables.FIXES)
