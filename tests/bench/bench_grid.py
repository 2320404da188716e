"""Hexes of points, neighbour tables and hex weights against the obvious loops, in one run.

Run: ``python tests/bench/bench_grid.py``
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import h3.api.basic_int as h3i
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geoservice import geodesy, grid
from geoservice.locate import hex_weights
from geoservice.tables import FIXES, conform

RNG = np.random.default_rng(1)


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the second of two calls."""
    work()
    start = time.process_time()
    work()
    return time.process_time() - start


def line(what: str, ours: float, usual: float, count: int) -> None:
    """Rates and their ratio."""
    print(f"{what:34} {count / ours:12,.0f}/s   usual {count / usual:12,.0f}/s   {usual / ours:6.1f} x")


def main() -> None:
    """Four comparisons; the usual way runs on a part and is scaled."""
    n, part = 1_000_000, 20_000
    lat, lon = RNG.uniform(22, 24, n), RNG.uniform(113, 115, n)
    usual = seconds(lambda: [h3i.latlng_to_cell(a, b, 9) for a, b in zip(lat[:part], lon[:part], strict=True)])
    line("point to hex, res 9", seconds(lambda: grid.to_hex(lat, lon, 9)), usual * n / part, n)

    hexes = np.unique(grid.to_hex(lat, lon, 8))
    place = {int(h): i for i, h in enumerate(hexes)}
    some = hexes[:part].tolist()
    usual = seconds(lambda: [[place.get(m, -1) for m in h3i.grid_disk(h, 1)] for h in some])
    line(
        "neighbour table, k = 1",
        seconds(lambda: grid.neighbour_table(hexes, 1)),
        usual * len(hexes) / len(some),
        len(hexes),
    )

    shifted = geodesy.wgs84_to_gcj02(lat, lon)
    one = list(zip(shifted[0][:200], shifted[1][:200], strict=True))
    usual = seconds(lambda: [geodesy.gcj02_to_wgs84(a, b) for a, b in one])
    line("GCJ-02 to WGS-84, exact", seconds(lambda: geodesy.gcj02_to_wgs84(*shifted)), usual * n / len(one), n)

    fixes = conform(
        pd.DataFrame(
            {
                "complaint_id": np.arange(n).astype(str), "rank": 0, "lat": lat, "lon": lon,
                "radius_m": RNG.choice([30.0, 50.0, 100.0, 200.0], n), "precision": "street", "source": "coordinates",
                "probability": 1.0,
            }
        ),
        FIXES,
    )  # fmt: skip
    usual = seconds(lambda: [sampled(a, b, 100.0) for a, b in zip(lat[:300], lon[:300], strict=True)])
    line("hex weights against 500 samples", seconds(lambda: hex_weights(fixes, 9)), usual * n / 300, n)


def sampled(lat: float, lon: float, radius_m: float) -> pd.Series:
    """The obvious way: draw points, index them, count."""
    reach = radius_m / 2.146 * np.sqrt(-2 * np.log(RNG.uniform(size=500)))
    points = geodesy.destination(lat, lon, RNG.uniform(0, 360, 500), reach)
    return pd.Series(grid.to_hex(*points, 9)).value_counts(normalize=True)


if __name__ == "__main__":
    main()
