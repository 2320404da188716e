"""How often the geocoder is right on misspelt, shortened and mixed-script names, how fast, against the obvious loop.

Run: ``python tests/bench/bench_locate.py`` (500 queries of each kind; ``--full`` 1,500; Indian towns only where
``../shared`` exists). The obvious loop is one line of rapidfuzz: the best of all names by its ``WRatio``, query by
query, over the first 60 queries of each kind. Speeds are look-ups a second of processor time, memory is the
process's proportional set size at the end (PSS, libraries included; nothing is given back before).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geoservice.geodesy import distance_m
from geoservice.locate.gazetteer import Gazetteer
from tests.bench.tree_memory import pss_mb
from tests.locate import places

SHARED = Path(__file__).resolve().parents[3] / "shared"
RIVAL_SAMPLE = 60
Queries = dict[str, tuple[list[str], np.ndarray]]  # kind of damage → texts and their true entries


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


def obvious(table: pd.DataFrame, queries: list[str], truth: np.ndarray) -> tuple[float, float]:
    """(top-1, look-ups a second) of the one-liner; right when its answer is within the true place's radius."""
    from rapidfuzz import fuzz, process

    asked, names = queries[:RIVAL_SAMPLE], table["name"].tolist()
    start = time.process_time()
    entries = [process.extractOne(query, names, scorer=fuzz.WRatio)[2] for query in asked]
    seconds = time.process_time() - start
    at, true = table.iloc[entries], table.iloc[truth[: len(asked)]]
    metres = distance_m(at["lat"], at["lon"], true["lat"], true["lon"])
    return float((metres <= at["radius_m"].to_numpy()).mean()), len(asked) / seconds


def indian_queries(
    table: pd.DataFrame, rng: np.random.Generator, count: int
) -> dict[str, tuple[list[str], np.ndarray]]:
    """Kinds of damage to town names, each with the true entries."""
    pick = rng.permutation(len(table))[:count]
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


def chinese_queries(
    table: pd.DataFrame, rng: np.random.Generator, count: int
) -> dict[str, tuple[list[str], np.ndarray]]:
    """The same for the made-up city."""
    fine = np.flatnonzero(~table["kind"].isin(["city", "district", "crossing"]))
    pick = rng.permutation(fine)[:count]
    names = [str(n) for n in table["name"].iloc[pick]]
    districts = [str(a).split("|")[0] for a in table["admin"].iloc[pick]]
    cross = rng.permutation(np.flatnonzero(table["kind"] == "crossing"))[:count]
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


def report(title: str, table: pd.DataFrame, queries: Queries) -> None:
    """One line for each kind of damage."""
    start = time.perf_counter()
    gazetteer = Gazetteer(table)
    print(f"{title}: {len(table)} places, {len(gazetteer.index)} forms, built in {time.perf_counter() - start:.2f} s")
    print(f"  {'queries':22} top-1  top-3  radius holds  look-ups/s   obvious top-1  look-ups/s  ratio")
    total = []
    for kind, (texts, truth) in queries.items():
        ours, rival = score(gazetteer, texts, truth), obvious(gazetteer.places, texts, truth)
        total.append((*ours, *rival))
        _line(kind, total[-1])
    _line("mean", tuple(np.mean(total, axis=0)))


def _line(kind: str, figures: tuple[float, ...]) -> None:
    top1, top3, holds, speed, rival, rival_speed = figures
    print(
        f"  {kind:22} {top1:6.1%} {top3:6.1%} {holds:11.1%} {speed:12,.0f} {rival:15.1%} {rival_speed:11,.0f} "
        f"{speed / rival_speed:6.1f}"
    )


def main() -> None:
    """Both gazetteers."""
    rng, count = np.random.default_rng(3), 1500 if "--full" in sys.argv else 500
    started = time.process_time()
    city = places.chinese_city()
    report("Chinese city", city, chinese_queries(city, rng, count))
    if SHARED.is_dir():
        towns = places.indian_towns(SHARED)
        report("Indian towns", towns, indian_queries(towns, rng, count))
    print(f"processor {time.process_time() - started:.1f} s, PSS {pss_mb(os.getpid()):,.0f} MB")


if __name__ == "__main__":
    main()
