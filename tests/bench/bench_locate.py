"""How often the geocoder is right on misspelt, shortened and mixed-script names, and how fast.

Run: ``python tests/bench/bench_locate.py`` (Indian towns only where ``../shared`` exists).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geoservice.geodesy import distance_m
from geoservice.locate.gazetteer import Gazetteer
from tests.locate import places

SHARED = Path(__file__).resolve().parents[3] / "shared"


def score(gazetteer: Gazetteer, queries: list[str], truth: np.ndarray) -> tuple[float, float, float, float]:
    """(top-1, top-3, stated radius of the first holds the truth, look-ups a second of processor time)."""
    start = time.process_time()
    found = gazetteer.search(queries)
    seconds = time.process_time() - start
    at = gazetteer.places.iloc[found["entry"]]
    true = gazetteer.places.iloc[truth[found["query"]]]
    metres = distance_m(at["lat"], at["lon"], true["lat"], true["lon"])
    inside = metres <= at["radius_m"].to_numpy()
    ranked = found.assign(inside=inside, rank=found.groupby("query").cumcount())
    first = ranked[ranked["rank"] == 0]
    three = ranked[ranked["rank"] < 3].groupby("query")["inside"].any()
    n = len(queries)
    return first["inside"].sum() / n, three.sum() / n, float(first["inside"].mean()), n / seconds


def indian_queries(table: pd.DataFrame, rng: np.random.Generator) -> dict[str, tuple[list[str], np.ndarray]]:
    """Kinds of damage to town names, each with the true entries."""
    pick = rng.permutation(len(table))[:1500]
    names = [str(n) for n in table["name"].iloc[pick]]
    pairs = [(str(a).split("|")[0], str(s)) for a, s in zip(table["alt_names"], table["admin"], strict=True)]
    pairs = [pairs[i] for i in pick]

    def typo(name: str) -> str:
        return places.misspell_latin(name, rng)

    return {
        "name": ([a for a, _ in pairs], pick),
        "name, state": ([f"{a}, {s}" for a, s in pairs], pick),
        "typo": ([typo(a) for a, _ in pairs], pick),
        "typo, state": ([f"{typo(a)}, {s}" for a, s in pairs], pick),
        "typo typo-state": ([f"{typo(a)} {typo(s)}" for a, s in pairs], pick),
        "house, near": ([f"House 12, near {typo(a)} market, {s}" for a, s in pairs], pick),
        "truncated": ([f"{a[: max(5, int(len(a) * 0.75))]}, {s}" for a, s in pairs], pick),
        "diacritics": (names, pick),
    }


def chinese_queries(table: pd.DataFrame, rng: np.random.Generator) -> dict[str, tuple[list[str], np.ndarray]]:
    """The same for the made-up city."""
    fine = np.flatnonzero(~table["kind"].isin(["city", "district", "crossing"]))
    pick = rng.permutation(fine)[:1500]
    names = [str(n) for n in table["name"].iloc[pick]]
    districts = [str(a).split("|")[0] for a in table["admin"].iloc[pick]]
    cross = np.flatnonzero(table["kind"] == "crossing")
    roads = [str(n).removesuffix("交叉口").split("与") for n in table["name"].iloc[cross]]
    pairs = list(zip(names, districts, strict=True))
    return {
        "name": (names, pick),
        "city district name": ([f"深圳市{d}{n}" for n, d in pairs], pick),
        "typo": ([places.misspell_han(n, rng) for n in names], pick),
        "district typo": ([f"{d}{places.misspell_han(n, rng)}" for n, d in pairs], pick),
        "number": ([f"深圳{d}{n}3号楼2单元501室" for n, d in pairs], pick),
        "pinyin": ([places.in_pinyin(n) for n in names], pick),
        "mixed": ([places.in_pinyin(n, 2) for n in names], pick),
        "near": ([f"{d[:-1]}{n}附近" for n, d in pairs], pick),
        "crossing": ([f"{d}{b}和{a}路口" for (a, b), d in zip(roads, ["深圳市"] * len(roads), strict=True)], cross),
    }


def report(title: str, table: pd.DataFrame, queries: dict[str, tuple[list[str], np.ndarray]]) -> None:
    """One line for each kind of damage."""
    start = time.perf_counter()
    gazetteer = Gazetteer(table)
    print(f"{title}: {len(table)} places, {len(gazetteer.index)} forms, built in {time.perf_counter() - start:.2f} s")
    print(f"  {'queries':22} top-1  top-3  radius holds  look-ups/s")
    total = []
    for kind, (texts, truth) in queries.items():
        result = score(gazetteer, texts, truth)
        total.append(result)
        print(f"  {kind:22} {result[0]:5.1%}  {result[1]:5.1%}  {result[2]:10.1%}  {result[3]:10,.0f}")
    mean = np.mean(total, axis=0)
    print(f"  {'mean':22} {mean[0]:5.1%}  {mean[1]:5.1%}  {mean[2]:10.1%}  {mean[3]:10,.0f}")


def main() -> None:
    """Both gazetteers."""
    rng = np.random.default_rng(3)
    city = places.chinese_city()
    report("Chinese city", city, chinese_queries(city, rng))
    if SHARED.is_dir():
        towns = places.indian_towns(SHARED)
        report("Indian towns", towns, indian_queries(towns, rng))


if __name__ == "__main__":
    main()
