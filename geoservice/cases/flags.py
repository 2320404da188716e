"""Repeat, duplicate, escalated, difficult, major, urgent: the handbook's definitions, computed (section 8)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.cases.escalation import MAJOR_BODIES, mentions
from geoservice.config import Config
from geoservice.geodesy import METRES_PER_DEGREE

Bools = NDArray[np.bool_]

ESCALATED_CHANNELS = ("regulator", "group", "province", "consumer_council")
CLOSED = ("closed", "answered", "resolved", "done", "已办结", "已归档", "已回复")
UNSOLVED = "暂时无法解决"
REFUSED = "不接受|不同意|拒绝|不认可|refus|not accept"
# Farther back than five contacts of a customer with one class no earlier ticket is sought.
LOOK_BACK = 5
PLACE_RESOLUTION = 9


def flags(complaints: pd.DataFrame, fixes: pd.DataFrame, config: Config) -> pd.DataFrame:
    """What each complaint is against those before it.

    Parameters
    ----------
    complaints : table COMPLAINTS.
    fixes : table FIXES; the most probable fix is the complaint's place.

    Returns
    -------
    DataFrame
        One row per complaint: ``complaint_id``, ``escalated``, ``duplicate_of``, ``repeat_of``,
        ``repeats`` (how many earlier tickets it repeats), ``linked_to`` (same customer, another
        phenomenon or place), ``difficult``, ``major`` (suggested; a human confirms), ``urgent``,
        ``announced`` (its text names a body above the operator; see :mod:`geoservice.cases.escalation`).
    """
    frame = _placed(complaints, fixes)
    earlier = _earlier(frame, config)
    major = _many_customers(frame, config)
    result = pd.DataFrame({"complaint_id": frame["complaint_id"]})
    result["escalated"] = frame["channel"].isin(ESCALATED_CHANNELS).to_numpy(bool)
    result = result.join(earlier)
    repeated = result["repeats"].to_numpy() >= 2
    named = [{mention.body for mention in mentions(text)} for text in _said(frame)]
    result["announced"] = np.array([bool(bodies) for bodies in named], bool)
    result["major"] = major | repeated | np.array([bool(bodies & MAJOR_BODIES) for bodies in named], bool)
    result["difficult"] = _difficult(frame, earlier)
    total = frame["class"].eq("NO_COVERAGE") | (frame["class"].eq("ACCESS_FAILURE") & frame["direction"].eq("both"))
    result["urgent"] = total.fillna(False).to_numpy(bool)
    return result


def _placed(complaints: pd.DataFrame, fixes: pd.DataFrame) -> pd.DataFrame:
    best = fixes[fixes["rank"] == 0].drop_duplicates("complaint_id")
    best = best[["complaint_id", "lat", "lon", "radius_m"]].set_axis(["complaint_id", "y", "x", "radius"], axis=1)
    frame = complaints.merge(best, on="complaint_id", how="left").sort_values("accepted_at", kind="stable")
    return frame.reset_index(drop=True)


def _earlier(frame: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Duplicate, repeat and link of each row against the customer's contacts before it."""
    known = frame["customer_key"].notna().to_numpy(bool)
    found = {name: np.full(len(frame), None, object) for name in ("duplicate_of", "repeat_of", "linked_to")}
    repeats = np.zeros(len(frame), np.int64)
    groups = frame.groupby("customer_key", sort=False)
    for step in range(1, LOOK_BACK + 1):
        position = groups.cumcount().to_numpy() >= step
        rows = np.flatnonzero(known & position)
        before = _shifted(frame, step)[rows]
        duplicate, repeat = _compare(frame, rows, before, config)
        ids = frame["complaint_id"].to_numpy(object)[before]
        _fill(found["duplicate_of"], rows, ids, duplicate)
        _fill(found["repeat_of"], rows, ids, repeat & ~duplicate)
        _fill(found["linked_to"], rows, ids, ~duplicate & ~repeat)
        repeats[rows[repeat & ~duplicate]] += 1
    for name in ("repeat_of", "linked_to"):  # an appended contact is not a ticket of its own
        found[name][found["duplicate_of"] != None] = None  # noqa: E711
    return pd.DataFrame(found).assign(repeats=np.where(pd.isna(found["duplicate_of"]), repeats, 0))


def _shifted(frame: pd.DataFrame, step: int) -> NDArray[np.int64]:
    rows = pd.Series(np.arange(len(frame)), index=frame.index)
    moved = rows.groupby(frame["customer_key"], sort=False).shift(step)
    return moved.fillna(-1).to_numpy(np.int64)


def _fill(target: np.ndarray, rows: NDArray[np.int64], values: np.ndarray, where: Bools) -> None:
    empty = np.array([target[row] is None for row in rows], bool)
    chosen = where & empty
    target[rows[chosen]] = values[chosen]


