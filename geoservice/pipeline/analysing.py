"""The flow from stored complaints to work orders, written once: which step feeds which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter

import numpy as np
import pandas as pd

from geoservice import actions, diagnosis, grid, hotspots, join, locate, tables
from geoservice.actions import ResponseCurve
from geoservice.config import Config
from geoservice.engine import Engine
from geoservice.errors import InputError, NotEnoughData
from geoservice.hotspots.options import GROUPS
from geoservice.pipeline.locating import LocatorCache, locate_pending
from geoservice.pipeline.network_view import Snapshot, kpis_of, load
from geoservice.pipeline.radio_world import RadioWorld, predict
from geoservice.pipeline.work_orders import work_orders
from geoservice.records import Progress, silent
from geoservice.store import Run, Store

# A map view wants the surroundings of what happened, not only the hexes themselves.
_HALO = 2
# Beyond this many hexes coverage is computed where complaints are; the rest on demand.
_MAX_COVERAGE_HEXES = 400_000
_LONGEST = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class AnalyseOptions:
    """What to analyse: the period, the class group (None = all), the resolution (None = from the data), the seed."""

    since: datetime | None = None
    until: datetime | None = None
    class_group: str | None = None
    resolution: int | None = None
    seed: int = 20260101
    replicas: int = 999
    now: datetime | None = None

    def as_dict(self) -> dict[str, object]:
        """The options as they are kept with the run."""
        return {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "class": self.class_group,
            "resolution": self.resolution,
            "seed": self.seed,
            "replicas": self.replicas,
        }


@dataclass(frozen=True, slots=True)
class Computed:
    """The result tables of a run, what must be said about them, and what happened to each hotspot."""

    tables: dict[str, pd.DataFrame]
    notes: list[str]
    events: pd.DataFrame


def analyse(
    store: Store,
    locators: LocatorCache,
    config: Config,
    options: AnalyseOptions,
    engine: Engine,
    progress: Progress = silent,
    run_id: str | None = None,
) -> Run:
    """One immutable run: locate, find hotspots, predict coverage, join, diagnose, plan, request sites.

    The results become visible when the run is finished, all at once; until then the former run is served.
    """
    started = perf_counter()
    run_id = store.start_run(options.as_dict(), run_id)
    try:
        locate_pending(store, locators, config, _part(progress, 0.0, 0.1))
        progress(0.1, "reading")
        snapshot, cut = _bounded(load(store, options.since, options.until), options)
        if snapshot.complaints.empty:
            raise InputError(
                "there are no complaints in this period; import some first: geoservice import complaints FILE"
            )
        done = compute(store, snapshot, config, options, engine, run_id, _part(progress, 0.12, 0.95))
        done.notes.extend(cut)
        progress(0.95, "storing")
        summary = _summary(snapshot, done, perf_counter() - started) | {"options": _with_period(options, snapshot)}
        store.finish_run(run_id, done.tables, summary, done.events)
    except BaseException as error:
        state = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        store.update_run(run_id, state=state, doing=state, error=getattr(error, "message", type(error).__name__))
        raise
    progress(1.0, "done")
    return store.run(run_id)


def _bounded(data: Snapshot, options: AnalyseOptions) -> tuple[Snapshot, list[str]]:
    """Without ``since`` the last three years: one old or misdated ticket must not stretch the analysis over decades."""
    accepted = data.complaints["accepted_at"]
    if options.since is not None or accepted.empty or (data.complaints["time_step"] == "month").any():
        return data, []
    first = accepted.max() - _LONGEST
    old = (accepted < first).to_numpy()
    if not old.any():
        return data, []
    kept = data.complaints[~old].reset_index(drop=True)
    fixes = data.fixes[data.fixes["complaint_id"].isin(kept["complaint_id"])].reset_index(drop=True)
    note = f"{int(old.sum())} complaints before {first:%Y-%m-%d} are left out; give --since to look further back"
    return replace(data, complaints=kept, fixes=fixes), [note]


def compute(
    store: Store,
    data: Snapshot,
    config: Config,
    options: AnalyseOptions,
    engine: Engine,
    run_id: str,
    progress: Progress = silent,
) -> Computed:
    """All result tables of a run."""
    progress(0.0, "hotspots")
    found = _hotspots(data, config, options, run_id, _part(progress, 0.0, 0.45))
    identity = _track(store, found, run_id)
    tracked = identity.hotspots[identity.hotspots["state"] != "closed"].reset_index(drop=True)
    progress(0.45, "coverage")
    resolution = int(tracked["resolution"].iloc[0]) if len(tracked) else (options.resolution or 9)
    now = options.now or _latest(data.complaints)
    radio = RadioWorld.build(data.cells, data.measurements, config, now, resolution)
    area, customers = study_area(data, tracked, found.hex_rates, resolution)
    blended, serving = predict(radio, area, customers, engine)
    progress(0.7, "causes")
    evidence = join.evidence(
        tracked,
        identity.members,
        data.complaints,
        data.fixes,
        blended,
        serving,
        data.cells,
        kpis_of(store, config, tracked["from"].min() if len(tracked) else now),
        data.alarms,
        data.energy_windows,
        data.neighbours,
        data.measurements,
        data.planned_sites,
        config,
    )
    diagnoses = diagnosis.diagnose(evidence, config)
    what_if = partial(radio.what_if, customers=customers)
    curve, note = _response(found.hex_rates, blended, data.complaints, config)
    plans, requests = work_orders(
        data,
        tracked,
        identity.members,
        diagnoses,
        evidence,
        blended,
        what_if,
        curve,
        config,
        now,
        run_id,
        _part(progress, 0.8, 1.0),
        store.known_requests(),
    )
    results = {
        "hotspots": identity.hotspots,
        "hotspot_members": identity.members,
        "hex_rates": found.hex_rates,
        "coverage": blended,
        "serving": serving,
        "evidence": evidence,
        "diagnoses": diagnoses,
        "actions": plans,
        "site_requests": requests,
    }
    return Computed(results, [*found.notes, *note], identity.events)


def _response(
    hex_rates: pd.DataFrame, blended: pd.DataFrame, complaints: pd.DataFrame, config: Config
) -> tuple[ResponseCurve | None, list[str]]:
    """How complaints answer to signal on these data, or why that cannot be told."""
    days = (complaints["accepted_at"].max() - complaints["accepted_at"].min()).total_seconds() / 86_400
    try:
        return actions.response.fit(hex_rates, blended, max(1.0, days), config), []
    except NotEnoughData as error:
        return None, [f"complaints avoided are not predicted: {error.message}"]


def _hotspots(
    data: Snapshot, config: Config, options: AnalyseOptions, run_id: str, progress: Progress
) -> hotspots.Findings:
    scan = hotspots.ScanOptions(
        since=options.since,
        until=options.until,
        resolution=options.resolution,
        groups=(options.class_group,) if options.class_group else GROUPS,
        replicas=options.replicas,
        seed=options.seed,
        run_id=run_id,
    )

    def weigh(fixes: pd.DataFrame, resolution: int) -> pd.DataFrame:
        return locate.hex_weights(fixes, resolution, data.exposure)

    return hotspots.detect(data.complaints, data.fixes, data.exposure, data.satisfied, weigh, config, scan, progress)


def _track(store: Store, found: hotspots.Findings, run_id: str) -> hotspots.Tracked:
    """Give the new hotspots the numbers of the ones they continue."""
    former = store.current_run()
    previous = store.run_table(former.run_id, "hotspots") if former else tables.empty(tables.HOTSPOTS)
    members = store.run_table(former.run_id, "hotspot_members") if former else tables.empty(tables.HOTSPOT_MEMBERS)
    return hotspots.track(previous, members, found.hotspots.assign(run_id=run_id), found.members)


def study_area(
    data: Snapshot, found: pd.DataFrame, hex_rates: pd.DataFrame, resolution: int
) -> tuple[np.ndarray, pd.DataFrame]:
    """Hexes to predict (where people or complaints are, with a margin round hotspots) and their customers."""
    exposed = _customers_by_hex(data.exposure, resolution)
    near = [_hexes_at(hex_rates["hex"].to_numpy(np.int64), resolution)]
    near += [
        grid.disk(_hexes_at(grid.text_to_hex([text for text, _ in hexes]), resolution), _HALO)
        for hexes in found["hexes"]
    ]
    wanted = np.unique(np.concatenate([*near, exposed["hex"].to_numpy(np.int64)]))
    if wanted.size > _MAX_COVERAGE_HEXES:
        wanted = np.unique(np.concatenate(near))
    return wanted, exposed[exposed["hex"].isin(wanted)].reset_index(drop=True)


def _hexes_at(hexes: np.ndarray, resolution: int) -> np.ndarray:
    """Hexes of ``resolution``; coarser ones are represented by the hex at their centre."""
    if hexes.size == 0 or int(grid.resolutions(hexes[:1])[0]) == resolution:
        return hexes
    return np.unique(grid.to_hex(*grid.hex_to_latlon(hexes), resolution))


def _customers_by_hex(exposure: pd.DataFrame, resolution: int) -> pd.DataFrame:
    if exposure.empty:
        return pd.DataFrame({"hex": np.empty(0, np.int64), "customers": np.empty(0)})
    hexes = grid.to_hex(exposure["lat"], exposure["lon"], resolution)
    return exposure.groupby(hexes)["customers"].sum().rename_axis("hex").reset_index()


def _latest(complaints: pd.DataFrame) -> datetime:
    moment: datetime = complaints["accepted_at"].max().to_pydatetime()
    return moment


def _with_period(options: AnalyseOptions, data: Snapshot) -> dict[str, object]:
    """The options with the period that was looked at in the end: it stays when later files bring other days."""
    accepted = data.complaints["accepted_at"]
    since = options.since or accepted.min().to_pydatetime()
    until = options.until or accepted.max().to_pydatetime() + timedelta(microseconds=1)
    return {**options.as_dict(), "from": since.isoformat(), "to": until.isoformat()}


def _summary(data: Snapshot, done: Computed, seconds: float) -> dict[str, object]:
    return {
        "complaints": len(data.complaints),
        "customers": int(data.complaints["customer_key"].nunique()),
        "hotspots": int((done.tables["hotspots"]["state"] != "closed").sum()),
        "seconds": round(seconds, 3),
        "notes": done.notes,
    }


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a step that is part of a whole."""
    return lambda share, what: progress(start + (end - start) * share, what)
