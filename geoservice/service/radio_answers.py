"""Coverage as an answer: the level of a place outdoors and indoors, and the footprint of one cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.config import Config
from geoservice.errors import InputError
from geoservice.pipeline import RadioWorld
from geoservice.radio.antenna import footprint_m
from geoservice.radio.shadowing import exceedance, total_sigma_db
from geoservice.radio.tr38901 import WALL_SIGMA_DB
from geoservice.service.plain import plain

# A footprint stays quick to draw up to about this many hexes; a wider one is told in coarser hexes.
MAX_HEXES = 4000
# Fewer hexes show no shape: a smaller one is told in finer hexes.
MIN_HEXES = 25
COARSEST, FINEST = 5, 11
_HOLE_PROBABILITY = 0.1
_COLUMNS = (
    "best_cgi", "second_cgi", "rsrp_dbm", "rsrp_predicted_dbm", "rsrp_measured_dbm", "rsrp_p10_dbm",
    "rsrp_indoor_dbm", "basis", "sigma_db", "probability", "dominance_db", "sinr_db", "overlap_count", "overshoot",
    "server_distance_m", "samples", "devices", "age_days", "frequency_mhz", "parameters", "missing", "model",
    "outside_range",
)  # fmt: skip


def coverage_answer(row: Mapping[str, Any] | pd.Series, config: Config) -> dict[str, Any]:
    """One row of table ``coverage`` as the answer of a look-up.

    ``basis`` says where the level comes from, ``sigma_db`` how uncertain it is, ``parameters``,
    ``missing`` and ``outside_range`` on how much of the server's data it stands; ``indoor`` is the
    same place inside a building (wall of a low-loss building, usual depth; TR 38.901 7.4.3).
    """
    answer = {column: plain(row.get(column), 2) for column in _COLUMNS}
    answer["indoor"] = _indoor(row, config)
    answer["level"] = level_of(config, answer)
    return answer


def _indoor(row: Mapping[str, Any] | pd.Series, config: Config) -> dict[str, Any]:
    sigma = total_sigma_db(_number(row["sigma_db"]), WALL_SIGMA_DB["low"])
    probability = exceedance(config["rsrp_weak"], _number(row["rsrp_indoor_dbm"]), sigma)
    return {
        "rsrp_dbm": plain(row["rsrp_indoor_dbm"], 2),
        "sigma_db": plain(float(sigma), 2),
        "probability": plain(float(probability), 4),
    }


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


def level_of(config: Config, coverage: dict[str, Any]) -> str:
    """``hole``, ``weak``, ``weak_indoors`` or ``fine`` by the handbook's thresholds."""
    rsrp, indoor, probability = coverage["rsrp_dbm"], coverage["rsrp_indoor_dbm"], coverage["probability"]
    if rsrp < config["rsrp_hole"] or (probability is not None and probability < _HOLE_PROBABILITY):
        return "hole"
    if rsrp < config["rsrp_weak"]:
        return "weak"
    return "weak_indoors" if indoor is not None and indoor < config["rsrp_indoor_weak"] else "fine"


def footprint_answer(world: RadioWorld, cgi: str, resolution: int | None = None) -> dict[str, Any]:
    """Where a cell is the best server or within the overlap window of the best on its carrier.

    Parameters
    ----------
    world : the radio prediction.
    cgi : the cell; ``NotFound`` where it does not radiate.
    resolution : H3 resolution of the hexes, 5–11; without one the world's own, or coarser until
        at most :data:`MAX_HEXES` hexes remain, or finer until :data:`MIN_HEXES` are there.

    Returns
    -------
    ``{cgi, lat, lon, azimuth_deg, …, basis, parameters, missing, ring, window_db, resolution,
    hexes, rsrp_dbm, is_best, behind_db, distance_m}``; the last five are lists of equal length,
    strongest first. ``ring`` holds the half-power ring on flat ground in metres
    (``outer_m`` is null where the upper ray never falls).
    """
    if resolution is not None and not COARSEST <= resolution <= FINEST:
        raise InputError(f"resolution must be {COARSEST} to {FINEST}", field="resolution")
    found, used = _hexes(world, cgi, resolution)
    best = found["is_best"].to_numpy(bool)
    distance = found["distance_m"].to_numpy(float)
    return {
        **_cell(world, cgi),
        "window_db": plain(world.config["overlap_window"]),
        "resolution": used,
        "served_hexes": int(best.sum()),
        "served_km2": plain(float(best.sum()) * grid.MEAN_AREA_KM2[used], 3),
        "farthest_m": plain(float(distance[best].max()) if best.any() else None, 0),
        "hexes": grid.hex_to_text(found["hex"].to_numpy(np.int64)) if len(found) else [],
        "rsrp_dbm": [plain(value, 1) for value in found["rsrp_dbm"].to_numpy(float)],
        "is_best": best.tolist(),
        "behind_db": [plain(value, 1) for value in found["behind_db"].to_numpy(float)],
        "distance_m": [plain(value, 0) for value in distance],
    }


def _hexes(world: RadioWorld, cgi: str, resolution: int | None) -> tuple[pd.DataFrame, int]:
    """The footprint at a resolution at which it has a shape: neither a handful of hexes nor thousands."""
    wanted = world.resolution if resolution is None else resolution
    found = world.engine.footprint(cgi, wanted)
    while resolution is None and len(found) > MAX_HEXES and wanted > COARSEST:
        wanted -= 1
        found = world.engine.footprint(cgi, wanted)
    while resolution is None and len(found) < MIN_HEXES and wanted < FINEST:
        wanted += 1
        found = world.engine.footprint(cgi, wanted)
    return found.sort_values("rsrp_dbm", ascending=False, kind="stable"), wanted


def _cell(world: RadioWorld, cgi: str) -> dict[str, Any]:
    network, row = world.engine.network, world.engine.row_of(cgi)
    cells = network.cells
    tilt = float(cells.electrical_deg[row] + cells.mechanical_deg[row])
    inner, outer = footprint_m(cells.height_m[row], tilt, cells.v_width_deg[row])
    return {
        "cgi": cgi,
        "lat": plain(float(cells.lat[row]), 6),
        "lon": plain(float(cells.lon[row]), 6),
        "azimuth_deg": None if cells.omni[row] else plain(float(cells.azimuth_deg[row])),
        "beam_width_deg": None if cells.omni[row] else plain(float(cells.h_width_deg[row])),
        "tilt_deg": plain(tilt),
        "height_m": plain(float(cells.height_m[row])),
        "frequency_mhz": plain(float(cells.frequency_mhz[row])),
        "basis": "assumed" if cells.assumed[row] else "predicted",
        "parameters": str(cells.step[row]),
        "missing": cells.missing[row],
        "model": str(network.model[row]),
        "environment": str(network.environment[row]),
        "ring": {"inner_m": plain(float(inner), 0), "outer_m": plain(float(outer), 0)},
    }
