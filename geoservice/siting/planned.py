"""Planned sites near a need, built in the what-if: would waiting be enough?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy
from geoservice.config import Config
from geoservice.radio.benefit import effect
from geoservice.records import WhatIf
from geoservice.siting.area import Area
from geoservice.siting.need import Need, Refusal, coming, planned_near
from geoservice.siting.place import Spot, median_latlon
from geoservice.siting.proposal import MIN_LIFTED, SiteKind, lifted_hexes, new_cells, site_kinds, template_of

# Beyond this a site of any type hardly reaches; a hole wider than that is looked at to twice its radius.
_REACH_M = 2_000.0
_MOST_TRIED = 3
# A planned site within the place's own radius is waited for, and never nearer than a block.
LEAST_WAIT_M = 300.0
# A carrier of the plan and one on air are the same when they differ by less than this share.
_SAME_CARRIER = 0.08
# What the distance to a planned site is measured from.
_FROM_HOLE = ("未覆盖区域中心", "the middle of the uncovered area")
_FROM_REQUEST = ("建议站址", "the proposed position")
_BAND = re.compile(r"(LTE|NR)?\D{0,2}?(\d{3,4})")


@dataclass(frozen=True, slots=True)
class Wait:
    """A planned site and what waiting for it would bring to a hotspot.

    ``distance_m`` is from the middle of the uncovered hexes to ``spot``, where the site is planned.
    ``lifted_customers`` of ``of_customers`` in the uncovered hexes would reach the threshold;
    ``gain`` and ``harm`` count everybody the site touches.
    """

    hotspot_id: str
    plan_no: str
    on_air: str
    distance_m: float
    spot: Spot
    lifted_share: float
    lifted_customers: float
    of_customers: float
    gain: float
    harm: float
    near: bool

    @property
    def lifts(self) -> bool:
        """It is predicted to do what is asked of a new site."""
        return self.lifted_share >= MIN_LIFTED and self.gain >= self.harm

    @property
    def enough(self) -> bool:
        """It lifts, and stands within one radius (handbook, A20): farther away its reach is only a prediction."""
        return self.near and self.lifts

    def words(self, from_request_m: float | None = None) -> tuple[str, str]:
        """One sentence, Chinese and English; in a request the distance is from its own position."""
        gap_m = self.distance_m if from_request_m is None else from_request_m
        zh_from, en_from = _FROM_HOLE if from_request_m is None else _FROM_REQUEST
        zh_date, en_date = (f"，预计{self.on_air}入网", f", on air {self.on_air}") if self.on_air else ("", "")
        of = f"{self.lifted_customers:.0f}/{self.of_customers:.0f}"
        zh = f"等待规划站{self.plan_no}（距{zh_from} {gap_m:.0f} m{zh_date}）：预测使此处未覆盖用户 {of} 名达标"
        en = (
            f"wait for planned site {self.plan_no} ({gap_m:.0f} m from {en_from}{en_date}): "
            f"by prediction lifts {self.lifted_customers:.0f} of the {self.of_customers:.0f} uncovered customers here"
        )
        if self.lifts and not self.near:
            zh += "；超出一个覆盖半径，开通后实测为准，不作等待依据"
            en += "; beyond one radius, to be measured once it is on air, no ground for waiting"
        return zh, en


def wait_first(
    hotspot_id: str, need: Need, area: Area, planned: pd.DataFrame, cells: pd.DataFrame, what_if: WhatIf,
    config: Config,
) -> tuple[list[Wait], Refusal | None]:  # fmt: skip
    """Planned sites tried, and the refusal of a request when one of them does what a new site should.

    What a planned site does indoors is not computed: one within the radius is waited for (handbook, A20).
    """
    centre = median_latlon(area.frame["lat"], area.frame["lon"], area.frame["weight"])
    if need.indoor:
        near = planned_near(centre, area.radius_m(*centre), planned)
        return [], None if near is None else _indoors(hotspot_id, str(near["plan_no"]))
    tried = waits(hotspot_id, centre, area, planned, cells, what_if, config)
    best = max((w for w in tried if w.enough), key=lambda w: w.lifted_share, default=None)
    if best is None:
        return tried, None
    zh, en = best.words()
    return tried, Refusal(hotspot_id, "planned-site", f"{zh}（A20）", f"{en} (A20)")


def _indoors(hotspot_id: str, plan_no: str) -> Refusal:
    zh = f"规划站 {plan_no} 在覆盖半径内，等待建成（A20）"
    return Refusal(hotspot_id, "planned-site", zh, f"planned site {plan_no} is within one radius: wait (A20)")


def waits(
    hotspot_id: str, centre: tuple[float, float], area: Area, planned: pd.DataFrame, cells: pd.DataFrame,
    what_if: WhatIf, config: Config,
) -> list[Wait]:  # fmt: skip
    """Every planned site near the uncovered hexes tried as an alternative, nearest first (at most three)."""
    near = coming(planned)
    if near.empty:
        return []
    distance = geodesy.distance_m(*centre, near["lat"].to_numpy(float), near["lon"].to_numpy(float))
    reach = max(_REACH_M, 2.0 * area.radius_m(*centre))
    chosen = [i for i in np.argsort(distance, kind="stable")[:_MOST_TRIED] if distance[i] <= reach]
    rows = [({str(k): v for k, v in near.iloc[i].items()}, float(distance[i])) for i in chosen]
    radius_m = max(area.radius_m(*centre), LEAST_WAIT_M)
    return [_tried(hotspot_id, row, gap_m, radius_m, area, cells, what_if, config) for row, gap_m in rows]


def _tried(
    hotspot_id: str, plan: Mapping[str, Any], distance_m: float, radius_m: float, area: Area, cells: pd.DataFrame,
    what_if: WhatIf, config: Config,
) -> Wait:  # fmt: skip
    spot = Spot(float(plan["lat"]), float(plan["lon"]))
    kind = _kind(plan)
    template = _on_carrier(template_of(spot, cells), _text(plan.get("bands")))
    azimuths = tuple(azimuths_of(_text(plan.get("azimuths")))) if kind.sectors > 1 else ()
    changes = new_cells(spot, kind, kind.height_m, azimuths, template, f"PLAN-{plan['plan_no']}")
    outcome = what_if(changes)
    lifted = lifted_hexes(outcome, area, config)
    people = _people(area)
    found = effect(outcome, config)
    return Wait(
        hotspot_id, str(plan["plan_no"]), _day(plan.get("expected_on_air")), distance_m, spot,
        float(lifted.mean()), float(people[lifted].sum()), float(people.sum()), found.gain, found.harm,
        distance_m <= radius_m,
    )  # fmt: skip


def _people(area: Area) -> np.ndarray:
    """Exposed customers of the hexes; the complaining ones where no exposure is known."""
    exposed = np.nan_to_num(area.frame["customers"].to_numpy(float, na_value=np.nan))
    return np.asarray(exposed if exposed.sum() > 0 else area.frame["weight"].to_numpy(float))


def _kind(plan: Mapping[str, Any]) -> SiteKind:
    """Antennas of the plan's type, at the plan's height; sectors with azimuths are panels."""
    azimuths = list(azimuths_of(_text(plan.get("azimuths"))))
    named = _text(plan.get("type"))
    kinds = site_kinds()
    kind = kinds.get(named) or (kinds["macro"] if len(azimuths) > 1 or not named else kinds["micro"])
    height = plan.get("height_m")
    known = height is not None and not pd.isna(height)
    return replace(kind, height_m=float(str(height)) if known else kind.height_m)


def azimuths_of(text: str) -> Iterator[float]:
    """Azimuths of ``0|120|240``; three evenly spread where none is given."""
    found = [float(number) % 360.0 for number in re.findall(r"\d+(?:\.\d+)?", text)]
    yield from found or (0.0, 120.0, 240.0)


def _on_carrier(template: dict[str, object], bands: str) -> dict[str, object]:
    """The neighbour's carrier, unless the plan names other bands: then its lowest, which reaches farthest."""
    named = [(rat or "LTE", float(mhz)) for rat, mhz in _BAND.findall(bands.upper())]
    present = template.get("frequency_mhz")
    here = float(str(present)) if present is not None else float("nan")
    if not named or any(abs(mhz - here) <= _SAME_CARRIER * here for _, mhz in named):
        return template
    rat, mhz = min(named, key=lambda band: band[1])
    return {**template, "rat": rat, "frequency_mhz": mhz, "arfcn": None}


def _day(value: Any) -> str:
    return "" if value is None or pd.isna(value) else f"{pd.Timestamp(str(value)):%Y-%m-%d}"


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
