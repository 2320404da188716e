"""Weak grid (MathorCup 2022 D, question 1): our plan against plain greedy, every constraint re-checked.

    python tests/bench/bench_weak_grid.py [--full] [--folder FOLDER] [--seconds 120]

By default a quarter of the region, within a minute; ``--full`` is the contest's: 182,807 demand points, 6.25 million
candidate positions, 1,474 existing sites. The checks (``check_site_plan.py``) share no code with the solver: coverage
is counted point by point, spacing pair by pair.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from check_site_plan import check, read

TARGET, SPACING, SIZE = 0.9, 10, 2500
TYPES = {"macro": {"radius": 30, "cost": 10}, "micro": {"radius": 10, "cost": 1}}


def plain_greedy(demand: np.ndarray, existing: np.ndarray) -> tuple[float, float]:
    """(cost, seconds) of the obvious way: the micro of most uncovered traffic, again and again."""
    from scipy.signal import fftconvolve

    start = time.monotonic()
    grid = np.zeros((SIZE, SIZE))
    np.add.at(grid, (demand[:, 0].astype(int), demand[:, 1].astype(int)), demand[:, 2])
    a, b = np.mgrid[-10:11, -10:11]
    disk = (a * a + b * b <= 100).astype(float)
    score = fftconvolve(grid, disk, mode="same")
    for x, y in existing[:, :2].astype(int):
        forbid(score, x, y, disk)
    left, goal, cost = grid.sum(), (1 - TARGET) * grid.sum(), 0
    while left > goal:
        x, y = np.unravel_index(np.argmax(score), score.shape)
        window = np.s_[max(x - 20, 0) : x + 21, max(y - 20, 0) : y + 21]
        inner = np.s_[max(x - 10, 0) : x + 11, max(y - 10, 0) : y + 11]
        taken = np.zeros_like(grid[window])
        cut = disk[max(10 - x, 0) : 10 + SIZE - x, max(10 - y, 0) : 10 + SIZE - y]
        offset = (max(x - 10, 0) - max(x - 20, 0), max(y - 10, 0) - max(y - 20, 0))
        part = grid[inner] * cut[: grid[inner].shape[0], : grid[inner].shape[1]]
        taken[offset[0] : offset[0] + part.shape[0], offset[1] : offset[1] + part.shape[1]] = part
        left -= part.sum()
        grid[inner] -= part
        score[window] -= fftconvolve(taken, disk, mode="same")
        forbid(score, int(x), int(y), disk)
        cost += 1
    return float(cost), time.monotonic() - start


def forbid(score: np.ndarray, x: int, y: int, disk: np.ndarray) -> None:
    rows, columns = np.nonzero(disk)
    r, c = rows - 10 + x, columns - 10 + y
    inside = (r >= 0) & (r < SIZE) & (c >= 0) & (c < SIZE)
    score[r[inside], c[inside]] = -np.inf


def main() -> int:
    import pandas as pd

    from geoservice import siting

    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[3] / "shared" / "data" / "weak_grid"
    parser.add_argument("--full", action="store_true", help="the whole region")
    parser.add_argument("--folder", type=Path, default=default)
    parser.add_argument("--seconds", type=float, help="time limit of the solver")
    options = parser.parse_args()
    if not options.folder.is_dir():
        print(f"no data in {options.folder}: give the folder with weak_grid.csv and existing_sites.csv")
        return 2
    demand = read(options.folder / "weak_grid.csv", ("x", "y", "traffic"))
    existing = read(options.folder / "existing_sites.csv", ("x", "y"))
    if not options.full:
        demand, existing = (table[(table[:, :2] < SIZE / 2).all(axis=1)] for table in (demand, existing))
    usual, usual_seconds = plain_greedy(demand, existing)
    before = time.process_time()
    plan = siting.solve(
        pd.DataFrame(demand, columns=["x", "y", "traffic"]),
        pd.DataFrame(existing, columns=["x", "y"]),
        TYPES,
        target_share=TARGET,
        spacing=SPACING,
        seed=1,
        time_limit=options.seconds or (120.0 if options.full else 25.0),
    )
    processor = time.process_time() - before
    sites = [
        (int(x), int(y), str(kind))
        for x, y, kind in zip(plan.sites["x"], plan.sites["y"], plan.sites["type"], strict=True)
    ]
    assert all(0 <= c < SIZE for x, y, _ in sites for c in (x, y)), "a site is outside the region"
    cost, share = check(sites, demand, existing, TYPES, SPACING)
    assert cost == plan.cost, "the plan misstates its cost"
    assert share >= TARGET, f"only {share:.6f} of the traffic is covered"
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"demand points {len(demand):,}, existing sites {len(existing):,}")
    print(f"plain greedy  cost {usual:.0f} in {usual_seconds:.1f} s")
    print("every constraint re-checked by code of its own")
    print(f"solve         cost {cost:.0f} (ratio {cost / usual:.4f}), covered {share:.6f}")
    print(f"              in {plan.seconds:.1f} s ({processor:.1f} s of one core)")
    print(f"no plan costs less than {plan.bound:.0f}: gap {plan.gap:.2%}; peak memory {peak_gb:.2f} GB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
