"""Cell counters of a time span against the same hours of the weeks before.

Counts are summed, never ratios averaged (handbook section 1). A ratio's deviation is a score
statistic: (observed - expected) / sqrt(phi * variance), expected from the cell's own success
share in the same hour of the week, phi the overdispersion of its own days before.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config

Floats = NDArray[np.float64]

# feature -> (good or bad events, attempts)
RATIOS: dict[str, tuple[str, str]] = {
    "rrc": ("rrc_succ", "rrc_att"),
    "access": ("bearer_succ", "bearer_att"),
    "drop": ("abn_rel", "all_rel"),
    "ho": ("ho_succ", "ho_att"),
    "qci1_setup": ("qci1_succ", "qci1_att"),
    "qci1_drop": ("qci1_abn_rel", "qci1_all_rel"),
    "qci1_ul_loss": ("qci1_ul_lost", "qci1_ul_pkt"),
    "qci1_dl_loss": ("qci1_dl_lost", "qci1_dl_pkt"),
}
LEVELS = ("prb_dl", "prb_ul", "users_max", "ul_interf_dbm", "traffic_erl", "dl_gb", "avail_s")
COLUMNS = (*sorted({c for pair in RATIOS.values() for c in pair}), *LEVELS)
HOURS_PER_WEEK = 168
DAY_S = 86400.0
BUSY_HOURS = 3
# A level that troubles customers need not last all day: the 80th percentile is what the worse hours see.
LEVEL_SHARE = 0.8


@dataclass(frozen=True)
class Counters:
    """Rows of the cells that matter, sorted by cell and time.

    ``slices`` maps a cgi to its rows; ``start_s`` is seconds since 1970 UTC; ``hour`` the local
    hour of the week; ``hourly`` the granularity; ``values`` the columns as float arrays.
    """

    slices: dict[str, slice]
    start_s: Floats
    hour: NDArray[np.int64]
    hourly: NDArray[np.bool_]
    values: dict[str, Floats]

    def rows(self, cgi: str, begin_s: float, end_s: float, *, hourly: bool) -> NDArray[np.int64]:
        """Positions of a cell's rows of one granularity that start within [begin, end)."""
        found = self.slices.get(cgi, slice(0, 0))
        start = self.start_s[found]
        keep = (start >= begin_s) & (start < end_s) & (self.hourly[found] == hourly)
        return np.asarray(np.flatnonzero(keep) + found.start, np.int64)


def select(kpis: pd.DataFrame, cgis: pd.Series, config: Config) -> Counters:
    """The counters of the named cells only: the table is large, the servers of the hotspots are few."""
    names = pd.Index(cgis.dropna().unique().astype(object))
    code = names.get_indexer(pd.Index(kpis["cgi"].to_numpy(object)))
    rows = np.flatnonzero(code >= 0)
    time = kpis["start"].iloc[rows]
    start = time.astype("int64").to_numpy() / 1e6
    order = np.lexsort((start, code[rows]))
    rows, start, code = rows[order], start[order], code[rows][order]
    hourly = kpis["granularity"].iloc[rows].eq("hour").to_numpy(bool)
    values = {c: kpis[c].iloc[rows].to_numpy("float64", na_value=np.nan) for c in COLUMNS}
    return Counters(_slices(code, names), start, _hour_of_week(time.iloc[order], config), hourly, values)


def _hour_of_week(time: pd.Series, config: Config) -> NDArray[np.int64]:
    local = time.dt.tz_convert(config.timezone)
    return np.asarray((local.dt.day_of_week * 24 + local.dt.hour).to_numpy(np.int64))


def _slices(code: NDArray[np.int64], names: pd.Index) -> dict[str, slice]:
    edges = np.searchsorted(code, np.arange(len(names) + 1))
    return {str(name): slice(int(a), int(b)) for name, (a, b) in zip(names, pairwise(edges), strict=True) if b > a}


@dataclass(frozen=True)
class Span:
    """Rows of one cell inside a time span, and of the weeks before it, at one granularity."""

    now: NDArray[np.int64]
    before: NDArray[np.int64]
    hourly: bool


def span_of(counters: Counters, cgi: str, begin_s: float, end_s: float, config: Config) -> Span:
    """Rows in the span and its baseline; hours where both have them, else days."""
    weeks = config["kpi_baseline_weeks"] * 7 * DAY_S
    spans = []
    for hourly in (True, False):
        lead = 0.0 if hourly else DAY_S - 1  # a day's row counts when any of the day is inside
        now = counters.rows(cgi, begin_s - lead, end_s, hourly=hourly)
        before = counters.rows(cgi, begin_s - lead - weeks, begin_s - lead, hourly=hourly)
        spans.append(Span(now, before, hourly))
    return max(spans, key=lambda s: (len(s.now) > 0, len(s.before) > 0, s.hourly))


