"""What a budget buys: the sites that lift the most badly covered customers, solved anew for every budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import geodesy, grid, siting
from geoservice.config import Config
from geoservice.errors import NotEnoughData
from geoservice.pipeline import RadioWorld
from geoservice.pipeline.site_reach import reached
from geoservice.radio.benefit import effect
from geoservice.records import CellChange
from geoservice.service.plain import plain
from geoservice.service.run_view import RunView
from geoservice.siting.choice import Choice, choose, too_near
from geoservice.siting.proposal import site_kinds

# New sites keep this distance to one another and to what stands (handbook section 7, location).
SPACING_M = 100.0
# Long enough to prove a small plan, short enough for a slider.
TIME_LIMIT_S = 2.0
_MOST_HEXES = 4000
# Positions besides the requests', where most badly covered customers live.
_MOST_POSITIONS = 300
_NO_CUSTOMERS = "no customers are on file where the level is below the weak threshold"


@dataclass(frozen=True)
class Offer:
    """What a plan chooses from.

    ``demand``: hex, lat, lon, weight (customers) of the weak hexes. ``sites``: lat, lon, type, cost, request_no,
    other_type_request_no. ``cells`` what a what-if of each site adds; ``reach`` (sites, demand) whom each lifts;
    ``apart`` pairs that stand too near to each other.
    """

    demand: pd.DataFrame
    sites: pd.DataFrame
    cells: tuple[tuple[CellChange, ...], ...]
    reach: NDArray[np.bool_]
    apart: NDArray[np.int64]


def offer(view: RunView, radio: RadioWorld, cells: pd.DataFrame, config: Config) -> Offer:
    """Requests, and every type at the requests' positions and where weakly covered customers live.

    Raises
    ------
    NotEnoughData
        No customers live where the level is below the weak threshold.
    """
    demand = _demand(view.coverage, config)
    requests = view.site_requests()
    open_ = requests[~requests["state"].isin(["refused", "built"]) & (requests["type"] != "DAS")]
    positions = _free_positions(demand, open_, cells)
    sites, changes = _candidates(open_.to_dict("records"), positions, cells)
    lat, lon = (sites[name].to_numpy(float) for name in ("lat", "lon"))
    distance = np.asarray(geodesy.distance_m(lat[:, None], lon[:, None], lat[None], lon[None]))
    reach = reached(radio, changes, demand["lat"].to_numpy(float), demand["lon"].to_numpy(float))
    return Offer(demand, sites, tuple(changes), reach, too_near(distance, SPACING_M))


def plan(view: RunView, radio: RadioWorld, found: Offer, budget: float, config: Config) -> dict[str, Any]:
    """The sites to build for a budget, which requests they are, and the weakly covered customers they lift.

    Whom a site reaches is predicted with its own antennas, as for a request; the gain, harm and net of the
    whole plan are one what-if of all its cells.
    """
    weights = found.demand["weight"].to_numpy(float)
    asked = found.sites["request_no"].notna().to_numpy(bool)
    choice = choose(found.reach, weights, found.sites["cost"], found.apart, budget, TIME_LIMIT_S, asked)
    total = float(weights.sum())
    return {
        "budget": budget,
        "cost": plain(float(found.sites["cost"].to_numpy(float)[choice.chosen].sum())),
        "covered_share": plain(choice.covered / total),
        "customers": plain(choice.covered, 0),
        "customers_weak": plain(total, 0),
        "bound": plain(choice.bound / total),
        "gap": plain((choice.bound - choice.covered) / choice.bound if choice.bound else 0.0),
        **_together(view, radio, found, choice, config),
        "sites": [_told(found, position) for position in choice.chosen.tolist()],
    }


def _demand(coverage: pd.DataFrame, config: Config) -> pd.DataFrame:
    weak = coverage[(coverage["customers"] > 0) & (coverage["rsrp_dbm"].fillna(-np.inf) < config["rsrp_weak"])]
    if weak.empty:
        raise NotEnoughData(_NO_CUSTOMERS)
    weak = weak.nlargest(_MOST_HEXES, "customers")
    return weak[["hex", "lat", "lon", "customers"]].rename(columns={"customers": "weight"}).reset_index(drop=True)


def _free_positions(demand: pd.DataFrame, requests: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Centres of the weak hexes where most customers live that keep their distance from sites and requests."""
    busiest = demand.nlargest(_MOST_POSITIONS, "weight", keep="first")[["lat", "lon"]]
    standing = pd.concat([cells[["lat", "lon"]].drop_duplicates(), requests[["lat", "lon"]]], ignore_index=True)
    if standing.empty or busiest.empty:
        return busiest
    gaps = geodesy.distance_m(
        busiest["lat"].to_numpy(float)[:, None], busiest["lon"].to_numpy(float)[:, None],
        standing["lat"].to_numpy(float)[None], standing["lon"].to_numpy(float)[None],
    )  # fmt: skip
    return busiest[np.asarray(gaps).min(axis=1) > SPACING_M]


