"""How many customers are expected in every hex and step when nothing is the matter.

The choice, in this order: satisfied calls (how many reports there were at all), an exposure table
(subscribers, population, traffic), the mix of classes (a group against all complaints), the region's
own history (now against the hex's usual share). Decision 0036.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.hotspots.calendar import Steps
from geoservice.hotspots.events import place_resolution
from geoservice.stats.montecarlo import Null

Floats = NDArray[np.float64]
# With fewer satisfied reports than this share of the complaints they say little about who could have complained.
LEAST_SATISFIED = 0.2
# People move: part of a hex's customers complain from the hexes around it, and a small part from
# anywhere, so that a hex without registered subscribers (a road, a park) is not a place of wonders.
AT_HOME = 0.93
NEARBY = 0.06
NEARBY_RINGS = 3


@dataclass(frozen=True)
class Exposure:
    """Exposure on the hex set: ``kind`` names it, ``customers`` (hexes,) or ``reports`` (hexes, steps) hold it."""

    kind: str
    customers: Floats | None = None
    reports: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Expectation:
    """Expected events (hexes, steps), how they fall by chance, and the name of what they rest on."""

    expected: Floats
    null: Null
    kind: str


def read_exposure(
    exposure: pd.DataFrame, satisfied: pd.DataFrame, customers: int, resolution: int, steps: Steps
) -> tuple[str, pd.DataFrame]:
    """The exposure to use and its rows (hex, count, step); ``none`` when there is none.

    customers : how many complain; satisfied : with a column ``reporter`` where customers are known by place only.
    """
    calls = _satisfied_reports(satisfied, resolution, steps)
    if len(calls) and len(calls) >= LEAST_SATISFIED * customers:
        return "satisfied_calls", calls[["hex", "step"]].assign(count=1)
    people = exposure[exposure["customers"] > 0] if len(exposure) else exposure
    if len(people):
        kinds = people["kind"].dropna()
        kind = str(kinds.mode().iloc[0]) if len(kinds) else "subscribers"
        rows = people[people["kind"].fillna(kind) == kind]
        hexes = grid.to_hex(rows["lat"], rows["lon"], resolution)
        return kind, pd.DataFrame({"hex": hexes, "count": rows["customers"].to_numpy(float), "step": 0})
    return "none", pd.DataFrame({"hex": np.empty(0, np.int64), "count": [], "step": []})


def _satisfied_reports(satisfied: pd.DataFrame, resolution: int, steps: Steps) -> pd.DataFrame:
    """Satisfied reports of the period with a place; of each known reporter and place the first, as for complaints."""
    calls = satisfied.dropna(subset=["lat", "lon"])
    if calls.empty:
        return calls
    calls = calls.assign(step=steps.of(calls["accepted_at"]), hex=grid.to_hex(calls["lat"], calls["lon"], resolution))
    calls = calls[calls["step"] >= 0].sort_values(["accepted_at", "source_key"], kind="stable")
    if "reporter" not in calls:
        return calls
    places = grid.parents(calls["hex"].to_numpy(), place_resolution(resolution))
    return calls[~pd.DataFrame({"who": calls["reporter"].to_numpy(), "place": places}).duplicated().to_numpy()]


def time_profile(counts: Floats, weekdays: NDArray[np.int64], unit: str) -> Floats:
    """Share of each step: a log-linear trend and, for days, the day of the week (Poisson regression).

    Parameters
    ----------
    counts : (steps,) events per step in the whole region.
    """
    steps = len(counts)
    columns = [np.ones(steps)]
    if steps >= 14 and counts.sum() >= 50:
        columns.append(np.linspace(-1.0, 1.0, steps))
    if unit == "day" and steps >= 21 and counts.sum() >= 100:
        columns += [(weekdays == day).astype(float) - (weekdays == 0) for day in range(1, 7)]
    fitted = _poisson_fit(np.column_stack(columns), counts)
    return fitted / fitted.sum()


def _poisson_fit(design: Floats, counts: Floats) -> Floats:
    """Fitted means of a log-linear Poisson model by iteratively reweighted least squares."""
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(max(counts.mean(), 1e-9))
    for _ in range(25):
        mu = np.exp(np.clip(design @ beta, -30, 30))
        gram = design.T @ (design * mu[:, None]) + 1e-9 * np.eye(len(beta))
        step = np.linalg.solve(gram, design.T @ (counts - mu))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return np.exp(np.clip(design @ beta, -30, 30))


def spread(customers: Floats, disk: NDArray[np.int64]) -> Floats:
    """Exposure share of every hex after people have moved about.

    Parameters
    ----------
    customers : (n,) registered exposure; disk : (n, k) positions of the hexes around each, −1 = none.
    """
    share = customers / customers.sum()
    padded = np.append(share, 0.0)
    size = (disk >= 0).sum(axis=1)
    given = np.append(share / size, 0.0)  # everybody shares equally over his own neighbourhood
    nearby = given[disk].sum(axis=1)
    mixed = AT_HOME * padded[:-1] + NEARBY * nearby
    return np.asarray(mixed + (1.0 - mixed.sum()) / len(share))


def expect(
    exposure: Exposure,
    group: str,
    events: tuple[NDArray[np.int64], NDArray[np.int64]],
    everyone: tuple[NDArray[np.int64], NDArray[np.int64]],
    shape: tuple[int, int],
    profile: Floats,
    monthly: bool = False,
) -> Expectation:
    """Expectation of a group's events.

    Parameters
    ----------
    events, everyone : (positions, steps) of the group's events and of all events.
    shape : (hexes, steps); profile : (steps,) share of each step; monthly : steps are months.
    """
    total = len(events[0])
    if exposure.customers is not None:
        expected = total * exposure.customers[:, None] * profile[None, :]
        return Expectation(expected, Null("expected"), exposure.kind)
    if exposure.reports is not None:
        rates = _step_rates(events[1], (exposure.reports + _table(*everyone, shape)).sum(axis=0), monthly)
        return _labelled(exposure.reports + _table(*everyone, shape), total, exposure.kind, rates)
    if group != "all":
        reports = _table(*everyone, shape)
        return _labelled(reports, total, "class_mix", _step_rates(events[1], reports.sum(axis=0), monthly))
    places = np.bincount(events[0], minlength=shape[0]).astype(float)
    times = np.bincount(events[1], minlength=shape[1]).astype(float)
    return Expectation(places[:, None] * times[None, :] / max(total, 1), Null("times"), "history")


def by_region(plain: Expectation, factors: Floats) -> Expectation:
    """The expectation with a rate factor for every hex (that of its region); the total stays."""
    expected = plain.expected * factors[:, None]
    expected *= plain.expected.sum() / max(float(expected.sum()), 1e-300)
    # Labels are drawn from reports, which know nothing of the factors; cases are thrown by the expectation, which does.
    null = plain.null if plain.null.reports is None else replace(plain.null, place_rates=factors)
    return Expectation(expected, null, plain.kind)


def _step_rates(steps: NDArray[np.int64], reports: NDArray[np.int64], monthly: bool) -> Floats | None:
    """Share of cases among the reports of every step; None where it is taken to be constant.

    Month by month the mix of labels of a whole region changes (new forms, new versions of an app), which is no
    hotspot; within shorter steps there are too few reports to tell that from a local trouble.
    """
    if not monthly or len(reports) < 2:
        return None
    cases = np.bincount(steps, minlength=len(reports))
    return np.asarray((cases + 1e-9) / np.maximum(reports, 1))


def _labelled(reports: NDArray[np.int64], total: int, kind: str, step_rates: Floats | None) -> Expectation:
    """Cases are a random subset of the reports: exact even where there are few reports."""
    expected: Floats = reports * (np.ones(reports.shape[1]) if step_rates is None else step_rates)
    expected *= total / max(expected.sum(), 1e-300)
    cells = np.repeat(np.arange(reports.size), reports.ravel())
    return Expectation(expected, Null("labels", cells, step_rates), kind)


def _table(positions: NDArray[np.int64], steps: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.int64]:
    return np.bincount(positions * shape[1] + steps, minlength=shape[0] * shape[1]).reshape(shape)
