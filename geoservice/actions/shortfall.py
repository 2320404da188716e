"""Why a trial does not do: what it leaves undone among the customers with weak signal around the subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoservice.actions.masts import surroundings
from geoservice.actions.search import Trial
from geoservice.config import Config
from geoservice.grid import Hexes
from geoservice.radio.benefit import LEAST_CUSTOMERS

# What a site must lift of its place (handbook section 7) is what an antenna must lift to spare the site.
CURED_SHARE = 0.8


@dataclass(frozen=True)
class Weak:
    """Hexes around a subject whose level is below the weak threshold, and the customers there."""

    hexes: Hexes
    customers: np.ndarray
    threshold_dbm: float

    @staticmethod
    def around(evidence: Mapping[str, Any], coverage: pd.DataFrame, config: Config) -> Weak | None:
        """Within twice the radius; None where nobody there is known to have weak signal."""
        near = surroundings(evidence, coverage)
        if near is None:
            return None
        level = coverage["rsrp_dbm"].to_numpy("float64", na_value=np.nan)
        people = np.nan_to_num(coverage["customers"].to_numpy("float64", na_value=np.nan))
        hexes = coverage["hex"].to_numpy(np.int64)
        chosen = (level < config["rsrp_weak"]) & (people > 0) & np.isin(hexes, near)
        return Weak(hexes[chosen], people[chosen], config["rsrp_weak"]) if chosen.any() else None

    def lifted(self, outcome: pd.DataFrame) -> float:
        """Customers of these hexes whose level reaches the threshold after a change."""
        after = outcome["rsrp_after_dbm"].to_numpy("float64", na_value=np.nan)
        good = outcome["hex"].to_numpy(np.int64)[after >= self.threshold_dbm]
        return float(self.customers[np.isin(self.hexes, good)].sum())


def why(trial: Trial | None, weak: Weak | None = None) -> dict[str, str]:
    """Why a trial is not what is proposed, Chinese and English."""
    if trial is None:
        return {"why_zh": "没有可调的天线或参数", "why_en": "no antenna or setting to change"}
    if trial.effect.gain == 0:
        return {"why_zh": "没有用户因此达到门限", "why_en": "lifts no customer above the threshold"}
    if trial.net <= 0:
        return {"why_zh": "受损用户不少于受益用户", "why_en": "harms as many customers as it helps, or more"}
    if weak is None:
        return {"why_zh": "有改善，但不足以消除问题", "why_en": "helps, but does not cure the place"}
    return _left(weak.lifted(trial.outcome), float(weak.customers.sum()))


def _left(lifted: float, of: float) -> dict[str, str]:
    if lifted >= CURED_SHARE * of:
        return {
            "why_zh": f"预测可使周围 {of:.0f} 名弱覆盖用户中的 {lifted:.0f} 名达标，勘察时先试此项",
            "why_en": f"by prediction lifts {lifted:.0f} of the {of:.0f} customers with weak signal around: "
            "to be tried at the survey, before building",
        }
    if lifted < LEAST_CUSTOMERS:
        return {
            "why_zh": f"有改善，但周围 {of:.0f} 名弱覆盖用户无一达标，不足以消除问题",
            "why_en": f"helps, but lifts none of the {of:.0f} customers with weak signal around: no cure",
        }
    return {
        "why_zh": f"有改善，但周围 {of:.0f} 名弱覆盖用户中仅 {lifted:.0f} 名达标，不足以消除问题",
        "why_en": f"helps, but lifts only {lifted:.0f} of the {of:.0f} customers with weak signal around: no cure",
    }
