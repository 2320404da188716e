"""What-if against truth: customers predicted to gain by random actions and those who gain in the simulated world.

    python tests/bench/bench_what_if_truth.py [--actions 100] [--seeds 401] [--size city]

The product sees a city's cell table, exposure and measurements, as imported; the truth is the simulator's own radio
world (another path-loss law, another antenna, correlated shadowing) with the same change made to its cells, asked at
every subscriber's place. Actions are drawn at random: tilt, azimuth, power, a cell switched off, a new macro - half of
the new ones where customers are weak. Well served means for both: at least the weak threshold, and no more than three
co-channel cells within 6 dB. Prints correlation, slope and bias of the net customers, for all and by kind of action.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.config import default_config
from geoservice.pipeline import RadioWorld
from geoservice.radio.benefit import effect
from geoservice.records import CellChange
from geoservice.service import open_service
from geoservice.simulate import write_city
from geoservice.simulate.air import Air
from geoservice.simulate.city import build_world
from geoservice.simulate.problems import World
from geoservice.simulate.town import found_town
from geoservice.siting import site_cells

KINDS = ("tilt", "azimuth", "power", "off", "new")
SHARE = (0.3, 0.25, 0.15, 0.15, 0.15)
Action = tuple[str, list[CellChange]]


def product(folder: Path, size: str, seed: int) -> tuple[RadioWorld, pd.DataFrame, pd.DataFrame]:
    """The product's radio world, customers per hex and cell table of a written city."""
    write_city(folder, seed, size)
    config = default_config()
    with tempfile.TemporaryDirectory() as place:
        service = open_service(f"sqlite:///{place}/w.db", Path(place))
        for table, file in (
            ("cells", "cells.csv"),
            ("exposure", "exposure.csv"),
            ("measurements", "measurements.parquet"),
        ):
            service.import_file(table, folder / file)
        cells, exposure = service.store.read("cells"), service.store.read("exposure")
        samples = service.store.read("measurements")
        service.close()
    radio = RadioWorld.build(cells, samples, config, samples["time"].max().to_pydatetime())
    hexes = grid.to_hex(exposure["lat"], exposure["lon"], 9)
    people = exposure.groupby(hexes)["customers"].sum().rename_axis("hex").reset_index()
    return radio, people, cells


class Truth:
    """The simulated world at every subscriber's place."""

    def __init__(self, world: World) -> None:
        self.world, self.config = world, default_config()
        self.before = self.well(world.air)

    def well(self, air: Air, off: str = "") -> np.ndarray:
        """Whether each place is well served."""
        levels = air.levels(self.world.people.xy).astype(float)
        if off:
            levels[:, air.cells["cgi"].eq(off).to_numpy()] = -300.0
        best = levels.argmax(axis=1)
        top = levels[np.arange(len(levels)), best]
        mhz = air.cells["frequency_mhz"].to_numpy(float)
        crowd = ((levels > top[:, None] - self.config["overlap_window"]) & (mhz == mhz[best][:, None])).sum(axis=1)
        return np.asarray((top >= self.config["rsrp_weak"]) & (crowd <= self.config["overlap_max_incl_best"]))

    def net(self, changes: list[CellChange]) -> float:
        """Customers better off less customers worse off."""
        after = self._after(changes)
        people = self.world.people.customers
        return float(people[after & ~self.before].sum() - people[self.before & ~after].sum())

    def _after(self, changes: list[CellChange]) -> np.ndarray:
        air = self.world.air
        if changes[0].field == "status":
            return self.well(air, off=changes[0].cgi)
        if changes[0].field == "new":
            return self.well(built(air, changes))
        cells = air.cells.copy()
        cells.loc[cells["cgi"].eq(changes[0].cgi), changes[0].field] = float(str(changes[0].value))
        return self.well(air.with_cells(cells))


