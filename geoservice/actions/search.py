"""Tries tilt, power and azimuth of the few responsible cells, and keeps what helps more than it harms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geoservice.actions.catalogue import actions
from geoservice.actions.effect import Effect, effect
from geoservice.config import Config
from geoservice.grid import Hexes
from geoservice.records import CellChange, WhatIf

# Steps an engineer would try, the smaller first so that it wins a tie; power at most 3 dB (handbook section 7, A09).
TILT_STEPS_DEG = (-2.0, 2.0, -4.0, 4.0)
AZIMUTH_STEPS_DEG = (-15.0, 15.0, -30.0, 30.0)
POWER_STEPS_DB = (-3.0, 3.0)
TILT_RANGE_DEG = (0.0, 16.0)
FIELDS: Mapping[str, tuple[str, tuple[float, ...]]] = {
    "A07": ("elec_tilt_deg", TILT_STEPS_DEG),
    "A08": ("azimuth_deg", AZIMUTH_STEPS_DEG),
    "A09": ("rs_power_dbm", POWER_STEPS_DB),
}
MOST_CELLS = 3


@dataclass(frozen=True)
class Trial:
    """A set of changes with what it brings."""

    action: str
    changes: tuple[CellChange, ...]
    effect: Effect
    moves: tuple[Mapping[str, object], ...]
    outcome: pd.DataFrame = field(repr=False, compare=False)

    @property
    def net(self) -> float:
        """Customers better off minus customers worse off."""
        return self.effect.net


Option = tuple[CellChange, Mapping[str, object]]


@dataclass(frozen=True)
class Trier:
    """Re-runs coverage for a set of changes and weighs gain near the subject against harm anywhere."""

    action: str
    what_if: WhatIf
    config: Config
    near: Hexes | None = None

    def __call__(self, options: Sequence[Option]) -> Trial:
        """One re-run under the given changes."""
        changes = tuple(change for change, _ in options)
        outcome = self.what_if(changes)
        found = effect(outcome, self.config, self.near)
        return Trial(self.action, changes, found, tuple(move for _, move in options), outcome)

    def only_loses(self, trial: Trial) -> bool:
        """Nobody gains, and near the subject levels fall while no cell less overlaps."""
        frame = trial.outcome
        if trial.effect.gain > 0 or not len(frame):
            return trial.effect.gain <= 0 and not len(frame)
        here = np.ones(len(frame), bool) if self.near is None else np.isin(frame["hex"].to_numpy(), self.near)
        level = (frame["rsrp_after_dbm"] - frame["rsrp_before_dbm"]).to_numpy("float64", na_value=0.0)[here]
        overlap = (frame["overlap_after"] - frame["overlap_before"]).to_numpy("float64", na_value=0.0)[here]
        return bool(np.nansum(level) <= 0 and np.nansum(overlap) >= 0)


def search(
    codes: Sequence[str], cells: pd.DataFrame, what_if: WhatIf, config: Config, near: Hexes | None = None,
    rounds: int = 2, visits: bool = False,
) -> dict[str, list[Trial]]:  # fmt: skip
    """Trials of each action code, best first.

    A coordinate search: every single step of every cell is tried, then the best one is kept and
    the steps of the *other* cells are tried on top, as long as the net grows. Cheaper before
    dearer: antennas that need a visit are tried only where remote changes do not help.

    Parameters
    ----------
    codes : action codes among A07, A08, A09.
    cells : rows of CELLS that are responsible, most responsible first; at most three are used.
    what_if : re-runs coverage under changes.
    near : hexes whose gain counts.
    rounds : most cells changed together.
    visits : try what needs a visit in any case: who asks for a site must have tried every antenna.
    """
    found: dict[str, list[Trial]] = {}
    for code in sorted(codes, key=lambda c: actions()[c].cost_class):
        helped = any(trials and trials[0].net > 0 for trials in found.values())
        if actions()[code].cost_class == 0 or visits or not helped:
            found[code] = _search_one(code, cells.head(MOST_CELLS), Trier(code, what_if, config, near), rounds)
    return found


def _search_one(code: str, cells: pd.DataFrame, attempt: Trier, rounds: int) -> list[Trial]:
    options = list(_options(code, cells))
    trials = _singles(options, attempt)
    best = max(trials, key=lambda t: t.net, default=None)
    for _ in range(rounds - 1):
        if best is None or best.net <= 0:
            break
        touched = {move["cgi"] for move in best.moves}
        base = tuple(zip(best.changes, best.moves, strict=True))
        more = [o for o in options if o[0].cgi not in touched]
        grown = [attempt((*base, option)) for option in more]
        trials += grown
        better = max(grown, key=lambda t: t.net, default=best)
        if better.net <= best.net:
            break
        best = better
    return sorted(trials, key=lambda t: (-t.net, len(t.changes)))


def _singles(options: Sequence[Option], attempt: Trier) -> list[Trial]:
    """Every single step; a farther one only where the nearer one in that direction was not mere loss.

    A turn that lifts nobody and lowers the level where the customers are does the same, only more, when
    it goes on: half of the re-runs are saved, and none that could win.
    """
    trials: list[Trial] = []
    hopeless: set[tuple[str, float]] = set()
    for option in sorted(options, key=lambda o: _stride(o)[1]):
        direction, size = _stride(option)
        if (option[0].cgi, direction) in hopeless:
            continue
        trials.append(attempt((option,)))
        if size and attempt.only_loses(trials[-1]):
            hopeless.add((option[0].cgi, direction))
    return trials


def _stride(option: Option) -> tuple[float, float]:
    """Direction (-1 or 1) and size of a step; an azimuth turns the short way round."""
    move = option[1]
    step = float(str(move["to"])) - float(str(move["from"]))
    if move["field"] == "azimuth_deg":
        step = (step + 180.0) % 360.0 - 180.0
    return (1.0 if step > 0 else -1.0), abs(step)


def _options(code: str, cells: pd.DataFrame) -> Iterator[Option]:
    name, steps = FIELDS[code]
    for cgi, current in zip(cells["cgi"], cells[name], strict=True):
        if pd.isna(current):
            continue  # nothing to turn: an omni antenna or an unknown setting
        for step in steps:
            value = _moved(name, float(current), step)
            if value is not None:
                move = {"cgi": str(cgi), "field": name, "from": float(current), "to": value}
                yield CellChange(str(cgi), name, value), move


def _moved(name: str, current: float, step: float) -> float | None:
    value = current + step
    if name == "azimuth_deg":
        return value % 360.0
    if name == "elec_tilt_deg" and not TILT_RANGE_DEG[0] <= value <= TILT_RANGE_DEG[1]:
        return None
    return value