def _candidates(
    requests: Sequence[dict[Any, Any]], positions: pd.DataFrame, cells: pd.DataFrame
) -> tuple[pd.DataFrame, list[tuple[CellChange, ...]]]:
    """Each request as it asks, then the other types at its position, then every type at the free positions."""
    kinds = [kind for kind in site_kinds().values() if kind.type != "DAS"]
    rows: list[dict[str, Any]] = []
    changes: list[tuple[CellChange, ...]] = []

    def add(lat: float, lon: float, kind: str, cost: float, cells_of: Sequence[CellChange], **numbers: Any) -> None:
        rows.append({"lat": lat, "lon": lon, "type": kind, "cost": cost, **_NO_REQUEST, **numbers})
        changes.append(tuple(cells_of))

    for row in requests:
        here = float(row["lat"]), float(row["lon"])
        add(*here, row["type"], row["cost"], _as_asked(row, cells), request_no=row["request_no"])
        for kind in (kind for kind in kinds if kind.type != row["type"]):
            new = siting.site_cells(*here, kind.type, cells, f"{row['request_no']}-{kind.type}")
            add(*here, kind.type, kind.cost, new, other_type_request_no=row["request_no"])
    for number, (lat, lon) in enumerate(positions.itertuples(index=False)):
        for kind in kinds:
            new = siting.site_cells(lat, lon, kind.type, cells, f"NEW-{number}-{kind.type}")
            add(lat, lon, kind.type, kind.cost, new)
    return pd.DataFrame(rows, columns=["lat", "lon", "type", "cost", *_NO_REQUEST]), changes


_NO_REQUEST: dict[str, str | None] = {"request_no": None, "other_type_request_no": None}


def _as_asked(row: dict[Any, Any], cells: pd.DataFrame) -> list[CellChange]:
    """The cells the request was judged by; those of its type where an older result does not keep them."""
    kept = row.get("new_cells")
    if isinstance(kept, list) and kept:
        return [CellChange(str(cell["cgi"]), "new", None, dict(cell)) for cell in kept]
    azimuths = tuple(float(a) for a in row["azimuths"] or ())
    return siting.site_cells(row["lat"], row["lon"], row["type"], cells, row["request_no"], row["height_m"], azimuths)


def _together(view: RunView, radio: RadioWorld, found: Offer, choice: Choice, config: Config) -> dict[str, Any]:
    """What all chosen sites bring at once, by one what-if."""
    changes = [change for position in choice.chosen.tolist() for change in found.cells[position]]
    if not changes:
        return dict.fromkeys(("gain_customers", "harm_customers", "net_customers"), 0.0)
    all_at_once = effect(radio.what_if(changes, view.coverage[["hex", "customers"]]), config)
    figures = {"gain": all_at_once.gain, "harm": all_at_once.harm, "net": all_at_once.net}
    return {f"{name}_customers": plain(value) for name, value in figures.items()}


def _told(found: Offer, position: int) -> dict[str, Any]:
    """One site of the plan with the weak hexes it lifts by itself."""
    site, lifted = found.sites.iloc[position], found.reach[position]
    return {
        "lat": plain(site["lat"], 6),
        "lon": plain(site["lon"], 6),
        "type": site["type"],
        "cost": plain(site["cost"]),
        "request_no": plain(site["request_no"]),
        "other_type_request_no": plain(site["other_type_request_no"]),
        "customers": plain(float(found.demand["weight"].to_numpy(float)[lifted].sum()), 0),
        "hexes": grid.hex_to_text(found.demand["hex"].to_numpy(np.int64)[lifted]),
    }
