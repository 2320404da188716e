"""Speed of the coverage engine against plain NumPy, in one run.

    python tests/bench/bench_coverage.py

Prints links per second of both (same links, same formulas), the whole 100 × 100 km area with all
outputs and its peak memory, and one tilt change.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.config import Config, default_config
from geoservice.coverage import Coverage
from geoservice.coverage.blocks import Places, block_levels
from geoservice.coverage.links import COLUMN
from geoservice.coverage.plane import offsets_m
from geoservice.radio import antenna, pathloss, power
from geoservice.records import CellChange
from geoservice.tables import CELLS, conform

SOUTH, WEST = 30.2, 103.6
SIDE_KM = 100.0
CELLS_COUNT = 20_000


def city(seed: int, count: int) -> pd.DataFrame:
    """Three-sector sites, dense in the middle, over 100 × 100 km."""
    rng = np.random.default_rng(seed)
    sites = count // 3 + 1
    spread = np.where(rng.random(sites) < 0.6, 0.12, 0.29)
    where = np.clip(0.5 + spread[:, None] * rng.standard_normal((sites, 2)), 0, 1)
    site = np.repeat(np.arange(sites), 3)[:count]
    frame = pd.DataFrame(
        {
            "cgi": [f"460-00-{s}-{k % 3}" for k, s in enumerate(site)],
            "lat": SOUTH + where[site, 0] * SIDE_KM / 111.195,
            "lon": WEST + where[site, 1] * SIDE_KM / 111.195 / np.cos(np.radians(SOUTH)),
            "rat": "LTE",
            "frequency_mhz": rng.choice([900.0, 1845.0, 2120.0, 2585.0], sites)[site],
            "height_m": rng.uniform(15, 45, sites)[site],
            "azimuth_deg": (np.arange(count) % 3) * 120.0,
            "mech_tilt_deg": rng.integers(0, 6, count).astype(float),
            "elec_tilt_deg": rng.integers(2, 8, count).astype(float),
            "hbw_deg": 65.0,
            "vbw_deg": 7.0,
            "gain_dbi": 15.0,
            "rs_power_dbm": 15.2,
            "status": "active",
        }
    )
    return conform(frame, CELLS)


def area() -> np.ndarray:
    """All hexes of the area at resolution 9."""
    north = SOUTH + SIDE_KM / 111.195
    east = WEST + SIDE_KM / 111.195 / np.cos(np.radians(SOUTH))
    return grid.hexes_in_box(SOUTH, WEST, north, east, 9)


def numpy_levels(engine: Coverage, rows: np.ndarray, places: Places) -> np.ndarray:
    """The obvious alternative: the formulas of geoservice.radio on a (cells, places) table."""
    cells = engine.network.cells
    take = lambda values: values[rows][:, None]  # noqa: E731
    dx, dy = offsets_m(places.lat[None], places.lon[None], take(cells.lat), take(cells.lon))
    distance = np.hypot(dx, dy)
    offset = np.degrees(np.arctan2(dx, dy)) - take(cells.azimuth_deg)
    down = antenna.down_angle_deg(take(cells.height_m), 1.5, distance)
    gain = antenna.gain_dbi(0.0, offset, down, take(cells.electrical_deg), take(cells.mechanical_deg), 65.0, 7.0)
    loss = pathloss.path_loss("uma", take(cells.frequency_mhz), distance, take(cells.height_m)).mean_db
    level = power.rsrp_dbm(take(cells.eirp_dbm), gain, loss)
    best = np.sort(level, axis=0)[-2:]
    power.decibel(power.milliwatt(level).sum(axis=0))
    (level >= best[-1] - 6).sum(axis=0)
    return level


def best_of(repeats: int, work: Callable[[], object]) -> float:
    """Shortest wall time of several runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def count_links(engine: Coverage, places: Places) -> int:
    """Links the engine evaluates for these places."""
    blocks = places.blocks
    return sum(len(engine.candidates.near(b.lat0, b.lon0, b.radius_m)) * len(b.rows) for b in blocks)


