"""What else was tried before a request, and several new sites weighed one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy
from geoservice.config import Config
from geoservice.radio.benefit import effect
from geoservice.records import WhatIf
from geoservice.siting.area import Area
from geoservice.siting.need import Need, Refusal
from geoservice.siting.planned import Wait
from geoservice.siting.proposal import MIN_LIFTED, Proposal, lifted_share


def alternatives(need: Need, others: Sequence[Refusal | Wait], proposal: Proposal) -> list[dict[str, Any]]:
    """What else was tried and why it is not enough: parameters, planned sites, other types and places."""
    tried = [
        {
            "option": entry["action"],
            **({"changes": entry["changes"]} if entry.get("changes") else {}),
            "net_customers": entry["net_customers"],
            "reason": entry["reason"],
        }
        for entry in need.tried
    ]
    passed = [
        {
            "option": f"{other.kind.type} ({other.spot.lat:.5f}, {other.spot.lon:.5f})",
            "net_customers": other.net_customers,
            "reason": other.shortfall,
        }
        for other in proposal.passed_over
    ]
    return [*tried, *(_waited(o, proposal) for o in others if isinstance(o, Wait)), *passed,
            *(_refused(o) for o in others if isinstance(o, Refusal))]  # fmt: skip


def _refused(other: Refusal) -> dict[str, Any]:
    return {"option": other.code, "reason": f"{other.reason_zh} / {other.reason_en}"}


def _waited(other: Wait, proposal: Proposal) -> dict[str, Any]:
    """A planned site, its distance from the proposed position as in every answer about the request."""
    here, there = proposal.spot, other.spot
    distance = float(np.asarray(geodesy.distance_m(here.lat, here.lon, there.lat, there.lon)))
    zh, en = other.words(distance)
    return {
        "option": f"planned-site {other.plan_no}", "plan_no": other.plan_no, "expected_on_air": other.on_air,
        "distance_m": round(distance), "lifted_customers": round(other.lifted_customers, 1),
        "of_customers": round(other.of_customers, 1), "net_customers": round(other.gain - other.harm, 1),
        "reason": f"{zh} / {en}",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A site that is requested already, and its what-if."""

    request_no: str
    outcome: pd.DataFrame


def asked_before(hotspot_id: str, need: Need, area: Area, asked: Sequence[Asked], config: Config) -> Refusal | None:
    """The refusal of a second site where one requested for another hotspot lifts enough of this place too."""
    if need.indoor:
        return None
    lifted = {one.request_no: lifted_share(one.outcome, area, config) for one in asked}
    best = max(lifted, key=lambda number: lifted[number], default="")
    if not best or lifted[best] < MIN_LIFTED:
        return None
    share = f"{lifted[best]:.0%}"
    return Refusal(
        hotspot_id, "asked-before", f"需求单 {best} 的站点已覆盖此处 {share} 的弱区，不重复建站",
        f"the site of request {best} lifts {share} of these hexes too: one site for both",
    )  # fmt: skip


def one_after_another(proposals: Sequence[Proposal], what_if: WhatIf, config: Config) -> list[Proposal]:
    """Proposals whose figures are what each adds to the ones before it, so that they sum to what all bring.

    Two sites may lift the same customers; counted apart they would be counted twice.
    """
    if len(proposals) < 2 or any(not p.changes for p in proposals):
        return list(proposals)
    found: list[Proposal] = []
    before: pd.DataFrame | None = None
    for number, proposal in enumerate(proposals, start=1):
        outcome = what_if([change for p in proposals[:number] for change in p.changes])
        step = outcome if before is None else _on_top(outcome, before)
        added = effect(step, config)
        found.append(replace(proposal, gain_customers=added.gain, harm_customers=added.harm, outcome=step))
        before = outcome
    return found


def _on_top(outcome: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """A what-if seen from the state another one left: its "after" is this one's "before"."""
    known = before.set_index("hex").reindex(outcome["hex"])
    seen = np.isin(outcome["hex"].to_numpy(np.int64), before["hex"].to_numpy(np.int64))
    moved = outcome.copy()
    for name in (n for n in outcome.columns if "before" in n):
        left = known[name.replace("before", "after")].set_axis(outcome.index)
        moved[name] = outcome[name].where(~seen, left)
    return moved
