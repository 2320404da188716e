"""A whole city with known truth, written in the import formats."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.errors import InputError
from geoservice.records import Progress, silent
from geoservice.simulate import callers, counters, dirt, faults, samples
from geoservice.simulate.air import Air, open_air
from geoservice.simulate.masts import equip, raise_sites
from geoservice.simulate.places import name_places
from geoservice.simulate.planting import clear_masts, plant_all
from geoservice.simulate.problems import Problem, World
from geoservice.simulate.spots import choose_spots
from geoservice.simulate.town import People, Town, found_town, settle

DEFAULT_SEED = 20260101
_CELL_COLUMNS = [
    "cgi", "cell_name", "site_id", "site_name", "lat", "lon", "rat", "arfcn", "frequency_mhz", "bandwidth_mhz",
    "pci", "tac", "height_m", "azimuth_deg", "mech_tilt_deg", "elec_tilt_deg", "hbw_deg", "vbw_deg", "gain_dbi",
    "rs_power_dbm", "indoor", "site_type", "scene", "vendor", "status", "on_air_date",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CitySummary:
    """What was written: ``files`` name -> bytes; counts of rows, sites, cells and planted problems."""

    folder: Path
    seed: int
    size: str
    sites: int
    cells: int
    complaints: int
    problems: int
    files: dict[str, int]

    @property
    def total_bytes(self) -> int:
        return sum(self.files.values())


def write_city(folder: Path, seed: int = DEFAULT_SEED, size: str = "city", progress: Progress = silent) -> CitySummary:
    """Simulate a city and write it as import files and ``truth.json``.

    Parameters
    ----------
    folder : made if absent; files of the same names are replaced.
    seed : the same seed writes the same bytes; another seed, another place and other problems.
    size : ``city`` (about 135 sites, 6,000 complaints, 90 days) or ``town`` (about 20, 400, 30).

    Returns
    -------
    CitySummary
        Counts and file sizes.

    Raises
    ------
    InputError
        Unknown size, a seed outside 0…2³²−1, or a folder that holds something else than a simulated city.
    """
    _check_ours(Path(folder))
    progress(0.0, "ground and network")
    world = build_world(found_town(seed, size))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    writer = _Writer(folder, progress)
    places = _places(world)
    contacts = callers.call(world)
    writer.csv("complaints", dirt.complaints(world, contacts, places))
    writer.csv("cells", cell_table(world))
    writer.csv("alarms", faults.alarms(world))
    writer.csv("energy-windows", faults.energy_windows(world))
    writer.csv("neighbours", faults.neighbours(world))
    writer.csv("planned-sites", faults.planned_sites(world))
    writer.csv("exposure", _exposure(world))
    writer.csv("gazetteer", _gazetteer(world, places))
    writer.parquet("measurements", samples.measure(world))
    writer.parquet("kpis", counters.table(world, counters.count(world, served(world))))
    (folder / "truth.json").write_text(json.dumps(truth(world), ensure_ascii=False, indent=1) + "\n", "utf-8")
    writer.note("truth.json")
    progress(1.0, "done")
    sites = world.cells["site"].nunique()
    return CitySummary(folder, seed, size, sites, len(world.cells), len(contacts), len(world.problems), writer.sizes)


def _check_ours(folder: Path) -> None:
    """A city may be written again over itself, never over somebody's own exports of the same names."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "truth.json").is_file():
        raise InputError(f"{folder} is not empty and holds no simulated city; name a new folder", field="folder")


def build_world(town: Town) -> World:
    """Ground, people, network and planted problems of a town."""
    people = settle(town)
    sites = raise_sites(town)
    spots = choose_spots(town, sites, people)
    sites = clear_masts(sites, spots)
    air = open_air(town, equip(town, sites))
    return plant_all(town, _covered(people, air), air, spots)


def _covered(people: People, air: Air) -> People:
    """Nobody lives where the network never went, so that the planted troubles are the only ones."""
    fine = air.levels(people.xy).max(axis=1) > -101
    return replace(people, xy=people.xy[fine], customers=people.customers[fine])


