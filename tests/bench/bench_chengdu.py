"""Predict cells that were not fitted, on the 3,000 real cells of Chengdu.

    python tests/bench/bench_chengdu.py [FOLDS=5]

Cross-validation grouped by cell: error, mean error and weak points (RSRP < −103 dBm) of plain
COST-231 and TR 38.901, calibrated, and calibrated + learned. Needs the reference data.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from geoservice.coverage.points import read_frame, validate
from geoservice.coverage.points.geometry import cost_level
from geoservice.coverage.points.learning import prepare, validate_stage

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "chengdu_rsrp"


def main(folds: int) -> None:
    cells, points = read_frame(DATA / "cells.csv"), read_frame(DATA / "points.parquet")
    prepared = prepare(cells, points)
    cost = cost_level(prepared.field, prepared.shape)
    spread = np.full(cost.shape, float(np.std(prepared.level_dbm - cost)))
    print("COST-231, nothing fitted:", validate_stage("cost231", cost, spread, prepared.level_dbm))
    start = time.perf_counter()
    found = validate(cells, points, folds, progress=lambda share, what: print(f"{share:4.0%} {what}", flush=True))
    print(found.round(3).to_string(index=False))
    print(found.groupby("stage").mean(numeric_only=True).drop(columns="fold").round(3).to_string())
    print(f"{folds} folds in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
