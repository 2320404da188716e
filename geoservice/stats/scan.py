"""Kulldorff's scan statistic for arbitrary points: purely spatial, space-time and prospective (Poisson, high rates).

Sources: Kulldorff (1997), A spatial scan statistic, Commun. Statist. Theory Meth. 26(6);
Kulldorff (2001), Prospective time periodic geographical disease surveillance, JRSS A 164.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError, NotEnoughData
from geoservice.stats.montecarlo import Distribution, Null, Problem, scan_cells
from geoservice.stats.sampling import Sampling
from geoservice.stats.zones import Zones, circles

Floats = NDArray[np.float64]
DEFAULT_SEED = 1


@dataclass(frozen=True)
class Cluster:
    """A window with more cases than expected; ``start``/``stop`` are steps (stop excluded)."""

    members: NDArray[np.int64]
    cases: int
    expected: float
    relative_risk: float
    llr: float
    p_value: float
    start: int = 0
    stop: int = 1


@dataclass(frozen=True)
class ScanResult:
    """Clusters, strongest first, no two sharing a location; ``seed`` and ``maxima`` make them reproducible."""

    clusters: tuple[Cluster, ...]
    total: int
    seed: int
    maxima: Floats


def scan(
    x: ArrayLike,
    y: ArrayLike,
    cases: ArrayLike,
    population: ArrayLike,
    *,
    max_share: float = 0.5,
    replicas: int = 999,
    seed: int = DEFAULT_SEED,
    geodesic: bool = False,
    threads: int | None = None,
    max_clusters: int = 50,
) -> ScanResult:
    """Purely spatial scan with circles centred on the locations (:func:`scan_cylinders` with a single step).

    Parameters
    ----------
    x, y : (n,) projected coordinates, or longitude and latitude in degrees when ``geodesic``.
    cases : (n,) whole numbers.
    population : (n,) population at risk; zero is allowed, not everywhere.
    max_share : largest share of the population inside a circle.

    Raises
    ------
    InputError
        Lengths differ, a value is negative or not finite, or cases are not whole numbers.
    NotEnoughData
        Fewer than two cases, or nobody at risk.
    """
    counts = np.asarray(cases, float)
    if counts.ndim != 1:
        raise InputError("cases of a purely spatial scan are one number per location", field="cases")
    return scan_cylinders(
        x, y, counts[:, None], population, max_share=max_share, replicas=replicas, seed=seed,
        geodesic=geodesic, threads=threads, max_clusters=max_clusters,
    )  # fmt: skip


def scan_cylinders(
    x: ArrayLike,
    y: ArrayLike,
    cases: ArrayLike,
    population: ArrayLike,
    *,
    max_share: float = 0.5,
    max_duration_share: float = 0.5,
    prospective: bool = False,
    replicas: int = 999,
    seed: int = DEFAULT_SEED,
    geodesic: bool = False,
    threads: int | None = None,
    max_clusters: int = 50,
) -> ScanResult:
    """Space-time scan with cylinders: circles × time windows.

    Parameters
    ----------
    x, y, max_share, geodesic : as for :func:`scan`; locations at one point or at equal distances enter together.
    cases : (n, steps) whole numbers.
    population : (n,) constant population, or (n, steps); where it is 0 nothing is expected and no case may be.
    max_duration_share : longest window as a share of the period.
    prospective : only windows that end at the last step ("is something going on now?").

    Returns
    -------
    Clusters by falling ratio. With C cases in all and E expected inside in proportion to the population (E sums to C
    over everything), c cases inside have the log likelihood ratio c·ln(c/E) + (C − c)·ln((C − c)/(C − E)), counted
    only where c > E (Kulldorff 1997); the relative risk is (c/E) / ((C − c)/(C − E)). Windows hold two cases at least.
    """
    counts, people = _checked(x, y, cases, population)
    east, north = np.asarray(x, float), np.asarray(y, float)
    if geodesic and ((np.abs(north) > 90).any() or (np.abs(east) > 360).any()):
        raise InputError("longitude x or latitude y is out of range; are they swapped?", field="y")
    total = int(counts.sum())
    expected = np.ascontiguousarray(total * people / people.sum())
    zones = circles(east, north, expected.sum(axis=1) / total, max_share, geodesic)
    problem = Problem(zones, expected, total, _durations(counts.shape[1], max_duration_share), prospective)
    return _scanned(problem, counts, replicas, seed, threads, max_clusters)


def scan_time(
    cases: ArrayLike,
    population: ArrayLike = 1.0,
    *,
    max_duration_share: float = 0.5,
    prospective: bool = False,
    replicas: int = 999,
    seed: int = DEFAULT_SEED,
    threads: int | None = None,
) -> ScanResult:
    """Purely temporal scan: is there a span of time with too many cases, wherever they are?

    Parameters
    ----------
    cases : (steps,) whole numbers. population : one number, or (steps,).
    """
    counts = np.atleast_2d(np.asarray(cases, float))
    people = np.broadcast_to(np.asarray(population, float), counts.shape)
    checked, people = _checked([0.0], [0.0], counts, people)
    total = int(checked.sum())
    whole = Zones(np.array([0, 1], np.int64), np.zeros(1, np.int32), np.ones(1, bool))
    durations = _durations(checked.shape[1], max_duration_share)
    problem = Problem(whole, np.ascontiguousarray(total * people / people.sum()), total, durations, prospective)
    return _scanned(problem, checked, replicas, seed, threads, 1)


def _durations(steps: int, share: float) -> NDArray[np.int32]:
    if not 0.0 < share <= 1.0:
        raise InputError(f"max_duration_share {share} is not in (0, 1]", field="max_duration_share")
    return np.arange(1, max(1, int(np.floor(steps * share + 1e-9))) + 1, dtype=np.int32)


def _scanned(
    problem: Problem, counts: NDArray[np.int64], replicas: int, seed: int, threads: int | None, max_clusters: int
) -> ScanResult:
    if replicas < 1:
        raise InputError("a p-value needs at least one replicate", field="replicas")
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    found = _candidates(problem, cells, max_clusters)
    sampling = Sampling(
        problem, Null(), cells, lambda drawn: scan_cells(problem, drawn, slack=0.0)[0].max(axis=1),
        replicas=replicas, seed=seed, threads=threads,
    )  # fmt: skip
    distribution = sampling.all()
    clusters = tuple(_cluster(problem, counts, row, distribution) for row in found)
    return ScanResult(clusters, problem.total, seed, distribution.maxima)


def _checked(x: ArrayLike, y: ArrayLike, cases: ArrayLike, population: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    raw, people = np.asarray(cases, float), np.asarray(population, float)
    if raw.ndim != 2 or people.ndim not in (1, 2):
        raise InputError("cases have one row per location and one column per step", field="cases")
    places = len(raw)
    if len(np.atleast_1d(x)) != places or len(np.atleast_1d(y)) != places or len(people) != places:
        raise InputError("x, y, cases and population must have the same length", field="cases")
    _check_finite({"x": x, "y": y, "cases": raw, "population": people})
    if (raw < 0).any() or (raw != np.floor(raw)).any():
        raise InputError("cases must be whole numbers of at least 0", field="cases")
    if (people < 0).any():
        raise InputError("population must be at least 0", field="population")
    if raw.sum() < 2 or people.sum() <= 0:
        raise NotEnoughData("a scan needs at least two cases and somebody at risk")
    if people.ndim == 2 and people.shape != raw.shape:
        raise InputError("population has as many steps as cases, or one column for all", field="population")
    if people.ndim == 1:
        people = np.repeat(people[:, None], raw.shape[1], axis=1)
    if ((people == 0) & (raw > 0)).any():
        place = int(np.argwhere((people == 0) & (raw > 0))[0][0])
        raise InputError(f"row {place}: cases where the population is 0", field="population")
    return raw.astype(np.int64), people


def _check_finite(given: dict[str, ArrayLike]) -> None:
    for name, values in given.items():
        if not np.isfinite(np.asarray(values, float)).all():
            raise InputError(f"{name} holds a value that is not a finite number", field=name)


def _candidates(
    problem: Problem, cells: NDArray[np.int64], limit: int
) -> list[tuple[float, NDArray[np.int32], int, int]]:
    """Centres' best windows, strongest first, each dropped if it shares a location with a stronger one."""
    best, where = (found[0] for found in scan_cells(problem, cells[None, :]))
    taken = np.zeros(problem.locations, bool)
    kept: list[tuple[float, NDArray[np.int32], int, int]] = []
    for centre in np.argsort(-best, kind="stable"):
        if best[centre] <= 0 or len(kept) == limit:
            break
        last, start, stop = where[centre]
        members = problem.zones.members(int(centre), int(last))
        if not taken[members].any():
            taken[members] = True
            kept.append((float(best[centre]), members, int(start), int(stop)))
    return kept


def _cluster(
    problem: Problem,
    counts: NDArray[np.int64],
    found: tuple[float, NDArray[np.int32], int, int],
    distribution: Distribution,
) -> Cluster:
    llr, members, start, stop = found
    inside = int(counts[members, start:stop].sum())
    expected = float(problem.expected[members, start:stop].sum())
    return Cluster(
        members.astype(np.int64), inside, expected, relative_risk(inside, expected, problem.total), llr,
        distribution.p_value(llr), start, stop,
    )  # fmt: skip


def relative_risk(cases: float, expected: float, total: float) -> float:
    """Risk inside over risk outside: (c/E) / ((C − c)/(C − E)); infinite when all cases are inside."""
    outside = (total - cases) / (total - expected) if total > expected else 0.0
    return float("inf") if outside == 0.0 else (cases / expected) / outside
