"""The planted problems and the world they change, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.simulate.air import Air
from geoservice.simulate.kinds import Kind
from geoservice.simulate.town import People, Town

BAD_MODEL = "Aurora A7"


@dataclass(frozen=True)
class Effect:
    """What a problem does to the counters of cells: ``name`` a latent rate of :mod:`counters`."""

    cells: NDArray[np.int64]
    name: str
    value: float
    start: datetime
    end: datetime
    hours: tuple[int, ...] = ()


@dataclass(frozen=True)
class Problem:
    """One planted problem with everything it does to the world."""

    id: str
    name: str
    kind: Kind
    x: float
    y: float
    radius_m: float
    start: datetime
    end: datetime
    customers: int
    cells: NDArray[np.int64]
    effects: tuple[Effect, ...] = ()
    alarms: tuple[dict[str, Any], ...] = ()
    windows: tuple[dict[str, Any], ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    served_only: bool = False


@dataclass(frozen=True)
class World:
    """The town with its network, people and problems."""

    town: Town
    people: People
    air: Air
    problems: tuple[Problem, ...]

    @property
    def cells(self) -> pd.DataFrame:
        return self.air.cells
