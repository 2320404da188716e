"""Measurements of the simulated radio world: reports of phones, drive tests, indoor calls."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.air import INDOOR_LOSS_DB, Singles
from geoservice.simulate.chance import stream
from geoservice.simulate.problems import World
from geoservice.simulate.town import ZONE_OFFSET

Floats = NDArray[np.float64]
_LOAD = 0.5
_NOISE_DBM = -125.2  # thermal noise of one 15 kHz resource element with a 7 dB receiver
_RECENT_DAYS = 28


def measure(world: World) -> pd.DataFrame:
    """The measurement table in import form."""
    rng = stream(world.town.seed, "samples")
    parts = [_phones(world, rng), _drive(world, rng), _inside_problems(world, rng)]
    points = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return _listen(world, points, rng).sort_values(["time", "device"], kind="stable", ignore_index=True)


def _phones(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """MR and MDT of the last four weeks where people are, thinned in the crowd."""
    number = round(0.72 * world.town.size.samples)
    weight = world.people.customers**0.4
    drawn = rng.choice(len(weight), number, p=weight / weight.sum())
    xy = world.people.xy[drawn] + rng.normal(0, 75, (number, 2))
    source = rng.choice(["MDT", "MR", "APP"], number, p=[0.5, 0.3, 0.2])
    # About six phones per place, so that no single phone speaks for a hex.
    device = [f"m{place:05d}{k}" for place, k in zip(drawn, rng.integers(0, 6, number), strict=True)]
    return _points(xy, source, device, rng.random(number) < 0.12, _RECENT_DAYS, rng)


def _drive(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Three test cars on the street grid, a sample every forty metres or so."""
    number = round(0.18 * world.town.size.samples)
    reach = world.town.size.zone_radius_m[2]
    line = rng.choice(np.sinh(np.linspace(-1.6, 1.6, 26)) / np.sinh(1.6) * 0.9 * reach, number)
    along = rng.uniform(-reach, reach, number)
    east = rng.random(number) < 0.5
    xy = np.column_stack([np.where(east, along, line), np.where(east, line, along)])
    device = [f"dt{k}" for k in rng.integers(1, 4, number)]
    return _points(xy, np.full(number, "DT"), device, np.zeros(number, bool), 70, rng)


