"""Fields of the request form filled from evidence, and the sentences that defend it."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy, grid
from geoservice.siting.area import Area
from geoservice.siting.place import Spot

_PLACE_REACH_M = 3_000.0
_COMPETITOR_REACH_M = 1_000.0


def scene_of(place: str, cells: pd.DataFrame, spot: Spot) -> str:
    """Scene of the nearest cell that declares one, else read from the place name; empty when unknown."""
    named = next((scene for scene, keywords, _ in _scenes() if any(k in place.lower() for k in keywords)), "")
    if named or cells.empty:
        return named
    declared = cells[cells["scene"].notna().to_numpy()]
    if declared.empty:
        return ""
    distance = geodesy.distance_m(spot.lat, spot.lon, declared["lat"].to_numpy(), declared["lon"].to_numpy())
    return str(declared["scene"].iloc[int(np.argmin(distance))]) if distance.min() <= _PLACE_REACH_M else ""


def is_key_scene(scene: str | None) -> bool:
    """Whether a scene is one of the handbook's list; districts of a table (core, urban, suburb) are none."""
    return any(name == scene for name, _, _ in _scenes())


def nearest_place(spot: Spot, gazetteer: pd.DataFrame | None) -> tuple[str, str]:
    """(name, district) of the nearest gazetteer entry; empty texts where none is near."""
    if gazetteer is None or gazetteer.empty:
        return "", ""
    distance = geodesy.distance_m(spot.lat, spot.lon, gazetteer["lat"].to_numpy(), gazetteer["lon"].to_numpy())
    nearest = int(np.argmin(distance))
    if distance[nearest] > _PLACE_REACH_M:
        return "", ""
    row = gazetteer.iloc[nearest]
    return _text(row["name"]), _text(row["admin"])


def sites_of(cells: pd.DataFrame) -> pd.DataFrame:
    """One row a site (lat, lon, site) of the cells in use; indoor systems are no masts."""
    if cells.empty:
        return pd.DataFrame({"lat": [], "lon": [], "site": []})
    usable = cells[~cells["indoor"].fillna(False).to_numpy(bool)]
    usable = usable[~usable["status"].isin(["planned", "decommissioned"]).to_numpy(bool)]
    name = usable["site_name"].astype(object).fillna(usable["site_id"].astype(object)).fillna(usable["cgi"])
    sites = pd.DataFrame({"lat": usable["lat"].astype(float), "lon": usable["lon"].astype(float), "site": name})
    return sites.drop_duplicates(["lat", "lon"]).reset_index(drop=True)


def nearest_sites(spot: Spot, sites: pd.DataFrame, count: int = 5) -> list[dict[str, Any]]:
    """The nearest sites with distance and position."""
    if sites.empty:
        return []
    distance = geodesy.distance_m(spot.lat, spot.lon, sites["lat"].to_numpy(), sites["lon"].to_numpy())
    order = np.argsort(distance, kind="stable")[:count]
    return [
        {
            "site": str(sites["site"].iloc[i]),
            "distance_m": round(float(distance[i]), 1),
            "lat": float(sites["lat"].iloc[i]),
            "lon": float(sites["lon"].iloc[i]),
        }
        for i in order
    ]


def competitor(spot: Spot, cells: pd.DataFrame) -> str:
    """Other operators' sites within a kilometre; unknown where the cell table names only one operator."""
    operators = cells["operator"].dropna()
    if operators.nunique() < 2:
        return "未知 / unknown"
    own = str(operators.mode().iloc[0])
    others = cells[(cells["operator"] != own).fillna(False).to_numpy(bool)]
    distance = geodesy.distance_m(spot.lat, spot.lon, others["lat"].to_numpy(), others["lon"].to_numpy())
    names = sorted(set(others["operator"][distance <= _COMPETITOR_REACH_M]))
    listed = ", ".join(names)
    return f"1 km 内有 {listed} / {listed} within 1 km" if names else "1 km 内无 / none within 1 km"


def tests_done(area: Area) -> str:
    """Measurements behind the levels of the area."""
    samples = area.frame["samples"].fillna(0).to_numpy(float)
    if samples.sum() == 0:
        return "无实测，电平为预测 / no measurements, levels are predicted"
    devices = area.frame["devices"].fillna(0).to_numpy(float).max()
    age = area.frame["age_days"].min()
    zh, en = ("", "") if pd.isna(age) else (f"，最近 {age:.0f} 天前", f", newest {age:.0f} days ago")
    count = f"{samples.sum():.0f}"
    return f"{count} 个采样，{devices:.0f} 台终端{zh} / {count} samples, {devices:.0f} devices{en}"


def site_notes(spot: Spot) -> str:
    """What is known of owner, power and transmission."""
    known = spot.host
    zh, en = (f"依托 {known}", f"on {known}") if spot.host else ("新选址", "new ground")
    return f"{zh}；产权、电源、传输未知，需现场勘察 / {en}; owner, power and transmission unknown, to be surveyed"


def risk_notes(scene: str) -> str:
    """Radiation and property risk by scene."""
    sensitive = any(name == scene and risk for name, _, risk in _scenes())
    if sensitive:
        return "学校或医院附近：环评公示，防范物业阻挠 / school or hospital near: publish the radiation assessment"
    if scene == "residential":
        return "居民区：物业与业主沟通，电磁辐射科普 / residential: talk to owners about radiation"
    return "未见特殊风险 / none known"


def rsrp_basis(area: Area) -> str:
    """What most of the area's levels rest on; assumed where no cell is in reach."""
    basis = area.frame["basis"].dropna()
    return str(basis.mode().iloc[0]) if len(basis) else "assumed"


def hex_texts(area: Area) -> list[str]:
    """Uncovered hexes as text."""
    return grid.hex_to_text(area.hexes)


@cache
def _scenes() -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    text = (files("geoservice") / "reference" / "scenes.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((r["scene"], tuple(r["keywords"].split("|")), r["sensitive"] == "yes") for r in rows)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
