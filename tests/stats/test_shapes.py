"""Windows of any shape: rows are straight, roads are found, two troubles stay two, data get what replicates get."""

from __future__ import annotations

import numpy as np
import pytest

from geoservice import grid
from geoservice.stats.bands import bands
from geoservice.stats.lattice import FLOOR, LatticeSearch, _ground, _largest, _refined
from geoservice.stats.montecarlo import Distribution, Null, Problem
from geoservice.stats.sampling import replicate_seeds, sampler
from geoservice.stats.zones import joined, lattice

RINGS, STEPS = 4, 20
HEXES = grid.disk(grid.to_hex([30.6], [104.0], 9), 10)
TABLE = grid.neighbour_table(HEXES, RINGS)
MIDDLE = int(grid.positions(HEXES, grid.to_hex([30.6], [104.0], 9))[0])


def _axial() -> tuple[np.ndarray, np.ndarray]:
    i, j, known = grid.local_ij(HEXES, int(HEXES[MIDDLE]))
    assert known.all()
    return i - i[MIDDLE], j - j[MIDDLE]


def _problem(total: int) -> Problem:
    few = np.zeros(len(HEXES), bool)
    few[::7] = True
    few[MIDDLE] = True
    share = np.random.default_rng(1).lognormal(0.0, 0.5, len(HEXES))
    expected = np.repeat((total * share / share.sum() / STEPS)[:, None], STEPS, axis=1)
    zones = joined(lattice(TABLE, RINGS), bands(TABLE, RINGS, few)).within(share / share.sum(), 0.25)
    return Problem(zones, expected, total, np.append(np.arange(1, 11), STEPS).astype(np.int32), min_cases=3)


def test_rows_are_straight_and_grow_from_their_middle():
    i, j = _axial()
    x, y = i - 0.5 * j, np.sqrt(0.75) * j  # plane coordinates of the lattice, neighbours one apart
    only = np.zeros(len(HEXES), bool)
    only[MIDDLE] = True
    zones = bands(TABLE, RINGS, only)
    for row in np.flatnonzero([zones.order[p] == MIDDLE for p in zones.pointer[:-1]]):
        members = zones.order[zones.pointer[row] : zones.pointer[row + 1]]
        points = np.column_stack([x[members], y[members]])
        across = np.linalg.svd(points - points.mean(axis=0))[2][1]
        assert np.abs((points - points.mean(axis=0)) @ across).max() <= 0.9
        assert len(np.unique(members)) == len(members)
        away = np.hypot(*points.T)
        assert (np.diff(away[1::2]) > 0).all()
        assert (np.diff(away[2::2]) > 0).all()
    assert sorted(set(zones.turns)) == sorted({k / 16 for k in range(48)})


def test_a_row_ends_where_the_lattice_does():
    rim = int(np.argmax(np.hypot(*_axial())))
    zones = bands(TABLE, RINGS, np.arange(len(HEXES)) == rim)
    for row in np.flatnonzero([zones.order[p] == rim for p in zones.pointer[:-1]]):
        members = zones.order[zones.pointer[row] : zones.pointer[row + 1]]
        assert (members >= 0).all()
        assert zones.closes[zones.pointer[row] : zones.pointer[row + 1]].sum() <= len(members)


def test_the_data_get_what_every_replicate_gets():
    problem = _problem(300)
    drawn = sampler(problem, Null(), np.zeros(300, np.int64))(replicate_seeds(5, 24))
    scores = _largest(problem, _ground(problem, TABLE), drawn)
    alone = [_refined(problem, TABLE, cells, FLOOR)[0].score for cells in drawn]
    assert np.allclose(scores, alone, atol=1e-9)


def _searched(problem: Problem, cells: np.ndarray):
    search = LatticeSearch(problem, TABLE, Null(), cells, replicas=99, seed=3, threads=1)
    while not search.settled(0.05, 0.05):
        search.more()
    return [window for window in search.result(0.05).windows if window.p_value <= 0.02]


def _planted(total: int, spots: list[tuple[np.ndarray, int, int, int]]) -> np.ndarray:
    """Cases by the expectation of :func:`_problem`, and so many in each spot (hexes, from, to, cases)."""
    rng, problem = np.random.default_rng(8), _problem(total)
    base = total - sum(cases for *_, cases in spots)
    cells = [rng.choice(problem.expected.size, base, p=problem.expected.ravel() / total)]
    for hexes, start, stop, cases in spots:
        weight = problem.expected[hexes, 0] / problem.expected[hexes, 0].sum()
        cells.append(rng.choice(hexes, cases, p=weight) * STEPS + rng.integers(start, stop, cases))
    return np.concatenate(cells)


def test_a_road_is_found_as_a_road():
    i, j = _axial()
    road = np.flatnonzero((j == 2) & (i >= -5) & (i <= 7))
    found = _searched(_problem(700), _planted(700, [(road, 5, 12, 70)]))
    assert len(found) == 1
    hits = len(np.intersect1d(found[0].members, road))
    assert hits >= 0.75 * len(road)
    assert hits >= 0.75 * len(found[0].members)


@pytest.mark.parametrize("spans", [(0, 20, 0, 20), (2, 8, 10, 18)])
def test_two_troubles_on_one_line_are_two(spans):
    i, j = _axial()
    one, other = (np.flatnonzero(TABLE[:, 0] == p)[0] for p in (np.flatnonzero((i == -4) & (j == 0))[0],
                                                                 np.flatnonzero((i == 4) & (j == 0))[0]))  # fmt: skip
    disks = [TABLE[p, :7] for p in (one, other)]
    cells = _planted(800, [(disks[0], *spans[:2], 60), (disks[1], *spans[2:], 60)])
    found = _searched(_problem(800), cells)
    assert len(found) == 2
    for window in found:
        assert max(len(np.intersect1d(window.members, disk)) for disk in disks) >= 5
        assert min(len(np.intersect1d(window.members, disk)) for disk in disks) == 0


def test_a_gumbel_tail_shows_that_p_is_small_never_that_it_is_not():
    maxima = np.random.default_rng(2).gumbel(10.0, 2.0, 128)
    drawn = Distribution(maxima, 999)
    low, high = drawn.band(float(np.sort(maxima)[-2]))
    assert low == 0.0
    assert high < 0.2
    low, high = drawn.band(float(np.median(maxima)))
    assert 0.3 < low < 0.5 < high