def deviations(counters: Counters, span: Span, config: Config) -> dict[str, float]:
    """Every counter of one cell in one span: z, rate now, rate before, levels now and before."""
    row: dict[str, float] = {"kpi_periods": float(len(span.now))}
    for name, (hits, trials) in RATIOS.items():
        z, rate, before = _ratio(counters, span, hits, trials, config)
        row |= {f"{name}_z": z, f"{name}_now": rate, f"{name}_before": before}
    for suffix, rows in (("", span.now), ("_before", span.before)):
        row[f"prb_busy{suffix}"] = _busy(counters, rows, span.hourly)
        row[f"ul_interf{suffix}_dbm"] = _quantile(counters.values["ul_interf_dbm"][rows], LEVEL_SHARE)
        row[f"users{suffix}"] = _quantile(counters.values["users_max"][rows], LEVEL_SHARE)
        row[f"traffic{suffix}"] = _traffic(counters, rows)
    avail = counters.values["avail_s"][span.now] / (3600.0 if span.hourly else DAY_S)
    row["avail_share"] = float(np.nanmin(np.clip(avail, 0, 1))) if np.isfinite(avail).any() else np.nan
    row["avail_mean"] = float(np.nanmean(np.clip(avail, 0, 1))) if np.isfinite(avail).any() else np.nan
    return row


def _ratio(counters: Counters, span: Span, hits: str, trials: str, config: Config) -> tuple[float, float, float]:
    n1, s1 = _paired(counters, span.now, hits, trials)
    n0, s0 = _paired(counters, span.before, hits, trials)
    rate = float(s1.sum() / n1.sum()) if n1.sum() > 0 else np.nan
    before = float(s0.sum() / n0.sum()) if n0.sum() > 0 else np.nan
    least = config["kpi_min_attempts"]
    if n1.sum() < least or n0.sum() < least:
        return np.nan, rate, before
    slots0, slots1 = counters.hour[span.before], counters.hour[span.now]
    usual = _usual_share(slots0, n0, s0, least)
    return score_z(n1, s1, usual[slots1], _overdispersion(counters, span, n0, s0, usual), n0.sum()), rate, before


def _paired(counters: Counters, rows: NDArray[np.int64], hits: str, trials: str) -> tuple[Floats, Floats]:
    n, s = counters.values[trials][rows], counters.values[hits][rows]
    good = np.isfinite(n) & np.isfinite(s)
    return np.where(good, n, 0.0), np.where(good, np.minimum(s, n), 0.0)


def _usual_share(slots: NDArray[np.int64], n: Floats, s: Floats, least: float) -> Floats:
    """Success share per hour of the week; slots with too few attempts take the overall share."""
    attempts = np.bincount(slots, n, HOURS_PER_WEEK)
    successes = np.bincount(slots, s, HOURS_PER_WEEK)
    overall = s.sum() / n.sum()
    share = np.divide(successes, attempts, out=np.full(HOURS_PER_WEEK, overall), where=attempts >= least)
    return np.clip(share, 1e-6, 1 - 1e-6)


def _overdispersion(counters: Counters, span: Span, n: Floats, s: Floats, usual: Floats) -> float:
    """Pearson dispersion of the baseline's days, at least 1; days carry the correlation of their hours."""
    expected = usual[counters.hour[span.before]]
    day = (counters.start_s[span.before] // DAY_S).astype(np.int64)
    day -= day.min()
    residual = np.bincount(day, s - n * expected)
    variance = np.bincount(day, n * expected * (1 - expected))
    good = variance > 0
    if good.sum() < 4:
        return 1.0
    weeks = max(good.sum() / 7.0, 1.5)  # the shares were fitted on the same weeks
    return max(1.0, float(np.mean(residual[good] ** 2 / variance[good]) * weeks / (weeks - 1)))


def score_z(n: Floats, s: Floats, usual: Floats, phi: float, baseline_n: float) -> float:
    """Score statistic of successes ``s`` out of ``n`` against shares ``usual``.

    The variance carries the overdispersion ``phi`` and the baseline's own uncertainty,
    a factor (1 + n / baseline_n). Source: McCullagh & Nelder, Generalized Linear Models, 4.5.
    """
    variance = phi * float((n * usual * (1 - usual)).sum()) * (1 + n.sum() / baseline_n)
    return float((s - n * usual).sum() / np.sqrt(variance)) if variance > 0 else float("nan")


def _busy(counters: Counters, rows: NDArray[np.int64], hourly: bool) -> float:
    """Median over the days of the mean PRB occupancy of the three busiest hours (the fuller direction)."""
    load = np.fmax(counters.values["prb_dl"][rows], counters.values["prb_ul"][rows])
    good = np.isfinite(load)
    if not good.any():
        return float("nan")
    if not hourly:
        return float(np.median(load[good]))
    day = (counters.start_s[rows][good] // DAY_S).astype(np.int64)
    order = np.lexsort((-load[good], day))
    day, full = day[order] - day.min(), load[good][order]
    rank = np.arange(len(day)) - np.searchsorted(day, day)
    top = rank < BUSY_HOURS
    sums, counts = np.bincount(day[top], full[top]), np.bincount(day[top])
    return float(np.median(sums[counts > 0] / counts[counts > 0]))


def _traffic(counters: Counters, rows: NDArray[np.int64]) -> float:
    for column in ("dl_gb", "rrc_att", "traffic_erl"):
        value = counters.values[column][rows]
        if np.isfinite(value).any():
            return float(np.nanmean(value))
    return float("nan")


def _quantile(values: Floats, share: float) -> float:
    good = values[np.isfinite(values)]
    return float(np.quantile(good, share)) if len(good) else float("nan")
