"""Cells as the engine needs them: every parameter filled, and how sure each cell then is.

What the table does not say is assumed step by step, and each step widens the spread:

1. all there → *predicted*;
2. height, tilt, beam width or gain missing → usual values, still *predicted*, wider;
3. azimuth, frequency or power missing → omni or usual values, *assumed*, wider still;
4. only a position and a range (crowd-sourced) → distance model, *assumed*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.coverage.columns import Columns

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Usual values where the table is silent [handbook section 5; TR 36.814 for gain and widths; J].
DEFAULT_POWER_DBM = {"LTE": 15.2, "NR": 17.85, "UMTS": 33.0, "CDMA": 33.0, "GSM": 43.0}
DEFAULT_FREQUENCY_MHZ = {"LTE": 1845.0, "NR": 2565.0, "UMTS": 2140.0, "CDMA": 875.0, "GSM": 945.0}
DEFAULT_RANGE_M = 1500.0
HORIZONTAL_WIDTH_DEG, VERTICAL_WIDTH_DEG = 65.0, 7.0
TILT_DEG = 6.0
FEEDER_DB = 0.5
MACRO, SMALL = 0, 1
DEFAULT_GAIN_DBI = (15.0, 8.0)
DEFAULT_HEIGHT_M = (25.0, 10.0)
SMALL_TYPES = ("micro", "pico", "femto", "repeater")
OMNI_WIDTH_DEG = 300.0
# Mean loss of a 65° sector over its third of the circle: 12·60²/(3·65²) dB.
UNKNOWN_AZIMUTH_LOSS_DB = 3.4
# Spread added where a value is assumed, dB [J].
UNKNOWN_SIGMA_DB = {"azimuth": 6.0, "frequency": 3.0, "power": 4.0, "height": 2.0, "tilt": 2.0, "gain": 1.5}
CROWD_SIGMA_DB = 12.0
# Steps of the list above as words for answers and tables.
STEPS = ("full", "usual", "assumed", "distance")
CROWD_EDGE_DBM, CROWD_SLOPE_DB = -110.0, 35.0


@dataclass(frozen=True)
class Antennas:
    """Filled-in parameters of the outdoor and indoor cells, one entry per cell, shapes (cells,).

    ``extra_sigma_db`` is the spread that assumptions add, ``assumed`` marks cells whose level rests
    on them, ``crowd`` those known by position and range only, ``indoor`` indoor systems. ``missing``
    names the parameters the table did not give (separated by a vertical bar), ``step`` how far that
    takes the cell down the list above: full, usual, assumed or distance.
    """

    cgi: NDArray[np.object_]
    lat: Floats
    lon: Floats
    rat: NDArray[np.object_]
    frequency_mhz: Floats
    height_m: Floats
    azimuth_deg: Floats
    omni: Flags
    h_width_deg: Floats
    v_width_deg: Floats
    electrical_deg: Floats
    mechanical_deg: Floats
    eirp_dbm: Floats
    range_m: Floats
    small: Flags
    indoor: Flags
    crowd: Flags
    assumed: Flags
    extra_sigma_db: Floats
    load: Floats
    missing: NDArray[np.object_]
    step: NDArray[np.object_]


def antennas(table: pd.DataFrame | Columns, load: float, loads: pd.Series | None = None) -> Antennas:
    """Fill in the parameters of table ``cells`` (missing columns count as empty).

    Parameters
    ----------
    table : table ``cells`` or its radio columns.
    load : share of resource elements a cell uses where ``loads`` does not say.
    loads : measured load by cgi, 0–1.
    """
    cells = table if isinstance(table, Columns) else Columns.of(table)
    n = len(cells)
    number = {name: cells.numbers(name) for name in _NUMBERS}
    rat, kinds = cells.texts("rat", "LTE"), cells.texts("site_type", "")
    indoor = cells.flags("indoor") | (kinds == "DAS")
    small = np.isin(kinds, SMALL_TYPES)
    crowd = _crowd(cells, number)
    omni = indoor | (number["hbw_deg"] >= OMNI_WIDTH_DEG)
    unknown = _unknown(number, omni | crowd)
    kind = small.astype(int)
    loss = np.where(unknown["azimuth"], UNKNOWN_AZIMUTH_LOSS_DB, 0.0) + FEEDER_DB
    power = _filled(number["rs_power_dbm"], _by_rat(rat, DEFAULT_POWER_DBM))
    gain = _filled(number["gain_dbi"], np.array(DEFAULT_GAIN_DBI)[kind])
    tilts = _tilts(number)
    assumed = crowd | unknown["azimuth"] | unknown["frequency"] | unknown["power"]
    return Antennas(
        cgi=cells.values["cgi"],
        lat=number["lat"],
        lon=number["lon"],
        rat=rat,
        frequency_mhz=_filled(number["frequency_mhz"], _by_rat(rat, DEFAULT_FREQUENCY_MHZ)),
        height_m=np.maximum(_filled(number["height_m"], np.array(DEFAULT_HEIGHT_M)[kind]), 2.0),
        azimuth_deg=_filled(number["azimuth_deg"], np.zeros(n)),
        omni=omni | crowd | np.isnan(number["azimuth_deg"]),
        h_width_deg=_filled(number["hbw_deg"], np.full(n, HORIZONTAL_WIDTH_DEG)),
        v_width_deg=_filled(number["vbw_deg"], np.full(n, VERTICAL_WIDTH_DEG)),
        electrical_deg=tilts[0],
        mechanical_deg=tilts[1],
        eirp_dbm=power + gain - loss,
        range_m=np.maximum(_filled(number["range_m"], np.full(n, DEFAULT_RANGE_M)), 50.0),
        small=small,
        indoor=indoor,
        crowd=crowd,
        assumed=assumed,
        extra_sigma_db=np.where(crowd, CROWD_SIGMA_DB, _extra_sigma(unknown)),
        load=_loads(cells, load, loads),
        missing=_missing(unknown),
        step=_steps(unknown, assumed, crowd),
    )


def usable(cells: pd.DataFrame) -> NDArray[np.bool_]:
    """Cells that radiate: status active or unknown, with a position."""
    return radiating(Columns.of(cells))


def radiating(known: Columns) -> NDArray[np.bool_]:
    """The same of radio columns."""
    status = known.texts("status", "active")
    placed = np.isfinite(known.numbers("lat")) & np.isfinite(known.numbers("lon"))
    return np.asarray((status == "active") & placed)


def serving_generation(cells: pd.DataFrame) -> NDArray[np.bool_]:
    """LTE and NR cells where the table has any, else all.

    Levels of 2G and 3G pilots are powers of a whole carrier, not of a resource element; ranking
    them together would let a GSM beacon beat every LTE cell by 28 dB.
    """
    return modern(Columns.of(cells))


def modern(known: Columns) -> NDArray[np.bool_]:
    """The same of radio columns."""
    found = np.isin(known.texts("rat", "LTE"), ["LTE", "NR"])
    return found if found.any() else np.ones(len(known), bool)


_NUMBERS = (
    "lat", "lon", "frequency_mhz", "height_m", "azimuth_deg", "mech_tilt_deg", "elec_tilt_deg", "hbw_deg",
    "vbw_deg", "gain_dbi", "rs_power_dbm", "range_m",
)  # fmt: skip


def _crowd(cells: Columns, number: dict[str, Floats]) -> Flags:
    said = cells.texts("position_source", "") == "crowd"
    bare = ["height_m", "azimuth_deg", "rs_power_dbm", "elec_tilt_deg", "gain_dbi"]
    silent = np.all([np.isnan(number[name]) for name in bare], axis=0)
    return np.asarray(said | (silent & np.isfinite(number["range_m"])))


def _unknown(number: dict[str, Floats], round_: Flags) -> dict[str, Flags]:
    no_tilt = np.isnan(number["mech_tilt_deg"]) & np.isnan(number["elec_tilt_deg"])
    return {
        "azimuth": np.isnan(number["azimuth_deg"]) & ~round_,
        "frequency": np.isnan(number["frequency_mhz"]),
        "power": np.isnan(number["rs_power_dbm"]),
        "height": np.isnan(number["height_m"]),
        "tilt": no_tilt & ~round_,
        "gain": np.isnan(number["gain_dbi"]),
    }


def _extra_sigma(unknown: dict[str, Flags]) -> Floats:
    squares = [np.where(flag, UNKNOWN_SIGMA_DB[name] ** 2, 0.0) for name, flag in unknown.items()]
    return np.asarray(np.sqrt(np.sum(squares, axis=0)))


def _missing(unknown: dict[str, Flags]) -> NDArray[np.object_]:
    """Names of the missing parameters per cell, written once for each combination that occurs."""
    code = np.zeros(len(unknown["power"]), np.int64)
    for bit, flags in enumerate(unknown.values()):
        code |= flags.astype(np.int64) << bit
    found, member = np.unique(code, return_inverse=True)
    told = ["|".join(name for bit, name in enumerate(unknown) if value >> bit & 1) for value in found.tolist()]
    return np.array([text or None for text in told], dtype=object)[member]


def _steps(unknown: dict[str, Flags], assumed: Flags, crowd: Flags) -> NDArray[np.object_]:
    some = np.any(list(unknown.values()), axis=0)
    code = np.select([crowd, assumed, some], [3, 2, 1], default=0)
    return np.array(STEPS, dtype=object)[code]


def _tilts(number: dict[str, Floats]) -> tuple[Floats, Floats]:
    electrical, mechanical = number["elec_tilt_deg"], number["mech_tilt_deg"]
    neither = np.isnan(electrical) & np.isnan(mechanical)
    return np.where(neither, TILT_DEG, np.nan_to_num(electrical)), np.nan_to_num(mechanical)


def _by_rat(rat: NDArray[np.object_], table: dict[str, float]) -> Floats:
    return np.array([table.get(name, table["LTE"]) for name in rat], float)


def _filled(values: Floats, default: Floats) -> Floats:
    return np.where(np.isnan(values), default, values)


def _loads(cells: Columns, load: float, loads: pd.Series | None) -> Floats:
    if loads is None:
        return np.full(len(cells), load)
    found = pd.Series(cells.values["cgi"]).map(loads).to_numpy(dtype="float64", na_value=np.nan)
    return np.clip(_filled(found, np.full(len(cells), load)), 0.0, 1.0)
