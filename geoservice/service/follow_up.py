"""Did an action help? Before and after, against hexes where nothing was done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from geoservice import actions, grid, locate
from geoservice.config import Config
from geoservice.errors import InputError, NotFound
from geoservice.service.run_view import RunView
from geoservice.store import Store

# Actions that a visit or a build ends are followed up like the others; these have nothing to compare.
_WITHOUT_EFFECT = frozenset({"A01", "A02", "A19"})


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
    treated = _treated(spot)
    fixes = store.read("fixes", where=[store.column("fixes", "precision") != "none"])
    weights = locate.hex_weights(fixes, int(spot["resolution"]), store.read("exposure"))
    found = actions.verify(
        treated,
        store.read("complaints"),
        weights,
        view.coverage,
        done_at,
        now,
        config,
        measurements_after=_measured_after(store, treated, int(spot["resolution"]), done_at),
        class_codes=tuple(spot["classes"] or ()),
    )
    return {"action_id": action_id, "hotspot": spot["hotspot_id"], "done_at": done_at.isoformat(), **asdict(found)}


def _treated(spot: pd.Series) -> pd.DataFrame:
    texts, weights = zip(*spot["hexes"], strict=True)
    return pd.DataFrame({"hex": grid.text_to_hex(texts), "weight": np.array(weights, float)})


def _measured_after(store: Store, treated: pd.DataFrame, resolution: int, done_at: datetime) -> pd.DataFrame:
    samples = store.read("measurements", ["time", "lat", "lon", "rsrp_dbm"])
    samples = samples[samples["time"] > done_at]
    if samples.empty:
        return samples
    inside = np.isin(grid.to_hex(samples["lat"], samples["lon"], resolution), treated["hex"])
    return samples[inside]
