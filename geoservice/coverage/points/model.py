"""A fitted model of point levels: numbers only, kept in one .npz file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from geoservice.coverage.points.features import Memory
from geoservice.coverage.points.trees import Trees
from geoservice.errors import FileError

Floats = NDArray[np.float64]

FORMAT = 2
STAGES = ("plain", "calibrated", "learned")


@dataclass(frozen=True, slots=True)
class Validation:
    """How a stage predicted cells it was not fitted to."""

    stage: str
    rmse_db: float
    mean_error_db: float
    weak_precision: float
    weak_recall: float
    weak_f1: float
    # Error of the level that is shown, which stands on the side of the threshold that was called.
    shown_rmse_db: float = float("nan")


@dataclass(frozen=True)
class ClutterLines:
    """Offset and slope on the plain level by clutter class; class −1 holds for unknown ones.

    ``pattern_share`` is the share of the antenna's pattern loss that survives among buildings:
    scattered waves fill side and back lobes.
    """

    clutter: Floats
    offset_db: Floats
    slope_db: Floats
    reference_m: float
    pattern_share: float

    def at(self, clutter: Floats, distance_m: Floats, pattern_db: Floats) -> Floats:
        """Correction in dB to add to the plain level, whose pattern loss was ``pattern_db``."""
        slot = np.searchsorted(self.clutter, clutter)
        slot = np.where(self.clutter[np.minimum(slot, len(self.clutter) - 1)] == clutter, slot, 0)
        line = self.offset_db[slot] + self.slope_db[slot] * np.log10(distance_m / self.reference_m)
        return np.asarray(line + (1 - self.pattern_share) * pattern_db)


@dataclass(frozen=True)
class PointModel:
    """What :func:`geoservice.coverage.points.calibrate` found.

    ``stage`` names the richest stage that predicted unseen cells better than the simpler ones;
    ``weak_cut`` is the probability above which a point counts as weak (best F1 on unseen cells).
    """

    stage: str
    lines: ClutterLines
    sigma_db: float
    weak_dbm: float
    weak_cut: float
    validation: tuple[Validation, ...]
    cells: int
    points: int
    typical: dict[str, float]
    base: Floats | None = None
    trees: Trees | None = None
    spread: Trees | None = None
    memory: Memory | None = None

    def save(self, path: Path) -> None:
        """Write the model; the final name appears only when the file is whole."""
        head = {"format": FORMAT, "stage": self.stage, "sigma_db": self.sigma_db, "weak_dbm": self.weak_dbm}
        head |= {"weak_cut": self.weak_cut, "cells": self.cells, "points": self.points}
        head |= {"reference_m": self.lines.reference_m, "pattern_share": self.lines.pattern_share}
        head |= {"validation": [asdict(v) for v in self.validation], "typical": self.typical}
        arrays: dict[str, NDArray[Any]] = {"head": np.array(json.dumps(head))}
        arrays |= {f"lines.{name}": getattr(self.lines, name) for name in ("clutter", "offset_db", "slope_db")}
        if self.base is not None and self.trees is not None and self.spread is not None and self.memory is not None:
            arrays |= {"base": self.base, **self.memory.arrays()}
            arrays |= self.trees.arrays("trees") | self.spread.arrays("spread")
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        part.replace(path)

    @staticmethod
    def load(path: Path) -> PointModel:
        """Read a model written by :meth:`save`; never unpickles.

        Raises
        ------
        FileError
            The file is no such model.
        """
        try:
            with np.load(path, allow_pickle=False) as store:
                return _read(store)
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise FileError(
                f"{path.name}: not a calibration model ({type(error).__name__}); write one with geoservice calibrate"
            ) from error


def _read(store: Any) -> PointModel:
    head = json.loads(str(store["head"]))
    if head["format"] != FORMAT or head["stage"] not in STAGES:
        raise ValueError("unknown format")
    clutter, offset, slope = (store[f"lines.{name}"] for name in ("clutter", "offset_db", "slope_db"))
    lines = ClutterLines(clutter, offset, slope, head["reference_m"], head["pattern_share"])
    learned = head["stage"] == "learned"
    return PointModel(
        stage=head["stage"],
        lines=lines,
        sigma_db=head["sigma_db"],
        weak_dbm=head["weak_dbm"],
        weak_cut=head["weak_cut"],
        validation=tuple(Validation(**v) for v in head["validation"]),
        cells=head["cells"],
        points=head["points"],
        typical={str(name): float(value) for name, value in head["typical"].items()},
        base=store["base"] if learned else None,
        trees=Trees.from_arrays(store, "trees") if learned else None,
        spread=Trees.from_arrays(store, "spread") if learned else None,
        memory=Memory.from_arrays(store) if learned else None,
    )
