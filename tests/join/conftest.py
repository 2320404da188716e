"""A small town with known geometry, in which one thing at a time goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.config import default_config

CENTRE = (30.66, 104.06)
RESOLUTION = 9
BEGIN, END = pd.Timestamp("2026-06-01", tz="UTC"), pd.Timestamp("2026-06-15", tz="UTC")
SITES = {"A": (0.0, 0.0), "B": (800.0, 0.0), "C": (0.0, 800.0), "D": (-800.0, 0.0), "E": (2500.0, 0.0)}


def offset(east_m: float, north_m: float) -> tuple[float, float]:
    lat = CENTRE[0] + north_m / 111_195.0
    return lat, CENTRE[1] + east_m / (111_195.0 * np.cos(np.radians(CENTRE[0])))


def table(name: str, **columns: Any) -> pd.DataFrame:
    if not columns:
        return tables.empty(tables.TABLES[name])
    return tables.conform(pd.DataFrame(columns), tables.TABLES[name])


def cells() -> pd.DataFrame:
    places = [offset(*xy) for xy in SITES.values()]
    n = len(places)
    return table(
        "cells", cgi=list(SITES), lat=[p[0] for p in places], lon=[p[1] for p in places], rat=["LTE"] * n,
        site_id=[f"S{s}" for s in SITES], pci=[0, 1, 2, 3, 4], tac=[1] * n, frequency_mhz=[1850.0] * n,
        azimuth_deg=[0.0] * n, elec_tilt_deg=[6.0] * n, rs_power_dbm=[15.0] * n, height_m=[30.0] * n,
        status=["active"] * n,
    )  # fmt: skip


def hexes_here(k: int = 1) -> np.ndarray:
    return grid.disk(grid.to_hex(*CENTRE, RESOLUTION), k)


def coverage(**changes: Any) -> pd.DataFrame:
    """Ring 3 around the centre: healthy, served by A, second B."""
    hexes = hexes_here(3)
    lat, lon = grid.hex_to_latlon(hexes)
    base: dict[str, Any] = {
        "hex": hexes, "lat": lat, "lon": lon, "best_cgi": "A", "second_cgi": "B", "rsrp_dbm": -90.0,
        "rsrp_predicted_dbm": -90.0, "rsrp_p10_dbm": -98.0, "rsrp_indoor_dbm": -108.0, "dominance_db": 8.0,
        "sinr_db": 12.0, "overlap_count": 1, "overshoot": False, "overshoot_ratio": 0.6, "probability": 0.99,
        "sigma_db": 8.0, "basis": "predicted", "samples": 0, "customers": 100.0,
    }  # fmt: skip
    return tables.conform(pd.DataFrame(base | changes), tables.COVERAGE)


def serving(shares: dict[str, float] | None = None) -> pd.DataFrame:
    shares = shares or {"A": 0.9, "B": 0.1}
    hexes = hexes_here(3)
    parts = [
        pd.DataFrame(
            {"hex": hexes, "cgi": c, "probability": p, "rsrp_dbm": -90.0, "distance_m": 300.0, "basis": "predicted"}
        )
        for c, p in shares.items()
    ]
    return tables.conform(pd.concat(parts, ignore_index=True), tables.SERVING)


def hotspot(begin: pd.Timestamp = BEGIN, end: pd.Timestamp = END) -> pd.DataFrame:
    hexes = hexes_here(1)
    return pd.DataFrame(
        {
            "hotspot_id": ["H0001"], "lat": [CENTRE[0]], "lon": [CENTRE[1]],
            "hexes": [list(zip(grid.hex_to_text(hexes), [1 / 7] * 7, strict=True))], "from": [begin], "to": [end],
        }
    )  # fmt: skip


def complaints(times: pd.DatetimeIndex, **columns: Any) -> pd.DataFrame:
    n = len(times)
    base: dict[str, Any] = {
        "ticket_no": [f"T{i}" for i in range(n)], "complaint_id": [f"c{i}" for i in range(n)], "source": ["s"] * n,
        "accepted_at": times, "time_step": ["instant"] * n, "customer_key": [f"k{i}" for i in range(n)],
        "class": ["WEAK_SIGNAL"] * n,
    }  # fmt: skip
    return tables.conform(pd.DataFrame(base | columns), tables.COMPLAINTS)


def fixes(found: pd.DataFrame, radius_m: float = 50.0) -> pd.DataFrame:
    n = len(found)
    return tables.conform(
        pd.DataFrame(
            {
                "complaint_id": found["complaint_id"], "rank": [0] * n, "lat": [CENTRE[0]] * n, "lon": [CENTRE[1]] * n,
                "radius_m": [radius_m] * n, "precision": ["gnss"] * n, "source": ["coordinates"] * n,
                "probability": [1.0] * n,
            }
        ),
        tables.FIXES,
    )  # fmt: skip


def members(found: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame({"hotspot_id": "H0001", "complaint_id": found["complaint_id"], "weight": 1.0})
    return tables.conform(frame, tables.HOTSPOT_MEMBERS)


def hourly_kpis(cgis: list[str], weeks: int = 6, seed: int = 1) -> pd.DataFrame:
    """Healthy hourly counters from five weeks before the hotspot, busy in the day."""
    start = pd.date_range(BEGIN - pd.Timedelta(weeks=5), periods=weeks * 168 + 14 * 24, freq="h")
    rng = np.random.default_rng(seed)
    day = 1 + 0.8 * np.sin((start.hour.to_numpy() + 8 - 8) / 24 * 2 * np.pi)
    parts = []
    for cgi in cgis:
        rrc = rng.poisson(300 * day + 20).astype(float)
        rel = rng.binomial(rrc.astype(int), 0.98).astype(float)
        part: dict[str, Any] = {
            "cgi": cgi, "start": start, "granularity": "hour", "rrc_att": rrc,
            "rrc_succ": rng.binomial(rrc.astype(int), 0.995).astype(float), "bearer_att": rrc,
            "bearer_succ": rng.binomial(rrc.astype(int), 0.99).astype(float), "all_rel": rel,
            "abn_rel": rng.binomial(rel.astype(int), 0.004).astype(float), "ho_att": rrc,
            "ho_succ": rng.binomial(rrc.astype(int), 0.98).astype(float), "qci1_ul_pkt": rrc * 1000,
            "qci1_ul_lost": rng.poisson(rrc), "qci1_dl_pkt": rrc * 1000, "qci1_dl_lost": rng.poisson(rrc),
            "prb_dl": np.clip(0.25 * day + rng.normal(0, 0.02, len(start)), 0, 1), "prb_ul": 0.1, "users_max": rrc / 10,
            "ul_interf_dbm": rng.normal(-111, 1, len(start)), "traffic_erl": 1.0, "dl_gb": rrc / 100, "avail_s": 3600.0,
        }  # fmt: skip
        parts.append(pd.DataFrame(part))
    return tables.conform(pd.concat(parts, ignore_index=True), tables.KPIS)


def samples(
    count: int, rsrp_dbm: float, sinr_db: float = 12.0, cgi: str | list[str] = "A", source: str = "MR"
) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    lat, lon = grid.hex_to_latlon(hexes_here(1))
    pick = np.arange(count) % len(lat)
    return table(
        "measurements", time=[BEGIN] * count, lat=lat[pick], lon=lon[pick], rsrp_dbm=rng.normal(rsrp_dbm, 2, count),
        sinr_db=rng.normal(sinr_db, 1, count), cgi=[cgi] * count if isinstance(cgi, str) else cgi, rat=["LTE"] * count,
        source=[source] * count, device=[f"d{i % 9}" for i in range(count)],
    )  # fmt: skip


@dataclass(frozen=True)
class Town:
    """All tables of a healthy town; ``replace`` what goes wrong."""

    subjects: pd.DataFrame = field(default_factory=hotspot)
    complaints: pd.DataFrame = field(default_factory=lambda: complaints(pd.date_range(BEGIN, END, periods=30)))
    coverage: pd.DataFrame = field(default_factory=coverage)
    serving: pd.DataFrame = field(default_factory=serving)
    cells: pd.DataFrame = field(default_factory=cells)
    kpis: pd.DataFrame = field(default_factory=lambda: table("kpis"))
    alarms: pd.DataFrame = field(default_factory=lambda: table("alarms"))
    energy_windows: pd.DataFrame = field(default_factory=lambda: table("energy_windows"))
    neighbours: pd.DataFrame = field(default_factory=lambda: table("neighbours"))
    measurements: pd.DataFrame = field(default_factory=lambda: table("measurements"))
    planned_sites: pd.DataFrame = field(default_factory=lambda: table("planned_sites"))
    members: pd.DataFrame | None = None
    fixes: pd.DataFrame | None = None

    def but(self, **changes: Any) -> Town:
        return replace(self, **changes)

    def evidence(self) -> pd.DataFrame:
        from geoservice.join import evidence

        linked = members(self.complaints) if self.members is None else self.members
        places = fixes(self.complaints) if self.fixes is None else self.fixes
        return evidence(
            self.subjects, linked, self.complaints, places, self.coverage, self.serving, self.cells, self.kpis,
            self.alarms, self.energy_windows, self.neighbours, self.measurements, self.planned_sites, default_config(),
        )  # fmt: skip

    def row(self) -> dict[str, Any]:
        return self.evidence().to_dict("records")[0]


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def make() -> Any:
    """The builders of this module, for tests that need a table of their own."""
    import types

    names = (
        "complaints",
        "coverage",
        "serving",
        "hotspot",
        "hourly_kpis",
        "samples",
        "table",
        "fixes",
        "members",
        "offset",
        "cells",
    )
    return types.SimpleNamespace(**{n: globals()[n] for n in names}, BEGIN=BEGIN, END=END, CENTRE=CENTRE)
