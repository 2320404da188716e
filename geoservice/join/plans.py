"""The nearest planned site of each subject."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.join.plane import distance_m

NOT_COMING = ("cancelled", "on_air")


def plan_features(subjects: pd.DataFrame, planned_sites: pd.DataFrame) -> pd.DataFrame:
    """``planned_site``, ``planned_site_m``, ``planned_site_date``: nearest site still to come."""
    coming = planned_sites[~planned_sites["status"].isin(NOT_COMING)]
    nothing = {"planned_site": None, "planned_site_m": np.nan, "planned_site_date": pd.NaT}
    if not len(coming):
        return pd.DataFrame([nothing] * len(subjects), index=range(len(subjects)))
    rows = [_nearest(lat, lon, coming) for lat, lon in subjects[["lat", "lon"]].to_numpy(float)]
    return pd.DataFrame(rows, index=range(len(subjects)))


def _nearest(lat: float, lon: float, coming: pd.DataFrame) -> dict[str, object]:
    distance = distance_m(coming["lat"], coming["lon"], lat, lon)
    row = coming.iloc[int(np.argmin(distance))]
    return {
        "planned_site": str(row["plan_no"]),
        "planned_site_m": float(distance.min()),
        "planned_site_date": row["expected_on_air"],
    }
