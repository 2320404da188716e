"""Every complaint with its serving cell and what that cell and the place were at that time.

Table COMPLAINT_EVIDENCE, one row a complaint, and HEX_EVIDENCE, the same gathered by hex.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice import grid, tables
from geoservice.config import Config
from geoservice.join import clock, contact_faults, contact_kpis, people, relations
from geoservice.join.contact_servers import best_two, contact_servers
from geoservice.join.evidence import KpiReader

_RADIO = (
    "rsrp_dbm", "rsrp_indoor_dbm", "sinr_db", "dominance_db", "overlap_count", "overshoot", "probability", "sigma_db",
    "basis", "samples", "age_days",
)  # fmt: skip
_HEAD = {
    "complaint_id": "complaint_id", "accepted_at": "accepted_at", "class": "class", "fix_lat": "lat", "fix_lon": "lon",
    "fix_radius_m": "fix_radius_m", "event_from": "from", "event_to": "to",
}  # fmt: skip
_RENAMED = {"probability": "coverage_probability", "sigma_db": "rsrp_sigma_db", "basis": "rsrp_basis"}


def complaint_evidence(
    complaints: pd.DataFrame,
    fixes: pd.DataFrame,
    weights: pd.DataFrame,
    coverage: pd.DataFrame,
    serving: pd.DataFrame,
    cells: pd.DataFrame,
    kpis: pd.DataFrame | KpiReader,
    alarms: pd.DataFrame,
    energy_windows: pd.DataFrame,
    neighbours: pd.DataFrame,
    config: Config,
) -> pd.DataFrame:
    """One row per complaint: serving cell, level, counters, alarms, shutdowns, missing neighbours.

    Parameters
    ----------
    complaints, fixes : the tables of these names.
    weights : table WEIGHTS of the complaints at the resolution of ``coverage`` and ``serving``.
    coverage, serving, cells, alarms, energy_windows, neighbours : the tables of these names; any may be empty.
    kpis : table KPIS, or a function that reads it for named cells.
    config : thresholds and local time zone.

    Returns
    -------
    DataFrame
        Table COMPLAINT_EVIDENCE in the order of ``complaints``.
    """
    if not len(complaints):
        return tables.empty(tables.COMPLAINT_EVIDENCE)
    located = people.located(complaints.reset_index(drop=True), fixes)
    located = located.assign(row=np.arange(len(located)))
    events = _events(located, config)
    servers = contact_servers(located, weights, serving, cells)
    rows = pd.RangeIndex(len(located), name="row")
    served = best_two(servers, rows)
    head = located[list(_HEAD)].rename(columns=_HEAD)
    parts = [
        head,
        _radio(located, weights, coverage),
        served,
        _counters(served, events, kpis, config),
        contact_faults.alarms_at(servers, alarms, events).reindex(rows),
        contact_faults.windows_at(servers, energy_windows, events).reindex(rows),
        relations.missing_of(servers, neighbours).reindex(rows),
    ]
    frame = pd.concat([part.set_axis(rows, axis=0) for part in parts], axis=1).reset_index(drop=True)
    return tables.conform(_filled(frame), tables.COMPLAINT_EVIDENCE)


def _events(located: pd.DataFrame, config: Config) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "start": clock.seconds(located["event_from"]),
            "end": clock.seconds(located["event_to"]),
            "local_start": clock.local_seconds(located["clock_from"], config.timezone),
            "local_end": clock.local_seconds(located["clock_to"], config.timezone),
        }
    )


def _radio(located: pd.DataFrame, weights: pd.DataFrame, coverage: pd.DataFrame) -> pd.DataFrame:
    """``hex`` (the likeliest one) of each complaint, its weight, and the coverage there."""
    heaviest = weights.sort_values(["complaint_id", "weight"], ascending=[True, False], kind="stable")
    heaviest = heaviest.drop_duplicates("complaint_id")
    at = pd.Index(heaviest["complaint_id"]).get_indexer(pd.Index(located["complaint_id"]))
    known = at >= 0
    # Hexes have 60 bits: a frame with gaps would turn them into floats and lose some.
    hexes = np.full(len(located), -1, np.int64)
    hexes[known] = heaviest["hex"].to_numpy(np.int64)[at[known]]
    there = coverage.drop_duplicates("hex").set_index("hex")[list(_RADIO)].rename(columns=_RENAMED)
    found = there.reindex(hexes).reset_index(drop=True)
    weight = np.full(len(located), np.nan)
    weight[known] = heaviest["weight"].to_numpy(float)[at[known]]
    text = np.full(len(located), None, dtype=object)
    text[known] = grid.hex_to_text(hexes[known])
    return found.assign(place_hex=text, hex_weight=weight)


def _counters(
    served: pd.DataFrame, events: pd.DataFrame, kpis: pd.DataFrame | KpiReader, config: Config
) -> pd.DataFrame:
    wanted = served["serving_cgi"]
    known = kpis if isinstance(kpis, pd.DataFrame) else kpis(wanted.dropna().astype(str).unique().tolist())
    spans = pd.DataFrame({"cgi": wanted.to_numpy(object), "begin_s": events["start"], "end_s": events["end"]})
    return contact_kpis.deviations(spans, known, config)


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(alarms=frame["alarms"].fillna(0), energy_share=frame["energy_share"].fillna(0.0))


def hex_evidence(evidence: pd.DataFrame, complaints: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Table HEX_EVIDENCE: the complaints of each hex gathered (each counts in its likeliest hex).

    Parameters
    ----------
    evidence : result of :func:`complaint_evidence`.
    complaints : table COMPLAINTS of the same complaints, for the distinct customers.
    """
    keys = complaints["customer_key"].fillna(complaints["complaint_id"])
    who = pd.Series(keys.to_numpy(object), index=complaints["complaint_id"].to_numpy(object))
    found = evidence[evidence["place_hex"].notna()]
    placed = found.assign(
        hex=grid.text_to_hex(found["place_hex"].tolist()),
        who=found["complaint_id"].map(who),
        deviates=(found["kpi_z"] >= config["kpi_z"]).to_numpy(bool, na_value=False),
        has_alarm=found["alarm_object"].notna(),
        in_window=found["energy_share"] > 0,
        missing=found["missing_neighbour"].notna(),
    )
    groups = placed.groupby("hex")
    frame = groups.agg(
        contacts=("complaint_id", "size"), customers=("who", "nunique"), rsrp_dbm=("rsrp_dbm", "first"),
        rsrp_indoor_dbm=("rsrp_indoor_dbm", "first"), sinr_db=("sinr_db", "first"), rsrp_basis=("rsrp_basis", "first"),
        coverage_probability=("coverage_probability", "first"), kpi_share=("deviates", "mean"),
        kpi_z=("kpi_z", "max"), alarm_share=("has_alarm", "mean"), energy_share=("in_window", "mean"),
        missing_neighbour_share=("missing", "mean"), first=("from", "min"), last=("to", "max"),
    )  # fmt: skip
    frame = frame.join(_commonest(placed, "serving_cgi", "serving_probability"))
    for column in ("kpi_name", "alarm_object", "energy_cgi", "missing_neighbour"):
        frame = frame.join(_commonest(placed, column, None)[column])
    return tables.conform(frame.rename(columns={"first": "from", "last": "to"}).reset_index(), tables.HEX_EVIDENCE)


def _commonest(placed: pd.DataFrame, column: str, weight: str | None) -> pd.DataFrame:
    """The value with the most weight in each hex (the first in order of equals) and its share of the weight."""
    known = placed[placed[column].notna()]
    amount = np.ones(len(known)) if weight is None else known[weight].to_numpy(dtype="float64", na_value=0.0)
    data = pd.DataFrame({"hex": known["hex"], column: known[column], "amount": amount})
    sums = data.groupby(["hex", column], as_index=False).agg(amount=("amount", "sum"))
    total = data.groupby("hex")["amount"].sum()
    first = sums.sort_values(["hex", "amount", column], ascending=[True, False, True]).drop_duplicates("hex")
    first = first.set_index("hex")
    return pd.DataFrame({column: first[column], f"{column.removesuffix('_cgi')}_share": first["amount"] / total})
