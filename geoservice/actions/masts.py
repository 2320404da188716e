"""Which cells are responsible for a subject, and which hexes are its surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoservice import grid


def responsible(evidence: Mapping[str, Any], cells: pd.DataFrame) -> pd.DataFrame:
    """Rows of CELLS that answer for a subject: an overshooting cell first, then the servers by probability."""
    serving = evidence.get("serving")
    named = [evidence.get("far_cgi"), evidence.get("overshoot_cgi")]
    named += [s["cgi"] for s in serving] if isinstance(serving, list) else []
    order = list(dict.fromkeys(str(n) for n in named if isinstance(n, str)))
    known = cells.drop_duplicates("cgi").set_index("cgi", drop=False)
    return known.loc[[c for c in order if c in known.index]].reset_index(drop=True)


def surroundings(evidence: Mapping[str, Any], coverage: pd.DataFrame, reach: float = 2.0) -> grid.Hexes | None:
    """Hexes within ``reach`` radii of a subject (handbook section 7: twice); None without coverage."""
    if not len(coverage):
        return None
    resolution = int(grid.resolutions(coverage["hex"].to_numpy()[:1])[0])
    spacing_m = 1.5 * grid.MEAN_EDGE_M[resolution]
    steps = int(np.clip(np.ceil(reach * float(evidence["radius_m"]) / spacing_m), 1, 20))
    return grid.disk(grid.to_hex(float(evidence["lat"]), float(evidence["lon"]), resolution), steps)