def main() -> None:
    config = default_config()
    cells, hexes = city(1, CELLS_COUNT), area()
    started = peak_mb()
    build = best_of(1, lambda: Coverage(cells, config))
    engine = Coverage(cells, config)
    engine.hexes(hexes[:500])  # compile
    start = time.perf_counter()
    engine.hexes(hexes)
    first = time.perf_counter() - start
    places = engine.places(hexes)
    links = count_links(engine, places)
    again = best_of(3, lambda: engine.budget(places))
    print(f"area: {len(hexes):,} hexes × {len(cells):,} cells, {links / 1e6:.1f} M links, {os.cpu_count()} cores")
    print(f"build engine {build:.2f} s; all outputs {first:.2f} s first, {again:.2f} s again")
    print(f"peak memory {peak_mb():,.0f} MB ({started:,.0f} MB before the engine)")

    centre = places.take(
        np.argsort(np.abs(places.lat - places.lat.mean()) + np.abs(places.lon - places.lon.mean()))[:384]
    )

    rows, _ = block_levels(engine.network, engine.candidates, centre, centre.blocks[0])
    some = rows[:: max(len(rows) // 400, 1)]
    plain = best_of(3, lambda: numpy_levels(engine, some, centre))
    slow = len(some) * len(centre.hexes) / plain
    fast = kernel_rate(engine, rows, centre)
    whole = links / again
    print(f"NumPy {slow / 1e6:.1f} M links/s; kernels on all cores {fast / 1e6:.0f} M links/s = {fast / slow:.0f} ×")
    print(f"whole engine, candidate search and all outputs included: {whole / 1e6:.0f} M links/s")

    tilt_changes(engine, places, hexes)
    tilt_changes_of_the_sample_city(config)


def tilt_changes(engine: Coverage, places: Places, hexes: np.ndarray, tried: int = 30) -> None:
    """CPU time of single tilt changes, each of another cell, against recomputing everything."""
    customers = pd.DataFrame({"hex": hexes, "customers": 10.0})
    rng = np.random.default_rng(3)
    cgis = engine.network.cells.cgi[rng.choice(np.flatnonzero(engine.network.reach_m > 0), tried, replace=False)]
    engine.quality(engine.places(hexes))
    spent = {False: [], True: []}
    for again in (False, True):
        for cgi in cgis:
            start = time.process_time()
            engine.what_if([CellChange(str(cgi), "elec_tilt_deg", 9.0 if again else 0.0)], customers)
            spent[again].append(1000 * (time.process_time() - start))
    start = time.process_time()
    engine.budget(Places.of(hexes))
    whole = 1000 * (time.process_time() - start)
    first, warm = (np.percentile(spent[again], [50, 90]) for again in (False, True))
    print(
        f"one tilt change of {len(hexes):,} hexes (CPU): median {warm[0]:.1f} ms, 90 % {warm[1]:.1f} ms "
        f"(place never asked about before: {first[0]:.1f}, {first[1]:.1f} ms); everything anew {whole:,.0f} ms "
        f"= {whole / warm[0]:.0f} ×"
    )


def tilt_changes_of_the_sample_city(config: Config) -> None:
    """The same over the cells and people of the repository's sample city."""
    folder = Path(__file__).resolve().parents[2] / "data" / "cells"
    cells = pd.read_csv(folder / "cells.csv")
    exposure = pd.read_csv(folder / "exposure.csv")
    engine = Coverage(conform(cells[[c for c in cells.columns if c in CELLS.names]], CELLS), config)
    if "hex" in exposure.columns:
        hexes = grid.text_to_hex(exposure["hex"].tolist())
    else:
        hexes = np.unique(grid.to_hex(exposure["lat"].to_numpy(float), exposure["lon"].to_numpy(float), 9))
    print("sample city:", end=" ")
    tilt_changes(engine, engine.places(hexes), np.unique(hexes))


def kernel_rate(engine: Coverage, rows: np.ndarray, places: Places) -> float:
    """Links per second of the compiled kernels with one thread a core, reductions included."""
    from concurrent.futures import ThreadPoolExecutor

    from geoservice.coverage import kernels

    lat0, lon0 = float(places.lat.mean()), float(places.lon.mean())
    x, y = (v.astype(np.float32) for v in offsets_m(places.lat, places.lon, lat0, lon0))
    table = engine.network.rows[rows]
    east, north = offsets_m(engine.network.cells.lat[rows], engine.network.cells.lon[rows], lat0, lon0)
    table[:, COLUMN["x"]], table[:, COLUMN["y"]] = east, north
    cells = table.astype(np.float32)
    channel = engine.network.channel[rows]
    starts = np.r_[0, np.flatnonzero(channel[1:] != channel[:-1]) + 1, len(rows)]

    def work(_: int) -> None:
        floats, found = np.zeros((3, len(x)), np.float32), np.full((2, len(x)), -1, np.int32)
        counts = np.zeros((2, len(x)), np.int32)
        kernels.summarise(x, y, cells, starts, np.float32(6), np.float32(-110), *floats, found, counts)

    rounds = 40
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        spent = best_of(3, lambda: list(pool.map(work, range(rounds))))
    return rounds * len(rows) * len(x) / spent


if __name__ == "__main__":
    main()
