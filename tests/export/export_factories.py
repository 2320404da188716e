"""Frames to export: every nasty text, every kind of column."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice import grid, tables

SHENZHEN = (22.5431, 114.0579)


def hexes(count: int = 7) -> np.ndarray:
    centre = grid.to_hex(*SHENZHEN, 9)
    return grid.disk(centre, 2)[:count]


def site_requests(rows: int = 2, **changes: object) -> pd.DataFrame:
    texts = grid.hex_to_text(hexes(3))
    data = {
        "request_no": [f"SR-H{i:04d}" for i in range(rows)],
        "run_id": ["R1"] * rows,
        "hotspot_id": [f"H{i:04d}" for i in range(rows)],
        "state": ["draft"] * rows,
        "customers": [6] * rows,
        "contacts": [9] * rows,
        "classes": [{"NO_COVERAGE": 4, "WEAK_SIGNAL": 2}] * rows,
        "place": ["深圳市莲花山"] * rows,
        "lat": [SHENZHEN[0]] * rows,
        "lon": [SHENZHEN[1]] * rows,
        "hexes": [texts] * rows,
        "nearest_sites": [[{"site": "福田1", "distance_m": 640.0, "lat": 22.547, "lon": 114.06}]] * rows,
        "actions_tried": [[{"action": "A07", "net_customers": -2.0, "reason": "harms neighbours"}]] * rows,
        "alternatives": [[{"action": "A08", "reason": "net <= 0"}]] * rows,
        "type": ["macro"] * rows,
        "height_m": [30.0] * rows,
        "azimuths": [[0, 120, 240]] * rows,
        "band_mhz": [1815.0] * rows,
        "search_ring_m": [100.0] * rows,
        "priority": [63.5] * rows,
        "priority_terms": [{"customers": 18.0, "gap": 8.0}] * rows,
        "rsrp_p50_dbm": [-118.0] * rows,
        "lifted_share": [0.9] * rows,
        "sentence_zh": ["该处覆盖确有不足"] * rows,
        "sentence_en": ["Coverage is short here"] * rows,
    }
    return tables.conform(pd.DataFrame({**data, **changes}), tables.SITE_REQUESTS)


def hotspots(rows: int = 2) -> pd.DataFrame:
    found = hexes(7)
    moment = pd.Timestamp("2026-03-01T00:00Z")
    data = {
        "hotspot_id": [f"H{i:04d}" for i in range(rows)],
        "run_id": ["R1"] * rows,
        "rank": range(1, rows + 1),
        "lat": [SHENZHEN[0]] * rows,
        "lon": [SHENZHEN[1]] * rows,
        "resolution": [9] * rows,
        "hexes": [[[h, 1.0] for h in grid.hex_to_text(found)]] * rows,
        "class_group": ["coverage"] * rows,
        "customers": [6] * rows,
        "contacts": [9] * rows,
        "expected": [1.5] * rows,
        "expectation": ["subscribers"] * rows,
        "relative_risk": [4.0] * rows,
        "p_raw": [0.001] * rows,
        "p_value": [0.01] * rows,
        "from": [moment] * rows,
        "to": [moment + pd.Timedelta(days=91)] * rows,
        "classes": [{"NO_COVERAGE": 6}] * rows,
        "trend": [[["2026-03-01", 2, 0.5], ["2026-04-01", 4, 0.5]]] * rows,
        "precise_share": [0.8] * rows,
        "outline": [grid.outline(found).__geo_interface__] * rows,
    }
    return tables.conform(pd.DataFrame(data), tables.HOTSPOTS)


def coverage(count: int = 7) -> pd.DataFrame:
    found = hexes(count)
    lat, lon = grid.hex_to_latlon(found)
    data = {
        "hex": found,
        "lat": lat,
        "lon": lon,
        "best_cgi": ["460-00-1-1"] * count,
        "rsrp_dbm": np.linspace(-125, -80, count),
        "samples": [None] * count,
        "overshoot": [None] * count,
        "customers": [3.0] * count,
    }
    return tables.conform(pd.DataFrame(data), tables.COVERAGE)
