"""New cells by themselves: what they bring to a place, whoever else serves there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geoservice.coverage import network as net
from geoservice.coverage.blocks import Places
from geoservice.coverage.changes import surroundings, with_new
from geoservice.coverage.links import evaluate
from geoservice.coverage.network import REACH_DBM, Network
from geoservice.coverage.parameters import modern, radiating
from geoservice.coverage.plane import offsets_m
from geoservice.records import CellChange

if TYPE_CHECKING:
    from geoservice.coverage.engine import Coverage

Floats = NDArray[np.float64]

# Cells predicted at once: with some thousand places the arrays stay in the processor's cache's reach.
_AT_ONCE = 48


@dataclass(frozen=True)
class Fresh:
    """Cells that are not built yet, in the surroundings of the masts that stand around them.

    By themselves they would count as lonely masts in open country, which reach 6 dB farther.
    """

    network: Network

    def levels(self, rows: NDArray[np.int64], lat: Floats, lon: Floats) -> Floats:
        """Levels of the cells ``rows`` at points (WGS-84 degrees), (rows, points) dBm."""
        masts = self.network.cells.lat[rows][:, None], self.network.cells.lon[rows][:, None]
        return evaluate(self.network.rows[rows][:, None], *offsets_m(lat[None], lon[None], *masts)).level_dbm

    def strongest(self, places: Places) -> tuple[Floats, NDArray[np.object_]]:
        """Level and name of the strongest cell of each place; minus infinity and None where none is heard."""
        level = np.full(len(places.hexes), -np.inf)
        name = np.full(len(places.hexes), None, dtype=object)
        outdoors = np.flatnonzero(~self.network.cells.indoor)
        for first in range(0, len(outdoors), _AT_ONCE):
            rows = outdoors[first : first + _AT_ONCE]
            table = self.levels(rows, places.lat, places.lon)
            best = table.argmax(axis=0)
            found = table[best, np.arange(table.shape[1])]
            wins = (found > level) & (found >= REACH_DBM)
            level[wins], name[wins] = found[wins], self.network.cells.cgi[rows[best[wins]]]
        return level, name


def fresh_cells(coverage: Coverage, changes: Sequence[CellChange]) -> Fresh | None:
    """The new cells among ``changes`` that radiate; None without any."""
    rows = with_new(coverage.cell_rows([]), changes)
    rows = rows.take(radiating(rows))
    rows = rows.take(modern(rows))
    if not len(rows):
        return None
    around = surroundings(coverage.network, rows)
    return Fresh(net.rebuild(coverage.network, rows, around, coverage.config["sinr_load"], coverage.calibration))
