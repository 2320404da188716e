"""Who reports, in sources that name nobody: an operator's reports from one place, and what wanders about it.

A telephone app sends reports without a sender. Reports of one operator from one 0.001° square have one reporter
(decision 0015). Somebody who reports often is met in the squares around as well: near him, further reports of the
same operator are taken for his.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.geodesy import EARTH_RADIUS_M, unit_vectors
from geoservice.records import reporters

# Somebody with so many reports from one square reports as a habit; most squares have one or two.
OFTEN = 8
# How far round his usual square such a reporter wanders: an area in proportion to his reports, within a town.
ROUND_HIM_M, FARTHEST_M = 600.0, 2500.0
# Two sources without names may both report from a square.
SAME_NUMBER = 1.1


def customers_are_places(complaints: pd.DataFrame) -> bool:
    """Whether customers are known by place and operator only: each has one square, and hardly any square has two.

    A named customer who calls from two squares, or two who call from one, say that customers have names.
    """
    placed = complaints.dropna(subset=["lat", "lon", "customer_key"])
    squares = reporters(placed["operator"], placed["lat"], placed["lon"])
    customers, places = placed["customer_key"].nunique(), squares.nunique()
    pairs = len(pd.DataFrame({"customer": placed["customer_key"], "square": squares}).drop_duplicates())
    return bool(places) and pairs == customers <= SAME_NUMBER * places


def by_reporter(complaints: pd.DataFrame, satisfied: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Complaints with the reporter as ``customer_key``, satisfied reports with a column ``reporter``.

    Complaints without a point keep their key.
    """
    columns = ["operator", "lat", "lon"]
    both = pd.concat([complaints[columns], satisfied[columns]], ignore_index=True)
    names = reporters(both["operator"], both["lat"], both["lon"])
    owner = names.map(_owners(both.assign(name=names).dropna(subset=["name"])))
    mine, theirs = owner[: len(complaints)].to_numpy(), owner[len(complaints) :].to_numpy()
    keys = pd.Series(mine, index=complaints.index).fillna(complaints["customer_key"])
    return complaints.assign(customer_key=keys), satisfied.assign(reporter=theirs)


def _owners(reports: pd.DataFrame) -> pd.Series:
    """The reporter of every square: itself, or the frequent one near by of the same operator."""
    operator = reports["operator"].fillna("")
    squares = reports.assign(operator=operator).groupby("name").agg(
        operator=("operator", "first"), lat=("lat", "mean"), lon=("lon", "mean"), count=("lat", "size")
    )  # fmt: skip
    squares = squares.sort_values("count", ascending=False, kind="stable")
    parts = [_owners_of_operator(part) for _, part in squares.groupby("operator", sort=True)]
    return pd.concat(parts) if parts else pd.Series(dtype="object")


def _owners_of_operator(squares: pd.DataFrame) -> pd.Series:
    """Owners of one operator's squares (most frequent first): the most frequent of those in reach."""
    from scipy.spatial import cKDTree

    counts = squares["count"].to_numpy(float)
    owner, homes = np.arange(len(squares)), int((counts >= OFTEN).sum())
    if homes:
        points = EARTH_RADIUS_M * unit_vectors(squares["lat"], squares["lon"])
        reach = np.minimum(ROUND_HIM_M * np.sqrt(counts[:homes] / OFTEN), FARTHEST_M)
        around = cKDTree(points).query_ball_point(points[:homes], reach)
        for home, squares_near in enumerate(around):
            if owner[home] == home:
                near = np.array(squares_near)
                free = near[(near > home) & (owner[near] == near)]
                owner[free] = home
    return pd.Series(squares.index.to_numpy()[owner], index=squares.index)
