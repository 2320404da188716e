"""Alarms, sleeping cells and energy-saving windows that meet the complaints in time."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from geoservice.config import Config
from geoservice.join import clock
from geoservice.join.counters import DAY_S, Counters
from geoservice.join.kpi import SERVING_SHARE
from geoservice.join.people import NIGHT_HOURS
from geoservice.join.subjects import is_place

# An hour is "dead" when the cell usually has at least this many attempts in that hour and now has none.
BUSY_ENOUGH = 5.0
FEWEST_DEAD_HOURS = 3
LEAST_OF_MAST = 0.05


# Fewer complaints than this do not show when people usually complain; then events spread evenly are the reference.
FEWEST_REFERENCE, EVEN_EVENTS = 50, 500


class Events:
    """Spans of the complaints of each subject, and of all complaints, for shares and expectations."""

    def __init__(self, subjects: pd.DataFrame, cases: pd.DataFrame, complaints: pd.DataFrame, config: Config) -> None:
        self.zone = config.timezone
        self._spans = self._of_subjects(subjects, cases)
        enough = len(complaints) >= FEWEST_REFERENCE
        self.all = _span_table(complaints if enough else _evenly_spread(subjects), self.zone)

    def _of_subjects(self, subjects: pd.DataFrame, cases: pd.DataFrame) -> dict[int, pd.DataFrame]:
        table = _span_table(cases, self.zone).assign(
            subject=cases["subject"].to_numpy(), share=cases["share"].to_numpy(float)
        )
        spans: dict[Any, pd.DataFrame] = dict(iter(table.groupby("subject")))
        for i in np.flatnonzero(is_place(subjects)).tolist():  # the call that is being made now
            now = subjects["to"].iloc[[i]]
            call = {"event_from": now - pd.Timedelta(hours=1), "event_to": now, "clock_from": now, "clock_to": now}
            spans[i] = _span_table(pd.DataFrame(call), self.zone).assign(share=1.0)
        return spans

    def of(self, subject: int) -> pd.DataFrame:
        """Events of one subject: ``start``, ``end`` (s UTC), ``local_start``, ``local_end``, ``share``."""
        return self._spans.get(subject, self.all.iloc[:0].assign(share=1.0))


def _evenly_spread(subjects: pd.DataFrame) -> pd.DataFrame:
    times = pd.Series(pd.date_range(subjects["from"].min(), subjects["to"].max(), periods=EVEN_EVENTS))
    return pd.DataFrame({"event_from": times, "event_to": times, "clock_from": times, "clock_to": times})


def _span_table(frame: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "start": clock.seconds(frame["event_from"]),
            "end": clock.seconds(frame["event_to"]),
            "local_start": clock.local_seconds(frame["clock_from"], zone),
            "local_end": clock.local_seconds(frame["clock_to"], zone),
        }
    )


def strong_servers(servers: pd.DataFrame) -> pd.DataFrame:
    """Cells that serve at least 20 % now or by prediction (a cell that is down no longer shows).

    The cells of one mast count together: a wide place is served by its three sectors, and they
    fail and sleep together.
    """
    share = servers[["probability", "predicted"]].max(axis=1)
    mast = servers["site_id"].fillna(servers["cgi"])
    of_mast = servers.groupby([servers["subject"], mast])[["probability", "predicted"]].transform("sum").max(axis=1)
    return servers[(share >= SERVING_SHARE) | ((of_mast >= SERVING_SHARE) & (share >= LEAST_OF_MAST))]


def alarm_features(servers: pd.DataFrame, alarms: pd.DataFrame, events: Events, count: int) -> pd.DataFrame:
    """Evidence columns ``alarm_*``: the object whose service alarms meet the complaints beyond chance."""
    serious = alarms[alarms["service_affecting"].fillna(False).astype(bool)]
    serious = serious.assign(begin=clock.seconds(serious["raised_at"]), finish=clock.seconds(serious["cleared_at"]))
    serious["finish"] = serious["finish"].fillna(np.inf)
    strong = strong_servers(servers)
    by_cell = strong[["subject", "cgi"]].set_axis(["subject", "object_key"], axis=1)
    by_site = strong[["subject", "site_id"]].set_axis(["subject", "object_key"], axis=1)
    keys = pd.concat([by_cell, by_site]).dropna().drop_duplicates()
    joined = keys.merge(serious, on="object_key")
    groups = dict(iter(joined.groupby("subject")))
    rows = [_alarm_row(groups.get(i), events.of(i), events.all) for i in range(count)]
    return pd.DataFrame(rows, index=range(count)).assign(has_alarms=len(alarms) > 0)


def _alarm_row(found: pd.DataFrame | None, mine: pd.DataFrame, everyone: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {
        "alarm_share": 0.0, "alarm_expected_share": 0.0, "alarm_object": None, "alarm_code": None,
        "alarm_from": pd.NaT, "alarm_to": pd.NaT, "alarm_planned": None,
    }  # fmt: skip
    if found is None or not len(mine):
        return row
    best = 0.0
    for key, part in found.groupby("object_key"):
        share, usual = _shares(part["begin"].to_numpy(float), part["finish"].to_numpy(float), mine, everyone)
        if share - usual > best:
            best = share - usual
            row |= {"alarm_share": share, "alarm_expected_share": usual, "alarm_object": str(key)}
            row |= _longest(part, mine)
    return row


def _shares(begin: np.ndarray, finish: np.ndarray, mine: pd.DataFrame, everyone: pd.DataFrame) -> tuple[float, float]:
    hit = clock.touches(mine["start"].to_numpy(), mine["end"].to_numpy(), begin, finish)
    share = float(np.average(hit, weights=mine["share"]))
    if not len(everyone):
        return share, 0.0
    usual = clock.touches(everyone["start"].to_numpy(), everyone["end"].to_numpy(), begin, finish)
    return share, float(usual.mean())


def _longest(part: pd.DataFrame, mine: pd.DataFrame) -> dict[str, object]:
    begin, finish = part["begin"].to_numpy(float)[:, None], part["finish"].to_numpy(float)[:, None]
    hits = (mine["start"].to_numpy()[None, :] <= finish) & (mine["end"].to_numpy()[None, :] >= begin)
    main = part.iloc[int(np.argmax(hits.sum(axis=1)))]
    planned = main["planned_work"]
    return {
        "alarm_code": str(main["code"]),
        "alarm_from": main["raised_at"],
        "alarm_to": main["cleared_at"],
        "alarm_planned": None if pd.isna(planned) else bool(planned),
    }


def sleeping_features(
    servers: pd.DataFrame, counters: Counters, spans: pd.DataFrame, alarms: pd.DataFrame, windows: pd.DataFrame,
    events: Events, count: int,
) -> pd.DataFrame:  # fmt: skip
    """``sleeping_*``: a serving cell without any traffic in hours it is used to, unexplained by alarm or shutdown."""
    strong = strong_servers(servers)
    rows: list[dict[str, object]] = [dict(_NO_SLEEP) for _ in range(count)]
    for subject, cgi, site in zip(strong["subject"], strong["cgi"], strong["site_id"], strict=True):
        begin, end = spans.loc[subject, ["begin_s", "end_s"]]
        dead = _dead_hours(counters, cgi, begin, end)
        if len(dead) < FEWEST_DEAD_HOURS:
            continue
        dead = dead[~_explained(dead, [cgi, site], alarms)]
        dead = dead[~_shut(dead, cgi, windows, events)]
        if len(dead) < FEWEST_DEAD_HOURS or _only_at_night(dead, events):
            continue
        mine = events.of(int(subject))
        share, usual = _shares(dead, dead + 3600.0, mine, events.all) if len(mine) else (0.0, 0.0)
        if len(dead) > float(str(rows[subject]["sleeping_hours"])):
            rows[subject] = {
                "sleeping_cgi": cgi, "sleeping_hours": float(len(dead)),
                "sleeping_share": share, "sleeping_expected": usual,
            }  # fmt: skip
    return pd.DataFrame(rows, index=range(count))


_NO_SLEEP: dict[str, object] = {
    "sleeping_cgi": None, "sleeping_hours": 0.0, "sleeping_share": 0.0, "sleeping_expected": 0.0,
}  # fmt: skip


def _dead_hours(counters: Counters, cgi: str, begin_s: float, end_s: float) -> np.ndarray:
    """Start seconds of hours without activity where the cell is usually active (by hour of the day)."""
    rows = counters.rows(cgi, -np.inf, np.inf, hourly=True)
    activity = np.nansum([counters.values[c][rows] for c in ("rrc_att", "dl_gb", "traffic_erl")], axis=0)
    attempts = counters.values["rrc_att"][rows]
    if not len(rows) or not np.isfinite(attempts).any():
        return np.empty(0)
    hour = counters.hour[rows] % 24
    usual = np.bincount(hour, np.nan_to_num(attempts), 24) / np.maximum(np.bincount(hour, minlength=24), 1)
    start = counters.start_s[rows]
    dead = (activity == 0) & (usual[hour] >= BUSY_ENOUGH) & (start >= begin_s) & (start < end_s)
    return np.asarray(start[dead])


def _only_at_night(dead: np.ndarray, events: Events) -> bool:
    """Hours dead at night only look like a shutdown that nobody wrote down, not like a sleeping cell."""
    local = clock.local_seconds(pd.Series(pd.to_datetime(dead, unit="s", utc=True)), events.zone)
    hour = local % DAY_S / 3600.0
    return int(((hour >= NIGHT_HOURS[1]) & (hour < NIGHT_HOURS[0])).sum()) < FEWEST_DEAD_HOURS


def _explained(dead: np.ndarray, keys: list[object], alarms: pd.DataFrame) -> np.ndarray:
    mine = alarms[alarms["object_key"].isin([k for k in keys if isinstance(k, str)])]
    finish = np.nan_to_num(clock.seconds(mine["cleared_at"]), nan=np.inf)
    return clock.touches(dead, dead + 3600.0, clock.seconds(mine["raised_at"]), finish)


def _shut(dead: np.ndarray, cgi: str, windows: pd.DataFrame, events: Events) -> np.ndarray:
    """Hours that a shutdown window in force on that day explains."""
    local = clock.local_seconds(pd.Series(pd.to_datetime(dead, unit="s", utc=True)), events.zone)
    shut = np.zeros(len(dead), bool)
    for window in windows[windows["cgi"].eq(cgi)].itertuples(index=False):
        opens, closes = clock.local_clock_s(str(window.from_local)), clock.local_clock_s(str(window.to_local))
        share = clock.window_share(local, local + 3600.0, opens, closes)
        shut |= (share > 0) & _valid(np.floor(local / DAY_S) * DAY_S, window)
    return shut


def energy_features(servers: pd.DataFrame, windows: pd.DataFrame, events: Events, count: int) -> pd.DataFrame:
    """Evidence columns ``energy_*``: the shutdown window of a serving cell that holds most of the events."""
    joined = strong_servers(servers)[["subject", "cgi"]].merge(windows, on="cgi")
    groups = dict(iter(joined.groupby("subject")))
    rows = [_energy_row(groups.get(i), events.of(i), events.all) for i in range(count)]
    return pd.DataFrame(rows, index=range(count)).assign(has_energy=len(windows) > 0)


def _energy_row(found: pd.DataFrame | None, mine: pd.DataFrame, everyone: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {
        "energy_share": 0.0, "energy_expected_share": 0.0, "energy_cgi": None, "energy_window": None,
    }  # fmt: skip
    if found is None or not len(mine):
        return row
    best = 0.0
    for window in found.itertuples(index=False):
        share = _in_window(mine, window, mine["share"].to_numpy(float))
        usual = _in_window(everyone, window, np.ones(len(everyone)))
        if share - usual > best:
            best = share - usual
            row = {
                "energy_share": share, "energy_expected_share": usual, "energy_cgi": str(window.cgi),
                "energy_window": f"{window.from_local}-{window.to_local}",
            }  # fmt: skip
    return row


def _in_window(spans: pd.DataFrame, window: Any, weight: np.ndarray) -> float:
    start, end = spans["local_start"].to_numpy(float), spans["local_end"].to_numpy(float)
    known = np.isfinite(start)
    if not known.any():
        return 0.0
    opens, closes = clock.local_clock_s(window.from_local), clock.local_clock_s(window.to_local)
    share = clock.window_share(start[known], end[known], opens, closes)
    day = np.floor(start[known] / DAY_S) * DAY_S
    return float(np.average(np.where(_valid(day, window), share, 0.0), weights=weight[known]))


def _valid(day_s: np.ndarray, window: Any) -> np.ndarray:
    """True on days the window is in force; a night that began the evening before still counts."""
    first, last = window.valid_from, window.valid_to
    low = -np.inf if pd.isna(first) else pd.Timestamp(first).timestamp()
    high = np.inf if pd.isna(last) else pd.Timestamp(last).timestamp() + DAY_S
    return np.asarray((day_s >= low) & (day_s <= high))
