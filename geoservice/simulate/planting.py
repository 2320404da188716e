"""Planting: each problem changes the world (ground, network, counters, alarms) and says what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.aiming import bearing_deg, distance_m, facing, off_axis_deg, tall_cell
from geoservice.simulate.air import Air, Patch
from geoservice.simulate.chance import stream
from geoservice.simulate.kinds import KINDS, Kind
from geoservice.simulate.problems import Effect, Problem, World
from geoservice.simulate.spots import Spot
from geoservice.simulate.town import ZONE_OFFSET, People, Town

Floats = NDArray[np.float64]


def plant_all(town: Town, people: People, air: Air, spots: list[Spot]) -> World:
    """The world after every spot has been planted: changes of the network first, then of the ground."""
    world = World(town, people, air, ())
    numbered = list(enumerate(spots, 1))
    rank = {kind: place for place, kind in enumerate(_FIRST)}
    for number, spot in sorted(numbered, key=lambda item: rank.get(item[1].kind, len(rank))):
        rng = stream(town.seed, f"planting {number}")
        draft = _draft(town, spot, f"P{number:02d}", air.cells, rng)
        world = PLANTERS[spot.kind](world, draft, spot, rng)
    return world


# Within these distances of a spot nobody built: the reason for a hole, weak ground, a place all reach equally.
_CLEARING_M = {"HOLE": 1100.0, "WEAK": 1100.0, "NODOM": 760.0, "PCI": 700.0}
# Parameters of the network are planted before the ground is shaded to them.
_FIRST = ("OVERSHOOT", "NODOM", "PCI", "NBR")


def clear_masts(sites: pd.DataFrame, spots: list[Spot]) -> pd.DataFrame:
    """Sites without those that would mend what is to be planted."""
    x, y = sites["x"].to_numpy(), sites["y"].to_numpy()
    keep = np.ones(len(sites), bool)
    for spot in spots:
        keep &= np.hypot(x - spot.x, y - spot.y) > _CLEARING_M.get(spot.kind, -1.0)
    return sites[keep].reset_index(drop=True)


def _draft(town: Town, spot: Spot, number: str, cells: pd.DataFrame, rng: np.random.Generator) -> Problem:
    kind = KINDS[spot.kind]
    spacing = town.size.spacing_m[int(town.zone(np.array([[spot.x, spot.y]]))[0])]
    radius = kind.radius_m or round(0.52 * spacing + 40)
    start, end = _span(town, kind, rng)
    customers = int(rng.integers(*kind.customers))
    return Problem(number, spot.kind, kind, spot.x, spot.y, radius, start, end, customers, _mast(cells, spot))


def _mast(cells: pd.DataFrame, spot: Spot) -> NDArray[np.int64]:
    """Base-layer LTE cells of the mast at the spot."""
    here = np.hypot(cells["x"].to_numpy() - spot.x, cells["y"].to_numpy() - spot.y) < 1
    return np.flatnonzero(here & (cells["carrier"] == "L1800").to_numpy()) if spot.site >= 0 else np.empty(0, np.int64)


def _span(town: Town, kind: Kind, rng: np.random.Generator) -> tuple[datetime, datetime]:
    """Events of hours to weeks lie in the last eighteen days, so that four weeks of hourly counters precede them."""
    days = town.size.days
    if not kind.days or kind.days >= days:
        return town.start, town.end
    if kind.days > 21:
        return town.end - timedelta(days=kind.days), town.end
    recent = min(18.0, 0.34 * days)
    length = min(kind.days, recent - 1)
    begin = days - length - float(rng.uniform(0.3, max(recent - length, 0.4)))
    if length < 1:  # an outage of a working day: raised in the morning
        begin = np.floor(begin) + (9 + float(rng.uniform(0, 3))) / 24
    start = town.start + timedelta(minutes=round(begin * 1440))
    return start, start + timedelta(minutes=round(length * 1440))


def _zone_points(problem: Problem) -> Floats:
    ticks = np.linspace(-0.9, 0.9, 9) * problem.radius_m
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    return np.asarray(grid[np.hypot(*grid.T) <= problem.radius_m] + (problem.x, problem.y))


def _gain(air: Air, everywhere: float = 0.0) -> NDArray[np.float32]:
    return np.full(len(air.cells), everywhere, np.float32)


def _house(world: World, problem: Problem, least: int) -> World:
    """At least so many subscribers inside the problem: an estate or village nobody asked the network about."""
    xy = world.people.xy
    inside = np.hypot(xy[:, 0] - problem.x, xy[:, 1] - problem.y) < 0.8 * problem.radius_m
    lacking = least - world.people.customers[inside].sum()
    if lacking <= 0:
        return world
    points = _zone_points(replace(problem, radius_m=0.75 * problem.radius_m))[::2]
    added = np.full(len(points), np.ceil(lacking / len(points)))
    people = People(np.vstack([xy, points]), np.concatenate([world.people.customers, added]))
    return replace(world, people=people)


def _with(world: World, problem: Problem, air: Air | None = None) -> World:
    return replace(world, air=air or world.air, problems=(*world.problems, problem))


def _calmed(air: Air, problem: Problem, calm: float) -> Air:
    """The ground of the problem levelled to ``calm`` before anything else is done to it."""
    return air.with_patch(Patch(problem.x, problem.y, problem.radius_m, _gain(air), calm))


def _median_level(air: Air, problem: Problem, calm: float) -> Floats:
    """Median level of every cell inside the problem once its ground is levelled."""
    return np.asarray(np.median(_calmed(air, problem, calm).levels(_zone_points(problem)), axis=0), float)


def _shade(world: World, problem: Problem, target_dbm: float, calm: float = 1.0) -> tuple[Air, NDArray[np.int64]]:
    """Ground shaded so that the median best level inside is ``target_dbm``; and the cells that serve it then."""
    levels = _calmed(world.air, problem, calm).levels(_zone_points(problem))
    best = levels.max(axis=1)
    wide = np.where(world.cells["carrier"] == "N3500", -np.inf, levels)
    servers, counts = np.unique(wide.argmax(axis=1), return_counts=True)
    shade = _gain(world.air, target_dbm - float(np.median(best)))
    air = world.air.with_patch(Patch(problem.x, problem.y, problem.radius_m, shade, calm))
    return air, servers[np.argsort(-counts)[:3]]


def _hole(world: World, problem: Problem, _spot: Spot, rng: np.random.Generator) -> World:
    """A valley behind a ridge with a new estate in it: below −120 dBm."""
    world = _house(world, problem, int(rng.integers(500, 900)))
    air, _ = _shade(world, problem, -128, 0.5)
    return _with(world, problem, air)


def _weak(world: World, problem: Problem, _spot: Spot, rng: np.random.Generator) -> World:
    """Ground at the far edge of every cell: −120 to −110 dBm."""
    world = _house(world, problem, int(rng.integers(700, 1100)))
    air, cells = _shade(world, problem, -114.5, 0.35)
    return _with(world, replace(problem, cells=cells), air)


def _nodom(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """Open ground amid six sites whose beams were turned and powered so that all reach it equally."""
    world = _house(world, problem, 900)
    cells = world.cells.copy()
    taken = np.concatenate([np.empty(0, np.int64), *(other.cells for other in world.problems)])
    chosen = facing(cells, problem, 6, taken)
    cells.loc[chosen, "azimuth_deg"] = np.round(bearing_deg(cells, problem)[chosen]) % 360
    cells.loc[chosen, ["elec_tilt_deg", "mech_tilt_deg"]] = [3.0, 1.0]
    level = _median_level(world.air.with_cells(cells), problem, 0.08)
    even = max(float(level[chosen].mean()), -94.0)
    # As much as can be is parameters anybody can read in the table; the rest is ground.
    cells.loc[chosen, "rs_power_dbm"] += np.round((even - level[chosen]).clip(-5, 3), 1)
    air = world.air.with_cells(cells)
    level = _median_level(air, problem, 0.08)
    gain = np.where(level > even - 12, even - 12 - level, 0).astype(np.float32)
    gain[chosen] = even - level[chosen]
    patch = Patch(problem.x, problem.y, problem.radius_m, gain, 0.08)
    return _with(world, replace(problem, cells=chosen), air.with_patch(patch))


def _best_per_site(world: World, points: Floats, count: int) -> NDArray[np.int64]:
    base = np.flatnonzero((world.cells["carrier"] == "L1800").to_numpy())
    level = np.median(world.air.levels(points)[:, base], axis=0)
    ranked = base[np.argsort(-level)]
    first = ~world.cells["site"].iloc[ranked].duplicated().to_numpy()
    return np.asarray(ranked[first][:count])


def _overshoot(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """A tall mast with a flat beam rules ground behind nearer sites, whose beams look at their feet."""
    world = _house(world, problem, 800)
    cells = world.cells.copy()
    cell = tall_cell(cells, problem)
    near = (distance_m(cells, problem) < 0.8 * distance_m(cells, problem)[cell]) & (off_axis_deg(cells, problem) < 75)
    cells.loc[near, "elec_tilt_deg"] = 12.0
    cells.loc[cells["site"].to_numpy() == cells["site"].iloc[cell], "height_m"] = 60.0
    azimuth = round(float(bearing_deg(cells, problem)[cell])) % 360
    cells.loc[cell, ["azimuth_deg", "elec_tilt_deg", "mech_tilt_deg"]] = [float(azimuth), 2.0, 0.0]
    cells.loc[cell, "rs_power_dbm"] = 18.2
    air = world.air.with_cells(cells)
    level = _median_level(air, problem, 0.4)
    gain = np.where(level > -98, -98 - level, 0).astype(np.float32)
    gain[cell] = -90 - level[cell]
    patch = Patch(problem.x, problem.y, problem.radius_m, gain, 0.4)
    return _with(world, replace(problem, cells=np.array([cell])), air.with_patch(patch))


def _indoor(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """A mall whose coated glass keeps the street's signal out; outdoors all is well."""
    world = _house(world, problem, 900)
    air, cells = _shade(world, problem, -91, 0.5)
    return _with(world, replace(problem, cells=cells), air)


