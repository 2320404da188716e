"""The space-time scan on a lattice: windows of any connected shape, secondary windows, honest p-values.

Ring windows are searched exhaustively, the best are refined to connected shapes, and the Monte Carlo does
the same to every replicate, so that the freedom of shape is paid for in the p-value. Windows found are
taken out and the rest scanned again (Zhang, Assunção & Kulldorff 2010), so that a strong hotspot does
not hide a weaker one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoservice.stats.montecarlo import EXCEEDANCES, Distribution, Null, Problem, scan_cells
from geoservice.stats.sampling import Sampling

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
# Windows whose ring ratio is within this of the best are refined too: a long shape may overtake a disk.
SLACK = 1.5
TRIES = 3
FLOOR = 3.0
FEWEST_DRAWS = 120
MOST_ROUNDS = 6
MOST_WINDOWS = 200


@dataclass(frozen=True)
class Window:
    """Hexes and a span of steps (stop excluded) with more cases than expected.

    llr : Kulldorff's ratio; score : the ratio times the compactness, the statistic that is tested.
    """

    members: Longs
    start: int
    stop: int
    cases: int
    expected: float
    llr: float
    score: float
    p_value: float = 1.0


@dataclass(frozen=True)
class LatticeScan:
    """Windows that stand out, strongest first; ``primary_p`` belongs to the strongest window, reported or not."""

    windows: tuple[Window, ...]
    primary_p: float
    distribution: Distribution


class LatticeSearch:
    """The windows of one set of cases, and the replicates they are held against, drawn as far as needed.

    Parameters
    ----------
    disk : (n, k) positions of the hexes round each hex (``grid.neighbour_table``), k ≥ 7; shapes grow within it.
    cells : (total,) location·steps + step of every case.
    """

    def __init__(
        self,
        problem: Problem,
        disk: Longs,
        null: Null,
        cells: Longs,
        *,
        replicas: int,
        seed: int,
        threads: int | None = None,
    ) -> None:
        # Months without data: a window may span them, none may lie inside them.
        self._lived = np.flatnonzero(problem.expected.sum(axis=0) > 0)
        if 0 < len(self._lived) < problem.steps:
            problem, null, cells = _squeeze(problem, null, cells, self._lived)
        self._problem, self._disk, self._cells = problem, disk, cells
        self._first = _refined(problem, disk, cells, FLOOR)
        self._sampling = Sampling(
            problem, null, cells, lambda drawn: _largest(problem, disk, drawn), replicas=replicas, seed=seed,
            threads=threads,
        )  # fmt: skip

    @property
    def primary(self) -> tuple[float, float]:
        """Bounds of the p-value of the strongest window (:meth:`Distribution.band`)."""
        return self._sampling.distribution.band(self._first[0].score) if self._first else (1.0, 1.0)

    def settled(self, low: float, high: float) -> bool:
        """Whether more replicates cannot change which windows have a p of at most a limit within [low, high].

        Each window has enough exceedances (Besag & Clifford 1991) or a p-value beyond doubt.
        """
        if not self._first or self._sampling.complete:
            return True
        drawn = self._sampling.distribution
        if len(drawn.maxima) < FEWEST_DRAWS:
            return False
        for window in self._first:  # strongest first
            if drawn.reached(window.score) >= EXCEEDANCES:
                return True
            least, most = drawn.band(window.score)
            if least > high:
                return True
            if most >= low:
                return False
        return True

    def more(self) -> None:
        """Draw up to the next look."""
        self._sampling.more()

    def result(self, keep_below: float = 0.2) -> LatticeScan:
        """Windows whose p is at most ``keep_below``, without overlap in place and time."""
        drawn = self._sampling.distribution
        if not self._first:
            return LatticeScan((), 1.0, drawn)
        windows = _follow(self._problem, self._disk, self._cells, self._first, drawn, keep_below)
        return LatticeScan(
            tuple(self._restored(window) for window in windows), drawn.tail_p_value(self._first[0].score), drawn
        )

    def _restored(self, window: Window) -> Window:
        return replace(window, start=int(self._lived[window.start]), stop=int(self._lived[window.stop - 1]) + 1)


def _squeeze(problem: Problem, null: Null, cells: Longs, lived: Longs) -> tuple[Problem, Null, Longs]:
    """The same scan without the steps in which nothing can happen."""
    renumbered = np.full(problem.steps, -1, np.int64)
    renumbered[lived] = np.arange(len(lived))

    def moved(old: Longs) -> Longs:
        return np.asarray(old // problem.steps * len(lived) + renumbered[old % problem.steps])

    half = np.arange(1, max(len(lived) // 2, 1) + 1)
    whole = [len(lived)] if problem.durations[-1] == problem.steps else []
    durations = np.unique(np.append(half, whole)).astype(np.int32)
    reports = None if null.reports is None else moved(null.reports)
    rates = None if null.step_rates is None else null.step_rates[lived]
    expected = np.ascontiguousarray(problem.expected[:, lived])
    squeezed = replace(problem, expected=expected, durations=durations)
    return squeezed, replace(null, reports=reports, step_rates=rates), moved(cells)


def recount(expected: Floats, cells: Longs, window: Window, dispersion: float = 0.0) -> float:
    """Ratio of an existing window's hexes and span when other cases and expectations (hexes, steps) are counted."""
    from geoservice.stats._likelihood import ratio

    inside = np.zeros(expected.shape, bool)
    inside[window.members, window.start : window.stop] = True
    usual = float(expected[window.members, window.start : window.stop].sum())
    return ratio(float(inside.ravel()[cells].sum()), usual, float(len(cells)), dispersion)


