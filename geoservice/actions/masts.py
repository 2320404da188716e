"""Which cells are responsible for a subject, and what a new site there would look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.actions.search import Option
from geoservice.records import CellChange

NEW_AZIMUTHS_DEG = (0.0, 120.0, 240.0)
# A typical macro where nothing is known of the neighbours (handbook: TR 36.814 panel, 20 W in 20 MHz).
MACRO: Mapping[str, object] = {
    "rat": "LTE", "frequency_mhz": 1850.0, "bandwidth_mhz": 20.0, "height_m": 30.0, "mech_tilt_deg": 3.0,
    "elec_tilt_deg": 3.0, "hbw_deg": 65.0, "vbw_deg": 10.0, "gain_dbi": 15.0, "rs_power_dbm": 15.2,
}  # fmt: skip
COPIED = (
    "frequency_mhz",
    "arfcn",
    "bandwidth_mhz",
    "height_m",
    "hbw_deg",
    "vbw_deg",
    "gain_dbi",
    "rs_power_dbm",
)
NEAR_CELLS = 9


def responsible(evidence: Mapping[str, Any], cells: pd.DataFrame) -> pd.DataFrame:
    """Rows of CELLS that answer for a subject: an overshooting cell first, then the servers by probability."""
    serving = evidence.get("serving")
    named = [evidence.get("far_cgi"), evidence.get("overshoot_cgi")]
    named += [s["cgi"] for s in serving] if isinstance(serving, list) else []
    order = list(dict.fromkeys(str(n) for n in named if isinstance(n, str)))
    known = cells.drop_duplicates("cgi").set_index("cgi", drop=False)
    return known.loc[[c for c in order if c in known.index]].reset_index(drop=True)


def new_sectors(evidence: Mapping[str, Any], coverage: pd.DataFrame, cells: pd.DataFrame) -> list[Option]:
    """Three sectors of a new macro at the weak customers' centre, built like the nearest masts."""
    lat, lon = weak_centre(evidence, coverage)
    template = dict(MACRO) | _like_neighbours(lat, lon, cells)
    options: list[Option] = []
    for azimuth in NEW_AZIMUTHS_DEG:
        cgi = f"new:{evidence['subject_id']}:{azimuth:.0f}"
        row = template | {"cgi": cgi, "lat": lat, "lon": lon, "azimuth_deg": azimuth, "status": "planned"}
        move = {"cgi": cgi, "field": "new", "from": None, "to": f"{lat:.5f},{lon:.5f}"}
        options.append((CellChange(cgi, "new", cell=row), move))
    return options


def weak_centre(evidence: Mapping[str, Any], coverage: pd.DataFrame) -> tuple[float, float]:
    """Centre of the subject's hexes weighted by customers and by how far they fall short; else its own centre."""
    lat, lon = float(evidence["lat"]), float(evidence["lon"])
    if not len(coverage):
        return lat, lon
    inside = surroundings(evidence, coverage, reach=1.0)
    near = coverage[np.isin(coverage["hex"].to_numpy(), [] if inside is None else inside)]
    weight = near["customers"].fillna(0).to_numpy(float) * np.clip(-105.0 - near["rsrp_dbm"].to_numpy(float), 0, 20)
    weight = np.nan_to_num(weight)
    if weight.sum() <= 0:
        return lat, lon
    return float(np.average(near["lat"], weights=weight)), float(np.average(near["lon"], weights=weight))


def surroundings(evidence: Mapping[str, Any], coverage: pd.DataFrame, reach: float = 2.0) -> grid.Hexes | None:
    """Hexes within ``reach`` radii of a subject (handbook section 7: twice); None without coverage."""
    if not len(coverage):
        return None
    resolution = int(grid.resolutions(coverage["hex"].to_numpy()[:1])[0])
    spacing_m = 1.5 * grid.MEAN_EDGE_M[resolution]
    steps = int(np.clip(np.ceil(reach * float(evidence["radius_m"]) / spacing_m), 1, 20))
    return grid.disk(grid.to_hex(float(evidence["lat"]), float(evidence["lon"]), resolution), steps)


def _like_neighbours(lat: float, lon: float, cells: pd.DataFrame) -> dict[str, object]:
    """Settings of the nearest outdoor LTE cells (the commonest carrier, medians); empty without any."""
    outdoor = cells[cells["rat"].eq("LTE") & ~cells["indoor"].fillna(False).astype(bool)]
    if not len(outdoor):
        return {}
    east = (outdoor["lon"].to_numpy(float) - lon) * np.cos(np.radians(lat))
    order = np.argsort(np.hypot(east, outdoor["lat"].to_numpy(float) - lat))[:NEAR_CELLS]
    near = outdoor.iloc[order]
    carrier = near["frequency_mhz"].mode()
    if len(carrier):
        near = near[near["frequency_mhz"].eq(carrier.iloc[0])]
    found: dict[str, object] = {"rat": "LTE"}
    for name in COPIED:
        values = near[name].dropna()
        if len(values):
            found[name] = int(values.iloc[0]) if name == "arfcn" else float(values.median())
    return found
