"""A small city for the engine: three-sector sites on a square lattice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoservice import grid
from geoservice.config import default_config
from geoservice.coverage import Coverage
from geoservice.tables import CELLS, conform

LAT, LON = 30.60, 104.10


def lattice(rows: int, spacing_m: float, lat: float = LAT, lon: float = LON, **columns: object) -> pd.DataFrame:
    """Cells of ``rows``² three-sector sites ``spacing_m`` apart."""
    step = spacing_m / 111_195
    north, east = np.divmod(np.arange(rows * rows), rows)
    site = np.repeat(np.arange(rows * rows), 3)
    frame = pd.DataFrame(
        {
            "cgi": [f"460-00-{s}-{k}" for s, k in zip(site, np.tile(range(3), rows * rows), strict=True)],
            "lat": (lat + (north - rows / 2) * step)[site],
            "lon": (lon + (east - rows / 2) * step / np.cos(np.radians(lat)))[site],
            "rat": "LTE",
            "frequency_mhz": 1845.0,
            "height_m": 25.0,
            "azimuth_deg": np.tile([0.0, 120.0, 240.0], rows * rows),
            "mech_tilt_deg": 2.0,
            "elec_tilt_deg": 4.0,
            "hbw_deg": 65.0,
            "vbw_deg": 7.0,
            "gain_dbi": 15.0,
            "rs_power_dbm": 15.2,
            "status": "active",
        }
    ).assign(**columns)
    return conform(frame, CELLS)


@pytest.fixture(scope="session")
def config():
    return default_config()


@pytest.fixture(scope="session")
def cells():
    return lattice(6, 600)


@pytest.fixture(scope="session")
def hexes():
    return grid.hexes_in_box(LAT - 0.015, LON - 0.015, LAT + 0.015, LON + 0.015, 9)


@pytest.fixture(scope="session")
def engine(cells, config):
    return Coverage(cells, config)


@pytest.fixture(scope="session")
def covered(engine, hexes):
    return engine.hexes(hexes)
