"""Boosted trees as plain arrays: kept in an .npz without pickling, evaluated by our own code.

scikit-learn fits (HistGradientBoostingRegressor); its nodes are copied into arrays here. A model
file therefore holds numbers only and loading one cannot run anything.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK = 8192


@dataclass(frozen=True)
class Trees:
    """Trees one after the other; children are node numbers from the start of all, leaves point to themselves."""

    baseline: NDArray[np.float64]  # (1,)
    root: NDArray[np.int32]  # (trees,)
    feature: NDArray[np.int16]  # (nodes,); −1 in leaves
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Sum over the trees for each row of ``features`` (rows, features)."""
        from geoservice.coverage.points.evaluate import add_trees

        rows = np.ascontiguousarray(features, np.float32)
        out = np.full(len(rows), float(self.baseline[0]))
        arrays = (self.root, self.feature, self.threshold, self.missing_left, self.left, self.right, self.value)

        def work(first: int) -> None:
            add_trees(rows[first : first + CHUNK], *arrays, out[first : first + CHUNK])

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(work, range(0, len(rows), CHUNK)))
        return out

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """For ``numpy.savez``: every array under ``prefix.name``."""
        return {f"{prefix}.{f.name}": getattr(self, f.name) for f in fields(self)}

    @staticmethod
    def from_arrays(store: Any, prefix: str) -> Trees:
        """From an opened .npz."""
        return Trees(**{f.name: store[f"{prefix}.{f.name}"] for f in fields(Trees)})


def join(members: list[Trees]) -> Trees:
    """The mean of several ensembles as one."""
    share = 1.0 / len(members)
    offsets = np.cumsum([0, *(len(m.feature) for m in members[:-1])]).astype(np.int32)
    pairs = list(zip(members, offsets, strict=True))
    return Trees(
        baseline=np.array([share * sum(float(m.baseline[0]) for m in members)]),
        root=np.concatenate([m.root + o for m, o in pairs]),
        feature=np.concatenate([m.feature for m in members]),
        threshold=np.concatenate([m.threshold for m in members]),
        missing_left=np.concatenate([m.missing_left for m in members]),
        left=np.concatenate([m.left + o for m, o in pairs]),
        right=np.concatenate([m.right + o for m, o in pairs]),
        value=np.concatenate([(m.value * share).astype(np.float32) for m in members]),
    )


def fit_members(
    features: NDArray[np.float32],
    target: NDArray[np.float64],
    drawn: list[NDArray[np.int64]],
    seed: int,
    **options: Any,
) -> list[Trees]:
    """One ensemble per draw of rows, side by side.

    Each fit uses one thread: on a busy machine OpenMP's barriers made two threads three times
    slower than one.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    def work(member: int) -> Trees:
        rows = drawn[member]
        with threadpool_limits(limits=1):  # OpenMP keeps its limit by calling thread
            return _fit(features[rows], target[rows], seed + member, **options)

    with ThreadPoolExecutor(min(len(drawn), os.cpu_count() or 1)) as pool:
        return list(pool.map(work, range(len(drawn))))


def fit(features: NDArray[np.float32], target: NDArray[np.float64], seed: int, **options: Any) -> Trees:
    """Fit boosted trees with scikit-learn and take their nodes over."""
    return fit_members(features, target, [np.arange(len(target))], seed, **options)[0]


def _fit(features: NDArray[np.float32], target: NDArray[np.float64], seed: int, **options: Any) -> Trees:
    from sklearn.ensemble import HistGradientBoostingRegressor

    silent = np.isnan(features).all(axis=0)
    if silent.any():  # scikit-learn finds no bins where nothing is known; a constant is never split at
        features = np.where(silent, np.float32(0.0), features)
    model = HistGradientBoostingRegressor(random_state=seed, early_stopping=False, **options).fit(features, target)
    nodes = [stage[0].nodes for stage in model._predictors]
    sizes = np.array([len(n) for n in nodes])
    root = np.r_[0, np.cumsum(sizes)[:-1]].astype(np.int32)
    every = np.concatenate(nodes)
    shift = np.repeat(root, sizes)
    leaf = every["is_leaf"].astype(bool)
    here = np.arange(len(every), dtype=np.int32)
    return Trees(
        baseline=np.asarray(model._baseline_prediction, float).reshape(1),
        root=root,
        feature=np.where(leaf, -1, every["feature_idx"]).astype(np.int16),
        threshold=every["num_threshold"].astype(float),
        missing_left=every["missing_go_to_left"].astype(bool),
        left=np.where(leaf, here, every["left"] + shift).astype(np.int32),
        right=np.where(leaf, here, every["right"] + shift).astype(np.int32),
        value=every["value"].astype(np.float32),
    )
