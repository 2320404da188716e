"""Predict cells that were not fitted, on the 3,000 real cells of Chengdu.

    python tests/bench/bench_chengdu.py            # a sketch on 160 cells, under a minute
    python tests/bench/bench_chengdu.py --full     # five folds over all cells, about half an hour

What ``geoservice calibrate`` and ``predict`` give for cells taken out beforehand (grouped by cell):
error, mean error and weak points (RSRP < −103 dBm) of plain COST-231 and TR 38.901, calibrated, and
calibrated + learned. Needs the reference data.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from geoservice.coverage.points import learning, read_frame
from geoservice.coverage.points.crossval import one_fold, validate_fold

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "chengdu_rsrp"
SKETCH_CELLS = 160
SKETCH_TREES = 30


def full(folds: int) -> None:
    """Every cell predicted once by models that never saw it."""
    cells, points = read_frame(DATA / "cells.csv"), read_frame(DATA / "points.parquet")
    start = time.perf_counter()
    parts = []
    for number in range(folds):  # fold by fold, so that an interrupted run has told what it found
        parts.append(validate_fold(cells, points, number, folds))
        print(parts[-1].round(3).to_string(index=False, header=number == 0), flush=True)
    found = pd.concat(parts)
    print(found.groupby("stage").mean(numeric_only=True).drop(columns="fold").round(3).to_string())
    print(f"{folds} folds in {time.perf_counter() - start:.0f} s")


def sketch() -> None:
    """One split of the cells nearest the centre, small trees: the order of the stages, not their best figures."""
    cells, points = read_frame(DATA / "cells.csv"), read_frame(DATA / "points.parquet")
    x, y = cells["Cell X"].to_numpy(float), cells["Cell Y"].to_numpy(float)
    near = cells["Cell Index"].to_numpy()[np.argsort(np.hypot(x - np.median(x), y - np.median(y)))[:SKETCH_CELLS]]
    held = near[np.random.default_rng(0).permutation(SKETCH_CELLS)[: SKETCH_CELLS // 5]]
    mine, out = points["cell"].isin(near), points["cell"].isin(held)
    learning.LEVEL_OPTIONS["max_iter"] = SKETCH_TREES
    start = time.perf_counter()
    found = pd.DataFrame(one_fold(cells, points[mine & ~out], points[out], 0))
    print(found.round(3).to_string(index=False))
    print(f"sketch: {SKETCH_CELLS} cells, {int(mine.sum()):,} points in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="all cells, grouped by cell")
    parser.add_argument("--folds", type=int, default=5)
    chosen = parser.parse_args()
    if chosen.full:
        full(chosen.folds)
    else:
        sketch()
