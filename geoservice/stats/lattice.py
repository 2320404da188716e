"""The space-time scan on a lattice: windows of any connected shape, secondary windows, honest p-values.

Disks and straight rows are searched exhaustively, the best are refined to connected shapes, and the Monte Carlo does
the same to every replicate, so that the freedom of shape is paid for in the p-value. Windows found are
taken out and the rest scanned again (Zhang, Assunção & Kulldorff 2010), so that a strong hotspot does
not hide a weaker one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoservice.stats.montecarlo import EXCEEDANCES, Distribution, Null, Problem, scan_cells
from geoservice.stats.sampling import Sampling
from geoservice.stats.zones import ANY_ROW_PRICE

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
FLOOR = 3.0
FEWEST_DRAWS = 120
MOST_ROUNDS = 6
MOST_WINDOWS = 200


@dataclass(frozen=True)
class Window:
    """Hexes and a span of steps (stop excluded) with more cases than expected.

    llr : Kulldorff's ratio; score : the ratio less what the shape costs to name, the statistic that is tested.
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
        self._first, ground = _refined(problem, disk, cells, FLOOR), _ground(problem, disk)
        self._sampling = Sampling(
            problem, null, cells, lambda drawn: _largest(problem, ground, drawn), replicas=replicas, seed=seed,
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


def _ground(problem: Problem, disk: Longs) -> Any:
    from geoservice.stats._ground import Ground, running_expectation

    return Ground(disk, running_expectation(problem.expected), problem.rule())


def _shapes(problem: Problem) -> tuple[Any, ...]:
    """Windows as the compiled search takes them."""
    zones = problem.zones
    return zones.pointer, zones.order, zones.turns, np.where(zones.turns >= 0.0, ANY_ROW_PRICE, 0.0)


def _largest(problem: Problem, ground: Any, drawn: Longs) -> Floats:
    from geoservice.stats._refine import SLACK, strongest_scores

    best, where = scan_cells(problem, drawn, slack=SLACK)
    return strongest_scores(*_shapes(problem), best, where, ground, drawn)


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
    """Refined windows that do not overlap in place and time, strongest first.

    No window is taken for stronger than what replicates are searched for: the strongest of a few tries.
    """
    best, where = (found[0] for found in scan_cells(problem, cells[None, :], floor=floor))
    grow = _Grower(problem, disk, cells)
    first = grow.strongest(best, where)
    if first is None:
        return []
    used = np.zeros((2, *problem.expected.shape), bool)
    disks: list[Window] = []
    rows = [first]
    for centre in np.argsort(-best, kind="stable"):
        if best[centre] <= floor or len(disks) + len(rows) == MOST_WINDOWS:
            break
        last, start, stop = (int(value) for value in where[centre])
        members = problem.zones.members(int(centre), last)
        straight = bool(problem.zones.turns[centre] >= 0.0)
        if used[int(straight), members, start:stop].any():
            continue
        window = grow(int(centre), members, start, stop)
        used[int(straight), members, start:stop] = True
        used[int(straight), window.members, window.start : window.stop] = True
        (rows if straight else disks).append(replace(window, score=min(window.score, first.score)))
    naming = float(np.log(problem.expected.size))
    return _disjoint(disks + [row for row in rows if not _better_apart(row, disks, naming)], problem.expected.shape)


def _better_apart(row: Window, disks: list[Window], naming: float) -> bool:
    """Whether two or more clusters, each with its own span, explain what a long shape joins better than it does.

    Disks overlap nowhere; every one but the first costs ``naming``, the logarithm of where and when it may be.
    """
    own = sorted(
        disk.score
        for disk in disks
        if disk.start < row.stop and row.start < disk.stop and np.isin(disk.members, row.members).any()
    )
    return bool(own) and own[-1] + sum(max(score - naming, 0.0) for score in own[:-1]) > row.score


def _disjoint(windows: list[Window], shape: tuple[int, int]) -> list[Window]:
    taken = np.zeros(shape, bool)
    kept: list[Window] = []
    for window in sorted(windows, key=lambda found: -found.score):
        if not taken[window.members, window.start : window.stop].any():
            taken[window.members, window.start : window.stop] = True
            kept.append(window)
    return kept


class _Grower:
    """Refines windows of the observed cases."""

    def __init__(self, problem: Problem, disk: Longs, cells: Longs) -> None:
        from geoservice.stats._ground import by_place

        self._problem, self._ground, self._cells = problem, _ground(problem, disk), cells
        self._cases = by_place(cells, problem.locations, problem.steps)
        self._counts = np.bincount(cells, minlength=problem.expected.size).reshape(problem.expected.shape)
        self._slot = np.full(problem.locations, -1, np.int32)

    def strongest(self, best: Floats, where: NDArray[np.int32]) -> Window | None:
        """What a replicate's score would be, with its hexes."""
        from geoservice.stats._refine import strongest

        found = strongest(*_shapes(self._problem), best, where, self._ground, self._cells, self._slot)
        return self._window(*found) if found[0] > 0.0 else None

    def __call__(self, centre: int, members: NDArray[np.int32], start: int, stop: int) -> Window:
        from geoservice.stats._refine import refine

        turn = float(self._problem.zones.turns[centre])
        score, first, last, hexes = refine(members, turn, start, stop, self._ground, self._cases, self._slot)
        return self._window(score - (ANY_ROW_PRICE if turn >= 0.0 else 0.0), first, last, hexes)

    def _window(self, score: float, first: int, last: int, hexes: NDArray[np.int32]) -> Window:
        from geoservice.stats._likelihood import ratio

        problem, found = self._problem, np.sort(hexes).astype(np.int64)
        cases = int(self._counts[found, first:last].sum())
        expected = float(problem.expected[found, first:last].sum())
        llr = ratio(float(cases), expected, float(problem.total), problem.dispersion)
        return Window(found, int(first), int(last), cases, expected, llr, float(score))
