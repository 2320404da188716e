"""Which hotspots need something built, and why the others do not (handbook section 7, "Before building")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoservice import geodesy

# Parameters and antennas come before building.
CHEAPER = ("A06", "A07", "A08", "A09", "A10", "A11", "A13")
_COMPUTED = ("A07", "A08", "A09")
_BUILDS = ("A14", "A16")
_WEAK_CAUSES = ("K_WEAK", "K_NODOM", "K_OVERSHOOT")
_COMING = ("approved", "designed", "building", None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A hotspot or candidate for which no request is made, and the reason in two languages."""

    hotspot_id: str
    code: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class Need:
    """Something is to be built: outdoors or indoors, for which cause, after which trials."""

    cause: str
    indoor: bool
    tried: list[dict[str, Any]]


def judge(hotspot_id: str, diagnoses: pd.DataFrame, actions: pd.DataFrame) -> Need | Refusal:
    """Whether the first cause of a hotspot leads to building."""
    causes = diagnoses[diagnoses["subject_id"] == hotspot_id].sort_values("rank")
    mine = actions[actions["subject_id"] == hotspot_id].sort_values("rank")
    if causes.empty:
        return Refusal(hotspot_id, "no-diagnosis", "尚无诊断", "no diagnosis yet")
    cause, tried = str(causes["cause"].iloc[0]), trials(mine)
    if cause == "K_INDOOR":
        return Need(cause, True, tried)
    if cause in ("K_HOLE", "K_LOCAL"):
        return Need(cause, False, tried)
    if cause in _WEAK_CAUSES:
        return _weak(hotspot_id, cause, mine, tried)
    return Refusal(
        hotspot_id, "other-cause", f"首要原因 {cause} 不靠建站解决", f"first cause {cause} is not mended by building"
    )


def coming(planned: pd.DataFrame) -> pd.DataFrame:
    """Planned sites that are really coming: decided on, not cancelled, not yet on air."""
    decided = np.array([(None if pd.isna(s) else s) in _COMING for s in planned["status"]], bool)
    return planned[decided]


def planned_near(spot: tuple[float, float], radius_m: float, planned: pd.DataFrame) -> pd.Series | None:
    """The nearest planned site that is really coming, within ``radius_m``; None if there is none."""
    near = coming(planned)
    if near.empty:
        return None
    distance = geodesy.distance_m(*spot, near["lat"].to_numpy(float), near["lon"].to_numpy(float))
    nearest = int(np.argmin(distance))
    return near.iloc[nearest] if distance[nearest] <= radius_m else None


def trials(actions: pd.DataFrame) -> list[dict[str, Any]]:
    """What was tried before building: the planned rows of cheaper actions and every ``tried`` entry."""
    found = [
        _trial({"action": row.action, "net_customers": row.net_customers, "basis": row.gain_basis})
        for row in actions.itertuples()
        if row.action in CHEAPER
    ]
    listed = [_trial(entry) for tried in actions["tried"] for entry in _entries(tried)]
    unique: dict[str, dict[str, Any]] = {}
    for entry in [*found, *listed]:
        unique.setdefault(f"{entry['action']}|{entry.get('changes', '')}", entry)
    return list(unique.values())


def _trial(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of ``tried`` with its action, net effect and reason under one name each."""
    net = _number(entry.get("net_customers", entry.get("net")))
    given = entry.get("reason") or " / ".join(str(entry[k]) for k in ("why_zh", "why_en") if entry.get(k))
    rest = {k: v for k, v in entry.items() if k not in ("net", "why_zh", "why_en")}
    return {**rest, "action": str(entry.get("action", "")), "net_customers": net, "reason": given or _why(net)}


def _why(net: float | None) -> str:
    if net is None:
        return "不改变电平，效果看指标 / changes no level, judged by counters"
    if net > 0:
        return "有改善但不足以消除 / helps, but does not cure the place"
    return "净受益不为正 / no net gain"


def _weak(hotspot_id: str, cause: str, actions: pd.DataFrame, tried: list[dict[str, Any]]) -> Need | Refusal:
    computed = actions[actions["action"].isin(_COMPUTED).to_numpy(bool)]
    better = computed[(computed["net_customers"] > 0).fillna(False).to_numpy(bool)]
    if len(better):
        name, net = better["action"].iloc[0], better["net_customers"].iloc[0]
        return Refusal(
            hotspot_id, "cheaper-works", f"{name} 净受益 {net:.0f} 用户，先调整再建站",
            f"{name} helps {net:.0f} customers net: adjust before building",
        )  # fmt: skip
    if not tried and not actions["action"].isin(_BUILDS).any():
        return Refusal(
            hotspot_id, "not-tried", "下倾角、方位角、功率尚未仿真，不能先建站",
            "tilt, azimuth and power were not simulated yet: no building before that",
        )  # fmt: skip
    return Need(cause, False, tried)


def _entries(tried: object) -> list[dict[str, Any]]:
    return [entry for entry in tried if isinstance(entry, dict)] if isinstance(tried, list) else []


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
