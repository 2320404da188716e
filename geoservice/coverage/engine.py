"""The coverage engine: what level each hex should have, from whom, and how sure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geoservice.config import Config
from geoservice.coverage import changes as change_tools
from geoservice.coverage import network as net
from geoservice.coverage import odds
from geoservice.coverage import serving as serving_tools
from geoservice.coverage.blocks import Candidates, Places, Servers, servers
from geoservice.coverage.budget import Budget, Quality, budget, quality
from geoservice.coverage.columns import Columns, RadioRows
from geoservice.coverage.corrections import Calibration
from geoservice.coverage.fresh import Fresh, fresh_cells
from geoservice.coverage.places import PlaceCache, customers_of
from geoservice.errors import NotFound
from geoservice.records import CellChange
from geoservice.tables import COVERAGE, conform


class Coverage:
    """Predicted coverage of a network; frozen: changes give new results, never a changed engine.

    Parameters
    ----------
    cells : table ``cells``; only cells that are active (or whose status is unknown) radiate.
    config : thresholds (weak level, overlap window, load, overshoot factor …).
    calibration : corrections by environment and band (:func:`geoservice.coverage.fit_calibration`).
    environment : environment by cgi where the caller knows better than scene and site density.
    loads : measured downlink load by cgi (0–1) for the interference.

    Notes
    -----
    ``basis`` is *predicted* when the engineering parameters were there and *assumed* when the
    azimuth, carrier or power of the best server, or all but its position, had to be assumed.
    ``sigma_db`` is one standard deviation of the level at a random spot of the hex.
    """

    def __init__(
        self,
        cells: pd.DataFrame,
        config: Config,
        calibration: Calibration | None = None,
        environment: pd.Series | None = None,
        loads: pd.Series | None = None,
    ) -> None:
        self.config = config
        self.calibration = calibration
        self._cells = RadioRows(cells)
        self.network = net.build(cells, config["sinr_load"], calibration, environment, loads)
        self._places = PlaceCache()
        self._present: tuple[Places, Quality] | None = None
        self._drawn: odds.Kept | None = None

    @cached_property
    def candidates(self) -> Candidates:
        """Spatial search over the cells."""
        return Candidates(self.network)

    def hexes(self, hexes: ArrayLike, customers: pd.DataFrame | None = None) -> pd.DataFrame:
        """Table ``coverage`` for hexes of one resolution, in their order.

        Parameters
        ----------
        hexes : (n,) H3 indices.
        customers : columns hex and customers, carried along.
        """
        places = self._places.of(hexes)
        frame = self.budget(places).frame(self.network)
        frame["customers"] = customers_of(places.hexes, customers)
        return conform(frame, COVERAGE)

    def budget(self, places: Places) -> Budget:
        """All outputs of places as plain arrays."""
        return budget(self.network, places, self._servers(places, self.network, self.candidates), self.config)

    def quality(self, places: Places) -> Quality:
        """What a what-if compares, kept for the same places: it is asked for with every change."""
        if self._present is None or self._present[0] is not places:
            found = self._servers(places, self.network, self.candidates)
            self._present = (places, quality(self.network, places, found))
        return self._present[1]

    def quality_of(
        self, places: Places, only: NDArray[np.int64], network: net.Network, candidates: Candidates
    ) -> Quality:
        """The same in another network, for the positions ``only`` of ``places``: bit for bit what all of them get."""
        return quality(network, places.take(only), self._servers(places, network, candidates, only))

    def _servers(
        self, places: Places, network: net.Network, candidates: Candidates, only: NDArray[np.int64] | None = None
    ) -> Servers:
        return servers(network, candidates, places, self.config["overlap_window"], self.config["rsrp_weak"], only)

    def serving(self, hexes: ArrayLike, measured: pd.DataFrame | None = None) -> pd.DataFrame:
        """Table ``serving``: the few cells that may serve each hex, with probabilities that sum to 1.

        Measured shares of samples (:func:`geoservice.coverage.measured`) are blended in by
        ``w = n/(n + 10)`` where they are given.
        """
        return serving_tools.serving(self.network, self.candidates, self._places.of(hexes), self.config, measured)

    def what_if(self, changes: Sequence[CellChange], customers: pd.DataFrame) -> pd.DataFrame:
        """Table ``what_if`` for the hexes that the changes affect; nothing else is recomputed.

        Parameters
        ----------
        changes : fields of cells, cells switched off, or new cells.
        customers : columns hex and customers; only these hexes are looked at.
        """
        return change_tools.what_if(self, changes, customers)

    def well_shares(
        self, changes: Sequence[CellChange], customers: pd.DataFrame, asked: ArrayLike, ground: pd.DataFrame
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Expected share of each hex ``asked`` that is well served, before and after ``changes`` (:mod:`.odds`).

        Parameters
        ----------
        customers : as for :meth:`what_if`.
        asked : hexes among those of ``customers``.
        ground : by hex what was measured there: measured_dbm, weight (0 to 1) and sigma_db.
        """
        places = self.places(customers["hex"].to_numpy())
        only = pd.Index(places.hexes).get_indexer(pd.Index(np.asarray(asked, np.int64)))
        if not len(only) or not len(self.network.reach_m):
            return np.zeros(len(only)), np.zeros(len(only))
        here = ground.reindex(places.hexes[only])
        level, weight, sigma = (here[name].to_numpy("float64") for name in ("measured_dbm", "weight", "sigma_db"))
        return odds.well_shares(self, changes, places, only, odds.Ground(level, np.nan_to_num(weight), sigma))

    def kept_draws(self, places: Places) -> odds.Kept:
        """Draws of the shadowing over the last places asked about."""
        kept = self._drawn
        if kept is None or kept.places is not places:
            self._drawn = kept = odds.Kept.of(places)
        return kept

    def footprint(self, cgi: str, resolution: int = 9, window_db: float | None = None) -> pd.DataFrame:
        """Hexes where a cell is the best server or within the overlap window of it.

        Returns
        -------
        DataFrame with columns hex, lat, lon, rsrp_dbm, is_best, behind_db, distance_m.
        """
        window = self.config["overlap_window"] if window_db is None else window_db
        return serving_tools.footprint(self.network, self.candidates, self.row_of(cgi), resolution, window)

    def overshoot_cells(self, hexes: ArrayLike) -> pd.DataFrame:
        """Cells that overshoot somewhere in ``hexes``: best or within the window too far out.

        Returns
        -------
        DataFrame with columns cgi, hexes (served or within the window), overshoot_hexes, share, ratio.
        """
        return serving_tools.overshoot_cells(self.network, self.candidates, self._places.of(hexes), self.config)

    def row_of(self, cgi: str) -> int:
        """Row of a radiating cell; ``NotFound`` names one that is not."""
        if cgi not in self.network.index:
            raise NotFound(f"cell {cgi} does not radiate or is not in the cell table", field="cgi")
        return self.network.index[cgi]

    def cell_rows(self, cgis: Sequence[str]) -> Columns:
        """The radio columns of table ``cells`` by cgi; ``NotFound`` names one that is not there."""
        return self._cells.of(cgis)

    def fresh(self, changes: Sequence[CellChange]) -> Fresh | None:
        """The new cells among ``changes`` by themselves; None where no new cell radiates."""
        return fresh_cells(self, changes)

    def places(self, hexes: ArrayLike) -> Places:
        """Hexes with their centres (kept from the last calls)."""
        return self._places.of(hexes)
