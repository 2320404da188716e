"""Link budget: power per resource element, received level, noise, quality.

Sources: 3GPP TS 36.213 section 5.2 (EPRE, P_B), TS 36.214 and 38.215 (RSRP, RSRQ, SINR);
thermal noise −174 dBm/Hz at 290 K. Powers in dBm, ratios in dB.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SUBCARRIERS_PER_RB = 12
THERMAL_DBM_HZ = -174.0
NOISE_FIGURE_DB = 7.0
RESOURCE_BLOCKS = {
    "LTE": {1.4: 6, 3: 15, 5: 25, 10: 50, 15: 75, 20: 100},
    "NR": {5: 25, 10: 52, 15: 79, 20: 51, 30: 78, 40: 106, 50: 133, 60: 162, 80: 217, 90: 245, 100: 273},
}


def port_power_dbm(total_dbm: ArrayLike, ports: ArrayLike) -> Floats:
    """Power of one antenna port, total − 10 log(ports)."""
    return np.asarray(np.asarray(total_dbm, float) - 10 * np.log10(np.asarray(ports, float)))


def epre_dbm(port_dbm: ArrayLike, resource_blocks: ArrayLike, boost_db: ArrayLike = 0.0) -> Floats:
    """Energy per resource element: P_port − 10 log(12·N_RB) + boost (P_B = 1 gives 3.01 dB).

    >>> float(epre_dbm(43, 100).round(2))
    12.21
    """
    elements = SUBCARRIERS_PER_RB * np.asarray(resource_blocks, float)
    return np.asarray(np.asarray(port_dbm, float) - 10 * np.log10(elements) + np.asarray(boost_db, float))


def rsrp_dbm(
    epre: ArrayLike,
    gain_dbi: ArrayLike,
    path_loss_db: ArrayLike,
    feeder_db: ArrayLike = 0.0,
    o2i_db: ArrayLike = 0.0,
    body_db: ArrayLike = 0.0,
) -> Floats:
    """Received level of a reference resource element: EPRE + G − feeder − PL − O2I − body."""
    losses = sum(np.asarray(loss, float) for loss in (feeder_db, path_loss_db, o2i_db, body_db))
    return np.asarray(np.asarray(epre, float) + np.asarray(gain_dbi, float) - losses)


def noise_dbm(spacing_khz: ArrayLike = 15.0, figure_db: ArrayLike = NOISE_FIGURE_DB) -> Floats:
    """Noise in one resource element, −174 + 10 log(subcarrier spacing in Hz) + noise figure.

    >>> float(noise_dbm(15).round(2))
    -125.24
    """
    spacing = np.asarray(spacing_khz, float) * 1000
    return np.asarray(THERMAL_DBM_HZ + 10 * np.log10(spacing) + np.asarray(figure_db, float))


def sinr_db(
    signal_dbm: ArrayLike, interferers_dbm: ArrayLike, load: ArrayLike = 0.5, noise: ArrayLike | None = None
) -> Floats:
    """SINR = S/(Σ η_i I_i + N) over co-channel interferers.

    Parameters
    ----------
    signal_dbm : (...)
    interferers_dbm : (..., n) co-channel levels; n may be 0.
    load : share of resource elements each interferer uses, one number or (..., n).
    noise : dBm per resource element; 15 kHz by default.
    """
    unwanted = _unwanted_mw(interferers_dbm, load, noise)
    return np.asarray(np.asarray(signal_dbm, float) - 10 * np.log10(unwanted))


def rsrq_db(
    signal_dbm: ArrayLike,
    interferers_dbm: ArrayLike,
    load: ArrayLike = 0.5,
    own_load: ArrayLike = 0.5,
    noise: ArrayLike | None = None,
) -> Floats:
    """RSRQ = S/(12 (x S + Σ η_i I_i + N)); x is the serving cell's own activity."""
    signal = milliwatt(signal_dbm)
    received = np.asarray(own_load, float) * signal + _unwanted_mw(interferers_dbm, load, noise)
    return np.asarray(decibel(signal / (SUBCARRIERS_PER_RB * received)))


def milliwatt(level_dbm: ArrayLike) -> Floats:
    """dBm as mW."""
    return np.asarray(10 ** (np.asarray(level_dbm, float) / 10))


def decibel(ratio: ArrayLike) -> Floats:
    """A power ratio (or mW) as dB (dBm)."""
    return np.asarray(10 * np.log10(np.asarray(ratio, float)))


def _unwanted_mw(interferers_dbm: ArrayLike, load: ArrayLike, noise: ArrayLike | None) -> Floats:
    floor = noise_dbm() if noise is None else np.asarray(noise, float)
    weighted = np.asarray(load, float) * milliwatt(interferers_dbm)
    return np.asarray(np.sum(np.atleast_1d(weighted), axis=-1) + milliwatt(floor))
