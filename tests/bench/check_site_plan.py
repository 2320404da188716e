"""Re-checks a plan of ``geoservice site --json`` against every rule, with code that shares nothing with the solver.

    python tests/bench/check_site_plan.py PLAN.json --demand D.csv --types T.toml [--existing E.csv]
        [--candidates C.csv] [--spacing 10] [--target-share 0.9 | --budget 500]

Coverage is counted point by point, spacing pair by pair, cost site by site. Planar coordinates (x, y) only. Exit code 0
and a line of figures when everything holds, 1 and the broken rule otherwise.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tomllib
from pathlib import Path

import numpy as np

Site = tuple[float, float, str]
Types = dict[str, dict[str, float]]


def read(path: Path, names: tuple[str, ...]) -> np.ndarray:
    """Columns of a CSV as an array (``weight`` may be called ``traffic``)."""
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    alias = {"weight": "weight" if rows and "weight" in rows[0] else "traffic"}
    return np.array([[float(row[alias.get(name, name)]) for name in names] for row in rows])


def check(
    sites: list[Site], demand: np.ndarray, existing: np.ndarray, types: Types, spacing: float,
    candidates: np.ndarray | None = None,
) -> tuple[float, float]:  # fmt: skip
    """(cost, covered share); raises AssertionError naming the broken rule."""
    covered = np.zeros(len(demand), bool)
    order = np.argsort(demand[:, 0], kind="stable")
    xs = demand[order, 0]
    for x, y, kind in sites:
        assert kind in types, f"unknown type {kind!r}"
        radius = types[kind]["radius"]
        rows = order[np.searchsorted(xs, x - radius) : np.searchsorted(xs, x + radius, side="right")]
        covered[rows[(demand[rows, 0] - x) ** 2 + (demand[rows, 1] - y) ** 2 <= radius**2]] = True
    places = np.array([(x, y) for x, y, _ in sites]).reshape(-1, 2)
    _spaced(places, existing, spacing)
    if candidates is not None:
        for place in places:
            assert (np.abs(candidates - place).max(axis=1) < 1e-6).any(), f"{tuple(place)} is no candidate"
    cost = sum(types[kind]["cost"] for _, _, kind in sites)
    return float(cost), float(demand[covered, 2].sum() / demand[:, 2].sum())


def _spaced(places: np.ndarray, existing: np.ndarray, spacing: float) -> None:
    everything = np.vstack([places, existing[:, :2]]) if len(existing) else places
    for k in range(len(places)):
        square = ((everything - everything[k]) ** 2).sum(axis=1)
        square[k] = np.inf
        assert square.min(initial=np.inf) > spacing**2, f"site {k} is within {spacing:g} of another"


def main() -> int:
    """Check one plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path)
    for name in ("demand", "types"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("existing", "candidates"):
        parser.add_argument(f"--{name}", type=Path)
    for name in ("spacing", "target-share", "budget"):
        parser.add_argument(f"--{name}", type=float, default=0.0 if name == "spacing" else None)
    options = parser.parse_args()
    plan = json.loads(options.plan.read_text("utf-8"))
    demand = read(options.demand, ("x", "y", "weight"))
    existing = read(options.existing, ("x", "y")) if options.existing else np.empty((0, 2))
    candidates = read(options.candidates, ("x", "y")) if options.candidates else None
    types = tomllib.loads(options.types.read_text("utf-8"))
    sites = [(float(s["x"]), float(s["y"]), str(s["type"])) for s in plan["sites"]]
    try:
        cost, share = check(sites, demand, existing, types, options.spacing, candidates)
        assert abs(cost - plan["cost"]) < 1e-6 * max(cost, 1), f"cost {cost:g}, the plan says {plan['cost']:g}"
        assert abs(share - plan["covered_share"]) < 1e-6, f"share {share:.6f}, the plan says {plan['covered_share']}"
        assert options.target_share is None or share >= options.target_share - 1e-9, f"only {share:.6f} is covered"
        assert options.budget is None or cost <= options.budget + 1e-9, f"{cost:g} is over the budget"
        if options.target_share is not None:
            assert plan["bound"] <= cost + 1e-9, "the bound is above the plan's own cost"
    except AssertionError as broken:
        print(f"broken: {broken}")
        return 1
    print(f"every rule holds: {len(sites)} sites, cost {cost:g}, covered {share:.6f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
