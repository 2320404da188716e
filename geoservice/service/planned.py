"""Sites that are planned, approved or being built: those around a point without looking at all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy
from geoservice.service.plain import plain

PLANNED_M = 2000.0
_TOLD = ["plan_no", "distance_m", "status", "type", "expected_on_air", "lat", "lon"]
# A degree of latitude is at least 110.57 km; a little more than the reach loses nobody.
_REACH_DEG = PLANNED_M / geodesy.METRES_PER_DEGREE


class PlannedSites:
    """Planned sites in the order of their latitudes.

    Parameters
    ----------
    table : table ``planned_sites``.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        open_ = table[~table["status"].isin(["cancelled", "on_air"])]
        self._sites = open_.sort_values("lat", kind="stable", ignore_index=True)
        self._lat, self._lon = (self._sites[name].to_numpy(float) for name in ("lat", "lon"))

    def near(self, lat_deg: float, lon_deg: float) -> list[dict[str, Any]]:
        """Those within :data:`PLANNED_M`, nearest first."""
        first, last = np.searchsorted(self._lat, (lat_deg - _REACH_DEG, lat_deg + _REACH_DEG))
        if first == last:
            return []
        distance = np.asarray(geodesy.distance_m(lat_deg, lon_deg, self._lat[first:last], self._lon[first:last]))
        inside = distance <= PLANNED_M
        if not inside.any():
            return []
        found = self._sites.iloc[first:last][inside].assign(distance_m=distance[inside]).sort_values("distance_m")
        return [{name: plain(row[name], 6) for name in _TOLD} for row in found[_TOLD].to_dict("records")]
