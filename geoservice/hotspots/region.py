"""The hexes of an analysis, their neighbourhoods, and the resolution that suits the data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geoservice import grid
from geoservice.stats.bands import bands
from geoservice.stats.zones import Zones, joined, lattice

MOST_HEXES = 60_000
FINEST, COARSEST = 9, 5
# With fewer complaining customers per occupied hex a window of a few rings holds too few to say anything.
ENOUGH_PER_HEX = 1.0
# Large disks round neighbouring hexes are nearly the same window: from this ring on, one centre in seven is enough.
THIN_FROM = 4


@dataclass(frozen=True)
class Region:
    """Hexes in scan order and the positions of everything within ``rings`` steps of each."""

    hexes: NDArray[np.int64]
    table: NDArray[np.int64]
    rings: int

    def positions(self, hexes: NDArray[np.int64]) -> NDArray[np.int64]:
        return grid.positions(self.hexes, hexes)

    def disk(self, rings: int) -> NDArray[np.int64]:
        """Positions within ``rings`` steps of every hex, itself first."""
        return self.table[:, : 1 + 3 * rings * (rings + 1)]

    def zones(self, share: NDArray[np.float64], max_share: float) -> Zones:
        """Ring windows and straight rows that hold at most ``max_share`` of the expectation."""
        return self._windows.within(share, max_share)

    @cached_property
    def _windows(self) -> Zones:
        """All of them: every class group is searched through the same windows."""
        wide = self._thinned()
        near = np.arange(self.table.shape[1]) < 1 + 3 * THIN_FROM * (THIN_FROM - 1)
        disks = lattice(np.where(wide[:, None] | near[None, :], self.table, -1), self.rings)
        return joined(disks, bands(self.table, self.rings, wide))

    def _thinned(self) -> NDArray[np.bool_]:
        """One hex in seven: the middles of large windows."""
        parents = grid.parents(self.hexes, max(int(grid.resolutions(self.hexes[:1])[0]) - 1, 0))
        wide = np.zeros(len(self.hexes), bool)
        wide[np.unique(parents, return_index=True)[1]] = True  # the first child in order is the central one
        return wide


def make_region(hexes: NDArray[np.int64], rings: int) -> Region:
    """A region of distinct hexes with their neighbourhoods."""
    members = np.unique(hexes)
    return Region(members, grid.neighbour_table(members, rings), rings)


def choose_resolution(
    lat: NDArray[np.float64],
    lon: NDArray[np.float64],
    extra_lat: NDArray[np.float64],
    extra_lon: NDArray[np.float64],
    customers: int,
) -> tuple[int, str]:
    """Finest resolution at which complaints are dense enough to compare neighbouring hexes.

    Parameters
    ----------
    lat, lon : best points of the complaints; extra_lat, extra_lon : points of the exposure;
    customers : distinct customers who complain.
    """
    for resolution in range(FINEST, COARSEST, -1):
        occupied = np.unique(grid.to_hex(np.append(lat, extra_lat), np.append(lon, extra_lon), resolution))
        density = customers / max(len(occupied), 1)
        if density >= ENOUGH_PER_HEX and len(occupied) <= MOST_HEXES:
            break
    else:
        resolution = COARSEST
    return resolution, f"resolution {resolution}: chosen from the data ({len(lat)} located complaints)"