def _largest(problem: Problem, disk: Longs, drawn: Longs) -> Floats:
    from geoservice.stats._nulls import pack
    from geoservice.stats._refine import refine_lanes

    best, where = scan_cells(problem, drawn, slack=SLACK)
    packed = pack(drawn, problem.locations, problem.steps)
    return refine_lanes(
        problem.zones.pointer, problem.zones.order, best, where, TRIES, disk, problem.expected, *packed,
        problem.durations, problem.prospective, problem.total, problem.dispersion, problem.pruning,
        problem.min_cases,
    )  # fmt: skip


def _follow(
    problem: Problem, disk: Longs, cells: Longs, first: list[Window], distribution: Distribution, keep_below: float
) -> list[Window]:
    """All windows worth keeping: find, take out, scan the rest, until nothing stands out."""
    kept: list[Window] = []
    floor = max(FLOOR, 0.8 * distribution.critical(keep_below))
    found, rest, left = first, problem, cells
    for _ in range(MOST_ROUNDS):
        tested = [replace(window, p_value=distribution.tail_p_value(window.score)) for window in found]
        fresh = [window for window in tested if window.p_value <= keep_below]
        kept += fresh
        rest, left = _without(rest, left, [window for window in fresh if window.p_value <= keep_below / 4])
        if not fresh or rest.total < rest.min_cases or len(left) == len(cells):
            break
        cells = left
        found = _refined(rest, disk, left, floor)
    return sorted(kept, key=lambda window: -window.score)[:MOST_WINDOWS]


def _without(problem: Problem, cells: Longs, windows: list[Window]) -> tuple[Problem, Longs]:
    """The problem with windows taken out: neither cases nor expectation there, the rest scaled to the rest's total."""
    inside = np.zeros(problem.expected.shape, bool)
    for window in windows:
        inside[window.members, window.start : window.stop] = True
    left = cells[~inside.ravel()[cells]]
    expected = np.where(inside, 0.0, problem.expected)
    expected *= len(left) / max(float(expected.sum()), 1e-300)
    return replace(problem, expected=expected, total=len(left)), left


def _refined(problem: Problem, disk: Longs, cells: Longs, floor: float) -> list[Window]:
    """Refined windows that do not overlap in place and time, strongest first."""
    best, where = (found[0] for found in scan_cells(problem, cells[None, :], floor=floor))
    counts = np.bincount(cells, minlength=problem.expected.size).reshape(problem.expected.shape)
    grow = _Grower(problem, disk, cells, counts)
    used = np.zeros(problem.expected.shape, bool)
    windows: list[Window] = []
    for centre in np.argsort(-best, kind="stable"):
        if best[centre] <= floor or len(windows) == MOST_WINDOWS:
            break
        last, start, stop = (int(value) for value in where[centre])
        members = problem.zones.members(int(centre), last)
        if used[members, start:stop].any():
            continue
        window = grow(int(centre), members, start, stop)
        used[members, start:stop] = True
        used[window.members, window.start : window.stop] = True
        windows.append(window)
    return _disjoint(windows, problem.expected.shape)


def _disjoint(windows: list[Window], shape: tuple[int, int]) -> list[Window]:
    taken = np.zeros(shape, bool)
    kept: list[Window] = []
    for window in sorted(windows, key=lambda found: -found.score):
        if not taken[window.members, window.start : window.stop].any():
            taken[window.members, window.start : window.stop] = True
            kept.append(window)
    return kept


class _Grower:
    """Refines ring windows of the observed cases."""

    def __init__(self, problem: Problem, disk: Longs, cells: Longs, counts: NDArray[np.int64]) -> None:
        from geoservice.stats._nulls import pack

        self._problem, self._disk, self._counts = problem, disk, counts
        self._packed = pack(cells[None, :], problem.locations, problem.steps)
        self._slot = np.full(problem.locations, -1, np.int32)

    def __call__(self, centre: int, members: NDArray[np.int32], start: int, stop: int) -> Window:
        from geoservice.stats._likelihood import ratio
        from geoservice.stats._refine import refine

        problem = self._problem
        score, first, last, hexes = refine(
            self._disk, centre, members, start, stop, problem.expected, *self._packed, 0, problem.durations,
            problem.prospective, problem.total, problem.dispersion, problem.pruning, problem.min_cases, self._slot,
        )  # fmt: skip
        found = np.sort(hexes).astype(np.int64)
        cases = int(self._counts[found, first:last].sum())
        expected = float(problem.expected[found, first:last].sum())
        llr = ratio(float(cases), expected, float(problem.total), problem.dispersion)
        return Window(found, int(first), int(last), cases, expected, llr, float(score))
