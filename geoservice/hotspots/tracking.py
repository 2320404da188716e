"""The same hotspot keeps its number from run to run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoservice import tables
from geoservice.errors import InputError

# Likeness = the larger of hex overlap and shared complaints; below this two hotspots are strangers.
SAME = 0.2
# A change of the excess by less than this is noise.
STEADY = 0.25
EVENT_COLUMNS = ["event", "hotspot_id", "other_id", "likeness"]


@dataclass(frozen=True)
class Tracked:
    """``hotspots`` with lasting ids and states (closed ones of the previous run included); ``events`` of the change.

    events: event (new, matched, closed, reopened, merged, split), hotspot_id, other_id, likeness 0..1.
    """

    hotspots: pd.DataFrame
    members: pd.DataFrame
    events: pd.DataFrame


def track(
    previous: pd.DataFrame, previous_members: pd.DataFrame, current: pd.DataFrame, current_members: pd.DataFrame
) -> Tracked:
    """Give the current hotspots their lasting ids and states.

    Parameters
    ----------
    previous, previous_members : HOTSPOTS and HOTSPOT_MEMBERS of the run before, closed hotspots included.
    current, current_members : the same of this run, with provisional ids.

    Raises
    ------
    InputError
        A hotspot id occurs twice in a run.
    """
    for frame in (previous, current):
        if frame["hotspot_id"].duplicated().any():
            raise InputError("a hotspot id occurs twice in one run", field="hotspot_id")
    likeness = _likeness(previous, previous_members, current, current_members)
    matched = _match(likeness)
    ids = _lasting_ids(previous, current, matched)
    hotspots = current.assign(hotspot_id=ids, state=_states(previous, current, matched))
    closed = _closed(previous, matched, likeness, ids)
    members = current_members.assign(
        hotspot_id=current_members["hotspot_id"].map(dict(zip(current["hotspot_id"], ids, strict=True)))
    )
    events = _events(previous, ids, likeness, matched)
    return Tracked(tables.concat([hotspots, closed], tables.HOTSPOTS), members, events)


def _likeness(
    previous: pd.DataFrame, previous_members: pd.DataFrame, current: pd.DataFrame, current_members: pd.DataFrame
) -> np.ndarray:
    """(previous, current) overlap 0..1 of hexes or of complaints, whichever is larger."""
    old, new = _hex_sets(previous), _hex_sets(current)
    old_ids = _member_sets(previous, previous_members)
    new_ids = _member_sets(current, current_members)
    overlap = [
        [max(_contained(a, b), _contained(p, q)) for b, q in zip(new, new_ids, strict=True)]
        for a, p in zip(old, old_ids, strict=True)
    ]
    return np.array(overlap, float).reshape(len(previous), len(current))


def _contained(a: set[str], b: set[str]) -> float:
    """Mean of the shares each set has in the other: 1 when equal, ½ when one is swallowed by a much larger one."""
    shared = len(a & b)
    return 0.5 * (shared / len(a) + shared / len(b)) if shared else 0.0


def _hex_sets(hotspots: pd.DataFrame) -> list[set[str]]:
    return [{str(item[0]) for item in hexes} for hexes in hotspots["hexes"]]


def _member_sets(hotspots: pd.DataFrame, members: pd.DataFrame) -> list[set[str]]:
    found = {str(key): set(group) for key, group in members.groupby("hotspot_id")["complaint_id"]}
    return [found.get(str(key), set()) for key in hotspots["hotspot_id"]]


def _match(likeness: np.ndarray) -> dict[int, int]:
    """Current → previous, one to one, with the largest total likeness."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-np.where(likeness >= SAME, likeness, 0.0))
    return {int(c): int(r) for r, c in zip(rows, columns, strict=True) if likeness[r, c] >= SAME}


def _lasting_ids(previous: pd.DataFrame, current: pd.DataFrame, matched: dict[int, int]) -> list[str]:
    old = previous["hotspot_id"].tolist()
    used = [int(key[1:]) for key in old if key[1:].isdigit()]
    fresh = max(used, default=0)
    ids = []
    for position in range(len(current)):
        if position in matched:
            ids.append(str(old[matched[position]]))
        else:
            fresh += 1
            ids.append(f"H{fresh:04d}")
    return ids


def _states(previous: pd.DataFrame, current: pd.DataFrame, matched: dict[int, int]) -> list[str]:
    return [
        _state(previous.iloc[matched[position]], current.iloc[position]) if position in matched else "new"
        for position in range(len(current))
    ]


def _state(before: pd.Series, now: pd.Series) -> str:
    if before["state"] == "closed":
        return "reopened"
    # Rounded, so that exactly a quarter is steady whatever the days are that it was divided by.
    change = round(_daily_excess(now) / max(_daily_excess(before), 1e-9), 9)
    return "growing" if change > 1 + STEADY else "fading" if change < 1 - STEADY else "steady"


def _daily_excess(hotspot: pd.Series) -> float:
    """Excess customers per day, so that windows of different lengths compare."""
    days = max((hotspot["to"] - hotspot["from"]).total_seconds() / 86_400, 1.0)
    return float(hotspot["customers"] - hotspot["expected"]) / days


def _closed(previous: pd.DataFrame, matched: dict[int, int], likeness: np.ndarray, ids: list[str]) -> pd.DataFrame:
    gone = sorted(set(range(len(previous))) - set(matched.values()))
    return previous.iloc[gone].assign(state="closed")


def _events(previous: pd.DataFrame, ids: list[str], likeness: np.ndarray, matched: dict[int, int]) -> pd.DataFrame:
    old = previous["hotspot_id"].tolist()
    partner = {r: c for c, r in matched.items()}
    rows: list[tuple[str, str, str, float]] = []
    for c, name in enumerate(ids):
        rows.append(_birth(old, name, likeness, matched, previous, c))
    for r, name in enumerate(old):
        # What had closed before is no news, whoever stands there now.
        if r not in partner and previous.iloc[r]["state"] != "closed":
            home = int(np.argmax(likeness[r])) if likeness.shape[1] else -1
            swallowed = home >= 0 and likeness[r, home] >= SAME
            if swallowed:
                rows.append(("merged", name, ids[home], float(likeness[r, home])))
            else:
                rows.append(("closed", name, "", 0.0))
    return pd.DataFrame(rows, columns=EVENT_COLUMNS)


def _birth(
    old: list[str], name: str, likeness: np.ndarray, matched: dict[int, int], previous: pd.DataFrame, c: int
) -> tuple[str, str, str, float]:
    if c in matched:
        again = previous.iloc[matched[c]]["state"] == "closed"
        return ("reopened" if again else "matched", name, name, float(likeness[matched[c], c]))
    home = int(np.argmax(likeness[:, c])) if len(old) else -1
    if home >= 0 and likeness[home, c] >= SAME:
        return ("split", name, old[home], float(likeness[home, c]))
    return ("new", name, "", 0.0)
