"""Counters of the serving cell at the time of each complaint, against the same hours of the weeks before.

The score statistic of decision 0063, all complaints at once: observed and expected successes of the
hours of the event are summed, the expected share of an hour is that of the same hour of the week in
the four weeks before, shrunk towards that of all hours. The overdispersion of a cell is one robust
figure over all its days (median, not mean, for the days of the trouble are among them).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config
from geoservice.join.counters import DAY_S, RATIOS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOUR_S = 3600.0
WEEK_HOURS, WEEK_DAYS = 168, 7
# An event of unknown hour reaches over a day and a half at most.
MOST_HOURS, MOST_DAYS = 36, 3
# Median of chi-square with one degree of freedom.
CHI2_MEDIAN = 0.45493642311957283
FEWEST_DAYS = 4
# The share of an hour of the week is drawn towards the cell's share of all hours by so many events: four
# hours of a rare event are next to nothing, and an estimate that happens to be low would cry wolf.
PRIOR_EVENTS = 10.0
# Sign of the adverse direction.
ADVERSE = {
    "rrc": -1.0, "access": -1.0, "drop": 1.0, "ho": -1.0, "qci1_setup": -1.0, "qci1_drop": 1.0,
    "qci1_ul_loss": 1.0, "qci1_dl_loss": 1.0,
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Counters of one granularity, sorted by ``key`` = cell × span + slot; slots count steps since 1970 UTC."""

    key: Ints
    code: Ints
    slot: Ints
    week: int
    step_s: float
    span: int
    values: dict[str, Floats]

    def find(self, code: Ints, slot: Ints) -> Ints:
        """Positions of (cell, slot) pairs, −1 where there is no such row."""
        wanted = code * self.span + slot
        place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return np.where((self.key[place] == wanted) & (code >= 0), place, -1)


def deviations(events: pd.DataFrame, kpis: pd.DataFrame, config: Config) -> pd.DataFrame:
    """z of every success and failure share at the time of each event.

    Parameters
    ----------
    events : ``cgi``, ``begin_s``, ``end_s`` (seconds UTC; NaN where unknown).
    kpis : table KPIS of at least those cells.

    Returns
    -------
    DataFrame in the order of ``events``: ``<name>_z`` for each of :data:`.counters.RATIOS`
    (positive = more than usual), kpi_name and kpi_z (the most adverse, positive = worse),
    kpi_step (hour, day; missing without counters at that time).
    """
    names = pd.Index(events["cgi"].dropna().unique().astype(object))
    code = np.where(events["cgi"].notna(), names.get_indexer(pd.Index(events["cgi"].astype(object))), -1)
    found, step = np.full((len(events), len(RATIOS)), np.nan), np.full(len(events), None, dtype=object)
    for granularity, most in (("day", MOST_DAYS), ("hour", MOST_HOURS)):
        table = _table(kpis, names, granularity)
        if len(table.key):
            z, seen = _z_of(events, code.astype(np.int64), table, most, config)
            found[seen], step[seen] = z[seen], granularity
    frame = pd.DataFrame(found, columns=[f"{name}_z" for name in RATIOS], index=events.index)
    return _with_worst(frame.assign(kpi_step=pd.Series(step, index=events.index, dtype="str")))


def _table(kpis: pd.DataFrame, names: pd.Index, granularity: str) -> Table:
    mine = kpis[kpis["granularity"].eq(granularity).to_numpy(bool)]
    code = names.get_indexer(pd.Index(mine["cgi"].astype(object)))
    mine, code = mine[code >= 0], code[code >= 0].astype(np.int64)
    step, week = (HOUR_S, WEEK_HOURS) if granularity == "hour" else (DAY_S, WEEK_DAYS)
    slot = np.floor(mine["start"].astype("int64").to_numpy() / 1e6 / step).astype(np.int64)
    span = int(slot.max(initial=0)) + 2
    order = np.argsort(code * span + slot, kind="stable")
    columns = sorted({column for pair in RATIOS.values() for column in pair})
    values = {c: mine[c].to_numpy("float64", na_value=np.nan)[order] for c in columns}
    code, slot = code[order], slot[order]
    return Table(code * span + slot, code, slot, week, step, span, values)


def _z_of(
    events: pd.DataFrame, code: Ints, table: Table, most: int, config: Config
) -> tuple[Floats, NDArray[np.bool_]]:
    """(events, ratios) z and which events have counters at their time."""
    row, slot = _slots(events, table, most)
    now = table.find(code[row], slot)
    row, slot, now = row[now >= 0], slot[now >= 0], now[now >= 0]
    weeks = int(config["kpi_baseline_weeks"])
    before = [table.find(code[row], slot - k * table.week) for k in range(1, weeks + 1)]
    seen = np.zeros(len(events), bool)
    seen[row] = True
    z = [_ratio_z(table, pair, row, now, before, len(events), config) for pair in RATIOS.values()]
    return np.stack(z, axis=1), seen