def _outage(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """The whole site down with an alarm."""
    world = _house(world, problem, 1500)
    cells = np.flatnonzero((world.cells["site"] == world.cells["site"].iloc[problem.cells[0]]).to_numpy())
    alarm = {
        "object_key": world.cells["site_id"].iloc[cells[0]], "code": "22214-CELL-OUT-OF-SERVICE",
        "severity": "critical", "raised_at": problem.start, "cleared_at": problem.end, "service_affecting": True,
        "planned_work": False,
    }  # fmt: skip
    down = Effect(cells, "off", 1.0, problem.start, problem.end)
    return _with(world, replace(problem, cells=cells, effects=(down,), alarms=(alarm,), served_only=True))


def _sleep(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """One sector carries nothing and nobody is told: the one that rules its ground most clearly."""
    moved = max((_sector_ground(world, problem, int(cell)) for cell in problem.cells), key=lambda found: found[0])[1]
    world = _house(world, moved, 900)
    asleep = Effect(moved.cells, "asleep", 1.0, moved.start, moved.end)
    return _with(world, replace(moved, effects=(asleep,), served_only=True))


def _sector_ground(world: World, problem: Problem, cell: int) -> tuple[float, Problem]:
    """The problem moved into a sector's beam, and the share of that ground the sector serves."""
    azimuth = np.radians(world.cells["azimuth_deg"].iloc[cell])
    reach = 0.62 * problem.radius_m
    x, y = problem.x + reach * np.sin(azimuth), problem.y + reach * np.cos(azimuth)
    moved = replace(problem, x=float(x), y=float(y), radius_m=round(0.7 * problem.radius_m), cells=np.array([cell]))
    best = world.air.levels(_zone_points(moved)).argmax(axis=1)
    return float((best == cell).mean()), moved


def _energy(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """The only layer of a site put to deep sleep at night."""
    world = _house(world, problem, 1500)
    window = {
        "from_local": "22:30", "to_local": "06:00", "mode": "deep_sleep",
        "valid_from": (problem.start + ZONE_OFFSET).date(), "valid_to": (problem.end + ZONE_OFFSET).date(),
    }  # fmt: skip
    cgis = world.cells["cgi"].iloc[problem.cells]
    off = Effect(problem.cells, "saving", 1.0, problem.start, problem.end, (23, 0, 1, 2, 3, 4, 5))
    windows = tuple({"cgi": cgi, **window} for cgi in cgis)
    return _with(world, replace(problem, effects=(off,), windows=windows, served_only=True))


def _counters(*effects: tuple[str, float]) -> Callable[[World, Problem, Spot, np.random.Generator], World]:
    """A planter for trouble that only the counters of a site show."""

    def plant(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
        world = _house(world, problem, 1200)
        done = tuple(
            Effect(problem.cells, name, value, problem.start, problem.end, problem.kind.hours)
            for name, value in effects
        )
        return _with(world, replace(problem, effects=done, served_only=True))

    return plant


def _neighbour(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """Two cells that meet here and do not know each other: calls drop between them."""
    world = _house(world, problem, 900)
    air, pair = _meeting(world, problem, 0.6)
    effects = tuple(
        Effect(pair, name, value, problem.start, problem.end) for name, value in (("ho_fail", 0.16), ("drop", 0.03))
    )
    both = ((int(pair[0]), int(pair[1])), (int(pair[1]), int(pair[0])))
    return _with(world, replace(problem, cells=pair, effects=effects, missing=both), air)


def _collision(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """Three cells of equal PCI modulo 3 meet at equal strength: their reference signals fall on each other."""
    world = _house(world, problem, 900)
    air, meeting = _meeting(world, problem, 0.06, 3, 6.5)
    cells = air.cells.copy()
    pci = cells["pci"].to_numpy().copy()
    pci[meeting] += pci[meeting[0]] % 3 - pci[meeting] % 3
    return _with(world, replace(problem, cells=meeting), air.with_cells(cells.assign(pci=pci)))


def _meeting(
    world: World, problem: Problem, calm: float, count: int = 2, below_db: float = 10.0
) -> tuple[Air, NDArray[np.int64]]:
    """Ground where the best cells of some sites are equally strong and everything else so far below."""
    points = _zone_points(problem)
    pair = _best_per_site(world, points, count)
    level = _median_level(world.air, problem, calm)
    even = float(level[pair].mean().clip(-88, -78))
    gain = np.where(level > even - below_db, even - below_db - level, 0).astype(np.float32)
    gain[pair] = even - level[pair]
    return world.air.with_patch(Patch(problem.x, problem.y, problem.radius_m, gain, calm)), pair


def _only_people(world: World, problem: Problem, _spot: Spot, _rng: np.random.Generator) -> World:
    """Trouble the network does not see: a handset batch, a far-end echo."""
    return _with(_house(world, problem, 1500), problem)


PLANTERS: dict[str, Callable[[World, Problem, Spot, np.random.Generator], World]] = {
    "HOLE": _hole,
    "WEAK": _weak,
    "NODOM": _nodom,
    "OVERSHOOT": _overshoot,
    "INDOOR": _indoor,
    "OUTAGE": _outage,
    "SLEEP": _sleep,
    "ENERGY": _energy,
    "ULINTF": _counters(("interference", 19.0), ("drop", 0.035), ("setup_fail", 0.05), ("ul_loss", 0.035)),
    "CONG": _counters(("load", 0.93), ("setup_fail", 0.09)),
    "TX": _counters(("ul_loss", 0.05), ("dl_loss", 0.055)),
    "VOICE": _counters(("dl_loss", 0.06)),
    "ACCESS": _counters(("setup_fail", 0.14), ("bearer_fail", 0.10)),
    "NBR": _neighbour,
    "PCI": _collision,
    "ECHO": _only_people,
    "TERM": _only_people,
}
