"""From merged findings to the tables HOTSPOTS and HOTSPOT_MEMBERS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid, tables
from geoservice.hotspots import figures
from geoservice.hotspots.calendar import Steps
from geoservice.hotspots.control import Finding
from geoservice.hotspots.hexrates import group_rates
from geoservice.hotspots.merging import Merged
from geoservice.hotspots.search import Setting, survives_precise
from geoservice.stats.lattice import Window


def assemble(merged: list[Merged], setting: Setting, steps: Steps) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of hotspots (ranked by excess customers) and of their complaints."""
    if not merged:
        return tables.empty(tables.HOTSPOTS), tables.empty(tables.HOTSPOT_MEMBERS)
    groups = _groups(merged, setting)
    built = [_hotspot(hotspot, setting, steps, groups) for hotspot in merged]
    built = [(row, members) for row, members in built if row["customers"] > row["expected"]]
    built.sort(key=lambda pair: (pair[0]["expected"] - pair[0]["customers"], -pair[0]["llr"]))
    for rank, (row, members) in enumerate(built, start=1):
        row["rank"], row["hotspot_id"] = rank, f"H{rank:04d}"
        members["hotspot_id"] = row["hotspot_id"]
    hotspots = tables.conform(pd.DataFrame([row for row, _ in built]), tables.HOTSPOTS)
    return hotspots, tables.concat(
        (tables.conform(members, tables.HOTSPOT_MEMBERS) for _, members in built), tables.HOTSPOT_MEMBERS
    )


@dataclass(frozen=True)
class _Group:
    """A group's expectation and its events."""

    expected: NDArray[np.float64]
    positions: NDArray[np.int64]
    steps: NDArray[np.int64]

    def usual(self, window: Window) -> NDArray[np.float64]:
        """Expected per step in a window's hexes at the rate outside the window.

        The scan's expectation is conditional on the total, the window's own excess included; with the
        rate outside, customers / expected is the relative risk (inside over outside). Half a customer
        on both sides keeps it above zero when all complaints are inside.
        """
        inside = np.zeros(self.expected.shape, bool)
        inside[window.members, window.start : window.stop] = True
        outside = float((~inside[self.positions, self.steps]).sum())
        within = float(self.expected[window.members, window.start : window.stop].sum())
        rate = (outside + 0.5) / (float(self.expected.sum()) - within + 0.5)
        return np.asarray(self.expected[window.members].sum(axis=0) * rate)


def _groups(merged: list[Merged], setting: Setting) -> dict[str, _Group]:
    found = {group for hotspot in merged for group in hotspot.groups}
    return {group: _group(setting, group) for group in found}


def _group(setting: Setting, group: str) -> _Group:
    return _Group(setting.usual(group).expected, *setting.cells(setting.first(group)))


def _hotspot(
    hotspot: Merged, setting: Setting, steps: Steps, groups: dict[str, _Group]
) -> tuple[dict[str, Any], pd.DataFrame]:
    window, lead = hotspot.lead.window, hotspot.lead
    hexes = setting.region.hexes[window.members]
    inside = _inside(setting, hotspot.groups, hexes)
    members = inside[(inside["step"] >= window.start) & (inside["step"] < window.stop)]
    usual = np.sum([groups[group].usual(window) for group in hotspot.groups], axis=0)
    count = figures.Count(members["customer"].nunique(), len(members), float(usual[window.start : window.stop].sum()))
    weight = _hex_weights(setting, members, hexes)
    lat, lon = figures.centre(hexes, weight)
    zh, en = figures.sentences(count, _span(window, steps), lead.p_adjusted, _spoken(hotspot.groups), lead.kind)
    by_step = inside.drop_duplicates(["customer", "step"])["step"].to_numpy(np.int64)
    row: dict[str, Any] = {
        "run_id": setting.options.run_id,
        "lat": lat,
        "lon": lon,
        "resolution": setting.events.resolution,
        "hexes": [[text, round(float(w), 3)] for text, w in zip(grid.hex_to_text(hexes), weight, strict=True)],
        "class_group": lead.group,
        "customers": count.customers,
        "contacts": count.contacts,
        "expected": count.expected,
        "expectation": lead.kind,
        "relative_risk": count.risk,
        "risk_low": count.interval[0],
        "risk_high": count.interval[1],
        "llr": window.llr,
        "p_raw": window.p_value,
        "p_value": lead.p_adjusted,
        "from": steps.edges[window.start],
        "to": steps.edges[window.stop],
        "classes": figures.class_mix(members),
        "trend": figures.trend(steps, np.bincount(by_step, minlength=len(steps)), usual),
        "precise_share": float(members["precise"].mean()) if len(members) else 0.0,
        "survives_precise": survives_precise(lead, setting),
        "emerging": _emerging(setting, lead, hexes),
        "outline": figures.outline(hexes, setting.region.hexes),
        "sentence_zh": zh,
        "sentence_en": en,
        "seed": setting.options.seed,
        "state": "new",
    }
    return row, _members(setting, members, hexes)


def _span(window: Window, steps: Steps) -> figures.Span:
    """A window's time; what the period's first step belongs to may have begun before the period."""
    return figures.Span(
        steps.days(window.start, window.stop),
        steps.first_day(0) if window.start == 0 else None,
        steps.last_day(window.stop) if window.stop < len(steps) else None,
    )


def _emerging(setting: Setting, lead: Finding, hexes: NDArray[np.int64]) -> str:
    """Commonest emerging class among the hotspot's hexes, of the leading group."""
    classes = group_rates(setting, lead.group)
    named = [] if classes is None else [str(kind) for kind in classes.set_index("hex").loc[hexes, "emerging"] if kind]
    return max(sorted(set(named)), key=named.count) if named else ""


def _spoken(groups: tuple[str, ...]) -> str:
    return groups[0] if len(groups) == 1 else "all"


def _inside(setting: Setting, groups: tuple[str, ...], hexes: NDArray[np.int64]) -> pd.DataFrame:
    frame = setting.events.frame
    chosen = frame["hex"].isin(hexes)
    return frame[chosen] if groups == ("all",) else frame[chosen & frame["group"].isin(groups)]


def _hex_weights(setting: Setting, members: pd.DataFrame, hexes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Location-weighted customers in every hex of the hotspot (a customer counts once)."""
    weights = setting.events.weights
    mine = weights[weights["complaint_id"].isin(members["complaint_id"]) & weights["hex"].isin(hexes)]
    most = mine.groupby(["hex", "customer"])["weight"].max().groupby("hex").sum()
    return most.reindex(hexes, fill_value=0.0).to_numpy(float)


def _members(setting: Setting, members: pd.DataFrame, hexes: NDArray[np.int64]) -> pd.DataFrame:
    weights = setting.events.weights
    mine = weights[weights["hex"].isin(hexes)].groupby("complaint_id")["weight"].sum()
    share = members["complaint_id"].map(mine).fillna(0.0).clip(upper=1.0)
    return pd.DataFrame({"complaint_id": members["complaint_id"], "weight": share})
