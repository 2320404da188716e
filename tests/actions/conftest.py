"""A field of hexes whose levels answer to tilts and power in a known way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.records import CellChange

CENTRE = (30.0, 104.0)


class Field:
    """Each degree of uptilt of cell A lifts the far half by 1 dB and weakens the near half by 0.5 dB."""

    def __init__(self) -> None:
        self.hexes = grid.disk(grid.to_hex(*CENTRE, 9), 4)
        self.far = np.arange(len(self.hexes)) % 2 == 0
        self.before = np.where(self.far, -112.0, -100.0)
        self.calls = 0

    def __call__(self, changes: Sequence[CellChange]) -> pd.DataFrame:
        self.calls += 1
        after = self.before.copy()
        for change in changes:
            if change.cgi == "A" and change.field == "elec_tilt_deg":
                up = 6.0 - float(str(change.value))
                after = after + np.where(self.far, up, -0.5 * up)
            if change.field == "new":
                after = np.maximum(after, -95.0)
        frame = {
            "hex": self.hexes, "customers": 10.0, "rsrp_before_dbm": self.before, "rsrp_after_dbm": after,
            "sinr_before_db": 10.0, "sinr_after_db": 10.0, "overlap_before": 1.0, "overlap_after": 1.0,
        }  # fmt: skip
        return tables.conform(pd.DataFrame(frame), tables.WHAT_IF)


@pytest.fixture
def field() -> Field:
    return Field()


@pytest.fixture
def cells() -> pd.DataFrame:
    frame = {
        "cgi": ["A", "B"], "lat": [30.0, 30.01], "lon": [104.0, 104.0], "rat": ["LTE", "LTE"],
        "azimuth_deg": [350.0, 10.0],
        "elec_tilt_deg": [6.0, 6.0], "rs_power_dbm": [15.0, 15.0], "frequency_mhz": [1850.0, 1850.0],
        "height_m": [30.0, 30.0],
    }  # fmt: skip
    return tables.conform(pd.DataFrame(frame), tables.CELLS)


@pytest.fixture
def coverage(field: Field) -> pd.DataFrame:
    lat, lon = grid.hex_to_latlon(field.hexes)
    frame = {"hex": field.hexes, "lat": lat, "lon": lon, "rsrp_dbm": field.before, "customers": 10.0}
    return tables.conform(pd.DataFrame(frame), tables.COVERAGE)


@pytest.fixture
def case() -> Any:
    """Evidence, diagnosis and hotspot of one subject with a given cause."""

    def build(cause: str, classes: dict[str, int] | None = None, **changes: Any) -> tuple[pd.DataFrame, ...]:
        row = {
            "subject_id": "H1", "lat": CENTRE[0], "lon": CENTRE[1], "radius_m": 1500.0, "is_cluster": True,
            "customers": 20.0, "classes": classes or {"WEAK_SIGNAL": 20}, "rsrp_p50_dbm": -112.0,
            "serving": [{"cgi": "A", "probability": 0.9, "distance_m": 300.0, "basis": "measured"}],
        }  # fmt: skip
        evidence = tables.conform(pd.DataFrame([row | changes]), tables.EVIDENCE)
        found = {
            "subject_id": "H1", "rank": 1, "cause": cause, "confidence": 0.8, "is_gate": False, "shown": True,
            "evidence": [[]], "contradictions": [[]], "missing": [[]],
        }  # fmt: skip
        diagnoses = tables.conform(pd.DataFrame(found), tables.DIAGNOSES)
        return diagnoses, evidence, pd.DataFrame({"hotspot_id": ["H1"], "rank": [1]})

    return build
