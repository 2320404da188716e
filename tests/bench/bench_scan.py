"""Space-time scan: ring windows on a lattice, nested circles round points, growth with the data.

Run with ``python tests/bench/bench_scan.py [--full]``. The reference is SaTScan's published-in-house
figure: 188 s for 99 replicates of nested circles up to 5 % of the population, 1,951 locations × 90 days.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from geoservice import grid
from geoservice.stats.montecarlo import Null, Problem, scan_cells
from geoservice.stats.sampling import Sampling
from geoservice.stats.scan import scan_cylinders
from geoservice.stats.zones import lattice

SATSCAN_SECONDS_PER_99 = 188.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="999 replicates and 20,000 hexes")
    quick = not parser.parse_args().full
    replicates = 99 if quick else 999
    _rings(2_000, 90, 5_000, 32, 10)  # compile
    for hexes, steps, cases in [(2_000, 90, 6_000), (20_000, 90, 10_000), (20_000, 90, 40_000)][: 1 if quick else 3]:
        seconds = _rings(hexes, steps, cases, replicates, 10)
        print(f"rings 0-10, {hexes} hexes x {steps} steps, {cases} cases, {replicates} replicates: {seconds:.1f} s")
    _circles(99)
    seconds = _circles(replicates)
    ratio = SATSCAN_SECONDS_PER_99 / 99 * replicates / seconds
    print(f"circles <= 5 %, 1951 x 90, 5000 cases, {replicates} replicates: {seconds:.1f} s = {ratio:.0f} x SaTScan")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def _rings(count: int, steps: int, cases: int, replicates: int, rings: int) -> float:
    rng = np.random.default_rng(1)
    k = int(np.ceil((-3 + np.sqrt(9 + 12 * (count - 1))) / 6))
    hexes = grid.disk(grid.to_hex([22.5], [114.0], 9), k)[:count]
    expected = rng.lognormal(0.0, 0.7, (len(hexes), 1)) * rng.uniform(0.7, 1.3, (1, steps))
    expected *= cases / expected.sum()
    durations = np.append(np.arange(1, steps // 2 + 1), steps).astype(np.int32)
    start = time.perf_counter()
    problem = Problem(lattice(grid.neighbour_table(hexes, rings), rings), expected, cases, durations)
    cells = rng.choice(expected.size, cases, p=(expected / expected.sum()).ravel())
    scan_cells(problem, cells[None, :], floor=4.0)
    Sampling(problem, Null(), cells, lambda drawn: scan_cells(problem, drawn, slack=0.0)[0].max(axis=1),
             replicas=replicates, seed=1).all()  # fmt: skip
    return time.perf_counter() - start


def _circles(replicates: int) -> float:
    rng = np.random.default_rng(2)
    x, y, people = rng.uniform(0, 50, 1951), rng.uniform(0, 50, 1951), rng.lognormal(8, 0.8, 1951)
    cases = rng.multinomial(5000, np.repeat(people / people.sum() / 90, 90)).reshape(1951, 90)
    start = time.perf_counter()
    scan_cylinders(x, y, cases, people, max_share=0.05, replicas=replicates, seed=1)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
