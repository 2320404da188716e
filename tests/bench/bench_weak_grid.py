"""Weak grid (MathorCup 2022 D, question 1): our plan against plain greedy, every constraint re-checked here.

Run: ``python tests/bench/bench_weak_grid.py [folder [seconds]]``. The checks share no code with the solver: coverage
is counted point by point with integer arithmetic, spacing pair by pair.
"""

from __future__ import annotations

import csv
import resource
import sys
import time
from pathlib import Path

import numpy as np

TARGET, SPACING, SIZE = 0.9, 10, 2500
TYPES = {"macro": {"radius": 30, "cost": 10}, "micro": {"radius": 10, "cost": 1}}


def read(path: Path, names: tuple[str, ...]) -> np.ndarray:
    with path.open(encoding="utf-8-sig") as file:
        return np.array([[float(row[name]) for name in names] for row in csv.DictReader(file)])


def check(sites: list[tuple[int, int, str]], demand: np.ndarray, existing: np.ndarray) -> tuple[float, float]:
    """(cost, covered share); raises AssertionError naming the broken rule."""
    covered = np.zeros(len(demand), bool)
    by_x = np.argsort(demand[:, 0], kind="stable")
    xs = demand[by_x, 0]
    for x, y, kind in sites:
        assert {x, y} <= set(range(SIZE)), f"({x}, {y}) is outside the region"
        radius = TYPES[kind]["radius"]
        rows = by_x[np.searchsorted(xs, x - radius) : np.searchsorted(xs, x + radius, side="right")]
        covered[rows[(demand[rows, 0] - x) ** 2 + (demand[rows, 1] - y) ** 2 <= radius**2]] = True
    everything = np.array([(x, y) for x, y, _ in sites] + existing[:, :2].astype(int).tolist())
    for k in range(len(sites)):
        square = ((everything - everything[k]) ** 2).sum(axis=1)
        square[k] = SPACING**2 + 1
        assert square.min() > SPACING**2, f"site {k} is within {SPACING} of another"
    cost = sum(TYPES[kind]["cost"] for _, _, kind in sites)
    return float(cost), float(demand[covered, 2].sum() / demand[:, 2].sum())


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
    from geoservice import siting

    default = Path(__file__).resolve().parents[3] / "shared" / "data" / "weak_grid"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    if not folder.is_dir():
        print(f"no data in {folder}: give the folder with weak_grid.csv and existing_sites.csv")
        return 2
    demand = read(folder / "weak_grid.csv", ("x", "y", "traffic"))
    existing = read(folder / "existing_sites.csv", ("x", "y"))
    usual, usual_seconds = plain_greedy(demand, existing)
    import pandas as pd

    before = time.process_time()
    plan = siting.solve(
        pd.DataFrame(demand, columns=["x", "y", "traffic"]),
        pd.DataFrame(existing, columns=["x", "y"]),
        TYPES,
        target_share=TARGET,
        spacing=SPACING,
        seed=1,
        time_limit=float(sys.argv[2]) if len(sys.argv) > 2 else 120.0,
    )
    processor = time.process_time() - before
    sites = [
        (int(x), int(y), kind) for x, y, kind in zip(plan.sites["x"], plan.sites["y"], plan.sites["type"], strict=True)
    ]
    cost, share = check(sites, demand, existing)
    assert cost == plan.cost, "the plan misstates its cost"
    assert share >= TARGET, f"only {share:.6f} of the traffic is covered"
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"plain greedy  cost {usual:.0f} in {usual_seconds:.1f} s")
    print("every constraint re-checked by code of its own")
    print(f"solve         cost {cost:.0f} (ratio {cost / usual:.4f}), covered {share:.6f}")
    print(f"              in {plan.seconds:.1f} s ({processor:.1f} s of one core)")
    print(f"no plan costs less than {plan.bound:.0f}: gap {plan.gap:.2%}; peak memory {peak_gb:.2f} GB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
