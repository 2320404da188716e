"""Hotspots against planted truth: false alarms in null cities, detection beside DBSCAN, HDBSCAN and plain Gi*.

Run with ``python tests/bench/bench_hotspots_truth.py [--full] [--nulls N] [--rings R] [--plants N] [--risks 2 3 5]``.
By default a look of about a minute; ``--full`` takes 500 null cities and four plantings of every kind (some 40 minutes
of one core). Every city is random, seeded, and analysed through the front door :func:`geoservice.hotspots.detect`.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoservice import grid, tables
from geoservice.config import default_config
from geoservice.hotspots import ScanOptions, detect
from geoservice.stats.gistar import gi_star, normal_p_value
from geoservice.stats.multiple import benjamini_hochberg

CLASSES = ["NO_COVERAGE", "WEAK_SIGNAL", "DROPPED_CALL", "ACCESS_FAILURE", "CHOPPY_VOICE", "SLOW_DATA", "TERMINAL_SIM"]


@dataclass(frozen=True)
class City:
    """A synthetic city: tables, its hexes, and the planted hexes."""

    complaints: pd.DataFrame
    fixes: pd.DataFrame
    exposure: pd.DataFrame
    hexes: np.ndarray
    planted: np.ndarray
    cases: int


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="500 null cities, four plantings of every kind")
    parser.add_argument("--nulls", type=int, help="null cities")
    parser.add_argument("--rings", type=int, help="size of null cities in rings of hexes (9: 271 hexes)")
    parser.add_argument("--plants", type=int, help="plantings of every kind")
    parser.add_argument("--risks", type=int, nargs="+", help="planted relative risks")
    options = parser.parse_args()
    nulls = (500 if options.full else 20) if options.nulls is None else options.nulls
    plants = (4 if options.full else 1) if options.plants is None else options.plants
    if nulls:
        false_alarms(nulls, options.rings or (9 if options.full else 5))
    if plants:
        sizes = (1, 7, 19, 37) if options.full else (7, 19)
        detection(plants, options.risks or ([2, 3, 5] if options.full else [3]), sizes)


def false_alarms(count: int, rings: int) -> None:
    alarms = 0
    for seed in range(count):
        found = analyse(city(seed, rings=rings), seed=seed, max_rings=5)
        alarms += bool(len(found.hotspots))
        if (seed + 1) % 50 == 0 or seed + 1 == count:
            rate = alarms / (seed + 1)
            error = 1.96 * np.sqrt(rate * (1 - rate) / (seed + 1))
            print(f"null cities {seed + 1}: false alarms {rate:.3f} ± {error:.3f} (alpha 0.05)")
            sys.stdout.flush()


def detection(repeats: int, risks: list[int], sizes: tuple[int, ...]) -> None:
    rows = []
    for risk, size, shape, days in itertools.product(risks, sizes, ("round", "road"), (3, 14, 30)):
        for repeat in range(repeats):
            planted = city(1000 + repeat, rings=17, risk=risk, size=size, shape=shape, days=days)
            if planted.cases < 8:
                continue
            scores = {"ours": ours(planted), **rivals(planted)}
            for name, (precision, recall) in scores.items():
                both = precision + recall
                f1 = 2 * precision * recall / both if both else 0.0
                rows.append((risk, size, shape, days, planted.cases, name, precision, recall, f1))
    columns = ["risk", "size", "shape", "days", "cases", "method", "precision", "recall", "f1"]
    table = pd.DataFrame(rows, columns=columns)
    table["power"] = table["recall"] > 0
    measures = ["power", "precision", "recall", "f1"]
    print(table.groupby(["risk", "method"])[measures].mean().round(2).to_string())
    clear = table[(table["risk"] == 3) & (table["cases"] >= 30)]
    print("relative risk 3, at least 30 cases:")
    print(clear.groupby(["shape", "method"])[measures].mean().round(2).to_string())


def city(seed: int, rings: int = 11, risk: float = 1.0, size: int = 0, shape: str = "round", days: int = 0) -> City:
    """A city of complaints in proportion to subscribers, with one cluster of coverage complaints if asked for."""
    rng = np.random.default_rng(seed)
    centre = grid.to_hex([30.0 + rng.uniform(-3, 3)], [110.0 + rng.uniform(-5, 5)], 9)
    hexes = grid.disk(centre, rings)
    subscribers = rng.lognormal(6, 0.8, len(hexes))
    rate = np.repeat((subscribers / subscribers.sum())[:, None], 60, axis=1) / 60
    planted = _planted(rng, hexes, size, shape) if size else np.empty(0, int)
    inflated = rate.copy()
    if size:
        start = int(rng.integers(0, 60 - days + 1))
        inflated[planted, start : start + days] *= risk
    # Coverage complaints dense enough for the planted relative risks to be visible at all.
    base = rng.multinomial(2 * len(hexes) if not size else 12 * len(hexes), (rate / rate.sum()).ravel()).reshape(
        rate.shape
    )
    extra = rng.poisson(base.sum() * (inflated - rate) * (0.0 if not size else 1.0))
    others = rng.multinomial(3 * len(hexes), (rate / rate.sum()).ravel()).reshape(rate.shape)
    cover = base + extra
    inside = int(cover[planted, start : start + days].sum()) if size else 0
    where = [np.argwhere(table > 0) for table in (cover, others)]
    hex_step = np.vstack([np.repeat(w, t[t > 0], axis=0) for w, t in zip(where, (cover, others), strict=True)])
    codes = np.concatenate([np.full(cover.sum(), "NO_COVERAGE"), rng.choice(CLASSES[2:], others.sum())])
    return _tables(seed, rng, hexes, subscribers, hex_step, codes, planted, inside)


def _planted(rng: np.random.Generator, hexes: np.ndarray, size: int, shape: str) -> np.ndarray:
    """Positions of a round or road-shaped cluster of ``size`` hexes somewhere in the middle."""
    core = grid.disk([hexes[grid.positions(hexes, hexes)[len(hexes) // 2]]], 3)
    seed_hex = int(rng.choice(core[grid.positions(hexes, core) >= 0]))
    if shape == "round":
        k = next(k for k in range(10) if grid.disk_size(k) >= size)
        table = grid.disk_table([seed_hex], k)[0][:size]
    else:
        lat, lon = grid.hex_to_latlon([seed_hex])
        angle, length = rng.uniform(0, np.pi), 0.0
        found: list[int] = []
        while len(found) < size:  # a straight road of neighbouring hexes
            at = grid.to_hex(lat + length * np.cos(angle), lon + length * np.sin(angle), 9)[0]
            if int(at) not in found:
                found.append(int(at))
            length += 0.0005
        table = np.array(found)
    positions = grid.positions(hexes, table)
    return positions[positions >= 0]


def _tables(seed, rng, hexes, subscribers, hex_step, codes, planted, inside) -> City:  # type: ignore[no-untyped-def]
    lat, lon = grid.hex_to_latlon(hexes)
    names = [f"c{i}" for i in range(len(hex_step))]
    start = pd.Timestamp("2024-01-01", tz="Asia/Shanghai")
    at = start + pd.to_timedelta(hex_step[:, 1] + rng.uniform(0, 0.999, len(hex_step)), unit="D")
    complaints = pd.DataFrame(
        {
            "ticket_no": names, "complaint_id": names, "accepted_at": at.tz_convert("UTC"), "source": "bench",
            "time_step": "instant", "customer_key": [f"{seed}-{name}" for name in names], "class": codes,
        }
    )  # fmt: skip
    fixes = pd.DataFrame(
        {
            "complaint_id": names, "rank": 0, "lat": lat[hex_step[:, 0]], "lon": lon[hex_step[:, 0]],
            "radius_m": 50.0, "precision": "gnss", "source": "coordinates", "probability": 1.0,
        }
    )  # fmt: skip
    exposure = pd.DataFrame({"lat": lat, "lon": lon, "customers": subscribers, "kind": "subscribers"})
    return City(
        tables.conform(complaints, tables.COMPLAINTS), tables.conform(fixes, tables.FIXES),
        tables.conform(exposure, tables.EXPOSURE), hexes, planted, inside,
    )  # fmt: skip


def analyse(planted: City, **options):  # type: ignore[no-untyped-def]
    return detect(
        planted.complaints, planted.fixes, planted.exposure, tables.empty(tables.SATISFIED), _weigh, default_config(),
        ScanOptions(resolution=9, step="day", **options),
    )  # fmt: skip


def _weigh(fixes: pd.DataFrame, resolution: int) -> pd.DataFrame:
    hexes = grid.to_hex(fixes["lat"], fixes["lon"], resolution)
    return pd.DataFrame({"complaint_id": fixes["complaint_id"], "hex": hexes, "weight": 1.0})


def ours(planted: City) -> tuple[float, float]:
    found = analyse(planted, replicas=199, groups=("coverage",)).hotspots
    return _score([grid.text_to_hex([h[0] for h in hexes]) for hexes in found["hexes"]], planted)


def rivals(planted: City) -> dict[str, tuple[float, float]]:
    """The best each rival can do over its own usual settings (an advantage ours is not given)."""
    from sklearn.cluster import DBSCAN, HDBSCAN

    chosen = planted.complaints["class"].eq("NO_COVERAGE").to_numpy()
    fixes = planted.fixes[chosen]
    hexes = grid.to_hex(fixes["lat"], fixes["lon"], 9)
    metres = np.column_stack([fixes["lat"] * 111_195, fixes["lon"] * 111_195 * np.cos(np.radians(fixes["lat"].mean()))])
    metres = metres + np.random.default_rng(0).normal(0, 60, metres.shape)
    settings = [(f"DBSCAN {r} m", DBSCAN(eps=r, min_samples=n)) for r, n in ((150, 10), (300, 30))]
    settings += [("HDBSCAN", HDBSCAN(min_cluster_size=15, copy=True))]
    answer: dict[str, tuple[float, float]] = {}
    for name, method in settings:
        labels = method.fit_predict(metres)
        answer[name] = _score([np.unique(hexes[labels == label]) for label in range(labels.max() + 1)], planted)
    counts = np.bincount(grid.positions(planted.hexes, hexes), minlength=len(planted.hexes)).astype(float)
    z = gi_star(counts, grid.neighbour_table(planted.hexes, 1))
    hot = planted.hexes[benjamini_hochberg(normal_p_value(z)) <= 0.05]
    answer["Gi* on counts"] = _score([hot] if len(hot) else [], planted)
    return answer


def _score(found: list[np.ndarray], planted: City) -> tuple[float, float]:
    """Precision and recall of hexes over everything reported."""
    truth = planted.hexes[planted.planted]
    reported = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    hits = len(np.intersect1d(reported, truth))
    return hits / len(reported) if len(reported) else 0.0, hits / len(truth)


if __name__ == "__main__":
    main()
