"""Scoring of findings against a planted truth.

Rules
-----
* A planted problem is *found* by a hotspot that lies on it and overlaps it in time: the hotspot's
  centre, or the centre of one of its hexes, within ``radius_m`` + 500 m of the problem's centre.
  The best of several is the one whose top cause is right, then the nearest.
* A hotspot that lies on no planted problem (in place and time) is *false*.
* The *cause* is right when the top diagnosis names the planted cause or its equivalent. The only
  equivalents are codes the handbook (section 6) puts in one row of the decision table:
  K_TERM and K_SIM (handset or card, both A01); and K_TX and K_VOICE, because voice broken by loss
  on the transport behind a clean radio *is* the media path (both A17, network maintenance).
* The *action* is right when one of the actions proposed for that hotspot belongs to the handbook's
  row of the planted cause, and none of the refused shortcuts (a site for anything but a hole,
  indoor ground or weak ground where cheaper ways fail) stands first.
* A handset batch has no place of its own: any hotspot diagnosed K_TERM or K_SIM that overlaps it in
  time and lies within twice its radius counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoservice.errors import InputError
from geoservice.grid import hex_to_latlon, text_to_hex

NEAR_M = 500.0
_EARTH_M = 6_371_008.8
EQUIVALENT: tuple[frozenset[str], ...] = (frozenset({"K_TERM", "K_SIM"}), frozenset({"K_TX", "K_VOICE"}))
# Actions of each cause's row in the handbook's decision table, section 6.
ACTIONS_OF: Mapping[str, frozenset[str]] = {
    "K_NONNET": frozenset({"A19"}),
    "K_PROV": frozenset({"A03"}),
    "K_TERM": frozenset({"A01"}),
    "K_SIM": frozenset({"A01"}),
    "K_OUTAGE": frozenset({"A04"}),
    "K_ENERGY": frozenset({"A05"}),
    "K_HOLE": frozenset({"A15", "A16", "A20"}),
    "K_LOCAL": frozenset({"A15", "A16"}),
    "K_WEAK": frozenset({"A06", "A07", "A08", "A09"}),
    "K_NODOM": frozenset({"A06", "A07", "A08"}),
    "K_OVERSHOOT": frozenset({"A07", "A08", "A10"}),
    "K_HYST": frozenset({"A06"}),
    "K_INDOOR": frozenset({"A14", "A04"}),
    "K_NBR": frozenset({"A10"}),
    "K_ULINTF": frozenset({"A12"}),
    "K_PCI": frozenset({"A11"}),
    "K_CONG": frozenset({"A13"}),
    "K_ACCESS": frozenset({"A17", "A04"}),
    "K_UL": frozenset({"A17"}),
    "K_VOICE": frozenset({"A17"}),
    "K_ECHO": frozenset({"A17"}),
    "K_TX": frozenset({"A04", "A17"}),
    "K_PAGING": frozenset({"A17", "A06"}),
    "K_UNKNOWN": frozenset({"A02"}),
}
_BUILDING = frozenset({"A16"})


@dataclass(frozen=True, slots=True)
class Score:
    """How the findings stand against the truth; ``details`` holds one record per planted problem."""

    planted: int
    found: int
    false_hotspots: int
    cause_right: int
    action_right: int
    details: tuple[dict[str, Any], ...]


def evaluate(
    truth: Sequence[Mapping[str, Any]], hotspots: pd.DataFrame, diagnoses: pd.DataFrame, actions: pd.DataFrame
) -> Score:
    """Score hotspots, diagnoses and actions against planted problems by the rules of this module.

    Parameters
    ----------
    truth : list as in ``truth.json``: id, cause, classes, lat, lon, radius_m, from, to, cells.
    hotspots, diagnoses, actions : tables of one run; diagnoses and actions may hold other subjects too.

    Raises
    ------
    InputError
        A planted problem lacks one of the fields, named in the message.
    """
    for number, problem in enumerate(truth, 1):
        _check(problem, number)
    causes = _top_causes(diagnoses)
    gaps = _gaps_m(truth, hotspots)
    matched = _matches(truth, hotspots, causes, gaps)
    details = tuple(
        _judge(problem, matched[row], gaps[row], hotspots, causes, actions) for row, problem in enumerate(truth)
    )
    return Score(
        planted=len(details),
        found=sum(detail["hotspot"] is not None for detail in details),
        false_hotspots=int((~matched.any(axis=0)).sum()) if len(truth) else len(hotspots),
        cause_right=sum(bool(detail["cause_right"]) for detail in details),
        action_right=sum(bool(detail["action_right"]) for detail in details),
        details=details,
    )


def same_cause(planted: str, said: str | None) -> bool:
    """Whether the said cause is the planted one or its documented equivalent."""
    return said == planted or any(planted in pair and said in pair for pair in EQUIVALENT)


def _check(problem: Mapping[str, Any], number: int) -> None:
    for field in ("id", "cause", "lat", "lon", "radius_m", "from", "to"):
        if field not in problem:
            raise InputError(f"truth, problem {number}: {field} is missing", field=field)


def _top_causes(diagnoses: pd.DataFrame) -> dict[str, str]:
    first = diagnoses[diagnoses["rank"] == 1]
    return dict(zip(first["subject_id"].astype(str), first["cause"].astype(str), strict=True))


def _gaps_m(truth: Sequence[Mapping[str, Any]], hotspots: pd.DataFrame) -> np.ndarray:
    """Distance of each problem's centre to the nearest point of each hotspot, shape (problems, hotspots)."""
    gaps = np.full((len(truth), len(hotspots)), np.inf)
    if not len(truth):
        return gaps
    lat, lon = (np.array([problem[axis] for problem in truth], float) for axis in ("lat", "lon"))
    for column, spot in enumerate(hotspots.to_dict("records")):
        there = _points(spot)
        gaps[:, column] = _distance_m(lat[:, None], lon[:, None], there[0], there[1]).min(axis=1)
    return gaps