def _inside_problems(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Phones inside the planted places report as everywhere; malls and holes were visited by testers too."""
    number = round(0.10 * world.town.size.samples / max(len(world.problems), 1))
    parts = []
    for problem in world.problems:
        angle, reach = rng.uniform(0, 2 * np.pi, number), problem.radius_m * np.sqrt(rng.random(number))
        xy = np.column_stack([problem.x + reach * np.cos(angle), problem.y + reach * np.sin(angle)])
        inside = rng.random(number) < (0.5 if problem.name == "INDOOR" else 0.1)
        source = np.where(inside, "CQT", rng.choice(["MDT", "DT", "APP"], number))
        device = [f"p{problem.id}{k}" for k in rng.integers(0, 9, number)]
        parts.append(_points(xy, source, device, inside, _RECENT_DAYS, rng))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _points(
    xy: Floats, source: NDArray[np.str_], device: list[str], indoor: NDArray[np.bool_], days: int,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    minute = rng.integers(-days * 1440, 0, len(xy))
    hour = rng.choice(np.arange(7, 23), len(xy))
    minute = minute // 1440 * 1440 + hour * 60 + minute % 60
    return pd.DataFrame(
        {"x": xy[:, 0], "y": xy[:, 1], "source": source, "device": device, "indoor": indoor, "minute": minute}
    )


def _listen(world: World, points: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    cells = world.cells
    xy = points[["x", "y"]].to_numpy()
    levels = world.air.levels(xy)
    levels -= (points["indoor"].to_numpy() * _indoor_loss(world, points, rng))[:, None].astype(np.float32)
    _silence(world, points, levels)
    server = _server(cells, levels, rng)
    row = np.arange(len(points))
    power = levels[row, server]
    sinr = _sinr_db(cells, levels, server)
    mast = cells[["x", "y"]].to_numpy()[server]
    lat, lon = world.town.plane.to_latlon(xy[:, 0], xy[:, 1])
    local = pd.Timestamp(world.town.end) + pd.to_timedelta(points["minute"], unit="m") + ZONE_OFFSET
    frame = pd.DataFrame(
        {
            "time": local.dt.tz_localize(None),
            "lat": lat.round(5),
            "lon": lon.round(5),
            "rsrp_dbm": np.round(power + rng.normal(0, 1.5, len(points))),
            "cgi": cells["cgi"].to_numpy()[server],
            "rat": cells["rat"].to_numpy()[server],
            "sinr_db": np.round(sinr + rng.normal(0, 1, len(points))).clip(-20, 30),
            "source": points["source"],
            "device": points["device"],
            "indoor": points["indoor"],
            "ta_m": 78.07 * np.floor(np.hypot(*(xy - mast).T) / 78.07),
        }
    )
    # Below −132 dBm a phone reports nothing.
    return frame[frame["rsrp_dbm"] > -132].reset_index(drop=True)


def _indoor_loss(world: World, points: pd.DataFrame, rng: np.random.Generator) -> Floats:
    loss = INDOOR_LOSS_DB + rng.normal(0, 4, len(points))
    for problem in world.problems:
        if problem.name == "INDOOR":
            within = np.hypot(points["x"] - problem.x, points["y"] - problem.y) < problem.radius_m
            loss = np.where(within, loss + 14, loss)
    return np.asarray(loss)


def _silence(world: World, points: pd.DataFrame, levels: Singles) -> None:
    """Cells that are off at the moment of a sample are not heard."""
    moment = pd.Timestamp(world.town.end) + pd.to_timedelta(points["minute"], unit="m")
    hour = (moment + ZONE_OFFSET).dt.hour
    for effect in (effect for problem in world.problems for effect in problem.effects):
        if effect.name in ("off", "asleep", "saving"):
            during = moment.between(pd.Timestamp(effect.start), pd.Timestamp(effect.end))
            if effect.hours:
                during &= hour.isin(effect.hours)
            levels[np.ix_(during.to_numpy(), effect.cells)] = -170


def _server(cells: pd.DataFrame, levels: Singles, rng: np.random.Generator) -> NDArray[np.int64]:
    """The base layer for most, overlay carriers where a phone has them and they are strong enough."""
    base = (cells["carrier"] == "L1800").to_numpy()
    overlay = np.where(base, -200, levels)
    best = np.where(base, levels, -200).argmax(axis=1)
    other = overlay.argmax(axis=1)
    strong, weak = overlay.max(axis=1), np.where(base, levels, -200).max(axis=1)
    takes = ((strong > -102) & (rng.random(len(levels)) < 0.3)) | ((weak < -106) & (strong > weak + 3))
    return np.asarray(np.where(takes, other, best))


def _sinr_db(cells: pd.DataFrame, levels: Singles, server: NDArray[np.int64]) -> Floats:
    """Wanted power over noise and co-channel cells: half loaded, but whole where PCI modulo 3 is the server's.

    Reference signals of cells with equal PCI modulo 3 lie on the same resource elements (TS 36.211, 6.10.1.2)
    and collide always, others only while data is sent.
    """
    watts = 10.0 ** (levels / 10)
    carrier, residue = cells["arfcn"].to_numpy(), (cells["pci"] % 3).to_numpy()
    group = carrier * 3 + residue
    of_carrier, by_carrier = _sums(watts, carrier)
    of_group, by_group = _sums(watts, group)
    row = np.arange(len(levels))
    wanted = watts[row, server]
    total = by_carrier[row, np.searchsorted(of_carrier, carrier[server])]
    colliding = by_group[row, np.searchsorted(of_group, group[server])]
    rest = _LOAD * (total - colliding) + (colliding - wanted)
    return np.asarray(10 * np.log10(wanted / (rest + 10 ** (_NOISE_DBM / 10))))


def _sums(watts: NDArray[np.floating], label: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """Power summed over cells of equal label: the labels, and an array (points, labels)."""
    labels = np.unique(label)
    return labels, np.stack([watts[:, label == one].sum(axis=1, dtype=np.float64) for one in labels], axis=1)
