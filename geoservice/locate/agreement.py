"""Candidates of several sources become one distribution: they support or contradict one another."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.geodesy import distance_m

Floats = NDArray[np.float64]

# How far each source is believed before the others are heard; judgement. A place text names the trouble,
# coordinates may be where the caller is now (handbook 9.5), a cell is coarse.
TRUST = MappingProxyType(
    {"coordinates": 1.0, "text_coordinates": 1.0, "gazetteer": 0.6, "online": 0.5, "serving_cell": 0.25}
)
AGREEMENT_RADII = 3.0  # within three of the larger radius two fixes speak of one place
_ALONE = 0.1
_LEAST_PROBABILITY = 0.03


def combine(candidates: pd.DataFrame) -> pd.DataFrame:
    """Candidates with probabilities that sum to 1 over each ``row``, ranked, and whether sources conflict.

    A candidate gains by each agreeing candidate of another source; of two that agree the coarser
    one is dropped. Candidates below 3 % are dropped.

    Parameters
    ----------
    candidates : columns row, lat, lon, radius_m, precision, source, probability, label.

    Returns
    -------
    The same columns plus rank (0 = best) and conflict (bool), ordered by row and rank.
    """
    frame = candidates.reset_index(drop=True)
    if frame["row"].is_unique and (frame["probability"] > 0).all():
        # One candidate each: nobody to agree with or to contradict.
        alone = frame if len(frame) == 1 else frame.sort_values("row", kind="stable", ignore_index=True)
        return alone.assign(probability=1.0, rank=0, conflict=False)
    trust = frame["source"].map(TRUST).to_numpy(float) * frame["probability"].to_numpy(float)
    support, covered, opposed = _relations(frame, trust)
    weight = trust * (_ALONE + support)
    weight[covered] = 0.0
    frame = frame.assign(probability=_normalised(frame["row"].to_numpy(), weight), opposed=opposed & ~covered)
    kept = frame[frame["probability"] >= _LEAST_PROBABILITY]
    kept = kept.assign(probability=_normalised(kept["row"].to_numpy(), kept["probability"].to_numpy()))
    kept = kept.sort_values(["row", "probability", "radius_m"], ascending=[True, False, True], kind="stable")
    conflict = kept.groupby("row")["opposed"].transform("any")
    ranked = kept.assign(rank=kept.groupby("row").cumcount(), conflict=conflict)
    return ranked.drop(columns="opposed").reset_index(drop=True)


def _relations(frame: pd.DataFrame, trust: Floats) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Support by other sources, whether a finer agreeing one covers it, whether it stands against another source."""
    size = len(frame)
    several = frame.groupby("row")["source"].transform("nunique").to_numpy() > 1
    short = frame.loc[several, ["row", "lat", "lon", "radius_m", "source"]]
    short = short.assign(at=np.flatnonzero(several))
    pairs = short.merge(short, on="row", suffixes=("", "_o"))
    pairs = pairs[pairs["source"] != pairs["source_o"]]
    apart = distance_m(pairs["lat"], pairs["lon"], pairs["lat_o"], pairs["lon_o"])
    agree = apart <= AGREEMENT_RADII * np.maximum(pairs["radius_m"].to_numpy(), pairs["radius_m_o"].to_numpy())
    at, other = pairs["at"].to_numpy(), pairs["at_o"].to_numpy()
    support = np.bincount(at, trust[other] * agree, size).astype(float)
    finer = agree & _is_finer(pairs)
    covered = np.bincount(at, finer, size) > 0
    agreements = np.bincount(at, agree, size)
    opposed = several & (agreements == 0)
    return support, covered, opposed


def _is_finer(pairs: pd.DataFrame) -> NDArray[np.bool_]:
    """The other candidate is the more precise one (of equals: the one listed first)."""
    own, other = pairs["radius_m"].to_numpy(), pairs["radius_m_o"].to_numpy()
    return np.asarray((other < own) | ((other == own) & (pairs["at_o"] < pairs["at"]).to_numpy()))


def _normalised(rows: NDArray, weight: Floats) -> Floats:
    total = pd.Series(weight).groupby(rows).transform("sum").to_numpy(float)
    return np.divide(weight, total, out=np.zeros(len(weight)), where=total > 0)
