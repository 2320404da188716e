"""Counters of the radio cells: latent rates shaped by hour and weekday, bent by the planted problems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.chance import stream
from geoservice.simulate.problems import Effect, World
from geoservice.simulate.town import ZONE_OFFSET, Town

Singles = NDArray[np.float32]
Numbers = NDArray[np.floating]
# Hour of day, local: share of the peak. Homes peak in the evening, the centre at work and in the evening.
HOME = np.array(
    [18, 10, 7, 5, 5, 8, 22, 45, 55, 52, 52, 58, 66, 60, 54, 54, 58, 70, 84, 95, 100, 94, 70, 40], np.float32
) / np.float32(100)
WORK = np.array(
    [12, 7, 5, 4, 4, 8, 20, 48, 78, 90, 94, 92, 88, 84, 90, 92, 92, 94, 100, 90, 78, 60, 38, 22], np.float32
) / np.float32(100)
_SUMS = [
    "rrc_att", "rrc_succ", "bearer_att", "bearer_succ", "abn_rel", "all_rel", "ho_att", "ho_succ", "qci1_att",
    "qci1_succ", "qci1_ul_pkt", "qci1_ul_lost", "qci1_dl_pkt", "qci1_dl_lost", "dl_gb", "avail_s",
]  # fmt: skip
_MEANS = ["prb_dl", "ul_interf_dbm"]
_BASE = {
    "load": 0.0, "setup_fail": 0.004, "bearer_fail": 0.003, "drop": 0.004, "ho_fail": 0.012, "ul_loss": 0.0020,
    "dl_loss": 0.0015, "interference": 0.0,
}  # fmt: skip
EVERY_HOURS = 2


@dataclass(frozen=True)
class Counters:
    """Latent state and counts, each (cells, hours of the whole period)."""

    columns: dict[str, Numbers]


def count(world: World, served: NDArray[np.float64]) -> Counters:
    """Hourly counters of every cell; ``served`` is the number of subscribers each cell serves."""
    rng = stream(world.town.seed, "counters")
    active, available = _activity(world)
    shape = _shape(world)
    noise = rng.standard_normal(shape.shape, np.float32)
    peak = (0.30 + 0.28 * np.sqrt(served / max(np.quantile(served, 0.95), 1))).clip(0.1, 0.62).astype(np.float32)
    load = (peak[:, None] * shape * np.exp(0.07 * noise)).clip(0.01, 0.78)
    rates = {name: np.full(shape.shape, value, np.float32) for name, value in _BASE.items()}
    _bend(world, rates)
    load = np.maximum(load, rates["load"] * (1 + 0.04 * noise)).clip(0, 0.99) * active
    rates["setup_fail"] += 0.2 * np.maximum(load - 0.8, 0)
    tries = (0.55 * served[:, None].astype(np.float32) * shape * active + 4 * active).astype(np.float32)
    columns = _draw(rng, tries, rates)
    columns["prb_dl"], columns["avail_s"] = np.round(load, 2), available
    columns["users_max"] = np.round(0.11 * tries * (1 + load))
    columns["dl_gb"] = np.round(18.0 * load) / 2
    columns["ul_interf_dbm"] = np.round(-114.0 + 4 * load + rates["interference"] + 0.8 * noise)
    return Counters(columns)


def _shape(world: World) -> Singles:
    """Share of the peak for each cell and hour of the period."""
    hours = world.town.size.days * 24
    hour = np.arange(hours) % 24
    weekend = (np.arange(hours) // 24) % 7 >= 5
    core = (world.cells["zone"] == 0).to_numpy()[:, None]
    home = HOME[hour] * np.where(weekend, 1.08, 1.0)
    work = WORK[hour] * np.where(weekend, 0.72, 1.0)
    return np.where(core, work, home).astype(np.float32)


def _overlap(effect: Effect, town: Town) -> Singles:
    """Share of every hour of the period in which the effect holds."""
    begin = (effect.start - town.start).total_seconds() / 3600
    finish = (effect.end - town.start).total_seconds() / 3600
    hour = np.arange(town.size.days * 24)
    share = np.clip(np.minimum(hour + 1, finish) - np.maximum(hour, begin), 0, 1)
    if effect.hours:
        share = share * np.isin(hour % 24, effect.hours)
    return share.astype(np.float32)


def _activity(world: World) -> tuple[Singles, Singles]:
    """Share of each hour a cell carries traffic, and its available seconds."""
    shape = (len(world.cells), world.town.size.days * 24)
    active, available = np.ones(shape, np.float32), np.full(shape, 3600, np.float32)
    for effect in (effect for problem in world.problems for effect in problem.effects):
        if effect.name in ("off", "asleep", "saving"):
            share = _overlap(effect, world.town)
            active[effect.cells] *= 1 - share
            if effect.name != "asleep":
                available[effect.cells] *= 1 - share
    return active, np.round(available)


def _bend(world: World, rates: dict[str, Singles]) -> None:
    for effect in (effect for problem in world.problems for effect in problem.effects):
        if effect.name in rates:
            raised = effect.value * _overlap(effect, world.town)
            rates[effect.name][effect.cells] = np.maximum(rates[effect.name][effect.cells], raised)


def _draw(rng: np.random.Generator, tries: Numbers, rates: dict[str, Singles]) -> dict[str, Numbers]:
    """Attempts and failures; attempts in tens, as counters of 15-minute samples come."""
    made: dict[str, Numbers] = {}
    _pair(rng, made, "rrc", tries, rates["setup_fail"])
    _pair(rng, made, "bearer", 0.9 * tries, rates["bearer_fail"])
    _pair(rng, made, "ho", 0.7 * tries, rates["ho_fail"])
    _pair(rng, made, "qci1", 0.16 * tries, 0.6 * rates["bearer_fail"] + 0.5 * rates["setup_fail"])
    made["all_rel"] = np.round(made["bearer_succ"] / 10) * 10
    made["abn_rel"] = _some(rng, made["all_rel"], rates["drop"])
    for way in ("ul", "dl"):
        made[f"qci1_{way}_pkt"] = 2250 * made["qci1_att"]
        # Losses come in bursts: a gamma spread around the rate, not a binomial one.
        spread = rng.standard_gamma(9, tries.shape, np.float32) / 9
        made[f"qci1_{way}_lost"] = np.round(made[f"qci1_{way}_pkt"] * rates[f"{way}_loss"] * spread / 50) * 50
    return made


def _pair(rng: np.random.Generator, made: dict[str, Numbers], name: str, mean: Numbers, fail: Numbers) -> None:
    grain = 10 if name in ("rrc", "bearer", "ho") else 5
    attempts = np.round(_poisson(rng, mean) / grain) * grain
    made[f"{name}_att"] = attempts
    made[f"{name}_succ"] = attempts - np.minimum(_some(rng, attempts, fail), attempts)


def _some(rng: np.random.Generator, attempts: Numbers, share: Numbers) -> Numbers:
    return np.minimum(rng.poisson(attempts * share).astype(np.float32), attempts)


def _poisson(rng: np.random.Generator, mean: Numbers) -> Numbers:
    """Poisson of large means by its normal limit (twenty times faster, same first two moments)."""
    return np.maximum(np.round(mean + np.sqrt(mean) * rng.standard_normal(mean.shape, np.float32)), 0)


def table(world: World, counters: Counters) -> pd.DataFrame:
    """The import table: days for the older weeks and overlay carriers, even hours for the base layer since then.

    No period of a cell is told twice.
    """
    base = (world.cells["carrier"] == "L1800").to_numpy()
    first_hourly = world.town.size.days - world.town.size.hourly_days
    parts = [
        _days(world, counters, base, 0, first_hourly),
        _days(world, counters, ~base, 0, world.town.size.days),
        _hours(world, counters, base, first_hourly),
    ]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _days(world: World, counters: Counters, mask: NDArray[np.bool_], first: int, last: int) -> pd.DataFrame:
    chosen, days = np.flatnonzero(mask), np.arange(first, last)
    shape = (len(chosen), len(days), 24)
    block = {name: values[chosen, first * 24 : last * 24].reshape(shape) for name, values in counters.columns.items()}
    data = {name: block[name].sum(axis=2).ravel() for name in _SUMS}
    data |= {name: np.round(block[name].mean(axis=2), 2).ravel() for name in _MEANS}
    data["users_max"] = block["users_max"].max(axis=2).ravel()
    return _frame(world, chosen, days * 24, "day", data)


def _hours(world: World, counters: Counters, mask: NDArray[np.bool_], first_day: int) -> pd.DataFrame:
    chosen = np.flatnonzero(mask)
    hours = np.arange(first_day * 24, world.town.size.days * 24, EVERY_HOURS)
    data = {name: values[np.ix_(chosen, hours)].ravel() for name, values in counters.columns.items()}
    return _frame(world, chosen, hours, "hour", data)


def _frame(
    world: World, chosen: NDArray[np.int64], hours: NDArray[np.int64], granularity: str, data: dict[str, Numbers]
) -> pd.DataFrame:
    start = pd.DatetimeIndex([world.town.start + timedelta(hours=int(hour)) for hour in hours])
    frame = pd.DataFrame(
        {
            "cgi": np.repeat(world.cells["cgi"].to_numpy()[chosen], len(hours)),
            "start": np.tile((start + ZONE_OFFSET).tz_localize(None).to_numpy(), len(chosen)),
            "granularity": granularity,
        }
    )
    for name in [*_SUMS, *_MEANS, "users_max"]:
        whole = name not in ("dl_gb", "prb_dl", "ul_interf_dbm")
        frame[name] = data[name].astype(np.int32) if whole else data[name].astype(np.float64).round(2)
    return frame
