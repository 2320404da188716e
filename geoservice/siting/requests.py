"""Hotspots that need building, turned into site-build requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from geoservice import tables
from geoservice.config import Config
from geoservice.records import WhatIf
from geoservice.siting import form, place
from geoservice.siting.alternatives import Asked, alternatives, asked_before, one_after_another
from geoservice.siting.area import Area, halves, uncovered
from geoservice.siting.need import Need, Refusal, judge
from geoservice.siting.numbers import Wanted, numbers
from geoservice.siting.planned import Wait, wait_first
from geoservice.siting.priority import priority
from geoservice.siting.proposal import Proposal, indoor_system, propose
from geoservice.siting.sentence import sentence

# A hole too wide for one site is halved, at most twice: four sites a hotspot.
_MAX_DEPTH = 2
_SPOTS_TRIED = 2
_DAYS_A_MONTH = 30.4375


# Complaints a month that a what-if avoids: mean and the ends of its 95 % interval.
Avoided = Callable[[pd.DataFrame], tuple[float, float, float]]


@dataclass(frozen=True)
class Considered:
    """Requests drafted, every hotspot or candidate refused with its reason, every planned site that was tried."""

    requests: pd.DataFrame
    refused: list[Refusal] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)

    def refusals(self) -> pd.DataFrame:
        """``hotspot_id``, ``code``, ``reason_zh``, ``reason_en`` of every refusal."""
        names = ["hotspot_id", "code", "reason_zh", "reason_en"]
        return pd.DataFrame([[getattr(r, n) for n in names] for r in self.refused], columns=names)

    def waited(self) -> pd.DataFrame:
        """Planned sites that were tried, with what they would bring and the sentences that say so."""
        names = ["hotspot_id", "plan_no", "on_air", "enough", "gain", "harm"]
        rows = [[*(getattr(w, n) for n in names), *w.words()] for w in self.waits]
        return pd.DataFrame(rows, columns=[*names, "sentence_zh", "sentence_en"])


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
    avoided: Avoided | None
    known: pd.DataFrame | None


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
    avoided: Avoided | None = None,
    known: pd.DataFrame | None = None,
) -> Considered:
    """Requests drafted, hotspots and candidates refused, planned sites tried.

    Parameters
    ----------
    hotspots, diagnoses, actions, coverage, cells, planned_sites, gazetteer : the tables of those names.
    what_if : re-runs coverage under changes; called with the cells of each proposed site.
    run_id : stands in every row.
    candidates : existing towers or roofs that may be used: lat, lon and optionally name, kind.
    avoided : what a what-if saves in complaints a month, where that can be told.
    known : requests of earlier runs, whose numbers last (see :func:`geoservice.siting.numbers.numbers`).
    """
    ground = _Ground(
        coverage, cells, form.sites_of(cells), planned_sites, gazetteer, place.hosts(gazetteer, candidates), what_if,
        config, run_id, avoided, known,
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    refused: list[Refusal] = []
    tried: list[Wait] = []
    asked: list[Asked] = []
    for hotspot in hotspots.sort_values("rank").to_dict("records"):
        need = judge(hotspot["hotspot_id"], diagnoses, actions)
        if isinstance(need, Refusal):
            refused.append(need)
            continue
        made, not_made, waited = _of_hotspot({str(k): v for k, v in hotspot.items()}, need, ground, asked)
        rows += made
        refused += not_made
        tried += waited
    return Considered(_table(rows), refused, tried)


def _of_hotspot(
    hotspot: Mapping[str, Any], need: Need, ground: _Ground, asked: list[Asked]
) -> tuple[list[dict[str, Any]], list[Refusal], list[Wait]]:
    """Requests of one hotspot; ``asked`` are the sites requested for the hotspots before it, and grows."""
    area = uncovered(hotspot, ground.coverage, ground.config, need.indoor)
    refusal = _unfit(hotspot, need, area) or asked_before(hotspot["hotspot_id"], need, area, asked, ground.config)
    if refusal is not None:
        return [], [refusal], []
    waited, refusal = wait_first(
        hotspot["hotspot_id"], need, area, ground.planned, ground.cells, ground.what_if, ground.config
    )
    if refusal is not None:
        return [], [refusal], waited
    found = _sites(hotspot, need, area, ground, 0)
    good = [(part, outcome) for part, outcome in found if isinstance(outcome, Proposal)]
    refused = [outcome for _, outcome in found if isinstance(outcome, Refusal)]
    names = numbers(hotspot["hotspot_id"], [_wanted(*one, ground) for one in good], ground.known)
    parts = [part for part, _ in good]
    sites = one_after_another([proposal for _, proposal in good], ground.what_if, ground.config)
    others: list[Refusal | Wait] = [*refused, *waited]
    rows = [_row(n, hotspot, need, a, p, others, ground) for n, a, p in zip(names, parts, sites, strict=True)]
    asked += [Asked(name, p.outcome) for name, p in zip(names, sites, strict=True) if p.outcome is not None]
    return rows, refused, waited


def _wanted(area: Area, proposal: Proposal, ground: _Ground) -> Wanted:
    spot = proposal.spot
    ring = place.search_ring_m(area.radius_m(spot.lat, spot.lon), ground.config)
    return Wanted(proposal.kind.type, spot.lat, spot.lon, ring)


def _unfit(hotspot: Mapping[str, Any], need: Need, area: Area) -> Refusal | None:
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
    return None


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
    number: str, hotspot: Mapping[str, Any], need: Need, area: Area, proposal: Proposal,
    others: list[Refusal | Wait], ground: _Ground,
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
        **_proposal_fields(proposal, ground),
        "search_ring_m": place.search_ring_m(area.radius_m(spot.lat, spot.lon), ground.config),
        "site_notes": form.site_notes(spot),
        "risk_notes": form.risk_notes(scene),
        "alternatives": alternatives(need, others, proposal),
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


def _proposal_fields(proposal: Proposal, ground: _Ground) -> dict[str, Any]:
    known = ground.avoided is not None and proposal.outcome is not None
    names = ("complaints_avoided", "avoided_low", "avoided_high")
    saved = zip(names, ground.avoided(proposal.outcome), strict=True) if known else ()  # type: ignore[misc, arg-type]
    return {
        **dict(saved),
        "new_cells": [change.cell for change in proposal.changes],
        "predicted_harm_customers": proposal.harm_customers,
        "predicted_net_customers": proposal.net_customers,
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
    score = priority(hotspot["customers"], gap, area.share, repeated, form.is_key_scene(row["scene"]), months)
    judged = {"priority": score.points, "priority_terms": score.terms}
    words = {f"sentence_{lang}": sentence({**row, **judged}, proposal, months, lang) for lang in ("zh", "en")}
    return {**judged, **words}


def _hole_gap(weak: float, ground: _Ground) -> float:
    """Where no cell is in reach at all the gap is at least that of a hole."""
    return max(weak - ground.config["rsrp_hole"], 0.0)


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    if not rows:
        return tables.empty(tables.SITE_REQUESTS)
    # Points are full at ten customers (handbook): of equal ones that of more customers, then of more gain, is first.
    order = ["priority", "customers", "predicted_net_customers", "request_no"]
    frame = pd.DataFrame(rows).sort_values(order, ascending=[False, False, False, True], kind="stable")
    return tables.conform(frame.reset_index(drop=True), tables.SITE_REQUESTS)
