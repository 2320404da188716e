"""When cells changed: measurements from before a change say nothing of the cell as it stands."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.store import Store

# What moves the signal, with the difference that counts (degrees of position: about ten metres).
_WATCHED = {
    "lat": 1e-4, "lon": 1e-4, "frequency_mhz": 0.05, "height_m": 0.5, "azimuth_deg": 0.5, "mech_tilt_deg": 0.25,
    "elec_tilt_deg": 0.25, "hbw_deg": 0.5, "vbw_deg": 0.5, "gain_dbi": 0.25, "rs_power_dbm": 0.25,
}  # fmt: skip
_MOST_CELLS = 900


def with_changes(store: Store, cells: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """``cells`` with ``changed_at``: now where a stored cell comes with other parameters, else as it was.

    A gap that is filled counts as a change of what we know, not of the cell, and so does none at all.
    """
    stored = _stored(store, cells["cgi"].tolist())
    row = pd.Index(stored["cgi"].to_numpy(object)).get_indexer(pd.Index(cells["cgi"].to_numpy(object)))
    former = pd.to_datetime(stored["changed_at"], utc=True).astype("datetime64[us, UTC]")
    kept = np.r_[former.dt.tz_localize(None).to_numpy(dtype="datetime64[us]"), np.datetime64("NaT", "us")][row]
    moment = np.datetime64(pd.Timestamp(now).tz_convert("UTC").tz_localize(None).to_pydatetime(), "us")
    stamps = np.where(_differs(stored, cells, row), moment, kept)
    return cells.assign(changed_at=pd.to_datetime(stamps).tz_localize("UTC"))


def _differs(stored: pd.DataFrame, cells: pd.DataFrame, row: NDArray[np.intp]) -> NDArray[np.bool_]:
    changed = np.zeros(len(cells), bool)
    if not len(stored):
        return changed
    for name, step in _WATCHED.items():
        old = stored[name].to_numpy(dtype="float64", na_value=np.nan)[row]
        new = cells[name].to_numpy(dtype="float64", na_value=np.nan)
        gap = np.abs((new - old + 180) % 360 - 180) if name == "azimuth_deg" else np.abs(new - old)
        changed |= gap > step
    return changed & (row >= 0)


def _stored(store: Store, cgis: list[str]) -> pd.DataFrame:
    names = ["cgi", "changed_at", *_WATCHED]
    column = store.column("cells", "cgi")
    parts = [
        store.read("cells", names, where=[column.in_(cgis[i : i + _MOST_CELLS])])
        for i in range(0, max(1, len(cgis)), _MOST_CELLS)
    ]
    return pd.concat(parts, ignore_index=True).drop_duplicates("cgi", ignore_index=True)
