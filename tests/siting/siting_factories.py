"""A small town with a hole in the middle, and a what-if that is a circle around every new site."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoservice import geodesy, grid, tables
from geoservice.records import CellChange

CENTRE = (22.5431, 114.0579)


def hole_hexes(k: int = 1) -> np.ndarray:
    return grid.disk(grid.to_hex(*CENTRE, 9), k)


def coverage(hole_k: int = 1, level: float = -118.0, **columns: object) -> pd.DataFrame:
    """Hexes to 5 steps around the centre; ``level`` inside the hole, −90 outside."""
    hexes = hole_hexes(5)
    lat, lon = grid.hex_to_latlon(hexes)
    rsrp = np.where(np.isin(hexes, hole_hexes(hole_k)), level, -90.0)
    data = {
        "hex": hexes, "lat": lat, "lon": lon, "rsrp_dbm": rsrp, "rsrp_indoor_dbm": rsrp - 15, "basis": "predicted",
        "customers": 10.0, "best_cgi": "A-1", **columns,
    }  # fmt: skip
    return tables.conform(pd.DataFrame(data), tables.COVERAGE)


def hotspots(hole_k: int = 1, **columns: object) -> pd.DataFrame:
    start = pd.Timestamp("2026-01-01T00:00Z")
    data = {
        "hotspot_id": ["H0001"], "run_id": ["R1"], "rank": [1], "lat": [CENTRE[0]], "lon": [CENTRE[1]],
        "resolution": [9], "hexes": [[[text, 1.0] for text in grid.hex_to_text(hole_hexes(hole_k))]],
        "class_group": ["coverage"], "customers": [6], "contacts": [9], "expected": [1.0],
        "expectation": ["subscribers"], "relative_risk": [6.0], "p_raw": [0.001], "p_value": [0.01],
        "from": [start], "to": [start + pd.Timedelta(days=91.3125)], "classes": [{"NO_COVERAGE": 6}],
        "precise_share": [1.0], **columns,
    }  # fmt: skip
    return tables.conform(pd.DataFrame(data), tables.HOTSPOTS)


def diagnoses(cause: str = "K_HOLE") -> pd.DataFrame:
    data = {
        "subject_id": ["H0001"], "rank": [1], "cause": [cause], "confidence": [0.8], "is_gate": [False],
        "shown": [True], "evidence": [[]], "contradictions": [[]], "missing": [[]],
    }  # fmt: skip
    return tables.conform(pd.DataFrame(data), tables.DIAGNOSES)


def actions(*rows: tuple[str, float], tried: list[dict] | None = None) -> pd.DataFrame:
    if not rows:
        return tables.empty(tables.ACTIONS)
    data = {
        "action_id": [f"X{i}" for i in range(len(rows))], "subject_id": "H0001", "rank": range(1, len(rows) + 1),
        "action": [name for name, _ in rows], "cause": "K_WEAK", "department": "网优", "cost_class": 0,
        "net_customers": [net for _, net in rows], "gain_basis": "computed", "tried": [tried] * len(rows),
    }  # fmt: skip
    return tables.conform(pd.DataFrame(data), tables.ACTIONS)


def cells(*sites: tuple[float, float]) -> pd.DataFrame:
    """One macro cell a site, given as metres (east, north) of the centre."""
    offsets = np.array(sites or [(2000.0, 0.0)])
    lat, lon = geodesy.from_local_m(offsets[:, 0], offsets[:, 1], *CENTRE)
    names = [f"站{i}" for i in range(len(offsets))]
    data = {
        "cgi": [f"A-{i}" for i in range(len(offsets))], "lat": lat, "lon": lon, "rat": "LTE", "frequency_mhz": 1815.0,
        "arfcn": 1300, "height_m": 28.0, "site_type": "macro", "site_name": names, "status": "active",
    }  # fmt: skip
    return tables.conform(pd.DataFrame(data), tables.CELLS)


def planned(east_m: float = 100.0, status: str = "approved") -> pd.DataFrame:
    lat, lon = geodesy.from_local_m(east_m, 0.0, *CENTRE)
    data = {"plan_no": ["P1"], "lat": np.ravel(lat), "lon": np.ravel(lon), "status": [status]}
    return tables.conform(pd.DataFrame(data), tables.PLANNED_SITES)


class Circle:
    """A what-if in which a new cell lifts every hex within a radius to −95 dBm, by type of site."""

    def __init__(self, frame: pd.DataFrame, macro_m: float = 900.0, micro_m: float = 150.0) -> None:
        self.frame, self.reach, self.calls = frame, {"macro": macro_m, "micro": micro_m}, 0

    def __call__(self, changes: Sequence[CellChange]) -> pd.DataFrame:
        self.calls += 1
        frame = self.frame
        before = frame["rsrp_dbm"].to_numpy(float)
        after = before
        for row in (change.cell for change in changes):
            assert row is not None
            tables.conform(pd.DataFrame([row]), tables.CELLS)
            distance = geodesy.distance_m(row["lat"], row["lon"], frame["lat"].to_numpy(), frame["lon"].to_numpy())
            after = np.where(distance <= self.reach[str(row["site_type"])], np.fmax(after, -95.0), after)
        data = {
            "hex": frame["hex"], "customers": frame["customers"], "rsrp_before_dbm": before, "rsrp_after_dbm": after,
            "overlap_before": 1.0, "overlap_after": 1.0,
        }  # fmt: skip
        return tables.conform(pd.DataFrame(data), tables.WHAT_IF)
