from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geoservice.errors import InputError
from geoservice.siting import clusters


def linked(points: np.ndarray, distance: float) -> np.ndarray:
    pairs = cKDTree(points).query_pairs(distance, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    return connected_components(graph, directed=False)[1]


def same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    pairs = np.unique(np.column_stack([a, b]), axis=0)
    return len(pairs) == len(np.unique(a)) == len(np.unique(b))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=60), st.integers(1, 25))
def test_clusters_are_the_components_of_the_distance_graph(points: list[tuple[int, int]], distance: int) -> None:
    xy = np.array(points, float)
    assert same_partition(clusters(xy[:, 0], xy[:, 1], distance), linked(xy, distance))


def test_many_points_in_metres() -> None:
    xy = np.random.default_rng(5).uniform(0, 30_000, (20_000, 2))
    assert same_partition(clusters(xy[:, 0], xy[:, 1], 150.0), linked(xy, 150.0))


def test_the_limit_itself_links_and_numbers_follow_first_appearance() -> None:
    assert clusters([100, 0, 20, 41], [0, 0, 0, 0], 20).tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(("x", "y", "d"), [([0.0], [0.0, 1.0], 1.0), ([np.nan], [0.0], 1.0), ([0.0], [0.0], 0.0)])
def test_bad_input_is_refused(x: list[float], y: list[float], d: float) -> None:
    with pytest.raises(InputError):
        clusters(x, y, d)


def test_no_points_no_clusters() -> None:
    assert clusters([], [], 5.0).tolist() == []