def _compare(
    frame: pd.DataFrame, rows: NDArray[np.int64], before: NDArray[np.int64], config: Config
) -> tuple[Bools, Bools]:
    """Duplicate: same class within 24 h, ticket still open. Repeat: class and place of an answered one in 90 days."""
    now, then = frame.iloc[rows], frame.iloc[before]
    gap = now["accepted_at"].to_numpy() - then["accepted_at"].to_numpy()
    hours = gap / np.timedelta64(1, "h")
    same = now["class"].to_numpy(object) == then["class"].to_numpy(object)
    answered = then["status"].str.lower().isin(CLOSED).to_numpy(bool)
    overdue = hours > 24 * config["sla_legal_calendar_days"]
    place = _same_place(now, then, config)
    duplicate = same & (hours <= config["duplicate_hours"]) & ~answered
    repeat = same & place & (hours <= 24 * config["repeat_days"]) & (answered | overdue)
    return duplicate, repeat


def _same_place(now: pd.DataFrame, then: pd.DataFrame, config: Config) -> Bools:
    """Within the neighbouring hex at resolution 9, or with intersecting circles of uncertainty."""
    y1, x1, r1 = (now[c].to_numpy(float) for c in ("y", "x", "radius"))
    y2, x2, r2 = (then[c].to_numpy(float) for c in ("y", "x", "radius"))
    distance = METRES_PER_DEGREE * np.hypot(y1 - y2, (x1 - x2) * np.cos(np.radians(y1)))
    steps = config["repeat_ring_r9"] + 0.5
    near = distance <= steps * np.sqrt(3.0) * grid.MEAN_EDGE_M[PLACE_RESOLUTION]
    return np.asarray(near | (distance <= r1 + r2))


def _difficult(frame: pd.DataFrame, earlier: pd.DataFrame) -> Bools:
    """A repeat whose earlier answer was "cannot be solved for now", explained again and refused."""
    results = frame.set_index("complaint_id")["result"]
    before = earlier["repeat_of"].map(results)
    unsolved = before.fillna("").astype(str).str.contains(UNSOLVED).to_numpy(bool)
    refused = _said(frame).str.contains(REFUSED, case=False, regex=True).to_numpy(bool)
    return np.asarray(unsolved & (refused | (earlier["repeats"].to_numpy() >= 2)))


def _said(frame: pd.DataFrame) -> pd.Series:
    """What the customer said, and what was noted beside it."""
    return frame["text"].fillna("") + " " + frame["event_note"].fillna("")


def _many_customers(frame: pd.DataFrame, config: Config) -> Bools:
    """At least three customers with one class in the hex and its neighbours (resolution 8) within seven days."""
    major = np.zeros(len(frame), bool)
    placed = frame["y"].notna().to_numpy(bool) & frame["class"].notna().to_numpy(bool)
    if not placed.any():
        return major
    rows = np.flatnonzero(placed)
    hexes = grid.to_hex(frame["y"].to_numpy(float)[rows], frame["x"].to_numpy(float)[rows], int(config["major_res"]))
    spread = _to_neighbours(rows, hexes)
    spread["class"] = frame["class"].to_numpy(object)[spread["row"]]
    spread["who"] = frame["customer_key"].fillna(frame["complaint_id"]).to_numpy(object)[spread["row"]]
    spread["day"] = frame["accepted_at"].astype("int64").to_numpy()[spread["row"]] / 86_400e6
    for _, part in spread.groupby(["class", "hex"], sort=False):
        if len(part) >= config["major_customers"]:
            major[part["row"].to_numpy()[_crowded(part, config) & part["own"].to_numpy(bool)]] = True
    return major


def _to_neighbours(rows: NDArray[np.int64], hexes: grid.Hexes) -> pd.DataFrame:
    """Each row once for its own hex and once for each neighbour; ``own`` marks the former."""
    rings = {int(h): grid.ring_neighbours(int(h), 1) for h in np.unique(hexes)}
    lists = [rings[int(h)] for h in hexes]
    sizes = [len(ring) for ring in lists]
    spread = pd.DataFrame({"row": np.repeat(rows, sizes), "hex": np.concatenate(lists)})
    return spread.assign(own=spread["hex"].to_numpy() == np.repeat(hexes, sizes))


def _crowded(part: pd.DataFrame, config: Config) -> Bools:
    """Rows (in time order) by which enough distinct customers had complained in the days before."""
    day, who = part["day"].to_numpy(float), part["who"].to_numpy(object)
    first = np.searchsorted(day, day - config["major_days"], side="left")
    counts = [len(set(who[a : b + 1])) for b, a in enumerate(first)]
    return np.asarray(counts) >= config["major_customers"]
