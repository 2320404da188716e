"""The space-time scan on a lattice: windows, secondary clusters, Monte Carlo p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoservice.stats.montecarlo import Distribution, Null, Problem, run, scan_cells

# More windows than this are never followed; below this ratio a window is no candidate.
MOST_WINDOWS = 200
FLOOR = 3.0


@dataclass(frozen=True)
class Window:
    """A set of locations and a span of steps (stop excluded) with more cases than expected."""

    members: NDArray[np.int64]
    start: int
    stop: int
    cases: int
    expected: float
    llr: float
    p_value: float


@dataclass(frozen=True)
class LatticeScan:
    """Windows that stand out, strongest first; ``primary_p`` belongs to the strongest window, reported or not."""

    windows: tuple[Window, ...]
    primary_p: float
    replicas: int


def scan_lattice(
    problem: Problem,
    null: Null,
    cells: NDArray[np.int64],
    *,
    replicas: int,
    seed: int,
    keep_below: float = 0.2,
    threads: int | None = None,
) -> LatticeScan:
    """Scan observed cases for windows with too many of them.

    Parameters
    ----------
    cells : (total,) location·steps + step of every case.
    keep_below : windows whose p is at most this are returned.
    """
    candidates = _candidates(problem, cells)
    if not candidates:
        return LatticeScan((), 1.0, 0)
    distribution = run(
        problem, null, cells, lambda drawn: scan_cells(problem, drawn, slack=0.0)[0].max(axis=1),
        replicas=replicas, seed=seed, value=candidates[0].llr, threads=threads,
    )  # fmt: skip
    windows = [_with_p(window, distribution) for window in candidates]
    kept = tuple(window for window in windows if window.p_value <= keep_below)
    return LatticeScan(kept, windows[0].p_value, len(distribution.maxima))


def _with_p(window: Window, distribution: Distribution) -> Window:
    p = distribution.tail_p_value(window.llr)
    return Window(window.members, window.start, window.stop, window.cases, window.expected, window.llr, p)


def _candidates(problem: Problem, cells: NDArray[np.int64]) -> list[Window]:
    """Best windows that do not overlap in place and time, strongest first."""
    best, where = (found[0] for found in scan_cells(problem, cells[None, :], floor=FLOOR))
    counts = np.bincount(cells, minlength=problem.expected.size).reshape(problem.expected.shape)
    taken = np.zeros(problem.expected.shape, bool)
    kept: list[Window] = []
    for centre in np.argsort(-best, kind="stable"):
        if best[centre] <= FLOOR or len(kept) == MOST_WINDOWS:
            break
        last, start, stop = (int(value) for value in where[centre])
        members = problem.zones.members(int(centre), last).astype(np.int64)
        if taken[members, start:stop].any():
            continue
        taken[members, start:stop] = True
        kept.append(
            Window(
                members,
                start,
                stop,
                int(counts[members, start:stop].sum()),
                float(problem.expected[members, start:stop].sum()),
                float(best[centre]),
                1.0,
            )
        )
    return kept
