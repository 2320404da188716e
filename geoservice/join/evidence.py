"""Everything diagnosis needs about a subject, in one row: table EVIDENCE."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from geoservice import tables
from geoservice.config import Config
from geoservice.join import clock, counters, faults, kpi, levels, people, plans, relations, servers
from geoservice.join.reach import Reach, far_features
from geoservice.join.subjects import at_resolution, geometry, is_place, subject_hexes

# Counters are by far the largest table: only those of the cells that serve a subject are read.
KpiReader = Callable[[Sequence[str]], pd.DataFrame]


def evidence(
    subjects: pd.DataFrame,
    members: pd.DataFrame,
    complaints: pd.DataFrame,
    fixes: pd.DataFrame,
    coverage: pd.DataFrame,
    serving: pd.DataFrame,
    cells: pd.DataFrame,
    kpis: pd.DataFrame | KpiReader,
    alarms: pd.DataFrame,
    energy_windows: pd.DataFrame,
    neighbours: pd.DataFrame,
    measurements: pd.DataFrame,
    planned_sites: pd.DataFrame,
    config: Config,
) -> pd.DataFrame:
    """One row of evidence per subject.

    Parameters
    ----------
    subjects : rows of HOTSPOTS, or of :func:`geoservice.join.place_subject`.
    members : HOTSPOT_MEMBERS; places need none, their complaints are found by distance.
    complaints, fixes, coverage, serving, cells, kpis, alarms, energy_windows, neighbours,
    measurements, planned_sites : the tables of these names; any may be empty, then its
        ``has_*`` flag is False and its columns are empty. Complaints, coverage and measurements
        should be those of the whole network: what is usual there is the reference. With fewer than
        50 complaints events spread evenly are the reference, with fewer than 100 hexes zero.
        ``kpis`` may be a function that gives the rows of the cells named to it.
    config : thresholds and local time zone.

    Returns
    -------
    DataFrame
        Table EVIDENCE, in the order of ``subjects``.
    """
    if not len(subjects):
        return tables.empty(tables.EVIDENCE)
    subjects = subjects.reset_index(drop=True)
    located = people.located(complaints, fixes)
    told = people.cases(subjects, members, located)
    hexes = subject_hexes(subjects)
    radio = _radio(subjects, hexes, told, coverage, serving, cells, neighbours, measurements, config)
    events = faults.Events(subjects, told, located, config)
    network = _network(subjects, radio[1], kpis, alarms, energy_windows, events, config)
    parts = [
        _who(subjects, hexes, told, located, config),
        radio[0],
        *network,
        plans.plan_features(subjects, planned_sites),
    ]
    frame = pd.concat([part.reset_index(drop=True) for part in parts], axis=1)
    return tables.conform(_shares_bounded(frame.assign(has_cells=len(cells) > 0)), tables.EVIDENCE)


def _shares_bounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Shares are sums of products of floats: the last bit may exceed 1."""
    shares = [c.name for c in tables.EVIDENCE.columns if c.high == 1 and c.low == 0 and c.name in frame]
    bounded = frame[shares].astype("float64").clip(0.0, 1.0)
    return frame.assign(**{str(name): bounded[name] for name in shares})


def _who(
    subjects: pd.DataFrame, hexes: pd.DataFrame, told: pd.DataFrame, located: pd.DataFrame, config: Config
) -> pd.DataFrame:
    heard = people.features(subjects, told, located, config)
    place = is_place(subjects)
    head = pd.DataFrame(
        {
            "subject_id": subjects["hotspot_id"].astype(str),
            "lat": subjects["lat"].astype(float),
            "lon": subjects["lon"].astype(float),
            "from": subjects["from"],
            "to": subjects["to"],
            "is_cluster": ~place,
        }
    )
    head = head.join(geometry(subjects, hexes))
    # A place is as well known as the point that was asked about, whatever earlier complaints knew.
    heard["fix_radius_m"] = np.where(place, head["radius_m"], heard["fix_radius_m"])
    return head.join(heard)


def _radio(
    subjects: pd.DataFrame, hexes: pd.DataFrame, told: pd.DataFrame, coverage: pd.DataFrame, serving: pd.DataFrame,
    cells: pd.DataFrame, neighbours: pd.DataFrame, measurements: pd.DataFrame, config: Config,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Evidence about signal and servers, and the servers themselves."""
    count = len(subjects)
    here = at_resolution(hexes, coverage["hex"].to_numpy())
    samples = levels.samples_here(here, measurements)
    served = servers.servers(at_resolution(hexes, serving["hex"].to_numpy()), serving, told, samples)
    served = servers.with_distance(served, subjects, cells)
    window = config["overlap_window"]
    pairs = relations.pair_weights(here, coverage, samples, window)
    signal = levels.coverage_features(here, coverage, count, config)
    signal = levels.settle_level(signal.join(levels.measured_features(samples, count, config)), config)
    parts = [
        signal,
        levels.usual(measurements, here, count),
        far_features(samples, told, measurements, Reach(cells, config), count),
        relations.neighbour_features(pairs, neighbours, coverage, window, count),
        relations.identity_features(served, cells, count),
    ]
    frame = pd.concat(parts, axis=1)
    frame["serving"] = servers.as_json(served, count)
    frame["nearest_site_m"] = servers.nearest_site_m(subjects, cells)
    return frame, served


def _network(
    subjects: pd.DataFrame, served: pd.DataFrame, kpis: pd.DataFrame | KpiReader, alarms: pd.DataFrame,
    energy_windows: pd.DataFrame, events: faults.Events, config: Config,
) -> list[pd.DataFrame]:  # fmt: skip
    """Evidence about counters, alarms, sleeping cells and shutdown windows."""
    count = len(subjects)
    spans = _spans(subjects)
    chosen = kpi.responsible(served)
    watched = pd.concat([chosen["cgi"], faults.strong_servers(served)["cgi"]])
    known = kpis if isinstance(kpis, pd.DataFrame) else kpis(watched.dropna().astype(str).unique().tolist())
    rows = counters.select(known, watched, config)
    deviating = kpi.cell_deviations(chosen, spans, rows, config)
    return [
        kpi.features(deviating, count),
        faults.alarm_features(served, alarms, events, count),
        faults.sleeping_features(served, rows, spans, alarms, energy_windows, events, count),
        faults.energy_features(served, energy_windows, events, count),
    ]


def _spans(subjects: pd.DataFrame) -> pd.DataFrame:
    """Begin and end of each subject in seconds UTC, at least an hour apart."""
    begin, end = clock.seconds(subjects["from"]), clock.seconds(subjects["to"])
    return pd.DataFrame({"begin_s": begin, "end_s": np.maximum(end, begin + 3600.0)})
