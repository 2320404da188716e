"""Holes and weak areas: connected hexes below a threshold, with the people in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.config import Config


def holes_and_weak(coverage: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Connected regions of table ``coverage`` without usable (hole) or with weak level.

    A hole is below ``rsrp_hole``, a weak hex below ``rsrp_weak``; regions of each kind are formed
    apart, hexes touching hexes of the same kind.

    Returns
    -------
    DataFrame with columns region (1, 2, … by customers), kind (hole, weak), hexes (list of int),
    area_km2, customers, rsrp_p50_dbm, lat, lon (customer-weighted, else plain, centre).
    """
    level = coverage["rsrp_dbm"].to_numpy(dtype=float)
    kind = np.select([~(level >= config["rsrp_hole"]), level < config["rsrp_weak"]], ["hole", "weak"], default="")
    parts = [_regions(coverage.loc[kind == name], name) for name in ("hole", "weak")]
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    found = found.sort_values(["customers", "area_km2"], ascending=False, ignore_index=True)
    return found.assign(region=np.arange(1, len(found) + 1))


def connected(hexes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the connected part each hex belongs to (0, 1, …)."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    table = grid.neighbour_table(hexes, 1)
    rows, columns = np.nonzero(table >= 0)
    columns = table[rows, columns]
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(hexes), len(hexes)))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _regions(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    if not len(frame):
        return pd.DataFrame(columns=["kind", "hexes", "area_km2", "customers", "rsrp_p50_dbm", "lat", "lon"])
    hexes = frame["hex"].to_numpy()
    resolution = int(grid.resolutions(hexes[:1])[0])
    people = frame["customers"].fillna(0.0).to_numpy(dtype=float)
    data = frame.assign(part=connected(hexes), people=people, pull=people + 1e-9)
    data = data.assign(north=data["lat"] * data["pull"], east=data["lon"] * data["pull"])
    groups = data.groupby("part")
    pull = groups["pull"].sum()
    return pd.DataFrame(
        {
            "kind": kind,
            "hexes": groups["hex"].agg(list),
            "area_km2": groups.size() * grid.MEAN_AREA_KM2[resolution],
            "customers": groups["people"].sum(),
            "rsrp_p50_dbm": groups["rsrp_dbm"].median(),
            "lat": groups["north"].sum() / pull,
            "lon": groups["east"].sum() / pull,
        }
    )