def built(air: Air, changes: list[CellChange]) -> Air:
    """The world with the new cells in it; ground that shadows the old masts does not shadow the new one."""
    rows = pd.DataFrame([change.cell for change in changes])
    x, y = air.town.plane.to_xy(rows["lat"].to_numpy(float), rows["lon"].to_numpy(float))
    rows = rows.assign(x=x, y=y, site=int(air.cells["site"].max()) + 1)
    cells = pd.concat([air.cells, rows.reindex(columns=air.cells.columns)], ignore_index=True)
    patches = tuple(replace(p, gain_db=np.r_[p.gain_db, np.zeros(len(rows), np.float32)]) for p in air.patches)
    return replace(air, cells=cells, patches=patches)


def drawn(rng: np.random.Generator, count: int, truth: Truth, cells: pd.DataFrame) -> list[Action]:
    """Random actions on the base layer, and new sites."""
    base = truth.world.cells[truth.world.cells["carrier"] == "L1800"].reset_index(drop=True)
    makers: dict[str, Callable[[pd.Series], tuple[str, float | str]]] = {
        "tilt": lambda c: ("elec_tilt_deg", float(np.clip(c["elec_tilt_deg"] + rng.choice([-4, -2, 2, 4]), 0, 16))),
        "azimuth": lambda c: ("azimuth_deg", float((c["azimuth_deg"] + rng.choice([-40, -20, 20, 40])) % 360)),
        "power": lambda c: ("rs_power_dbm", float(c["rs_power_dbm"] + rng.choice([-3, 3]))),
        "off": lambda _: ("status", "off"),
    }
    actions: list[Action] = []
    for number, kind in enumerate(rng.choice(KINDS, count, p=SHARE)):
        if kind == "new":
            actions.append((kind, new_site(rng, truth, cells, number)))
            continue
        cell = base.iloc[int(rng.integers(len(base)))]
        field, value = makers[kind](cell)
        actions.append((kind, [CellChange(str(cell["cgi"]), field, value)]))
    return actions


def new_site(rng: np.random.Generator, truth: Truth, cells: pd.DataFrame, number: int) -> list[CellChange]:
    people = truth.world.people
    weak = ~truth.before if rng.random() < 0.5 and (~truth.before).any() else np.ones(len(people.xy), bool)
    weight = people.customers * weak
    x, y = people.xy[int(rng.choice(len(weight), p=weight / weight.sum()))]
    lat, lon = truth.world.town.plane.to_latlon(np.array([x]), np.array([y]))
    return site_cells(float(lat[0]), float(lon[0]), "macro", cells, f"N{number}")


def show(rows: pd.DataFrame) -> None:
    """One line a kind of action."""
    print("| actions | n | true net, mean | predicted - true, mean | correlation | rank correlation | slope |")
    print("|---|---|---|---|---|---|---|")
    for name in ("all", *KINDS):
        part = rows if name == "all" else rows[rows["kind"] == name]
        if len(part) < 3:
            continue
        slope = float(np.polyfit(part["predicted"], part["true"], 1)[0]) if part["predicted"].std() > 0 else np.nan
        print(
            f"| {name} | {len(part)} | {part['true'].mean():.0f} | {(part['predicted'] - part['true']).mean():+.0f} "
            f"| {part['predicted'].corr(part['true']):.2f} | {part['predicted'].rank().corr(part['true'].rank()):.2f} "
            f"| {slope:.2f} |"
        )


def main() -> None:
    """Draw, predict, ask the truth, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=100)
    parser.add_argument("--seeds", type=int, nargs="+", default=[401])
    parser.add_argument("--size", default="city")
    options = parser.parse_args()
    rows = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            radio, people, cells = product(Path(folder), options.size, seed)
        truth = Truth(build_world(found_town(seed, options.size)))
        rng = np.random.default_rng(seed)
        for kind, changes in drawn(rng, options.actions // len(options.seeds), truth, cells):
            started = perf_counter()
            predicted = effect(radio.what_if(changes, people), default_config()).net
            rows.append((kind, predicted, truth.net(changes), perf_counter() - started))
    show(pd.DataFrame(rows, columns=["kind", "predicted", "true", "seconds"]))


if __name__ == "__main__":
    main()
