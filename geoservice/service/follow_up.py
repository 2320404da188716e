"""Did an action help? Before and after, against hexes where nothing was done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from geoservice import actions, grid, locate
from geoservice.config import Config
from geoservice.errors import InputError, NotFound
from geoservice.join.counters import Counters, deviations, select, span_of
from geoservice.service.run_view import RunView
from geoservice.store import Store, to_us

# Actions that a visit or a build ends are followed up like the others; these have nothing to compare.
_WITHOUT_EFFECT = frozenset({"A01", "A02", "A19"})
_WINDOW = timedelta(days=30)
_MOST_CONTROL_CELLS = 20


def verify(
    store: Store, view: RunView, action_id: str, done_at: datetime, now: datetime, config: Config
) -> dict[str, Any]:
    """Verdict on an action of a run: solved, not solved, or not enough data, with its figures.

    Raises
    ------
    NotFound
        The run has no such action.
    InputError
        The action changes nothing in the network, or is not done yet.
    """
    plans = view.actions[view.actions["action_id"] == action_id]
    if plans.empty:
        raise NotFound(f"there is no action {action_id!r} in run {view.run.run_id}", field="action")
    if plans["action"].iloc[0] in _WITHOUT_EFFECT:
        raise InputError(
            f"{plans['action'].iloc[0]} changes nothing in the network that could be compared", field="action"
        )
    if done_at >= now:
        raise InputError("the action must be done before the data end", field="done")
    spot = view.hotspots[view.hotspots["hotspot_id"] == plans["subject_id"].iloc[0]].iloc[0]
    treated, resolution, classes = _treated(spot), int(spot["resolution"]), tuple(spot["classes"] or ())
    fixes = store.read("fixes", where=[store.column("fixes", "precision") != "none"])
    weights = locate.hex_weights(fixes, resolution, store.read("exposure"))
    complaints = store.read("complaints")
    controls = actions.controls_of(treated, complaints, weights, view.coverage, done_at, classes)
    found = actions.verify(
        treated,
        complaints,
        weights,
        view.coverage,
        done_at,
        now,
        config,
        class_codes=classes,
        samples=_samples(store, treated, controls, resolution, done_at),
        counters=_counters(store, view, spot["hotspot_id"], controls, done_at, now, config),
    )
    return {"action_id": action_id, "hotspot": spot["hotspot_id"], "done_at": done_at.isoformat(), **asdict(found)}


def _treated(spot: pd.Series) -> pd.DataFrame:
    texts, weights = zip(*spot["hexes"], strict=True)
    return pd.DataFrame({"hex": grid.text_to_hex(texts), "weight": np.array(weights, float)})


def _samples(
    store: Store, treated: pd.DataFrame, controls: set[int], resolution: int, done_at: datetime
) -> actions.Samples:
    """Measurements of a window before and after the action, here and in the controls."""
    found = store.read("measurements", ["time", "lat", "lon", "rsrp_dbm", "source"])
    if found.empty:
        return actions.Samples()
    hexes = grid.to_hex(found["lat"], found["lon"], resolution)
    after = (found["time"] > done_at).to_numpy()
    before = ((found["time"] <= done_at) & (found["time"] > done_at - _WINDOW)).to_numpy()
    here = np.isin(hexes, treated["hex"])
    there = np.isin(hexes, np.array(sorted(controls), np.int64))
    parts = (here & after, here & before, there & after, there & before)
    return actions.Samples(*(found[part] for part in parts))


def _counters(
    store: Store, view: RunView, hotspot_id: str, controls: set[int], done_at: datetime, now: datetime, config: Config
) -> actions.CounterShift | None:
    """Counters of the serving cells after the action against their own weeks before, and the controls' likewise."""
    serving = _served_by(view, hotspot_id)
    others = _servers_of(view, controls) - serving
    if not serving:
        return None
    cgi = store.column("kpis", "cgi")
    names = sorted(serving | others)
    first = to_us(done_at - timedelta(weeks=config["kpi_baseline_weeks"]))
    kpis = store.read("kpis", where=[cgi.in_(names), store.column("kpis", "start") >= first])
    if kpis.empty:
        return None
    chosen = select(kpis, pd.Series(names), config)
    worst = {name: _adverse(chosen, name, done_at, now, config) for name in names}
    days = max((worst[name][0] for name in serving), default=0.0)
    return actions.CounterShift(days, _largest(worst, serving), _middle(worst, others))


def _adverse(counters: Counters, cgi: str, done_at: datetime, now: datetime, config: Config) -> tuple[float, float]:
    """Days covered and the worst adverse deviation of a cell after the action."""
    span = span_of(counters, cgi, done_at.timestamp(), now.timestamp(), config)
    if not len(span.now):
        return 0.0, float("nan")
    found = deviations(counters, span, config)
    signed = [found[name] for name in ("drop_z", "qci1_drop_z")] + [-found[n] for n in ("rrc_z", "access_z", "ho_z")]
    known = [value for value in signed if np.isfinite(value)]
    days = len(span.now) / (24.0 if span.hourly else 1.0)
    return days, max(known, default=float("nan"))


def _largest(worst: dict[str, tuple[float, float]], names: set[str]) -> float:
    known = [worst[name][1] for name in names if np.isfinite(worst[name][1])]
    return max(known, default=float("nan"))


def _middle(worst: dict[str, tuple[float, float]], names: set[str]) -> float:
    known = [worst[name][1] for name in names if np.isfinite(worst[name][1])]
    return float(np.median(known)) if known else float("nan")


def _served_by(view: RunView, hotspot_id: str) -> set[str]:
    mine = view.evidence[view.evidence["subject_id"] == hotspot_id]
    listed = mine["serving"].iloc[0] if len(mine) else None
    return {str(cell["cgi"]) for cell in listed} if isinstance(listed, list) else set()


def _servers_of(view: RunView, hexes: set[int]) -> set[str]:
    best = view.coverage[view.coverage["hex"].isin(hexes)]["best_cgi"].dropna().value_counts()
    return set(map(str, best.head(_MOST_CONTROL_CELLS).index))
