"""Who complains, where, when and of what: the true contacts before the world makes them dirty."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.chance import stream
from geoservice.simulate.problems import BAD_MODEL, Problem, World
from geoservice.simulate.speech import terminal_shares

Floats = NDArray[np.float64]
# Hotline contacts by local hour, and by weekday from Monday.
HOURS = np.array([8, 5, 3, 2, 2, 3, 8, 22, 48, 66, 70, 62, 50, 50, 56, 60, 60, 62, 70, 78, 76, 60, 38, 18], float)
WEEKDAYS = np.array([1.12, 1.03, 1.0, 0.98, 1.0, 0.95, 0.92])
BACKGROUND = {
    "SLOW_DATA": 0.20, "WEAK_SIGNAL": 0.165, "INDOOR_COVERAGE": 0.10, "UNSTABLE_SIGNAL": 0.08, "DROPPED_CALL": 0.08,
    "ACCESS_FAILURE": 0.07, "NO_COVERAGE": 0.035, "NOT_IN_SERVICE_MSG": 0.04, "CHOPPY_VOICE": 0.05,
    "ONE_WAY_AUDIO": 0.025, "ECHO": 0.015, "TERMINAL_SIM": 0.04, "ROAMING": 0.015, "NON_NETWORK": 0.085,
}  # fmt: skip
_VIP_CALLS = 20


def call(world: World) -> pd.DataFrame:
    """All contacts: ``customer, problem, x, y, class, occurred, accepted, indoor, floor, model, …``; one row each."""
    rng = stream(world.town.seed, "callers")
    planted = [_planted(world, problem, rng) for problem in world.problems]
    first = sum(len(part) for part in planted)
    repeats = round(0.07 * world.town.size.complaints)
    number = max(world.town.size.complaints - first - repeats - _VIP_CALLS, 50)
    contacts = pd.concat([*planted, _background(world, number, rng)], ignore_index=True)
    contacts["customer"] = np.arange(len(contacts))
    contacts["model"] = _models(world, contacts, rng)
    again, vip = _again(contacts, repeats, rng), _vip(world, contacts, rng)
    contacts = pd.concat([contacts, again, vip], ignore_index=True)
    contacts = contacts[contacts["accepted"] < pd.Timestamp(world.town.end)]
    return contacts.sort_values(["accepted", "customer"], kind="stable", ignore_index=True)


def _background(world: World, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Contacts in proportion to subscribers, a little more where the level is low."""
    people = world.people
    best = world.air.levels(people.xy).max(axis=1)
    weight = people.customers * (1 + 0.5 * np.clip((-92 - best) / 15, 0, 1))
    drawn = rng.choice(len(weight), number, p=weight / weight.sum())
    classes = rng.choice(list(BACKGROUND), number, p=np.array(list(BACKGROUND.values())))
    accepted = _moments(world, world.town.start, world.town.end, number, HOURS, rng)
    late = rng.exponential(5 * 3600, number)
    frame = _people(people.xy[drawn], classes, accepted, accepted - _seconds(late), rng)
    frame["problem"] = ""
    frame["indoor"] |= frame["class"] == "INDOOR_COVERAGE"
    return frame


def _planted(world: World, problem: Problem, rng: np.random.Generator) -> pd.DataFrame:
    """Customers inside the problem whose phones really suffer."""
    xy = _sufferers(world, problem, rng)
    kind = problem.kind
    share = np.array(list(kind.classes.values()))
    classes = rng.choice(list(kind.classes), len(xy), p=share / share.sum())
    hours = np.isin(np.arange(24), kind.hours).astype(float) if kind.hours else HOURS
    occurred = _moments(world, problem.start, problem.end, len(xy), hours, rng)
    wait = rng.exponential(1200 if problem.name == "OUTAGE" else 5400, len(xy))
    frame = _people(xy, classes, occurred + _seconds(wait), occurred, rng)
    frame["problem"] = problem.id
    frame["indoor"] = rng.random(len(xy)) < kind.indoor_share
    return frame


