"""Which cell a measurement heard, where the phone told only its channel and physical identity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.geodesy import distance_m

# Identities repeat beyond that; a farther cell on file is another one that happens to share it.
FARTHEST_M = 15_000.0


def with_resolved_cells(measurements: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """``cgi`` of rows that have none but channel and PCI: the nearest cell of that pair within 15 km.

    Parameters
    ----------
    measurements, cells : tables of those names.

    Returns
    -------
    The measurements, and how many got a cell.
    """
    known = cells[cells["arfcn"].notna() & cells["pci"].notna() & (cells["position_source"] != "crowd")]
    asked = measurements["cgi"].isna() & measurements["arfcn"].notna() & measurements["pci"].notna()
    if known.empty or not asked.any():
        return measurements, 0
    rows = measurements.loc[asked, ["lat", "lon", "arfcn", "pci"]].assign(row=np.flatnonzero(asked.to_numpy(bool)))
    pairs = rows.merge(known[["cgi", "lat", "lon", "arfcn", "pci"]], on=["arfcn", "pci"], suffixes=("", "_cell"))
    pairs["apart"] = distance_m(pairs["lat"], pairs["lon"], pairs["lat_cell"], pairs["lon_cell"])
    nearest = pairs[pairs["apart"] <= FARTHEST_M].sort_values(["row", "apart"]).drop_duplicates("row")
    found = measurements["cgi"].to_numpy(object).copy()
    found[nearest["row"].to_numpy(np.int64)] = nearest["cgi"].to_numpy(object)
    return measurements.assign(cgi=pd.Series(found, index=measurements.index).astype("str")), len(nearest)
