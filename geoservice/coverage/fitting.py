"""Calibrate the engine from measurements: residuals of hex-cell medians by environment and band."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from geoservice.config import Config
from geoservice.coverage import network as net
from geoservice.coverage.blocks import Places
from geoservice.coverage.budget import pair_links
from geoservice.coverage.corrections import Calibration, band_mhz, fit
from geoservice.coverage.measured import ROBUST_SIGMA
from geoservice.coverage.selection import own_scale_db, server_gain_db
from geoservice.radio.calibration import ACCEPT_RMSE_DB

# Beyond this the cell table, not the propagation, is wrong (stale position, swapped feeder) [J].
IMPLAUSIBLE_DB = 40.0
LEAST_SAMPLES = 3
# A cell that serves where it hardly should tells more of its luck than of its law.
LEAST_CHANCE = 0.02
# The law says who competes and the competition corrects the law; it settles to 0.3 dB within these.
ROUNDS = 5


def fit_calibration(
    cells: pd.DataFrame, found: pd.DataFrame, config: Config, environment: pd.Series | None = None
) -> Calibration:
    """Corrections of the engine's prediction, group by group; refused groups carry the reason.

    Samples are those of serving cells: the corrected level is that of a server where it serves.

    Parameters
    ----------
    cells : table ``cells``.
    found : result of :func:`geoservice.coverage.measured` (medians by hex and cell).
    environment : environment by cgi, as for :class:`geoservice.coverage.Coverage`.
    """
    return fit(residual_pairs(net.build(cells, config["sinr_load"], None, environment), found).drop(columns="row"))


def fit_link_law(
    cells: pd.DataFrame, found: pd.DataFrame, config: Config, environment: pd.Series | None = None
) -> Calibration:
    """Corrections that hold for every cell, also where it does not serve: what competitors are compared by.

    What a server stands above its mean for having won (:mod:`.selection`) is taken off before the law is
    fitted, by a few rounds of both. Parameters as for :func:`fit_calibration`.
    """
    network = net.build(cells, config["sinr_load"], None, environment)
    pairs = residual_pairs(network, found)
    hexes, place = np.unique(pairs["hex"].to_numpy(dtype=np.int64), return_inverse=True)
    places, row = Places.of(hexes), pairs.pop("row").to_numpy(dtype=np.int64)
    own, calibration, law = pairs, fit(pairs, trimmed=True), network
    for _ in range(ROUNDS if len(pairs) else 0):
        scale = own_scale_db(_spread_db(own, calibration))
        gain = server_gain_db(law, places, place, row, scale)
        likely = gain <= -scale * np.log(LEAST_CHANCE)
        own = pairs.assign(residual_db=pairs["residual_db"] - gain).loc[likely]
        calibration = fit(own, trimmed=True)
        law = replace(network, rows=net.corrected_rows(network, calibration))
    return calibration


def _spread_db(pairs: pd.DataFrame, calibration: Calibration) -> float:
    """Robust spread of what a calibration leaves, group by group about its median; at most that of a law that holds."""
    left = []
    for (environment, band), part in pairs.groupby(["environment", "band_mhz"]):
        found = calibration.correction(str(environment), int(str(band)))
        residual = part["residual_db"].to_numpy(dtype=float)
        line = found.at(part["distance_m"]) if found else np.zeros(len(part))
        left.append(np.abs(residual - line - np.median(residual - line)))
    return min(float(ROBUST_SIGMA * np.median(np.concatenate(left))), ACCEPT_RMSE_DB) if left else 0.0


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
            "row": row,
            "environment": network.environment[row],
            "band_mhz": band_mhz(network.cells.frequency_mhz[row]),
            "hex": kept["hex"].to_numpy(),
            "residual_db": kept["median_dbm"].to_numpy(dtype=float) - link.level_dbm,
            "distance_m": link.distance_m,
        }
    )
    return pairs.loc[pairs["residual_db"].abs() <= IMPLAUSIBLE_DB]
