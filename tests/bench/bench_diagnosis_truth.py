"""How often the diagnosis is right on whole simulated runs, and confidently wrong when a table is withheld.

    python tests/bench/bench_diagnosis_truth.py [--full] [--world ours|other] [--seeds 301 302] [--keep FOLDER]

Every city is written in the import formats, imported, located, scanned, joined, diagnosed and planned: nothing is
given to the diagnosis but what the product found itself. Then one table after the other is taken away and the same
hotspots are diagnosed again. ``--world other`` takes the cities of ``second_city.py``, which shares no code and no
constant with our simulator. The quick default is one city, ``--full`` twenty. ``--keep`` keeps hotspots and evidence,
so that a changed decision table is scored again in seconds. Prints Markdown for docs/diagnosis-accuracy.md.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

TABLES = {
    "cells": "cells.csv",
    "gazetteer": "gazetteer.csv",
    "exposure": "exposure.csv",
    "complaints": "complaints.csv",
    "kpis": "kpis.parquet",
    "alarms": "alarms.csv",
    "energy-windows": "energy-windows.csv",
    "neighbours": "neighbours.csv",
    "planned-sites": "planned-sites.csv",
    "measurements": "measurements.parquet",
}
WITHHELD = ("", "kpis", "alarms", "energy_windows", "measurements", "cells", "neighbours")
QUICK, FULL = range(401, 402), range(401, 421)
UNKNOWN = "K_UNKNOWN"


@dataclass(frozen=True)
class Case:
    """One city: its truth, the hotspots found, the work planned, and the evidence with each table withheld."""

    truth: list[dict[str, Any]]
    hotspots: pd.DataFrame
    actions: pd.DataFrame
    evidence: dict[str, pd.DataFrame]


def write(world: str, seed: int, folder: Path, size: str) -> None:
    """One city in the import formats."""
    if world == "other":
        import second_city

        second_city.write(folder, seed)
        return
    from geoservice.simulate import write_city

    write_city(folder, seed, size)


def found_in(folder: Path, replicas: int) -> Case:
    """The city imported and analysed, then joined again without each table."""
    from geoservice.pipeline import AnalyseOptions
    from geoservice.service import open_service

    with tempfile.TemporaryDirectory() as place:
        service = open_service(f"sqlite:///{place}/truth.db", Path(place))
        for table, file in TABLES.items():
            for path in (folder / file, (folder / file).with_suffix(".csv")):
                if path.exists():
                    service.import_file(table, path)
                    break
        service.analyse(AnalyseOptions(replicas=replicas))
        view = service.view()
        members = service.store.run_table(view.run.run_id, "hotspot_members")
        evidence = {name: joined(service, view, members, name) for name in WITHHELD}
        truth = json.loads((folder / "truth.json").read_text("utf-8"))
        case = Case(truth, view.hotspots, view.actions, evidence)
        service.close()
    return case


def joined(service: Any, view: Any, members: pd.DataFrame, without: str) -> pd.DataFrame:
    """Table EVIDENCE of the run's hotspots with one table empty, coverage predicted anew."""
    from geoservice import grid, join, tables
    from geoservice.engine import LocalEngine
    from geoservice.pipeline.radio_world import RadioWorld, predict

    config, store = service.config, service.store

    def read(name: str) -> pd.DataFrame:
        return tables.empty(tables.TABLES[name]) if name == without else store.read(name)

    complaints, cells, measurements = store.read("complaints"), read("cells"), read("measurements")
    resolution = int(grid.resolutions(view.coverage["hex"].to_numpy()[:1])[0])
    radio = RadioWorld.build(cells, measurements, config, complaints["accepted_at"].max().to_pydatetime(), resolution)
    area, customers = view.coverage["hex"].to_numpy(), view.coverage[["hex", "customers"]].dropna()
    blended, serving = predict(radio, area, customers, LocalEngine())
    return join.evidence(
        view.hotspots, members, complaints, store.read("fixes"), blended, serving, cells, read("kpis"), read("alarms"),
        read("energy_windows"), read("neighbours"), measurements, read("planned_sites"), config,
    )  # fmt: skip


@dataclass
class Tally:
    """Counts over all cities."""

    right: Counter[str]
    said: Counter[tuple[str, str, str]]
    planted: int = 0
    found: int = 0
    false: int = 0
    actions: int = 0


def count(case: Case, tally: Tally) -> None:
    """Add one city: causes by the table withheld, actions with all tables."""
    from geoservice.config import default_config
    from geoservice.diagnosis import diagnose
    from geoservice.simulate import evaluate

    for without, evidence in case.evidence.items():
        found = diagnose(evidence, default_config())
        beside = found[found["shown"].astype(bool)].groupby("subject_id")["cause"].agg(set)
        score = evaluate(case.truth, case.hotspots, found, case.actions)
        for detail in score.details:
            if detail["hotspot"] is None:
                continue
            kind = "right" if detail["cause_right"] else ("open" if detail["said"] == UNKNOWN else "wrong")
            if kind == "wrong" and detail["cause"] in beside[detail["hotspot"]]:
                kind = "beside"
            tally.right[f"{without}|{kind}"] += 1
            tally.said[without, detail["cause"], detail["said"]] += 1
        if not without:
            tally.planted += score.planted
            tally.found += score.found
            tally.false += score.false_hotspots
            tally.actions += score.action_right


def show(tally: Tally) -> None:
    """The tables of docs/diagnosis-accuracy.md."""
    found = max(tally.found, 1)
    print(f"planted {tally.planted}, found {tally.found}, hotspots on nothing planted {tally.false}")
    print(f"action class right: {tally.actions} of {tally.found} found ({tally.actions / found:.1%})\n")
    print("| tables given | top cause right | second, shown beside | insufficient evidence | confident and wrong |")
    print("|---|---|---|---|---|")
    for without in WITHHELD:
        counts = [tally.right[f"{without}|{kind}"] for kind in ("right", "beside", "open", "wrong")]
        name = f"without {without}" if without else "all"
        print(f"| {name} | " + " | ".join(f"{n} ({n / found:.1%})" for n in counts) + " |")
    for without in WITHHELD:
        print(f"\nwithout {without or 'nothing'}: planted -> said")
        for (table, planted, said), number in sorted(tally.said.items()):
            if table == without and planted != said:
                print(f"| {planted} | {said} | {number} |")


def case_of(options: argparse.Namespace, seed: int) -> Case:
    """From the kept cases, or made now."""
    kept = Path(options.keep) / f"{options.world}-{options.size}-{seed}.pickle" if options.keep else None
    if kept is not None and kept.exists():
        return Case(**pickle.loads(kept.read_bytes()))  # our own file of an earlier run
    with tempfile.TemporaryDirectory() as folder:
        write(options.world, seed, Path(folder), options.size)
        case = found_in(Path(folder), options.replicas)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(vars(case)))
    return case


def main() -> None:
    """Score the cities asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="twenty cities instead of one")
    parser.add_argument("--world", choices=("ours", "other"), default="ours")
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--size", default="city", help="size of our simulator's cities")
    parser.add_argument("--replicas", type=int, default=199, help="Monte Carlo replicas of the scan")
    parser.add_argument("--keep", help="folder for what was found, to score it again")
    options = parser.parse_args()
    tally = Tally(Counter(), Counter())
    for seed in options.seeds or (FULL if options.full else QUICK):
        case = case_of(options, seed)
        count(case, tally)
        print(f"seed {seed}: {tally.found} of {tally.planted} found so far", file=sys.stderr, flush=True)
    show(tally)


if __name__ == "__main__":
    main()
