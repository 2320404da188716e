"""Calibrate the engine from measurements: residuals of hex-cell medians by environment and band."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.config import Config
from geoservice.coverage import network as net
from geoservice.coverage.blocks import Places
from geoservice.coverage.budget import pair_links
from geoservice.coverage.corrections import Calibration, band_mhz, fit

# Beyond this the cell table, not the propagation, is wrong (stale position, swapped feeder) [J].
IMPLAUSIBLE_DB = 40.0
LEAST_SAMPLES = 3


def fit_calibration(
    cells: pd.DataFrame, found: pd.DataFrame, config: Config, environment: pd.Series | None = None
) -> Calibration:
    """Corrections of the engine's prediction, group by group; refused groups carry the reason.

    Parameters
    ----------
    cells : table ``cells``.
    found : result of :func:`geoservice.coverage.measured` (medians by hex and cell).
    environment : environment by cgi, as for :class:`geoservice.coverage.Coverage`.
    """
    network = net.build(cells, config["sinr_load"], None, environment)
    return fit(residual_pairs(network, found))


def residual_pairs(network: net.Network, found: pd.DataFrame) -> pd.DataFrame:
    """Median measured less predicted level per hex and engineered cell, with what calibration groups by."""
    rows = found["cgi"].map(network.index)
    kept = found.loc[rows.notna() & (found["samples"] >= LEAST_SAMPLES)]
    row = np.asarray(rows.loc[kept.index], dtype=np.int64)
    sound = ~(network.cells.crowd[row] | network.cells.indoor[row])
    kept, row = kept.loc[sound], row[sound]
    link = pair_links(network, row, Places.of(kept["hex"].to_numpy(dtype=np.int64)))
    pairs = pd.DataFrame(
        {
            "environment": network.environment[row],
            "band_mhz": band_mhz(network.cells.frequency_mhz[row]),
            "hex": kept["hex"].to_numpy(),
            "residual_db": kept["median_dbm"].to_numpy(dtype=float) - link.level_dbm,
            "distance_m": link.distance_m,
        }
    )
    return pairs.loc[pairs["residual_db"].abs() <= IMPLAUSIBLE_DB]
