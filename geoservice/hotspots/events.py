"""Complaints as events for the scan: one customer, one place, one hex, one step.

A fix is spread over hexes. The scan needs whole events, so each complaint is assigned to one hex with
the probability of its weight, by a fixed hash of the customer (one draw of a multiple imputation): the
expectation equals the weights, a customer who calls twice from the same place falls into the same hex,
and the draw does not change when other data arrive. Decision 0035.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice import grid
from geoservice.hotspots.calendar import Steps

PRECISE = frozenset({"gnss", "building", "street"})


@dataclass(frozen=True)
class Events:
    """``frame``: one row per located complaint in scope, in order of time; ``weights``: its hexes.

    frame columns: complaint_id, customer, class, group, accepted_at, step, hex, precise (bool).
    """

    frame: pd.DataFrame
    weights: pd.DataFrame
    resolution: int

    def first(self, group: str, last: bool = False) -> pd.DataFrame:
        """One event per customer and place in a group: the first contact (the last, for prospective scans)."""
        chosen = self.frame if group == "all" else self.frame[self.frame["group"] == group]
        return chosen.drop_duplicates(["customer", "place"], keep="last" if last else "first")


def in_scope(complaints: pd.DataFrame, classes: pd.DataFrame, steps: Steps) -> pd.DataFrame:
    """Complaints of the period that concern the network, with ``group``, ``customer`` and ``step``."""
    group = complaints["class"].map(dict(zip(classes["class"], classes["group"], strict=True))).fillna("all")
    step = steps.of(complaints["accepted_at"])
    chosen = (group != "none").to_numpy() & (step >= 0)
    chosen &= ~complaints["complaint_id"].duplicated().to_numpy()
    frame = complaints.loc[chosen, ["complaint_id", "class", "accepted_at"]].copy()
    frame["group"] = group[chosen].astype("str")
    frame["step"] = step[chosen]
    frame["customer"] = complaints.loc[chosen, "customer_key"].fillna(frame["complaint_id"])
    return frame.sort_values("accepted_at", kind="stable").reset_index(drop=True)


def locate(frame: pd.DataFrame, fixes: pd.DataFrame, weights: pd.DataFrame, resolution: int) -> Events:
    """Events with a hex; complaints without any weight (too coarse) are left out."""
    weights = weights[weights["weight"] > 0]
    customer = weights["complaint_id"].map(frame.set_index("complaint_id")["customer"])
    weights = weights.assign(customer=customer)[customer.notna().to_numpy()]
    hexes = _drawn(weights)
    located = frame[frame["complaint_id"].isin(hexes.index).to_numpy()].copy()
    # A map with gaps would pass the 64-bit hexes through floats and change them.
    located["hex"] = hexes.loc[located["complaint_id"]].to_numpy("int64")
    located["place"] = grid.parents(located["hex"].to_numpy(), place_resolution(resolution)) if len(located) else 0
    located["precise"] = located["complaint_id"].isin(_precise(fixes))
    return Events(located.reset_index(drop=True), weights, resolution)


def place_resolution(resolution: int) -> int:
    """Resolution of a *place*: contacts of a customer within it are one event."""
    return max(resolution - 2, 0)


def _drawn(weights: pd.DataFrame) -> pd.Series:
    """One hex per complaint, drawn by a hash of the customer with the probability of the weights."""
    ordered = weights.sort_values(["complaint_id", "weight", "hex"], ascending=[True, False, True], kind="stable")
    total = ordered.groupby("complaint_id")["weight"].transform("sum")
    reached = ordered.groupby("complaint_id")["weight"].cumsum() / total
    chosen = ordered[(reached >= uniforms(ordered["customer"]) - 1e-12).to_numpy()]
    return chosen.drop_duplicates("complaint_id").set_index("complaint_id")["hex"]


def uniforms(keys: pd.Series) -> NDArray[np.float64]:
    """A number in [0, 1) per key, the same wherever and whenever it is computed."""
    hashed = pd.util.hash_array(keys.astype("object").to_numpy(), categorize=True)
    return (hashed >> np.uint64(11)).astype(np.float64) / 2.0**53


def _precise(fixes: pd.DataFrame) -> pd.Index:
    best = fixes.sort_values("rank", kind="stable").drop_duplicates("complaint_id")
    return pd.Index(best.loc[best["precision"].isin(PRECISE), "complaint_id"])
