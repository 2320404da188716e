"""What a budget buys: the sites that reach the most badly covered customers, solved anew for every budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy, siting
from geoservice.config import Config
from geoservice.errors import NotEnoughData
from geoservice.radio.tr38901 import uma_nlos_db, umi_nlos_db
from geoservice.service.plain import plain
from geoservice.service.run_view import RunView
from geoservice.siting.proposal import SiteKind, site_kinds

# New sites keep this distance to one another and to what stands (handbook section 7, location).
SPACING_M = 100.0
# Long enough to prove a small plan, short enough for a slider.
TIME_LIMIT_S = 2.5
_FREQUENCY_GHZ = 1.8
_MOBILE_M = 1.5
# Below this height a site stands under the roofs (TR 38.901 street canyon).
_MACRO_M = 15.0
# A request counts as part of the plan when a site of its type stands at its position.
_SAME_M = 50.0
_MOST_HEXES = 4000


def reach_m(kind: SiteKind, config: Config) -> float:
    """Distance at which the median level of a type without line of sight falls to the weak threshold (TR 38.901)."""
    distance = np.geomspace(20.0, 5000.0, 400)
    loss_db = uma_nlos_db if kind.height_m >= _MACRO_M else umi_nlos_db
    level = kind.rs_power_dbm + kind.gain_dbi - loss_db(_FREQUENCY_GHZ, distance, kind.height_m, _MOBILE_M)
    strong = distance[level >= config["rsrp_weak"]]
    return float(strong.max()) if strong.size else 20.0


def types_of(config: Config) -> dict[str, dict[str, float]]:
    """Outdoor site types with the radius they reach and their cost."""
    kinds = [kind for kind in site_kinds().values() if kind.type != "DAS"]
    return {kind.type: {"radius": round(reach_m(kind, config), -1), "cost": kind.cost} for kind in kinds}


def plan(view: RunView, cells: pd.DataFrame, budget: float, config: Config) -> dict[str, Any]:
    """The sites to build for a budget, which requests they are, and the share of weakly covered customers they reach.

    Raises
    ------
    NotEnoughData
        No customers live where the level is below the weak threshold.
    """
    demand = _demand(view.coverage, config)
    requests = view.site_requests()
    open_ = requests[~requests["state"].isin(["refused", "built"])].reset_index(drop=True)
    candidates = pd.concat([open_[["lat", "lon"]], demand[["lat", "lon"]]], ignore_index=True)
    existing = cells.drop_duplicates(["lat", "lon"])[["lat", "lon"]]
    types = types_of(config)
    found = siting.solve(
        demand, existing, types, budget=budget, spacing=SPACING_M, candidates=candidates, time_limit=TIME_LIMIT_S
    )
    return {
        "budget": budget,
        "cost": plain(found.cost),
        "covered_share": plain(found.covered_share),
        "customers": plain(found.covered_share * float(demand["weight"].sum()), 0),
        "customers_weak": plain(float(demand["weight"].sum()), 0),
        "bound": plain(found.bound),
        "gap": plain(found.gap),
        "types": types,
        "sites": _sites(found.sites, open_, types),
    }


def _demand(coverage: pd.DataFrame, config: Config) -> pd.DataFrame:
    weak = coverage[(coverage["customers"] > 0) & (coverage["rsrp_dbm"].fillna(-np.inf) < config["rsrp_weak"])]
    if weak.empty:
        raise NotEnoughData("no customers are on file where the level is below the weak threshold")
    weak = weak.nlargest(_MOST_HEXES, "customers")
    return pd.DataFrame({"lat": weak["lat"], "lon": weak["lon"], "weight": weak["customers"]}).reset_index(drop=True)


def _sites(sites: pd.DataFrame, requests: pd.DataFrame, types: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    return [
        {
            "lat": plain(lat, 6),
            "lon": plain(lon, 6),
            "type": kind,
            "radius_m": types[kind]["radius"],
            "cost": types[kind]["cost"],
            **_request_at(lat, lon, kind, requests),
        }
        for lat, lon, kind in zip(sites["lat"], sites["lon"], sites["type"], strict=True)
    ]


def _request_at(lat: float, lon: float, kind: str, requests: pd.DataFrame) -> dict[str, str | None]:
    """The request a site builds, and the request that asks for another type at the same place."""
    distance = np.asarray(
        geodesy.distance_m(lat, lon, requests["lat"].to_numpy(float), requests["lon"].to_numpy(float))
    )
    here = requests.assign(distance=distance)[distance <= _SAME_M].sort_values("distance", kind="stable")
    same = (here["type"] == kind).to_numpy(bool)
    return {"request_no": _first(here[same]), "other_type_request_no": None if same.any() else _first(here[~same])}


def _first(requests: pd.DataFrame) -> str | None:
    return None if requests.empty else str(requests["request_no"].iloc[0])