def _sufferers(world: World, problem: Problem, rng: np.random.Generator) -> Floats:
    xy, customers = world.people.xy, world.people.customers
    inside = np.hypot(xy[:, 0] - problem.x, xy[:, 1] - problem.y) < 0.85 * problem.radius_m
    if problem.served_only:
        best = _base(world)[world.air.levels(xy[inside])[:, _base(world)].argmax(axis=1)]
        inside[np.flatnonzero(inside)] = np.isin(best, problem.cells)
    weight = np.sqrt(customers) * inside
    drawn = rng.choice(len(xy), problem.customers, p=weight / weight.sum())
    return np.asarray(xy[drawn] + rng.normal(0, 0.07 * problem.radius_m, (problem.customers, 2)))


def _base(world: World) -> NDArray[np.int64]:
    return np.flatnonzero((world.cells["carrier"] == "L1800").to_numpy())


def _seconds(values: Floats) -> pd.TimedeltaIndex:
    return pd.to_timedelta(np.round(values), unit="s")


def _moments(
    world: World, start: datetime, end: datetime, number: int, hours: Floats, rng: np.random.Generator
) -> pd.DatetimeIndex:
    """Moments between two instants following the hours of day and weekdays: minutes drawn by weight."""
    first = int((start - world.town.start).total_seconds() // 60)
    last = int((end - world.town.start).total_seconds() // 60)
    minute = np.arange(first, max(last, first + 1))
    weight = hours[(minute // 60) % 24] * WEEKDAYS[(minute // 1440) % 7]
    if weight.sum() == 0:
        weight = np.ones(len(minute))
    drawn = np.sort(rng.choice(minute, number, p=weight / weight.sum()))
    seconds = drawn * 60 + rng.integers(0, 60, number)
    return pd.Timestamp(world.town.start) + pd.to_timedelta(rng.permutation(seconds), unit="s")


def _people(
    xy: Floats,
    classes: NDArray[np.str_],
    accepted: pd.DatetimeIndex,
    occurred: pd.DatetimeIndex,
    rng: np.random.Generator,
) -> pd.DataFrame:
    number = len(xy)
    spot = xy + rng.normal(0, 25, (number, 2))
    return pd.DataFrame(
        {
            "x": spot[:, 0],
            "y": spot[:, 1],
            "class": classes,
            "accepted": accepted,
            "occurred": occurred,
            "indoor": rng.random(number) < 0.5,
            "repeat": False,
        }
    )


def _models(world: World, contacts: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.str_]:
    """Handsets by market share; nine in ten customers of a handset batch hold the faulty model."""
    names, shares = terminal_shares()
    batches = [problem.id for problem in world.problems if problem.name == "TERM"]
    faulty = contacts["problem"].isin(batches).to_numpy() & (rng.random(len(contacts)) < 0.9)
    return np.where(faulty, BAD_MODEL, rng.choice(names, len(contacts), p=shares))


def _again(contacts: pd.DataFrame, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Repeat calls days later, and duplicates within minutes of the first."""
    chosen = contacts.iloc[rng.choice(len(contacts), number)].copy()
    minutes = np.where(rng.random(number) < 0.3, rng.uniform(1, 25, number), rng.uniform(600, 12_000, number))
    chosen["accepted"] = chosen["accepted"] + pd.to_timedelta(np.round(minutes * 60), unit="s").to_numpy()
    chosen["repeat"] = True
    return chosen


def _vip(world: World, contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One customer of the centre who calls twenty times: contacts, not customers, pile up there."""
    quiet = contacts[(contacts["problem"] == "") & (contacts["class"] == "SLOW_DATA")]
    nearest = int(np.hypot(quiet["x"].to_numpy(), quiet["y"].to_numpy()).argmin())
    calls = quiet.iloc[[nearest] * _VIP_CALLS].copy()
    calls["accepted"] = _moments(world, world.town.start, world.town.end, _VIP_CALLS, HOURS, rng)
    calls["occurred"] = calls["accepted"] - pd.Timedelta(minutes=20)
    calls["repeat"] = True
    return calls
