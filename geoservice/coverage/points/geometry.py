"""What geometry says of a point and its cell: distances, angles, pattern losses, plain levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoservice.coverage.parameters import OMNI_WIDTH_DEG, UNKNOWN_AZIMUTH_LOSS_DB
from geoservice.coverage.points.frames import Field
from geoservice.radio import antenna, hata, tr38901
from geoservice.radio.pathloss import MOBILE_M, path_loss

Floats = NDArray[np.float64]

NEAREST_M = 5.0
DEFAULT_GAIN_DBI = 15.0
FEEDER_DB = 0.5


def geometry(field: Field) -> dict[str, Floats]:
    """Physical quantities per point: metres, degrees, dB."""
    dx, dy = field.x - field.of_cell("x"), field.y - field.of_cell("y")
    distance = np.maximum(np.hypot(dx, dy), NEAREST_M)
    azimuth = field.of_cell("azimuth_deg")
    omni = np.isnan(azimuth)
    offset = np.where(omni, 0.0, antenna.wrap_deg(np.degrees(np.arctan2(dx, dy)) - np.nan_to_num(azimuth)))
    rise = field.of_cell("height_m") + field.of_cell("altitude_m") - field.altitude_m - MOBILE_M
    over_roof = rise + field.of_cell("building_m") - field.building_m
    down = antenna.down_angle_deg(rise, 0.0, distance)
    tilt = antenna.tilt_deg(field.of_cell("elec_tilt_deg"), field.of_cell("mech_tilt_deg"), offset)
    width = field.of_cell("hbw_deg")
    # Without azimuth: a round antenna loses nothing, a sector its mean over the third it should serve.
    blind = np.where(width >= OMNI_WIDTH_DEG, 0.0, UNKNOWN_AZIMUTH_LOSS_DB)
    horizontal = np.where(omni, blind, -antenna.horizontal_db(offset, width))
    vertical = -antenna.vertical_db(down, tilt, field.of_cell("vbw_deg"))
    ghz = field.of_cell("frequency_mhz") / 1000
    base = np.maximum(field.of_cell("height_m"), MOBILE_M + 1.0)
    turn = np.maximum(tr38901.breakpoint_m(ghz, base, MOBILE_M), 1.0)
    return {
        "east": dx / distance,
        "north": dy / distance,
        "distance_m": distance,
        "slant_m": np.hypot(distance, rise),
        "offset_deg": np.abs(offset),
        "rise_m": rise,
        "over_roof_m": over_roof,
        "down_deg": down,
        "tilt_deg": tilt,
        "horizontal_db": horizontal,
        "vertical_db": vertical,
        "breakpoint_ratio": distance / turn,
        "base_m": base,
    }


def pattern_loss_db(shape: dict[str, Floats]) -> Floats:
    """Loss of the antenna pattern towards each point, at most 30 dB."""
    return np.asarray(np.minimum(shape["horizontal_db"] + shape["vertical_db"], antenna.FLOOR_DB))


def plain_level(field: Field, shape: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Level and spread from TR 38.901 UMa and the antenna pattern, nothing fitted (dBm, dB)."""
    loss = path_loss("uma", field.of_cell("frequency_mhz"), shape["distance_m"], shape["base_m"])
    pattern = pattern_loss_db(shape)
    eirp = field.of_cell("rs_power_dbm") + DEFAULT_GAIN_DBI - FEEDER_DB
    return eirp - pattern - loss.mean_db, loss.sigma_db


def cost_level(field: Field, shape: dict[str, Floats]) -> Floats:
    """Level from COST-231-Hata (outside its range here: under a kilometre, 2.6 GHz), for comparison."""
    base = np.maximum(shape["base_m"], 10.0)
    loss = hata.cost231_db(field.of_cell("frequency_mhz"), base, MOBILE_M, np.maximum(shape["distance_m"], 20) / 1000)
    pattern = pattern_loss_db(shape)
    return field.of_cell("rs_power_dbm") + DEFAULT_GAIN_DBI - FEEDER_DB - pattern - loss
