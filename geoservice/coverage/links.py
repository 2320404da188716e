"""One link in closed form: a cell as a row of coefficients, its level as a function of place.

All three TR 38.901 scenarios, a calibration line, the antenna and the distance model for
crowd-sourced cells share one form, so one kernel serves them all::

    seen    = near0 + near1·log d3D + near_linear·d3D      up to the turn, far0 + far1·log d3D beyond
    hidden  = max(seen, hidden0 + hidden1·log d3D)
    P_LOS   = q + e·(1 − q),  q = min(full/d2D, 1),  e = min(exp(−(d2D − start)·rate), 1)
    level   = −[P_LOS·seen + (1 − P_LOS)·hidden] − min(A_H + A_V, 30)

Transmit power, gain, feeder loss and correction sit inside near0, far0 and hidden0. This module is
the exact float64 form; :mod:`.kernels` the fast float32 one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoservice.radio import antenna, tr38901
from geoservice.radio.pathloss import MOBILE_M

Floats = NDArray[np.float64]

COEFFICIENTS = (
    "x", "y", "rise", "sin_azimuth", "cos_azimuth", "h_factor", "v_factor", "tilt", "tan_mechanical",
    "near_0", "near_1", "near_linear", "far_0", "far_1", "hidden_0", "hidden_1", "turn",
    "sight_full", "sight_start", "sight_rate", "load",
)  # fmt: skip
COLUMN = {name: position for position, name in enumerate(COEFFICIENTS)}
NO_TURN_M = 1e9
# Sight model (full, start, decay): TR 38.901 table 7.4.2-1 in the form above.
_SIGHT = {"uma": (18.0, 0.0, 63.0), "umi": (18.0, 0.0, 36.0), "rma": (0.0, 10.0, 1000.0)}
# (LOS constant, near slope, far factor) and (NLOS constant, slope, frequency factor) of table 7.4.1-1.
_URBAN_SEEN = {"uma": (28.0, 22.0, 9.0), "umi": (32.4, 21.0, 9.5)}
_URBAN_HIDDEN = {"uma": (13.54, 39.08, 20.0), "umi": (22.4, 35.3, 21.3)}


@dataclass(frozen=True)
class Link:
    """Levels of pairs (cell, place), arrays of equal shape, dBm and dB."""

    level_dbm: Floats
    los_dbm: Floats
    nlos_dbm: Floats
    los_probability: Floats
    distance_m: Floats


def scenario_terms(model: str, frequency_mhz: Floats, base_m: Floats) -> dict[str, Floats]:
    """Path-loss coefficients of cells of one TR 38.901 scenario (each array (cells,))."""
    terms = _rural_terms(frequency_mhz, base_m) if model == "rma" else _urban_terms(model, frequency_mhz, base_m)
    full, start, decay = _SIGHT[model]
    sight = {"sight_full": full, "sight_start": start, "sight_rate": 1 / decay}
    return terms | {name: np.full(frequency_mhz.shape, value) for name, value in sight.items()}


def distance_terms(edge_dbm: float, range_m: Floats, slope_db: float) -> dict[str, Floats]:
    """Coefficients of the distance model: ``edge_dbm`` at ``range_m``, ``slope_db`` per decade."""
    constant = -edge_dbm - slope_db * np.log10(range_m)
    slope, zero = np.full(range_m.shape, slope_db), np.zeros(range_m.shape)
    law = {"near_0": constant, "near_1": slope, "far_0": constant, "far_1": slope}
    hidden = {"hidden_0": constant, "hidden_1": slope, "near_linear": zero, "turn": np.full(range_m.shape, NO_TURN_M)}
    return law | hidden | {"sight_full": zero, "sight_start": zero, "sight_rate": np.ones(range_m.shape)}


def evaluate(rows: Floats, dx_m: Floats, dy_m: Floats) -> Link:
    """Levels of pairs: ``rows`` (pairs, coefficients) and the offsets east and north of the cell in metres."""
    c = {name: rows[..., position] for name, position in COLUMN.items()}
    ground = np.maximum(np.hypot(dx_m, dy_m), 1.0)
    slant = np.maximum(np.hypot(ground, c["rise"]), 1.0)
    log_slant = np.log10(slant)
    near = c["near_0"] + c["near_1"] * log_slant + c["near_linear"] * slant
    seen = np.where(ground <= c["turn"], near, c["far_0"] + c["far_1"] * log_slant)
    hidden = np.maximum(seen, c["hidden_0"] + c["hidden_1"] * log_slant)
    sure = np.minimum(c["sight_full"] / ground, 1.0)
    decay = np.exp(-np.maximum(ground - c["sight_start"], 0) * c["sight_rate"])
    share = sure + decay * (1 - sure)
    loss = _pattern_loss(c, dx_m, dy_m, ground)
    mean = share * seen + (1 - share) * hidden
    return Link(-mean - loss, -seen - loss, -hidden - loss, share, ground)


def _pattern_loss(c: dict[str, Floats], dx_m: Floats, dy_m: Floats, ground: Floats) -> Floats:
    cosine = np.clip((dx_m * c["sin_azimuth"] + dy_m * c["cos_azimuth"]) / ground, -1, 1)
    horizontal = np.minimum(c["h_factor"] * np.arccos(cosine) ** 2, antenna.FLOOR_DB)
    off = np.arctan2(c["rise"], ground) - c["tilt"] - np.arctan(c["tan_mechanical"] * cosine)
    vertical = np.minimum(c["v_factor"] * off**2, antenna.FLOOR_DB)
    return np.asarray(np.minimum(horizontal + vertical, antenna.FLOOR_DB))


def _urban_terms(model: str, frequency_mhz: Floats, base_m: Floats) -> dict[str, Floats]:
    logf, rise = np.log10(frequency_mhz / 1000), base_m - MOBILE_M
    constant, slope, factor = _URBAN_SEEN[model]
    hidden, hidden_slope, tone = _URBAN_HIDDEN[model]
    turn = np.maximum(tr38901.breakpoint_m(frequency_mhz / 1000, base_m, MOBILE_M), 0)
    far = constant + 20 * logf - factor * np.log10(np.maximum(turn**2 + rise**2, 1e-9))
    shape = frequency_mhz.shape
    seen = {"near_0": constant + 20 * logf, "near_1": np.full(shape, slope), "near_linear": np.zeros(shape)}
    beyond = {"far_0": far, "far_1": np.full(shape, 40.0), "turn": turn}
    return seen | beyond | {"hidden_0": hidden + tone * logf, "hidden_1": np.full(shape, hidden_slope)}


def _rural_terms(frequency_mhz: Floats, base_m: Floats) -> dict[str, Floats]:
    ghz = frequency_mhz / 1000
    power = tr38901.BUILDING_HEIGHT_M**1.72
    slope = 20 + min(0.03 * power, 10.0)
    near = 20 * np.log10(40 * np.pi * ghz / 3) - min(0.044 * power, 14.77)
    linear = np.full(ghz.shape, 0.002 * np.log10(tr38901.BUILDING_HEIGHT_M))
    turn = np.maximum(tr38901.rma_breakpoint_m(ghz, base_m, MOBILE_M), 1.0)
    far = near + slope * np.log10(turn) + linear * turn - 40 * np.log10(turn)
    hidden_slope = 43.42 - 3.1 * np.log10(base_m)
    anchor = _rural_hidden_constant(ghz, base_m, hidden_slope)
    seen = {"near_0": near, "near_1": np.full(ghz.shape, slope), "near_linear": linear}
    beyond = {"far_0": far, "far_1": np.full(ghz.shape, 40.0), "turn": turn}
    return seen | beyond | {"hidden_0": anchor, "hidden_1": hidden_slope}


def _rural_hidden_constant(ghz: Floats, base_m: Floats, slope: Floats) -> Floats:
    height, street = tr38901.BUILDING_HEIGHT_M, tr38901.STREET_WIDTH_M
    ground = 161.04 - 7.1 * np.log10(street) + 7.5 * np.log10(height)
    base = (24.37 - 3.7 * (height / base_m) ** 2) * np.log10(base_m)
    mobile = 3.2 * np.log10(11.75 * MOBILE_M) ** 2 - 4.97
    return np.asarray(ground - base - 3 * slope + 20 * np.log10(ghz) - mobile)
