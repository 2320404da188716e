"""What is said of a hotspot: counts, interval, trend, precision, outline, sentences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoservice import grid
from geoservice.hotspots.calendar import Steps
from geoservice.stats.rates import poisson_interval

GROUP_WORDS = {
    "coverage": ("信号覆盖", "coverage"),
    "drop": ("掉话", "dropped-call"),
    "access": ("接通", "call-setup"),
    "voice": ("语音质量", "voice-quality"),
    "data": ("上网", "data"),
    "terminal": ("终端", "handset"),
    "all": ("各类", "network"),
}
UNIT_WORDS = {
    "satisfied_calls": ("按通话报告总量", "from all call reports"),
    "subscribers": ("按用户数", "from the subscribers"),
    "population": ("按人口", "from the population"),
    "traffic": ("按话务量", "from the traffic"),
    "history": ("按该处历史占比", "from the place's own history"),
    "class_mix": ("按投诉类别构成", "from the mix of classes"),
}

# Outlines are drawn across gaps this many hexes deep on every side.
GAP_RINGS = 2


@dataclass(frozen=True)
class Count:
    """Customers against the expectation."""

    customers: int
    contacts: int
    expected: float

    @property
    def risk(self) -> float:
        return self.customers / max(self.expected, 1e-9)

    @property
    def interval(self) -> tuple[float, float]:
        low, high = poisson_interval(np.array([float(self.customers)]))
        return float(low[0]) / max(self.expected, 1e-9), float(high[0]) / max(self.expected, 1e-9)


def number(value: float) -> str:
    """A figure for a sentence: two significant digits below ten, whole above."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.095 else f"{value:.2g}"


def probability(p_value: float) -> str:
    """A p-value for a sentence."""
    return f"p = {p_value:.3f}" if p_value >= 0.001 else "p < 0.001"


@dataclass(frozen=True)
class Span:
    """When a hotspot was: ``days`` long; ``since`` its first local day if the data begin with it (it may be older);
    ``ended`` its last local day if the data go on after it."""

    days: int
    since: date | None = None
    ended: date | None = None

    @property
    def words(self) -> tuple[str, str]:
        """What is said of the open and the closed end, Chinese and English."""
        chinese, english = "", ""
        if self.since:
            chinese += f"至少自 {self.since.isoformat()} 起，"
            english += f", at least since {self.since.isoformat()}"
        if self.ended:
            chinese += f"{self.ended.isoformat()} 后不再突出，"
            english += f", not after {self.ended.isoformat()}"
        return chinese, english


def sentences(count: Count, span: Span, p_value: float, group: str, kind: str) -> tuple[str, str]:
    """The finding in one plain sentence, Chinese and English."""
    zh_group, en_group = GROUP_WORDS[group]
    zh_kind, en_kind = UNIT_WORDS[kind]
    chance = probability(p_value)
    zh_when, en_when = span.words
    expected = number(count.expected)
    chinese = (
        f"{zh_when}{span.days} 天内 {count.customers} 位用户投诉{zh_group}问题，{zh_kind}预期约 {expected} 位"
        f"（{number(count.risk)} 倍，{chance}）。"
    )
    people = "customer" if count.customers == 1 else "customers"
    comma = "," if en_when else ""
    days = "1 day" if span.days == 1 else f"{span.days} days"
    english = (
        f"{count.customers} {people} with {en_group} complaints in {days}{en_when}{comma} "
        f"where {expected} were expected {en_kind} ({number(count.risk)} times, {chance})."
    )
    return chinese, english


def trend(steps: Steps, customers: NDArray[np.int64], expected: NDArray[np.float64]) -> list[list[Any]]:
    """[time, customers, expected] of every step of the run, for the hotspot's hexes."""
    times = [stamp.isoformat() for stamp in steps.edges[:-1]]
    return [[t, int(c), round(float(e), 3)] for t, c, e in zip(times, customers, expected, strict=True)]


def outline(hexes: NDArray[np.int64], known: NDArray[np.int64]) -> dict[str, Any]:
    """The hotspot's outline as a GeoJSON geometry, drawn across small gaps of which nothing is known.

    hexes : the hotspot's; known : all of the analysis, in which somebody lives or has reported. A hex of neither kind
    (a lake, a field) that lies between the hotspot's hexes is no hole in it.
    """
    wide = grid.disk(hexes, GAP_RINGS)
    between = wide[(grid.neighbour_table(wide, GAP_RINGS) >= 0).all(axis=1)]
    drawn = np.union1d(hexes, np.setdiff1d(between, known))
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(grid.outline(drawn)))
    return geometry


def class_mix(members: pd.DataFrame) -> dict[str, int]:
    """Distinct customers per class code, most first."""
    return {
        str(k): int(v) for k, v in members.groupby("class")["customer"].nunique().sort_values(ascending=False).items()
    }


def centre(hexes: NDArray[np.int64], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Customer-weighted centre; the hexes' own centre when no weight is left. Safe across the 180th meridian."""
    lat, lon = grid.hex_to_latlon(hexes)
    share = weights / weights.sum() if weights.sum() > 0 else np.full(len(hexes), 1.0 / len(hexes))
    around = (lon - lon[0] + 180.0) % 360.0 - 180.0
    east = lon[0] + float((share * around).sum())
    return float((share * lat).sum()), (east + 180.0) % 360.0 - 180.0