def _slots(events: pd.DataFrame, table: Table, most: int) -> tuple[Ints, Ints]:
    """Event and slot of every step that an event touches, at most ``most`` of an event (its last ones)."""
    begin, end = (events[name].to_numpy(float) / table.step_s for name in ("begin_s", "end_s"))
    known = np.flatnonzero(np.isfinite(begin) & np.isfinite(end))
    last = np.floor(end[known]).astype(np.int64)
    first = np.maximum(np.floor(begin[known]).astype(np.int64), last - most + 1)
    count = np.maximum(last - first + 1, 1)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(known, count), np.repeat(last - count + 1, count) + step


def _ratio_z(
    table: Table, pair: tuple[str, str], row: Ints, now: Ints, before: list[Ints], count: int, config: Config
) -> Floats:
    hits, trials = _paired(table, *pair)
    least = config["kpi_min_attempts"]
    n0, s0 = (sum(_at(values, place) for place in before) for values in (trials, hits))
    code, overall_n, overall_s = table.code[now], *_overall(table, trials, hits, now, len(before))
    overall = np.clip(_share(overall_s, overall_n), 1e-6, 1 - 1e-6)
    prior = np.maximum(PRIOR_EVENTS / (overall * (1 - overall)), least)
    usual = (s0 + prior * overall) / (n0 + prior)
    n1, s1 = trials[now], hits[now]
    surprise = np.bincount(row, s1 - n1 * usual, count)
    variance = np.bincount(row, n1 * usual * (1 - usual) * (1 + n1 / (n0 + prior)), count)
    attempts = np.bincount(row, n1, count)
    base = np.zeros(count)
    np.maximum.at(base, row, overall_n)
    spread = np.ones(count)
    spread[row] = _overdispersion(table, trials, hits)[code]
    enough = (attempts >= least) & (base >= least) & (variance > 0)
    return np.where(enough, surprise / np.sqrt(np.where(enough, spread * variance, 1.0)), np.nan)


def _paired(table: Table, hits: str, trials: str) -> tuple[Floats, Floats]:
    s, n = table.values[hits], table.values[trials]
    good = np.isfinite(n) & np.isfinite(s)
    return np.where(good, np.minimum(s, n), 0.0), np.where(good, n, 0.0)


def _at(values: Floats, place: Ints) -> Floats:
    return np.where(place >= 0, values[place], 0.0)


def _overall(table: Table, trials: Floats, hits: Floats, now: Ints, weeks: int) -> tuple[Floats, Floats]:
    """Attempts and successes of the cell in the weeks before each row, by differences of running sums."""
    low = np.searchsorted(table.key, np.maximum(table.key[now] - weeks * table.week, table.code[now] * table.span))
    sums = [np.r_[0.0, np.cumsum(values)] for values in (trials, hits)]
    return sums[0][now] - sums[0][low], sums[1][now] - sums[1][low]


def _share(s: Floats, n: Floats) -> Floats:
    return np.divide(s, n, out=np.full(len(n), 0.5), where=n > 0)


def _overdispersion(table: Table, trials: Floats, hits: Floats) -> Floats:
    """Pearson dispersion of each cell's days around its hours of the week: a median, at least 1."""
    cells = int(table.code.max(initial=-1)) + 1
    hour = table.code * table.week + table.slot % table.week
    usual = _share(*(np.bincount(hour, values).astype(float) for values in (hits, trials)))[hour]
    day = np.floor(table.slot * table.step_s / DAY_S).astype(np.int64)
    _, group = np.unique(table.code * (int(day.max(initial=0)) + 1) + day, return_inverse=True)
    variance = np.bincount(group, trials * usual * (1 - usual))
    residual = np.bincount(group, hits - trials * usual)
    of_cell = np.zeros(len(variance), np.int64)
    of_cell[group] = table.code
    good = variance > 1e-9
    stat = pd.Series(residual[good] ** 2 / variance[good]).groupby(of_cell[good])
    days = stat.size().reindex(range(cells), fill_value=0).to_numpy(float)
    weeks = np.maximum(days / WEEK_DAYS, 1.5)  # the shares were fitted on the same weeks
    found = stat.median().reindex(range(cells)).to_numpy(float) / CHI2_MEDIAN * weeks / (weeks - 1)
    return np.where(days >= FEWEST_DAYS, np.maximum(np.nan_to_num(found, nan=1.0), 1.0), 1.0)


def _with_worst(frame: pd.DataFrame) -> pd.DataFrame:
    adverse = np.stack([frame[f"{name}_z"].to_numpy(float) * sign for name, sign in ADVERSE.items()], axis=1)
    filled = np.where(np.isfinite(adverse), adverse, -np.inf)
    worst = filled.argmax(axis=1) if len(frame) else np.empty(0, np.int64)
    value = filled[np.arange(len(frame)), worst] if len(frame) else np.empty(0)
    known = np.isfinite(value)
    names = np.array([*ADVERSE, None], dtype=object)[np.where(known, worst, len(ADVERSE))]
    return frame.assign(kpi_z=np.where(known, value, np.nan), kpi_name=pd.Series(names, index=frame.index, dtype="str"))
