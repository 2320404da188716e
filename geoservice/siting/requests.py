"""Hotspots that need building, turned into site-build requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from geoservice import tables
from geoservice.config import Config
from geoservice.records import WhatIf
from geoservice.siting import form, place
from geoservice.siting.area import Area, halves, uncovered
from geoservice.siting.need import Need, Refusal, judge, planned_near
from geoservice.siting.priority import priority
from geoservice.siting.proposal import Proposal, indoor_system, propose
from geoservice.siting.sentence import sentence

# A hole too wide for one site is halved, at most twice: four sites a hotspot.
_MAX_DEPTH = 2
_SPOTS_TRIED = 2
_DAYS_A_MONTH = 30.4375


@dataclass(frozen=True)
class Considered:
    """Requests drafted, and every hotspot or candidate refused with its reason."""

    requests: pd.DataFrame
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class _Ground:
    """What all requests of a run share."""

    coverage: pd.DataFrame
    cells: pd.DataFrame
    sites: pd.DataFrame
    planned: pd.DataFrame
    gazetteer: pd.DataFrame | None
    hosts: pd.DataFrame
    what_if: WhatIf
    config: Config
    run_id: str


def requests(
    hotspots: pd.DataFrame,
    diagnoses: pd.DataFrame,
    actions: pd.DataFrame,
    coverage: pd.DataFrame,
    cells: pd.DataFrame,
    planned_sites: pd.DataFrame,
    gazetteer: pd.DataFrame | None,
    what_if: WhatIf,
    config: Config,
    run_id: str,
    candidates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """SITE_REQUESTS, most urgent first; see :func:`consider` for what was refused.

    Parameters
    ----------
    hotspots, diagnoses, actions, coverage, cells, planned_sites, gazetteer : the tables of those names.
    what_if : re-runs coverage under changes; called with the cells of each proposed site.
    run_id : stands in every row.
    candidates : existing towers or roofs that may be used: lat, lon and optionally name, kind.
    """
    return consider(
        hotspots, diagnoses, actions, coverage, cells, planned_sites, gazetteer, what_if, config, run_id, candidates
    ).requests


def consider(
    hotspots: pd.DataFrame,
    diagnoses: pd.DataFrame,
    actions: pd.DataFrame,
    coverage: pd.DataFrame,
    cells: pd.DataFrame,
    planned_sites: pd.DataFrame,
    gazetteer: pd.DataFrame | None,
    what_if: WhatIf,
    config: Config,
    run_id: str,
    candidates: pd.DataFrame | None = None,
) -> Considered:
    """Requests and refusals; the parameters of :func:`requests`."""
    ground = _Ground(
        coverage, cells, form.sites_of(cells), planned_sites, gazetteer, place.hosts(gazetteer, candidates), what_if,
        config, run_id,
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    refused: list[Refusal] = []
    for hotspot in hotspots.sort_values("rank").to_dict("records"):
        need = judge(hotspot["hotspot_id"], diagnoses, actions)
        if isinstance(need, Refusal):
            refused.append(need)
            continue
        made, not_made = _of_hotspot({str(k): v for k, v in hotspot.items()}, need, ground)
        rows += made
        refused += not_made
    return Considered(_table(rows), refused)


def _of_hotspot(hotspot: Mapping[str, Any], need: Need, ground: _Ground) -> tuple[list[dict[str, Any]], list[Refusal]]:
    area = uncovered(hotspot, ground.coverage, ground.config, need.indoor)
    refusal = _unfit(hotspot, need, area, ground)
    if refusal is not None:
        return [], [refusal]
    found = _sites(hotspot, need, area, ground, 0)
    good = [(part, outcome) for part, outcome in found if isinstance(outcome, Proposal)]
    refused = [outcome for _, outcome in found if isinstance(outcome, Refusal)]
    names = [f"SR-{hotspot['hotspot_id']}" + (f"-{i}" if len(good) > 1 else "") for i in range(1, len(good) + 1)]
    rows = [_row(n, hotspot, need, part, p, refused, ground) for n, (part, p) in zip(names, good, strict=True)]
    return rows, refused


def _unfit(hotspot: Mapping[str, Any], need: Need, area: Area, ground: _Ground) -> Refusal | None:
    name = hotspot["hotspot_id"]
    if area.frame.empty:
        return Refusal(
            name, "covered", "覆盖数据未见弱区，先现场测试", "coverage shows no weak hex: test on site first"
        )
    measured = area.frame["basis"].isin(["measured", "blended"]).any()
    if need.cause == "K_LOCAL" and not measured:
        return Refusal(
            name, "survey-first", "A15 现场勘测尚未证实弱覆盖", "the survey (A15) has not confirmed weak coverage yet"
        )
    centre = place.median_latlon(area.frame["lat"], area.frame["lon"], area.frame["weight"])
    coming = planned_near(centre, area.radius_m(*centre), ground.planned)
    if coming is None:
        return None
    number = coming["plan_no"]
    return Refusal(
        name,
        "planned-site",
        f"规划站 {number} 在覆盖半径内，等待建成（A20）",
        f"planned site {number} is within one radius: wait (A20)",
    )


def _sites(
    hotspot: Mapping[str, Any], need: Need, area: Area, ground: _Ground, depth: int
) -> list[tuple[Area, Proposal | Refusal]]:
    """One site for the area, or for its halves when no single site lifts enough of it."""
    best = _best(hotspot["hotspot_id"], need, area, ground)
    enough = isinstance(best, Proposal) and (need.indoor or best.good)
    if enough or depth >= _MAX_DEPTH or len(area.frame) < 4:
        return [(area, best if enough or isinstance(best, Refusal) else _too_little(hotspot, best))]
    parts = [_sites(hotspot, need, half, ground, depth + 1) for half in halves(area)]
    return [entry for part in parts for entry in part]


def _best(hotspot_id: str, need: Need, area: Area, ground: _Ground) -> Proposal | Refusal:
    """The first good proposal, cheapest type first; else the one that lifts most."""
    centre = place.median_latlon(area.frame["lat"], area.frame["lon"], area.frame["weight"])
    ring = place.search_ring_m(area.radius_m(*centre), ground.config)
    spacing = 0.0 if need.indoor else ground.config["min_isd_dense"]
    spots = place.spots(centre, ring, ground.hosts, ground.sites, spacing)
    if not spots:
        return Refusal(
            hotspot_id, "too-near", f"搜索圈内距现有站点均不足 {spacing:.0f} m，宜共址扩容",
            f"every position in the ring is within {spacing:.0f} m of a site: add sectors there instead",
        )  # fmt: skip
    if need.indoor:
        return indoor_system(spots[0], area, ground.cells)
    tried: list[Proposal] = []
    for spot in spots[:_SPOTS_TRIED]:
        for proposal in propose(spot, area, ground.cells, ground.what_if, ground.config, f"NEW-{hotspot_id}"):
            if proposal.good:
                return replace(proposal, passed_over=tuple(tried))
            tried.append(proposal)
    return max(tried, key=lambda p: p.lifted_share)


def _too_little(hotspot: Mapping[str, Any], best: Proposal) -> Refusal:
    zh, en = best.shortfall.split(" / ")
    return Refusal(hotspot["hotspot_id"], "too-little", f"新站{zh}", f"a new site {en}")


def _row(
    number: str, hotspot: Mapping[str, Any], need: Need, area: Area, proposal: Proposal, refused: list[Refusal],
    ground: _Ground,
) -> dict[str, Any]:  # fmt: skip
    spot = proposal.spot
    name, district = form.nearest_place(spot, ground.gazetteer)
    scene = form.scene_of(name, ground.cells, spot)
    row: dict[str, Any] = {
        "request_no": number,
        "run_id": ground.run_id,
        "state": "draft",
        **{column: hotspot[column] for column in ("hotspot_id", "customers", "contacts", "classes")},
        "scene": scene or None,
        "lat": spot.lat,
        "lon": spot.lon,
        "district": district or None,
        "place": name or None,
        **_area_fields(area, need, ground),
        "tests_done": form.tests_done(area),
        "actions_tried": need.tried,
        "nearest_sites": form.nearest_sites(spot, ground.sites),
        "competitor": form.competitor(spot, ground.cells),
        **_proposal_fields(proposal),
        "search_ring_m": place.search_ring_m(area.radius_m(spot.lat, spot.lon), ground.config),
        "site_notes": form.site_notes(spot),
        "risk_notes": form.risk_notes(scene),
        "alternatives": _alternatives(need, refused, proposal),
    }
    return {**row, **_judgement(row, hotspot, area, proposal, ground)}


def _area_fields(area: Area, need: Need, ground: _Ground) -> dict[str, Any]:
    exposed = area.frame["customers"].to_numpy(float, na_value=np.nan)
    return {
        "hexes": form.hex_texts(area),
        "uncovered_km2": area.km2(),
        "uncovered_customers": float(np.nansum(exposed)) if not np.isnan(exposed).all() else float("nan"),
        "rsrp_p50_dbm": area.percentile(0.5),
        "rsrp_p10_dbm": area.percentile(0.1, None if need.indoor else "rsrp_p10_dbm")
        if area.frame["rsrp_p10_dbm"].notna().any()
        else area.percentile(0.1),
        "rsrp_basis": form.rsrp_basis(area),
    }


def _proposal_fields(proposal: Proposal) -> dict[str, Any]:
    return {
        "type": proposal.kind.type,
        "height_m": proposal.height_m,
        "azimuths": list(proposal.azimuths),
        "band_mhz": proposal.band_mhz,
        "predicted_gain_customers": proposal.gain_customers,
        "lifted_share": proposal.lifted_share,
        "cost": proposal.kind.cost,
    }


def _judgement(
    row: Mapping[str, Any], hotspot: Mapping[str, Any], area: Area, proposal: Proposal, ground: _Ground
) -> dict[str, Any]:
    months = (hotspot["to"] - hotspot["from"]).total_seconds() / 86_400 / _DAYS_A_MONTH
    weak = ground.config["rsrp_indoor_weak" if area.indoor else "rsrp_weak"]
    gap = max(weak - row["rsrp_p50_dbm"], 0.0) if not np.isnan(row["rsrp_p50_dbm"]) else _hole_gap(weak, ground)
    repeated = bool(hotspot["contacts"] > hotspot["customers"])
    score = priority(hotspot["customers"], gap, area.share, repeated, row["scene"] is not None, months)
    judged = {"priority": score.points, "priority_terms": score.terms}
    words = {f"sentence_{lang}": sentence({**row, **judged}, proposal, months, lang) for lang in ("zh", "en")}
    return {**judged, **words}


def _hole_gap(weak: float, ground: _Ground) -> float:
    """Where no cell is in reach at all the gap is at least that of a hole."""
    return max(weak - ground.config["rsrp_hole"], 0.0)


def _alternatives(need: Need, refused: list[Refusal], proposal: Proposal) -> list[dict[str, Any]]:
    """What else was tried and why it is not enough: parameters, other types and places, other parts of the hole."""
    tried = [
        {"option": entry["action"], "net_customers": entry["net_customers"], "reason": entry["reason"]}
        for entry in need.tried
    ]
    passed = [
        {
            "option": f"{other.kind.type} ({other.spot.lat:.5f}, {other.spot.lon:.5f})",
            "net_customers": other.gain_customers - other.harm_customers,
            "reason": other.shortfall,
        }
        for other in proposal.passed_over
    ]
    return [*tried, *passed, *({"option": r.code, "reason": f"{r.reason_zh} / {r.reason_en}"} for r in refused)]


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    if not rows:
        return tables.empty(tables.SITE_REQUESTS)
    frame = pd.DataFrame(rows).sort_values(["priority", "request_no"], ascending=[False, True], kind="stable")
    return tables.conform(frame.reset_index(drop=True), tables.SITE_REQUESTS)
