"""Everything stored that the steps of an analysis read, loaded once as one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from geoservice.config import Config
from geoservice.join import KpiReader
from geoservice.store import Store, to_us

# A day's counters count when any hour of the day is inside, whatever the time zone.
_SLACK_DAYS = 2
# Databases bound the number of parameters of one query.
_CELLS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The input tables of one analysis."""

    complaints: pd.DataFrame
    fixes: pd.DataFrame
    satisfied: pd.DataFrame
    exposure: pd.DataFrame
    cells: pd.DataFrame
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
                "alarms",
                "energy_windows",
                "neighbours",
                "measurements",
                "planned_sites",
                "gazetteer",
            )
        },
    )


def kpis_of(store: Store, config: Config, begin: datetime) -> KpiReader:
    """Reads counters of named cells: from the weeks before ``begin`` that are the baseline, to the newest."""
    first = begin - timedelta(weeks=config["kpi_baseline_weeks"], days=_SLACK_DAYS)

    def read(cgis: Sequence[str]) -> pd.DataFrame:
        cgi, start = store.column("kpis", "cgi"), store.column("kpis", "start")
        parts = [
            store.read("kpis", where=[cgi.in_(cgis[i : i + _CELLS_A_QUERY]), start >= to_us(first)])
            for i in range(0, max(1, len(cgis)), _CELLS_A_QUERY)
        ]
        return pd.concat(parts, ignore_index=True)

    return read


def _period(store: Store, table: str, since: datetime | None, until: datetime | None) -> list:
    accepted = store.column(table, "accepted_at")
    bounds = []
    if since is not None:
        bounds.append(accepted >= to_us(since))
    if until is not None:
        bounds.append(accepted < to_us(until))
    return bounds