def _points(spot: Mapping[Any, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Centre of a hotspot and of its hexes."""
    listed = spot.get("hexes")
    texts = [item[0] if isinstance(item, list | tuple) else item for item in listed] if listed is not None else []
    lat, lon = hex_to_latlon(text_to_hex([str(text) for text in texts])) if len(texts) else (np.empty(0), np.empty(0))
    return np.append(lat, float(spot["lat"])), np.append(lon, float(spot["lon"]))


def _distance_m(lat1: np.ndarray, lon1: np.ndarray, lat2: np.ndarray, lon2: np.ndarray) -> np.ndarray:
    """Haversine on the mean sphere."""
    a, b = np.radians(lat1), np.radians(lat2)
    h = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    return np.asarray(2 * _EARTH_M * np.arcsin(np.sqrt(h)))


def _matches(
    truth: Sequence[Mapping[str, Any]], hotspots: pd.DataFrame, causes: Mapping[str, str], gaps: np.ndarray
) -> np.ndarray:
    """True where a hotspot lies on a problem in place and time."""
    matched = np.zeros(gaps.shape, bool)
    begin, finish = (pd.to_datetime(hotspots[name], utc=True) for name in ("from", "to"))
    ids = hotspots["hotspot_id"].astype(str)
    handset = ids.map(lambda spot: same_cause("K_TERM", causes.get(spot))).to_numpy(bool)
    for row, problem in enumerate(truth):
        overlap = (begin <= pd.Timestamp(problem["to"])) & (finish >= pd.Timestamp(problem["from"]))
        reach = np.full(len(hotspots), float(problem["radius_m"]) + NEAR_M)
        if same_cause("K_TERM", problem["cause"]):
            reach = np.where(handset, np.maximum(reach, 2 * float(problem["radius_m"])), reach)
        matched[row] = overlap.to_numpy(bool) & (gaps[row] <= reach)
    return matched


def _judge(
    problem: Mapping[str, Any], matched: np.ndarray, gap_m: np.ndarray, hotspots: pd.DataFrame,
    causes: Mapping[str, str], actions: pd.DataFrame,
) -> dict[str, Any]:  # fmt: skip
    detail: dict[str, Any] = {
        "id": problem["id"], "cause": problem["cause"], "hotspot": None, "distance_m": None, "said": None,
        "cause_right": False, "action_right": False, "verdict": "missed",
    }  # fmt: skip
    if not matched.any():
        return detail
    spot = _choose(problem, np.flatnonzero(matched), gap_m, hotspots, causes)
    hotspot_id = str(hotspots["hotspot_id"].iloc[spot])
    said = causes.get(hotspot_id)
    right = same_cause(problem["cause"], said)
    verdict = "found, cause right" if right else "found, cause wrong"
    detail |= {"hotspot": hotspot_id, "distance_m": round(float(gap_m[spot])), "said": said, "cause_right": right}
    detail |= {"action_right": _action_right(problem["cause"], hotspot_id, actions), "verdict": verdict}
    return detail


def _choose(
    problem: Mapping[str, Any], rows: np.ndarray, gap_m: np.ndarray, hotspots: pd.DataFrame, causes: Mapping[str, str]
) -> int:
    ids = hotspots["hotspot_id"].astype(str).to_numpy()
    wrong = np.array([not same_cause(problem["cause"], causes.get(ids[row])) for row in rows])
    return int(rows[np.lexsort([gap_m[rows], wrong])[0]])


def _action_right(cause: str, hotspot_id: str, actions: pd.DataFrame) -> bool:
    mine = actions[actions["subject_id"].astype(str) == hotspot_id].sort_values("rank")
    said = mine["action"].astype(str).tolist()
    fitting = ACTIONS_OF.get(cause, frozenset())
    shortcut = bool(said) and said[0] in _BUILDING and not (_BUILDING & fitting)
    return bool(set(said) & fitting) and not shortcut
