"""The result tables of one run, loaded once and kept for every reader."""

from __future__ import annotations

from datetime import tzinfo
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from geoservice import grid
from geoservice.service.periods import Periods, periods_of
from geoservice.store import Run, Store


class RunView:
    """Read-only view of a finished run; tables are loaded on first use."""

    def __init__(self, store: Store, run: Run) -> None:
        self.run = run
        self._store = store
        self._periods: Periods | None = None
        # What others computed from this run and want to find again.
        self.kept: dict[Any, Any] = {}
        self._lock = Lock()

    @cached_property
    def hotspots(self) -> pd.DataFrame:
        """Table ``hotspots`` without those that closed since the run before, best rank first."""
        found = self._table("hotspots")
        return found[found["state"].fillna("new") != "closed"].sort_values("rank", ignore_index=True)

    @cached_property
    def diagnoses(self) -> pd.DataFrame:
        """Table ``diagnoses``, likeliest cause first within a subject."""
        return self._table("diagnoses").sort_values(["subject_id", "rank"], ignore_index=True)

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """Table ``evidence``."""
        return self._table("evidence")

    @cached_property
    def actions(self) -> pd.DataFrame:
        """Table ``actions``, first choice first within a subject."""
        return self._table("actions").sort_values(["subject_id", "rank"], ignore_index=True)

    @cached_property
    def hex_rates(self) -> pd.DataFrame:
        """Table ``hex_rates``."""
        return self._table("hex_rates")

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Table ``coverage``, ascending by hex."""
        return self._table("coverage").sort_values("hex", ignore_index=True)

    @cached_property
    def serving(self) -> pd.DataFrame:
        """Table ``serving``, ascending by hex."""
        return self._table("serving").sort_values(["hex", "probability"], ascending=[True, False], ignore_index=True)

    def site_requests(self) -> pd.DataFrame:
        """Table ``site_requests`` as it stands now (people change its states), highest priority first."""
        return self._table("site_requests").sort_values("priority", ascending=False, ignore_index=True)

    def periods(self, zone: tzinfo) -> Periods:
        """The complaints behind the run by time step; read when the first slider moves."""
        with self._lock:
            if self._periods is None:
                finest = int(grid.resolutions(self.hex_rates["hex"].to_numpy(np.int64)[:1])[0])
                self._periods = periods_of(self._store, self.run, finest, zone)
            return self._periods

    def coverage_of(self, hex_: int) -> pd.Series | None:
        """The coverage row of a hex, or None when the run did not predict it."""
        hexes = self.coverage["hex"].to_numpy(np.int64)
        position = int(np.searchsorted(hexes, hex_))
        found = position < hexes.size and hexes[position] == hex_
        return self.coverage.iloc[position] if found else None

    def serving_of(self, hex_: int) -> pd.DataFrame:
        """Rows of ``serving`` for a hex, likeliest first."""
        hexes = self.serving["hex"].to_numpy(np.int64)
        start, end = np.searchsorted(hexes, [hex_, hex_ + 1])
        return self.serving.iloc[int(start) : int(end)]

    def _table(self, name: str) -> pd.DataFrame:
        return self._store.run_table(self.run.run_id, name)
