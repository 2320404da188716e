"""Weak cells and weak grids by what phones report (handbook section 5, MR rules); holes and weak areas of a run."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import shapely

from geoservice import coverage, grid
from geoservice.config import Config
from geoservice.store import Store, to_us

RESOLUTION = 9


def weak_cells(store: Store, config: Config, now: datetime) -> pd.DataFrame:
    """Cells with reports of the last 30 days: cgi, lat, lon, samples, weak_share, weak; weakest first."""
    found = coverage.weak_cells(_recent(store, config, now), config)
    masts = store.read("cells", ["cgi", "lat", "lon"]).drop_duplicates("cgi")
    placed = found.merge(masts, on="cgi", how="left")[["cgi", "lat", "lon", "samples", "weak_share", "weak"]]
    return placed.sort_values(["weak_share", "samples"], ascending=False, ignore_index=True)


def weak_grids(store: Store, config: Config, now: datetime) -> pd.DataFrame:
    """Hexes with reports of the last 30 days: hex, lat, lon, samples, good_share, weak; weakest first."""
    found = coverage.weak_grids(_recent(store, config, now), RESOLUTION, config)
    nowhere = (np.empty(0), np.empty(0))
    lat, lon = grid.hex_to_latlon(found["hex"].to_numpy()) if len(found) else nowhere
    placed = found.assign(lat=lat, lon=lon)[["hex", "lat", "lon", "samples", "good_share", "weak"]]
    return placed.sort_values(["weak", "good_share"], ascending=[False, True], ignore_index=True)


def weak_areas(found: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Holes and weak areas of a table ``coverage`` as connected regions, those with most customers first.

    Returns
    -------
    DataFrame with columns region, kind (hole, weak), area_km2, customers, rsrp_p50_dbm, lat, lon,
    hexes (texts) and outline (GeoJSON geometry).
    """
    regions = coverage.holes_and_weak(found, config)
    outlines = [json.loads(shapely.to_geojson(grid.outline(np.array(hexes, np.int64)))) for hexes in regions["hexes"]]
    texts = [grid.hex_to_text(np.array(hexes, np.int64)) for hexes in regions["hexes"]]
    columns = ["region", "kind", "area_km2", "customers", "rsrp_p50_dbm", "lat", "lon"]
    told = {"hexes": pd.Series(texts, dtype="object"), "outline": pd.Series(outlines, dtype="object")}
    return regions[columns].assign(**told)


def _recent(store: Store, config: Config, now: datetime) -> pd.DataFrame:
    since = now - timedelta(days=config["meas_max_age_days"])
    return store.read("measurements", where=[store.column("measurements", "time") >= to_us(since)])
