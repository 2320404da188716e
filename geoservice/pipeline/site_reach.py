"""What sites that might be built would reach, each by itself, by the same prediction that judges requests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoservice.pipeline.radio_world import RadioWorld
from geoservice.records import CellChange

# Cells predicted at once: with some thousand places the arrays stay in the processor's cache's reach.
_CELLS_AT_ONCE = 48


def reached(
    radio: RadioWorld, sites: Sequence[Sequence[CellChange]], lat: NDArray[np.float64], lon: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where the strongest cell of each site reaches the weak threshold, (sites, places).

    Parameters
    ----------
    sites : the new cells of each site, as a what-if takes them; names must differ.
    lat, lon : WGS-84 degrees of the places, (places,).

    Notes
    -----
    The level is the one a what-if of the site gives: link law, antennas and calibration of the surroundings it
    stands in. What two sites do to each other is left to the what-if of the whole plan.
    """
    changes = [change for site in sites for change in site]
    built = radio.engine.fresh(changes)
    result = np.zeros((len(sites), len(lat)), bool)
    if built is None:
        return result
    owner = np.repeat(np.arange(len(sites)), [len(site) for site in sites])
    rows = np.array([built.network.index[change.cgi] for change in changes], np.int64)
    for first in range(0, len(rows), _CELLS_AT_ONCE):
        part = rows[first : first + _CELLS_AT_ONCE]
        heard = built.levels(part, lat, lon) >= radio.config["rsrp_weak"]
        np.logical_or.at(result, owner[first : first + _CELLS_AT_ONCE], heard)
    return result
