"""What lies around on the map besides hexes and cells: alarms, measurements, planned sites."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from geoservice import grid
from geoservice.service.hex_view import MAX_HEXES, Window
from geoservice.service.plain import plain
from geoservice.service.run_view import RunView
from geoservice.store import Store, to_us

# Alarms over for longer than this explain nothing a person sees today.
RECENT = timedelta(days=7)
# From this zoom on raw samples are gathered finely; farther out the run's own medians per hex do.
_FINE_ZOOM = 14
_FINE_RESOLUTION = 11
_MOST_SAMPLES = 200_000
_MOST = 2000
# Gravest first (ITU-T X.733).
SEVERITIES = ("critical", "major", "minor", "warning")


def alarms(store: Store, window: Window, as_of: datetime) -> list[dict[str, Any]]:
    """Alarms on sites and cells inside a window that are active, or were within the last days; gravest first."""
    cells = store.read("cells", ["cgi", "site_id", "site_name", "lat", "lon"], where=_inside(store, "cells", window))
    places = pd.concat([cells.assign(object=cells["cgi"]), cells.assign(object=cells["site_id"])])
    places = places.dropna(subset=["object"]).drop_duplicates("object").set_index("object")
    cleared = store.column("alarms", "cleared_at")
    recent = [
        store.column("alarms", "raised_at") <= to_us(as_of),
        sa.or_(cleared.is_(None), cleared > to_us(as_of - RECENT)),
    ]
    found = store.read("alarms", where=recent, order=[store.column("alarms", "raised_at").desc()])
    found = found[found["object_key"].isin(places.index)].head(_MOST)
    found = found.join(places[["lat", "lon", "site_name"]], on="object_key")
    active = found["cleared_at"].isna() | (found["cleared_at"] > pd.Timestamp(as_of))
    gravity = found["severity"].map({name: len(SEVERITIES) - at for at, name in enumerate(SEVERITIES)})
    found = found.assign(active=active, gravity=gravity.fillna(0)).sort_values(
        ["active", "gravity", "service_affecting", "raised_at"], ascending=False, kind="stable"
    )
    return [_alarm(row) for row in found.to_dict("records")]


def _alarm(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        "object": row["object_key"],
        "site_name": plain(row["site_name"]),
        "lat": plain(row["lat"], 6),
        "lon": plain(row["lon"], 6),
        "code": row["code"],
        "severity": row["severity"],
        "from": plain(row["raised_at"]),
        "to": plain(row["cleared_at"]),
        "service_affecting": bool(row["service_affecting"]),
        "planned": bool(row["planned_work"]) if plain(row["planned_work"]) is not None else False,
        "active": bool(row["active"]),
    }


def measurements(store: Store, view: RunView, window: Window, zoom: int) -> list[dict[str, Any]]:
    """Median measured level by small hex inside a window, at most :data:`MAX_HEXES`; never single samples."""
    frame = _gathered(store, window) if zoom >= _FINE_ZOOM else None
    frame = _of_run(view, window) if frame is None else frame
    frame = frame.sort_values("samples", ascending=False, kind="stable").head(MAX_HEXES)
    return [{str(key): plain(value, 6) for key, value in row.items()} for row in frame.to_dict("records")]


def _of_run(view: RunView, window: Window) -> pd.DataFrame:
    coverage = view.coverage
    seen = coverage[(coverage["samples"].fillna(0) > 0) & coverage["rsrp_measured_dbm"].notna()]
    seen = seen[window.mask(seen["lat"].to_numpy(float), seen["lon"].to_numpy(float))]
    columns = {"rsrp_measured_dbm": "rsrp_dbm"}
    return seen[["lat", "lon", "rsrp_measured_dbm", "samples"]].rename(columns=columns)


def _gathered(store: Store, window: Window) -> pd.DataFrame | None:
    """Samples of the window by fine hex; None when there are too many to read for one look."""
    where = _inside(store, "measurements", window)
    if store.count("measurements", where) > _MOST_SAMPLES:
        return None
    samples = store.read("measurements", ["lat", "lon", "rsrp_dbm"], where=where)
    if samples.empty:
        return samples.assign(samples=0)
    hexes = grid.to_hex(samples["lat"], samples["lon"], _FINE_RESOLUTION)
    level = samples["rsrp_dbm"].groupby(hexes).agg(["median", "size"])
    lat, lon = grid.hex_to_latlon(level.index.to_numpy(np.int64))
    return pd.DataFrame(
        {"lat": lat, "lon": lon, "rsrp_dbm": level["median"].to_numpy(), "samples": level["size"].to_numpy()}
    )


def planned_sites(store: Store, window: Window) -> list[dict[str, Any]]:
    """Planned sites inside a window that are neither cancelled nor on air yet."""
    sites = store.read("planned_sites", where=_inside(store, "planned_sites", window), limit=_MOST)
    sites = sites[~sites["status"].isin(["cancelled", "on_air"])]
    columns = ["plan_no", "lat", "lon", "status", "type", "expected_on_air", "bands", "height_m"]
    return [{str(k): plain(v, 6) for k, v in row.items()} for row in sites[columns].to_dict("records")]


def _inside(store: Store, table: str, window: Window) -> list[Any]:
    lat, lon = store.column(table, "lat"), store.column(table, "lon")
    return [lat.between(window.south, window.north), lon.between(window.west, window.east)]
