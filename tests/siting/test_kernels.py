"""Disk sums and maxima against plain loops; the annealer's bookkeeping against a recount."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.siting.anneal import anneal, put
from geoservice.siting.kernels import disk_maxima, disk_rows, disk_sums, local_peaks
from geoservice.siting.lattice import half_widths

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9))


def disk(shape: tuple[int, int], r: int, c: int, radius: float) -> np.ndarray:
    rows, columns = np.indices(shape)
    return (rows - r) ** 2 + (columns - c) ** 2 <= radius**2 + 1e-9


@settings(max_examples=60, deadline=None)
@given(SHAPES, st.floats(0.5, 6.0), st.integers(0, 999))
def test_disk_sums_and_maxima(shape: tuple[int, int], radius: float, seed: int) -> None:
    values = np.random.default_rng(seed).uniform(0, 1, shape)
    half = half_widths(radius)
    nodes = list(np.ndindex(*shape))
    sums = np.array([values[disk(shape, r, c, radius)].sum() for r, c in nodes]).reshape(shape)
    tops = np.array([values[disk(shape, r, c, radius)].max() for r, c in nodes]).reshape(shape)
    np.testing.assert_allclose(disk_sums(values, half), sums, atol=1e-12)
    np.testing.assert_allclose(disk_maxima(values, half), tops)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 40.0))
def test_half_widths_hold_exactly_the_nodes_of_the_closed_disk(radius: float) -> None:
    half = half_widths(radius)
    reach = len(half) // 2
    a, b = np.mgrid[-reach - 1 : reach + 2, -reach - 1 : reach + 2]
    assert (2 * half + 1).sum() == (a * a + b * b <= radius**2 + 1e-9).sum()


def test_disk_rows_hold_each_variable_once_with_its_share() -> None:
    variable = np.array([[0, 0, 1], [-1, 1, 1], [2, 2, 2]])
    share = np.full((3, 3), 0.25)
    starts, index, value = disk_rows(variable, share, half_widths(1.0), np.array([1, 0]), np.array([1, 0]), 3)
    found = [dict(zip(index[a:b].tolist(), value[a:b].tolist(), strict=True)) for a, b in itertools.pairwise(starts)]
    assert found == [{0: 0.25, 1: 0.5, 2: 0.25}, {0: 0.5}]


def test_local_peaks() -> None:
    values = np.array([[1.0, 5.0, 1.0, 4.0, 1.0, 3.0]])
    nodes = np.argwhere(values > 2)
    assert local_peaks(values, nodes, 1).tolist() == [True, True, True]
    assert local_peaks(values, nodes, 2).tolist() == [True, False, False]


def test_annealing_never_breaks_spacing_or_forbidden_ground_and_does_not_lose_worth() -> None:
    rng = np.random.default_rng(4)
    weights = np.where(rng.random((60, 60)) < 0.3, rng.lognormal(0, 1, (60, 60)), 0.0)
    values = (0.1 * weights).astype(np.float32)
    blocked = (rng.random((60, 60)) < 0.2).astype(np.uint8)
    halves, costs = np.stack([np.pad(half_widths(3.0), 3, constant_values=-1), half_widths(6.0)]), np.array([1.0, 4.0])
    sites = np.zeros((400, 3), np.int64)
    n = anneal(
        np.random.default_rng(1), values, np.argwhere(weights > 0), halves, costs, blocked, 3.0, sites, 0, 60_000, 0.3,
        0.01,
    )  # fmt: skip
    assert n > 5
    kept = sites[:n]
    assert not blocked[kept[:, 1], kept[:, 2]].any()
    gaps = np.hypot(*(kept[:, None, 1:] - kept[None, :, 1:]).transpose(2, 0, 1))
    assert gaps[~np.eye(n, dtype=bool)].min() > 3.0
    counts = np.zeros(weights.shape, np.int16)
    for kind, row, column in kept:
        put(counts, halves[kind], row, column, 1)
    assert values[counts > 0].sum() > costs[kept[:, 0]].sum(), "a plan from nothing is worth more than nothing"
