"""Why does it not work here? The causes of one place, from what is stored around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import sqlalchemy as sa

from geoservice import diagnosis, grid, join, tables
from geoservice.config import Config
from geoservice.geodesy import METRES_PER_DEGREE
from geoservice.pipeline.locating import PLACE_RESOLUTION
from geoservice.pipeline.network_view import kpis_of
from geoservice.pipeline.radio_world import RadioWorld
from geoservice.store import Store, to_us

# The call that is being made stands for the last fortnight: what troubles a customer seldom began this minute.
PLACE_DAYS = 14
# What is usual hereabouts is the reference: complaints of the surrounding disk, coverage of at least 100 hexes.
_REFERENCE_RINGS, _COVERAGE_RINGS = 6, 8
# Cells beyond this neither serve the place nor disturb it.
_NETWORK_M = 20_000.0
_MEASURED_M = 5_000.0
_PLANNED_M = 2_000.0


@dataclass(frozen=True, slots=True)
class Spot:
    """The place that is asked about: WGS-84 degrees, radius in metres that holds the truth, the moment asked."""

    lat: float
    lon: float
    radius_m: float
    at: datetime

    @property
    def since(self) -> datetime:
        """Begin of the span in which complaints and network events count."""
        return self.at - timedelta(days=PLACE_DAYS)


def place_causes(
    store: Store, radio: RadioWorld, config: Config, spot: Spot, told: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Evidence and ranked causes of one place.

    Parameters
    ----------
    store, radio, config : what is on file, the radio prediction over it, the thresholds.
    spot : the place and the moment.
    told : table COMPLAINTS with what the customer says now, if anything; it counts as one more complaint here.

    Returns
    -------
    Tables EVIDENCE and DIAGNOSES of the one subject ``place:LAT,LON``.
    """
    subject = join.place_subject(spot.lat, spot.lon, spot.radius_m, spot.since, spot.at, radio.resolution)
    complaints, fixes = _complaints(store, spot, told)
    hexes = grid.disk(grid.to_hex(spot.lat, spot.lon, radio.resolution), _COVERAGE_RINGS)
    near = _near(store, spot, complaints)
    evidence = join.evidence(
        subject,
        tables.empty(tables.HOTSPOT_MEMBERS),
        complaints,
        fixes,
        radio.hexes(hexes),
        radio.serving(hexes),
        near["cells"],
        kpis_of(store, config, spot.since),
        near["alarms"],
        near["energy_windows"],
        near["neighbours"],
        near["measurements"],
        near["planned_sites"],
        config,
    )
    return evidence, diagnosis.diagnose(evidence, config)


def _complaints(store: Store, spot: Spot, told: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Complaints of the surroundings in the span with their likeliest fixes, and the one being told."""
    around = grid.disk(grid.to_hex(spot.lat, spot.lon, PLACE_RESOLUTION), _REFERENCE_RINGS).tolist()
    place, rank = store.column("fixes", "place_hex"), store.column("fixes", "rank")
    fixes = store.read("fixes", where=[place.in_([int(hex_) for hex_ in around]), rank == 0])
    accepted, key = store.column("complaints", "accepted_at"), store.column("complaints", "complaint_id")
    here = sa.select(store.column("fixes", "complaint_id")).where(place.in_([int(h) for h in around]), rank == 0)
    span = accepted.between(to_us(spot.since), to_us(spot.at))
    complaints = store.read("complaints", where=[span, key.in_(here)])
    if told is None:
        return complaints, fixes
    point = {"lat": spot.lat, "lon": spot.lon, "radius_m": spot.radius_m, "precision": "gnss", "source": "coordinates"}
    told = told.assign(accepted_at=pd.Timestamp(spot.at).tz_convert("UTC"))
    here_too = pd.DataFrame([{"complaint_id": told["complaint_id"].iloc[0], "rank": 0, "probability": 1.0, **point}])
    return (
        tables.concat([complaints, tables.conform(told, tables.COMPLAINTS)], tables.COMPLAINTS),
        tables.concat([fixes, tables.conform(here_too, tables.FIXES)], tables.FIXES),
    )


def _near(store: Store, spot: Spot, complaints: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The network around the place: cells, what happened to them, what was measured, what is planned."""
    cells = _in_box(store, "cells", spot, _NETWORK_M)
    named = complaints["serving_cgi"].dropna().unique().tolist()
    cgis = sorted({*cells["cgi"].tolist(), *named})
    keys = sorted({*cgis, *cells["site_id"].dropna().tolist()})
    cleared = store.column("alarms", "cleared_at")
    lately = [
        store.column("alarms", "raised_at") <= to_us(spot.at),
        sa.or_(cleared.is_(None), cleared >= to_us(spot.since)),
    ]
    return {
        "cells": cells,
        "alarms": _of(store, "alarms", "object_key", keys, lately),
        "energy_windows": _of(store, "energy_windows", "cgi", cgis),
        "neighbours": _of(store, "neighbours", "src_cgi", cgis),
        "measurements": _in_box(store, "measurements", spot, _MEASURED_M),
        "planned_sites": _in_box(store, "planned_sites", spot, _PLANNED_M),
    }


def _in_box(store: Store, table: str, spot: Spot, reach_m: float) -> pd.DataFrame:
    margin = reach_m / METRES_PER_DEGREE
    wide = margin / max(0.05, float(np.cos(np.radians(spot.lat))))
    lat, lon = store.column(table, "lat"), store.column(table, "lon")
    box = [lat.between(spot.lat - margin, spot.lat + margin), lon.between(spot.lon - wide, spot.lon + wide)]
    return store.read(table, where=box)


def _of(
    store: Store, table: str, column: str, keys: list[str], where: list[sa.ColumnElement[bool]] | None = None
) -> pd.DataFrame:
    """Rows of the named objects only; a table is small enough to be read whole when the names are many."""
    narrowed = [store.column(table, column).in_(keys)] if len(keys) <= 20_000 else []
    return store.read(table, where=[*(where or []), *narrowed])
