"""Which measurements speak of the network as it stands: same operator, same technology, same parameters.

Handbook section 5: measurements override when operator, RAT and indoor state are the same and the
site is unchanged since. What cannot be told (no operator, no technology, no cell) counts as the same.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage.parameters import serving_generation, usable

Flags = NDArray[np.bool_]

LIKELY_INDOORS = 0.5


def outdoors(measurements: pd.DataFrame) -> Flags:
    """Samples not said to be indoors (nor likely so, where a probability is given)."""
    said = column_of(measurements, "indoor")
    inside = np.asarray(said == True, bool)  # noqa: E712 - elementwise
    if "indoor_prob" in measurements.columns:
        likely = measurements["indoor_prob"].to_numpy(dtype="float64", na_value=np.nan) > LIKELY_INDOORS
        inside = inside | (likely & pd.isna(said))
    return ~inside


def last_change(cells: pd.DataFrame) -> pd.Series:
    """When each cell's parameters last changed (UTC): on-air date or recorded change, the later; NaT unknown."""
    distinct = cells.drop_duplicates("cgi")
    latest = np.full(len(distinct), np.datetime64("NaT", "us"))
    for name in ("on_air_date", "changed_at"):
        if name in distinct.columns:
            stamps = pd.to_datetime(distinct[name], utc=True).dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
            latest = np.fmax(latest, stamps)  # fmax: a time beats a gap
    return pd.Series(pd.DatetimeIndex(latest).tz_localize("UTC"), index=distinct["cgi"].to_numpy(dtype=object))


def speaks_of(measurements: pd.DataFrame, cells: pd.DataFrame) -> Flags:
    """True for the samples that are evidence of the network in table ``cells``.

    A sample is none when its operator is not among those of the table, when its technology is not
    one that serves (or not that of the cell it names), or when the cell it names has changed since.
    """
    if cells.empty or measurements.empty:
        return np.ones(len(measurements), bool)
    radiating = cells.loc[usable(cells)]
    served = radiating.loc[serving_generation(radiating)]
    known = cells.drop_duplicates("cgi").set_index("cgi")
    row = known.index.get_indexer(pd.Index(column_of(measurements, "cgi")))
    right = _agrees(measurements, served, known, row, "operator") & _agrees(measurements, served, known, row, "rat")
    changed = last_change(cells).to_numpy(dtype="datetime64[us]")[row]
    time = measurements["time"].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return np.asarray(right & ~((row >= 0) & (time < changed)))


def _agrees(
    measurements: pd.DataFrame, served: pd.DataFrame, known: pd.DataFrame, row: NDArray[np.intp], name: str
) -> Flags:
    """Samples whose ``name`` is silent, or that of the cell they name and of one that serves."""
    said = column_of(measurements, name)
    silent = pd.isna(said)
    among = column_of(served, name)
    among = among[~pd.isna(among)]
    ours = silent | np.isin(said.astype(str), np.unique(among.astype(str))) if len(among) else np.ones(len(said), bool)
    of_cell = column_of(known, name)[row] if len(known) else np.full(len(said), None, dtype=object)
    comparable = (row >= 0) & ~silent & ~pd.isna(of_cell)
    return np.asarray(ours & ~(comparable & (said.astype(str) != of_cell.astype(str))))


def column_of(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """A column as objects, ``None`` where it is missing or empty."""
    if name not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    values = frame[name].to_numpy(dtype=object).copy()
    values[pd.isna(values)] = None
    return values
