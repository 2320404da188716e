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
from geoservice.coverage.network import typical_environment
from geoservice.engine import Engine, by_parent
from geoservice.records import CellChange

# The grid that measurements are gathered on unless a run says otherwise.
RESOLUTION = 9
# Pieces for the engine: 7^4 hexes each, enough work to be worth sending to another process.
_PIECE_LEVELS_UP = 4
# Levels of a place that a what-if compares.
_COMPARED = (("rsrp", "_dbm"), ("sinr", "_db"), ("dominance", "_db"))


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
        built = self.built(changes)
        frame = frame if built is None else self._with_surprises(frame, built, customers)
        if frame.empty:
            return frame
        hexes = frame["hex"].to_numpy(np.int64)
        shift = self._measured_shift(hexes)
        fresh = [change.cgi for change in changes if change.field == "new"]
        before = frame["rsrp_before_dbm"].to_numpy() + shift
        after = frame["rsrp_after_dbm"].to_numpy() + np.where(frame["best_after"].isin(fresh), 0.0, shift)
        new_level, new_cell = _levels_of(built, hexes)
        wins = new_level > np.where(np.isnan(after), -np.inf, after)
        return frame.assign(
            rsrp_before_dbm=before,
            rsrp_after_dbm=np.where(wins, new_level, after),
            best_after=frame["best_after"].mask(wins, new_cell),
        )

    def _with_surprises(self, frame: pd.DataFrame, built: coverage.Coverage, customers: pd.DataFrame) -> pd.DataFrame:
        """Hexes added where a new cell is no match for the predicted level but is for the measured one.

        The engine leaves out what cannot change by its own prediction; a hole that only phones have seen
        is there.
        """
        low = self._shifts.index[self._shifts.to_numpy() < 0]
        asked = customers[customers["hex"].isin(low) & ~customers["hex"].isin(frame["hex"])]
        if asked.empty:
            return frame
        hexes = asked["hex"].to_numpy(np.int64)
        heard = _levels_of(built, hexes)[0] > self._blended.reindex(hexes).to_numpy()
        if not heard.any():
            return frame
        now = self.engine.hexes(hexes[heard], customers)
        rows: dict[str, object] = {"hex": now["hex"], "customers": now["customers"].fillna(0.0)}
        for when in ("before", "after"):
            rows |= {f"{name}_{when}{unit}": now[name + unit].astype(float) for name, unit in _COMPARED}
            rows |= {f"overlap_{when}": now["overlap_count"].astype(float), f"best_{when}": now["best_cgi"]}
        return tables.concat([frame, tables.conform(pd.DataFrame(rows), tables.WHAT_IF)], tables.WHAT_IF)

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

    def built(self, changes: Sequence[CellChange]) -> coverage.Coverage | None:
        """A network of the new cells alone, in the surroundings of the masts that stand around them.

        By themselves they would count as lonely masts in open country, which reach 6 dB farther.
        """
        rows = [{"rat": "LTE", **change.cell, "cgi": change.cgi} for change in changes if change.cell is not None]
        if not rows:
            return None
        cells = tables.conform(pd.DataFrame(rows), tables.CELLS)
        around = typical_environment(self.engine.network, cells["lat"].to_numpy(float), cells["lon"].to_numpy(float))
        surroundings = pd.Series(around, index=cells["cgi"].to_numpy(object))
        return coverage.Coverage(cells, self.config, self.engine.calibration, surroundings)

    def at(self, lat: float, lon: float) -> tuple[pd.Series, pd.DataFrame]:
        """Coverage row and serving cells of one point."""
        hexes = grid.to_hex(lat, lon, self.resolution)
        return self.hexes(hexes).iloc[0], self.serving(hexes).sort_values("probability", ascending=False)


def _levels_of(built: coverage.Coverage | None, hexes: np.ndarray) -> tuple[np.ndarray, pd.Series]:
    """Level and name of the strongest new cell in each hex."""
    if built is None or not hexes.size:
        return np.full(hexes.size, -np.inf), pd.Series([None] * hexes.size, dtype="object")
    found = built.hexes(hexes)
    return found["rsrp_dbm"].fillna(-np.inf).to_numpy(), found["best_cgi"]


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
