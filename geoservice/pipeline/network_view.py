"""Everything stored that the steps of an analysis read, loaded once as one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from geoservice.store import Store, to_us


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The input tables of one analysis."""

    complaints: pd.DataFrame
    fixes: pd.DataFrame
    satisfied: pd.DataFrame
    exposure: pd.DataFrame
    cells: pd.DataFrame
    kpis: pd.DataFrame
    alarms: pd.DataFrame
    energy_windows: pd.DataFrame
    neighbours: pd.DataFrame
    measurements: pd.DataFrame
    planned_sites: pd.DataFrame
    gazetteer: pd.DataFrame


def load(store: Store, since: datetime | None, until: datetime | None) -> Snapshot:
    """Complaints of the period ``since <= accepted_at < until`` with their fixes, and the network around them."""
    complaints = store.read("complaints", where=_period(store, "complaints", since, until))
    fixes = store.read("fixes")
    return Snapshot(
        complaints=complaints,
        fixes=fixes[fixes["complaint_id"].isin(complaints["complaint_id"])].reset_index(drop=True),
        satisfied=store.read("satisfied", where=_period(store, "satisfied", since, until)),
        **{
            name: store.read(name)
            for name in (
                "exposure",
                "cells",
                "kpis",
                "alarms",
                "energy_windows",
                "neighbours",
                "measurements",
                "planned_sites",
                "gazetteer",
            )
        },
    )


def _period(store: Store, table: str, since: datetime | None, until: datetime | None) -> list:
    accepted = store.column(table, "accepted_at")
    bounds = []
    if since is not None:
        bounds.append(accepted >= to_us(since))
    if until is not None:
        bounds.append(accepted < to_us(until))
    return bounds
