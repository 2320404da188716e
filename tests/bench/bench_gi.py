"""Gi* on many hexes beside libpysal + esda: scores with weights, and permutation p-values.

Run with ``python tests/bench/bench_gi.py [HEXES | --full]`` (default 20,000; --full is 1,000,000, which takes
esda a minute). A first small call loads the libraries on our side, as one does on esda's.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np

from geoservice import grid
from geoservice.stats.gistar import gi_star_lattice, permutation_p


def main(count: int) -> None:
    hexes = _box(count)
    counts = np.random.default_rng(1).poisson(0.7, len(hexes))
    values = counts.astype(float)
    grid.local_ij(hexes[:7], int(hexes[0]))
    start = time.perf_counter()
    i, j, known = grid.local_ij(hexes, int(hexes[len(hexes) // 2]))
    coordinates = time.perf_counter() - start
    z = gi_star_lattice(values, i, j)
    ours = time.perf_counter() - start
    print(f"{len(hexes)} hexes: ours {ours:.3f} s, of which lattice coordinates {coordinates:.3f} s; {known.all()=}")
    table = grid.neighbour_table(hexes, 1)
    start = time.perf_counter()
    permutation_p(counts, table)
    exact = time.perf_counter() - start
    theirs, simulated, scores = _esda(hexes, table, values)
    print(
        f"libpysal + esda z {theirs:.1f} s = {theirs / ours:.0f} x; largest difference {np.abs(z - scores).max():.1e}"
    )
    if simulated:
        print(f"permutation p exact {exact:.3f} s; esda 999 permutations {simulated:.1f} s = {simulated / exact:.0f} x")


def _box(count: int) -> np.ndarray:
    """About ``count`` hexes in a square box."""
    half = 0.5 * np.sqrt(1.05 * count * grid.MEAN_AREA_KM2[9]) / 111.2
    east = half / np.cos(np.radians(30.5))
    return grid.hexes_in_box(30.5 - half, 104.0 - east, 30.5 + half, 104.0 + east, 9, limit=2 * count)


def _esda(hexes: np.ndarray, table: np.ndarray, values: np.ndarray) -> tuple[float, float, np.ndarray]:
    warnings.simplefilter("ignore")
    import esda
    import libpysal

    start = time.perf_counter()
    neighbours = {i: row[1:][row[1:] >= 0].tolist() for i, row in enumerate(table)}
    weights = libpysal.weights.fill_diagonal(libpysal.weights.W(neighbours, silence_warnings=True))
    found = esda.G_Local(values, weights, transform="B", star=True, permutations=0)
    seconds = time.perf_counter() - start
    if len(hexes) > 200_000:
        return seconds, 0.0, found.Zs
    esda.G_Local(values[:100], _small(table), transform="B", star=True, permutations=9)  # compile
    start = time.perf_counter()
    esda.G_Local(values, weights, transform="B", star=True, permutations=999, n_jobs=1)
    return seconds, time.perf_counter() - start, found.Zs


def _small(table: np.ndarray) -> object:
    import libpysal

    neighbours = {i: [int(k) for k in table[i][1:] if 0 <= k < 100] for i in range(100)}
    return libpysal.weights.fill_diagonal(libpysal.weights.W(neighbours, silence_warnings=True))


if __name__ == "__main__":
    main(1_000_000 if "--full" in sys.argv else int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
