"""The join per complaint: all at once against one subject a complaint, in one run.

    python tests/bench/bench_join.py [COMPLAINTS=100000]

Prints CPU seconds of joining every complaint with its serving cell, counters, alarms, windows and
neighbours, and of the evidence per place (the same questions, asked one complaint at a time).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from geoservice import grid, tables
from geoservice.config import default_config
from geoservice.join import complaint_evidence, evidence, place_subject

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.join.conftest import BEGIN, CENTRE, RESOLUTION, Town, complaints, fixes, hexes_here, hourly_kpis, table

SINGLE = 40


def main(count: int) -> None:
    config, kpis = default_config(), hourly_kpis(list("ABCDE"))
    town = Town().but(kpis=kpis)
    told = complaints(pd.date_range(BEGIN, BEGIN + pd.Timedelta(days=13), periods=count))
    hexes = np.resize(hexes_here(2), 5 * count)
    weights = table("weights", complaint_id=np.repeat(told["complaint_id"].to_numpy(object), 5), hex=hexes, weight=0.2)
    start = time.process_time()
    found = complaint_evidence(
        told, fixes(told), weights, town.coverage, town.serving, town.cells, kpis, town.alarms, town.energy_windows,
        town.neighbours, config,
    )  # fmt: skip
    together = time.process_time() - start
    assert len(found) == count
    few, start = told.iloc[:SINGLE], time.process_time()
    for moment in few["accepted_at"]:
        place = place_subject(*CENTRE, 100.0, moment - pd.Timedelta(hours=12), moment, RESOLUTION)
        evidence(
            place, tables.empty(tables.HOTSPOT_MEMBERS), few, fixes(few), town.coverage, town.serving, town.cells, kpis,
            town.alarms, town.energy_windows, town.neighbours, town.measurements, town.planned_sites, config,
        )  # fmt: skip
    single = (time.process_time() - start) / SINGLE
    share = together / count
    print(f"{count:,} complaints over {len(grid.disk(hexes_here(0), 2))} hexes: {together:.1f} s CPU together")
    print(f"= {1e6 * share:.0f} µs each; one place at a time {1e3 * single:.0f} ms = {single / share:,.0f} ×")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
