"""Planted truth: what the whole product finds, explains and proposes on simulated cities of several seeds.

    python tests/bench/bench_truth.py [--seeds 1 2 3 …] [--size city]

Every city is written, imported, analysed and scored through the command line, as a user would; prints one line a city,
the totals, and which cause was said for which. Nothing is asserted; figures go into the notes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

TABLES = {
    "complaints": "complaints.csv",
    "cells": "cells.csv",
    "kpis": "kpis.parquet",
    "alarms": "alarms.csv",
    "energy-windows": "energy-windows.csv",
    "neighbours": "neighbours.csv",
    "planned-sites": "planned-sites.csv",
    "exposure": "exposure.csv",
    "gazetteer": "gazetteer.csv",
    "measurements": "measurements.parquet",
}


def run(*arguments: str) -> str:
    """Standard output of one command of ours; its own message when it fails."""
    made = subprocess.run([sys.executable, "-m", "geoservice.cli", *arguments], capture_output=True, text=True)
    if made.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {made.stderr[-400:] or made.stdout[-400:]}")
    return made.stdout


def score(seed: int, size: str, folder: Path, without: frozenset[str]) -> dict[str, Any]:
    """Score of one city, some tables withheld."""
    city, database = folder / f"city{seed}", f"sqlite:///{folder / f'{seed}.db'}"
    run("simulate", str(city), "--seed", str(seed), "--size", size, "--quiet")
    for table, file in TABLES.items():
        if table not in without:
            run("import", table, str(city / file), "--database", database, "--json")
    run("analyse", "--database", database, "--json")
    answer: dict[str, Any] = json.loads(run("evaluate", str(city / "truth.json"), "--database", database, "--json"))
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--size", default="city")
    parser.add_argument("--without", nargs="*", default=[], choices=list(TABLES), help="tables to withhold")
    options = parser.parse_args()
    total, said = Counter[str](), Counter[tuple[str, str]]()
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            found = score(seed, options.size, Path(folder), frozenset(options.without))
        counts = {name: value for name, value in found.items() if isinstance(value, int)}
        total.update(counts)
        said.update((detail["cause"], detail["said"] or "not found") for detail in found["details"])
        print(seed, counts, flush=True)
    print("total", dict(total))
    for (planted, name), number in sorted(said.items()):
        print(f"  {planted:12} said {name:12} {number}")


if __name__ == "__main__":
    main()
