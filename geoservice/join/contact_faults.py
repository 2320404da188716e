"""Alarms and shutdown windows on the cells that served each complaint, at the time of its event."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.join import clock
from geoservice.join.counters import DAY_S
from geoservice.join.kpi import SERVING_SHARE

Floats = NDArray[np.float64]


def strong(servers: pd.DataFrame) -> pd.DataFrame:
    """Cells that serve a complaint with at least 20 % (handbook section 6), the likeliest in any case."""
    return servers[(servers["probability"] >= SERVING_SHARE) | ~servers.duplicated("row")]


def alarms_at(servers: pd.DataFrame, alarms: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The service alarm that meets each event: of the likeliest cell (or its mast), the longest overlap.

    Parameters
    ----------
    servers : result of :func:`.contact_servers.contact_servers`.
    alarms : table ALARMS.
    events : ``start``, ``end`` in seconds UTC, indexed by row.

    Returns
    -------
    ``alarm_object``, ``alarm_code``, ``alarm_from``, ``alarm_to``, ``alarm_planned``, ``alarms``
    (how many objects have one) by row, for the rows that meet any.
    """
    serious = alarms[alarms["service_affecting"].fillna(False).astype(bool)]
    finish = np.nan_to_num(clock.seconds(serious["cleared_at"]), nan=np.inf)
    serious = serious.assign(begin=clock.seconds(serious["raised_at"]), finish=finish)
    near = strong(servers)
    keys = pd.concat([near[["row", "probability", name]].set_axis(["row", "probability", "object_key"], axis=1)
                      for name in ("cgi", "site_id")]).dropna(subset=["object_key"])  # fmt: skip
    keys = keys.groupby(["row", "object_key"], as_index=False).agg(probability=("probability", "sum"))
    hit = keys.merge(serious, on="object_key").merge(events[["start", "end"]], left_on="row", right_index=True)
    hit = hit[(hit["begin"] <= hit["end"]) & (hit["finish"] >= hit["start"])]
    shared = np.minimum(hit["finish"], hit["end"]) - np.maximum(hit["begin"], hit["start"])
    hit = hit.assign(shared=shared).sort_values(["row", "probability", "shared"], ascending=[True, False, False])
    first = hit.drop_duplicates("row").set_index("row")
    return pd.DataFrame(
        {
            "alarm_object": first["object_key"],
            "alarm_code": first["code"],
            "alarm_from": first["raised_at"],
            "alarm_to": first["cleared_at"],
            "alarm_planned": first["planned_work"],
            "alarms": hit.groupby("row")["object_key"].nunique(),
        }
    )


def windows_at(servers: pd.DataFrame, windows: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The shutdown window that holds most of each event (local clock; nothing where the hour is unknown).

    Returns
    -------
    ``energy_cgi``, ``energy_window``, ``energy_share`` (of the event inside it) by row, where any is.
    """
    joined = strong(servers)[["row", "cgi", "probability"]].merge(windows, on="cgi")
    joined = joined.merge(events[["local_start", "local_end"]].dropna(), left_on="row", right_index=True)
    opens, closes = (joined[name].map(clock.local_clock_s).to_numpy(float) for name in ("from_local", "to_local"))
    start = joined["local_start"].to_numpy(float)
    share = clock.window_share(start, joined["local_end"].to_numpy(float), opens, closes)
    hit = joined.assign(share=np.where(_in_force(start, joined), share, 0.0))
    hit = hit[hit["share"] > 0].sort_values(["row", "share", "probability"], ascending=[True, False, False])
    first = hit.drop_duplicates("row").set_index("row")
    return pd.DataFrame(
        {
            "energy_cgi": first["cgi"],
            "energy_window": first["from_local"].astype("str") + "-" + first["to_local"].astype("str"),
            "energy_share": first["share"].clip(0.0, 1.0),
        }
    )


def _in_force(start_s: Floats, windows: pd.DataFrame) -> NDArray[np.bool_]:
    day = np.floor(start_s / DAY_S) * DAY_S
    low, high = (_day_seconds(windows[name]) for name in ("valid_from", "valid_to"))
    return np.asarray((day >= np.nan_to_num(low, nan=-np.inf)) & (day <= np.nan_to_num(high + DAY_S, nan=np.inf)))


def _day_seconds(dates: pd.Series) -> Floats:
    stamps = pd.to_datetime(dates).astype("datetime64[s]")
    return np.where(stamps.isna(), np.nan, stamps.astype("int64").to_numpy(float))