def served(world: World) -> NDArray[np.float64]:
    """Subscribers served by each cell: base layer by best level, overlays a third of their sector's."""
    cells = world.cells
    base = np.flatnonzero((cells["carrier"] == "L1800").to_numpy())
    best = base[world.air.levels(world.people.xy)[:, base].argmax(axis=1)]
    count = np.bincount(best, weights=world.people.customers, minlength=len(cells))
    sector = cells["site"] * 3 + cells["sector"]
    below = pd.Series(count[base], index=sector.iloc[base])
    overlay = sector.map(below).to_numpy() / 3
    return np.maximum(np.where(cells["carrier"] == "L1800", count, overlay), 40.0)


def truth(world: World) -> list[dict[str, object]]:
    """The planted problems in the form of ``truth.json``."""
    return [_told(world, problem) for problem in sorted(world.problems, key=lambda problem: problem.id)]


def _told(world: World, problem: Problem) -> dict[str, object]:
    lat, lon = world.town.plane.to_latlon(problem.x, problem.y)
    return {
        "id": problem.id,
        "cause": problem.kind.cause,
        "classes": [name for name, weight in problem.kind.classes.items() if weight >= 2],
        "lat": round(float(lat), 6),
        "lon": round(float(lon), 6),
        "radius_m": round(problem.radius_m),
        "from": problem.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "to": problem.end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "cells": world.cells["cgi"].iloc[problem.cells].tolist(),
    }


def cell_table(world: World) -> pd.DataFrame:
    """The engineering parameter table in import form."""
    cells = world.cells.copy()
    lat, lon = world.town.plane.to_latlon(cells["x"].to_numpy(), cells["y"].to_numpy())
    cells["lat"], cells["lon"] = lat.round(6), lon.round(6)
    cells["site_name"] = "澜汀" + cells["scene"].map(
        {"core": "中心", "urban": "城区", "suburb": "城郊", "rural": "乡镇"}
    )
    cells["site_name"] += (cells["site"] + 1).astype(str).str.zfill(3)
    cells["cell_name"] = cells["site_name"] + "-" + cells["carrier"] + "-" + (cells["sector"] + 1).astype(str)
    return cells[_CELL_COLUMNS]


def _places(world: World) -> pd.DataFrame:
    ring = 0.55 * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
    needed = np.vstack([ring * min(p.radius_m, 700) + (p.x, p.y) for p in world.problems])
    return name_places(world.town, world.people.xy, world.people.customers, needed)


def _exposure(world: World) -> pd.DataFrame:
    lat, lon = world.town.plane.to_latlon(world.people.xy[:, 0], world.people.xy[:, 1])
    frame = pd.DataFrame({"lat": lat.round(5), "lon": lon.round(5), "customers": world.people.customers.astype(int)})
    return frame.groupby(["lat", "lon"], as_index=False).sum()


def _gazetteer(world: World, places: pd.DataFrame) -> pd.DataFrame:
    lat, lon = world.town.plane.to_latlon(places["x"].to_numpy(), places["y"].to_numpy())
    frame = places.assign(lat=lat.round(6), lon=lon.round(6), crs="WGS84")
    return frame[["name", "lat", "lon", "crs", "alt_names", "kind", "admin", "radius_m"]]


class _Writer:
    """Writes tables into the folder and remembers their sizes."""

    _STEPS = 10

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder, self.progress, self.sizes = folder, progress, dict[str, int]()

    def note(self, name: str) -> None:
        self.sizes[name] = (self.folder / name).stat().st_size
        self.progress(min(0.2 + 0.8 * len(self.sizes) / (self._STEPS + 1), 1.0), name)

    def csv(self, name: str, frame: pd.DataFrame) -> None:
        frame.to_csv(self.folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
        self.note(f"{name}.csv")

    def parquet(self, name: str, frame: pd.DataFrame) -> None:
        """Counts with their bytes split, times as differences, the rest by dictionary; all under zstd."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        split = [column for column in frame.columns if column.endswith(("_att", "_succ"))]
        times = [column for column, dtype in frame.dtypes.items() if dtype.kind == "M" and name == "measurements"]
        encoding = dict.fromkeys(split, "BYTE_STREAM_SPLIT") | dict.fromkeys(times, "DELTA_BINARY_PACKED")
        pq.write_table(
            pa.Table.from_pandas(frame, preserve_index=False),
            self.folder / f"{name}.parquet",
            compression="zstd",
            compression_level=19,
            use_dictionary=[column for column in frame.columns if column not in encoding],
            column_encoding=encoding,
        )
        self.note(f"{name}.parquet")
