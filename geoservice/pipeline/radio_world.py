"""Prediction and measurements together: what signal a place has, for runs, look-ups and what-ifs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

import numpy as np
import pandas as pd

from geoservice import coverage, grid, tables
from geoservice.config import Config
from geoservice.coverage.blocks import Places
from geoservice.coverage.changes import unchanged
from geoservice.coverage.fresh import Fresh
from geoservice.engine import Engine, by_parent
from geoservice.records import CellChange

# The grid that measurements are gathered on unless a run says otherwise.
RESOLUTION = 9
# Pieces for the engine: 7^4 hexes each, enough work to be worth sending to another process.
_PIECE_LEVELS_UP = 4


@dataclass(frozen=True)
class RadioWorld:
    """A coverage engine with the measurements that correct it."""

    engine: coverage.Coverage
    measured: pd.DataFrame
    config: Config
    resolution: int
    changes: pd.Series
    cells: pd.DataFrame

    @classmethod
    def build(
        cls,
        cells: pd.DataFrame,
        measurements: pd.DataFrame,
        config: Config,
        now: datetime,
        resolution: int = RESOLUTION,
    ) -> RadioWorld:
        """Gather measurements per hex and cell, fit the corrections they support, set up the engine."""
        measured = coverage.measured(measurements, resolution, config, now, cells)
        calibration = coverage.fit_calibration(cells, measured, config) if len(measured) and len(cells) else None
        changes = coverage.last_change(cells)
        return cls(coverage.Coverage(cells, config, calibration), measured, config, resolution, changes, cells)

    def hexes(self, hexes: np.ndarray, customers: pd.DataFrame | None = None) -> pd.DataFrame:
        """Table ``coverage`` of hexes: predicted, with measurements laid over it."""
        return coverage.blend(self.engine.hexes(hexes, customers), self.measured, self.config, self.changes)

    def serving(self, hexes: np.ndarray) -> pd.DataFrame:
        """Table ``serving`` of hexes."""
        return self.engine.serving(hexes, self.measured)

    def what_if(self, changes: Sequence[CellChange], customers: pd.DataFrame) -> pd.DataFrame:
        """Table ``what_if`` of the hexes that the changes touch, on the ground that was measured.

        Where a hex was measured, the cells that stand are as far above or below their prediction
        after the change as before it. A new cell has no such history there and counts as predicted.
        """
        frame = self.engine.what_if(changes, customers)
        if not self.measured.empty:
            frame = self._on_the_ground(frame, changes, customers)
        if frame.empty:
            return frame
        before, after = self._competition.well_shares(changes, customers, frame["hex"].to_numpy(), self._ground)
        return frame.assign(well_before=before, well_after=after)

    def _on_the_ground(
        self, frame: pd.DataFrame, changes: Sequence[CellChange], customers: pd.DataFrame
    ) -> pd.DataFrame:
        """The predicted levels moved to the measured ones."""
        built = self.engine.fresh(changes)
        frame = frame if built is None else self._with_surprises(frame, built, customers)
        if frame.empty:
            return frame
        hexes = frame["hex"].to_numpy(np.int64)
        shift = self._measured_shift(hexes)
        before = frame["rsrp_before_dbm"].to_numpy() + shift
        if built is None:
            return frame.assign(rsrp_before_dbm=before, rsrp_after_dbm=frame["rsrp_after_dbm"].to_numpy() + shift)
        level, best = self._standing(frame, changes, customers)
        after = level + shift
        new_level, new_cell = built.strongest(Places.of(hexes))
        wins = new_level > np.where(np.isnan(after), -np.inf, after)
        return frame.assign(
            rsrp_before_dbm=before,
            rsrp_after_dbm=np.where(wins, new_level, after),
            best_after=best.mask(wins, pd.Series(new_cell, dtype="str", index=frame.index)),
        )

    def _standing(
        self, frame: pd.DataFrame, changes: Sequence[CellChange], customers: pd.DataFrame
    ) -> tuple[np.ndarray, pd.Series]:
        """Level and name of the best cell that stands already, after the changes, by prediction.

        Where a new cell wins by prediction it may still lose on the ground: phones measured more than predicted.
        """
        level, best = frame["rsrp_before_dbm"].to_numpy(), frame["best_before"]
        others = [change for change in changes if change.field != "new"]
        if not others:
            return level, best
        moved = self.engine.what_if(others, customers).set_index("hex")
        hexes = frame["hex"].to_numpy(np.int64)
        touched = np.isin(hexes, moved.index.to_numpy(np.int64))
        then = moved.reindex(hexes)
        named = pd.Series(then["best_after"].to_numpy(object), dtype="str", index=frame.index)
        return np.where(touched, then["rsrp_after_dbm"].to_numpy(), level), best.mask(touched, named)

    def _with_surprises(self, frame: pd.DataFrame, built: Fresh, customers: pd.DataFrame) -> pd.DataFrame:
        """Hexes added where a new cell is no match for the predicted level but is for the measured one.

        The engine leaves out what cannot change by its own prediction; a hole that only phones have seen
        is there.
        """
        everywhere = customers["hex"].to_numpy(np.int64)
        asked = np.isin(everywhere, self._low) & ~np.isin(everywhere, frame["hex"].to_numpy(np.int64))
        places = self.engine.places(everywhere)
        heard = built.strongest(places.take(asked))[0] > self._blended.reindex(everywhere[asked]).to_numpy()
        rows = np.flatnonzero(asked)[heard]
        if not len(rows):
            return frame
        same = unchanged(self.engine, places, rows, customers["customers"].to_numpy("float64", na_value=0.0)[rows])
        return tables.concat([frame, same], tables.WHAT_IF)

    def _measured_shift(self, hexes: np.ndarray) -> np.ndarray:
        """Blended less predicted level per hex, 0 where nothing was measured."""
        return self._shifts.reindex(hexes).fillna(0.0).to_numpy()

    @cached_property
    def _shifts(self) -> pd.Series:
        """Blended less predicted level of every measured hex; a what-if is asked hundreds of times."""
        found = self._measured_hexes
        shift = found["rsrp_dbm"].to_numpy() - found["rsrp_predicted_dbm"].to_numpy()
        return pd.Series(np.where(np.isfinite(shift), shift, 0.0), index=found["hex"].to_numpy())

    @cached_property
    def _low(self) -> np.ndarray:
        """Hexes measured below their prediction."""
        return self._shifts.index.to_numpy(np.int64)[self._shifts.to_numpy() < 0]

    @cached_property
    def _blended(self) -> pd.Series:
        """Level of every measured hex; below everything where no cell is in reach."""
        found = self._measured_hexes
        return found.set_index("hex")["rsrp_dbm"].fillna(-np.inf)

    @cached_property
    def _competition(self) -> coverage.Coverage:
        """The engine under the law of all links: levels of servers say too much of those who do not serve (0135)."""
        if self.measured.empty or self.cells.empty:
            return self.engine
        law = coverage.fit_link_law(self.cells, self.measured, self.config)
        return coverage.Coverage(self.cells, self.config, law)

    @cached_property
    def _ground(self) -> pd.DataFrame:
        """Measured level, its weight against the prediction (decision 0049) and spread of every measured hex."""
        if self.measured.empty:
            return pd.DataFrame({"measured_dbm": [], "weight": [], "sigma_db": []}, dtype="float64")
        found = self._measured_hexes.set_index("hex")
        samples = found["samples"].fillna(0.0).astype(float)
        weight = (samples / (samples + self.config["blend_k"])).where(found["basis"] != "measured", 1.0)
        return pd.DataFrame(
            {"measured_dbm": found["rsrp_measured_dbm"], "weight": weight, "sigma_db": found["sigma_db"]},
            dtype="float64",
        )

    @cached_property
    def _measured_hexes(self) -> pd.DataFrame:
        return self.hexes(np.unique(self.measured["hex"].to_numpy(np.int64)))

    def at(self, lat: float, lon: float) -> tuple[pd.Series, pd.DataFrame]:
        """Coverage row and serving cells of one point."""
        hexes = grid.to_hex(lat, lon, self.resolution)
        return self.hexes(hexes).iloc[0], self.serving(hexes).sort_values("probability", ascending=False)


def predict(
    world: RadioWorld, hexes: np.ndarray, customers: pd.DataFrame, engine: Engine
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``coverage`` and ``serving`` of many hexes, piece by piece on the engine.

    A hex depends on the cells around it and on no other hex, so pieces need no halo and the
    merged result is the same wherever they ran.
    """
    if hexes.size == 0:
        return tables.empty(tables.COVERAGE), tables.empty(tables.SERVING)
    pieces = by_parent(hexes, max(0, world.resolution - _PIECE_LEVELS_UP))
    parts = engine.map(partial(_predict_piece, world, customers), pieces)
    return (
        tables.concat((part[0] for part in parts), tables.COVERAGE),
        tables.concat((part[1] for part in parts), tables.SERVING),
    )


def _predict_piece(world: RadioWorld, customers: pd.DataFrame, hexes: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    return world.hexes(hexes, customers), world.serving(hexes)
