"""Counters of the serving cells of 40 hotspots out of a million KPI rows, against grouping the whole table.

Run: ``python tests/bench/evidence_counters.py``
"""

from __future__ import annotations

from time import process_time

import numpy as np
import pandas as pd

from geoservice import tables
from geoservice.config import default_config
from geoservice.join.counters import RATIOS, deviations, select, span_of

CELLS, DAYS, HOTSPOTS, SERVERS = 463, 90, 40, 3


def million() -> pd.DataFrame:
    """Hourly counters of 463 cells over 90 days (1.0 M rows)."""
    start = pd.date_range("2026-03-01", periods=DAYS * 24, freq="h", tz="UTC")
    rng = np.random.default_rng(0)
    n = CELLS * len(start)
    frame = pd.DataFrame({"cgi": np.repeat([f"460-00-{i}-1" for i in range(CELLS)], len(start)), "granularity": "hour"})
    frame["start"] = np.tile(start.to_numpy(), CELLS)
    for hits, trials in RATIOS.values():
        frame[trials] = rng.integers(50, 500, n).astype(float)
        frame[hits] = np.floor(frame[trials] * 0.99)
    return tables.conform(frame.assign(prb_dl=rng.random(n), ul_interf_dbm=-110.0, dl_gb=1.0), tables.KPIS)


def ours(kpis: pd.DataFrame, cgis: list[str], begin: pd.Timestamp, end: pd.Timestamp) -> int:
    """Select the serving cells first, then their spans."""
    config = default_config()
    counters = select(kpis, pd.Series(cgis), config)
    spans = [span_of(counters, cgi, begin.timestamp(), end.timestamp(), config) for cgi in cgis]
    return len([deviations(counters, span, config) for span in spans])


def whole(kpis: pd.DataFrame) -> int:
    """The obvious way: a baseline per cell and hour of the week over the whole table."""
    local = kpis["start"].dt.tz_convert("Asia/Shanghai")
    keys = [kpis["cgi"], local.dt.day_of_week, local.dt.hour]
    return len(kpis.groupby(keys)[[c for pair in RATIOS.values() for c in pair]].sum())


def main() -> None:
    kpis = million()
    rng = np.random.default_rng(1)
    cgis = [f"460-00-{i}-1" for i in rng.choice(CELLS, HOTSPOTS * SERVERS)]
    begin, end = pd.Timestamp("2026-05-10", tz="UTC"), pd.Timestamp("2026-05-24", tz="UTC")
    ours(kpis.iloc[:5000], cgis[:2], begin, end)
    clock = process_time()
    ours(kpis, cgis, begin, end)
    mine = process_time() - clock
    clock = process_time()
    whole(kpis)
    theirs = process_time() - clock
    print(
        f"{len(kpis):,} rows: serving cells {mine:.2f} s of CPU, whole table {theirs:.2f} s, ratio {theirs / mine:.1f}"
    )


if __name__ == "__main__":
    main()
