"""Who gains and who loses by a change of the network: one definition for work orders, requests and what-ifs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config

Hexes = NDArray[np.int64]

# Expected numbers are fractions; less than this is nobody.
LEAST_CUSTOMERS = 0.5


@dataclass(frozen=True, slots=True)
class Effect:
    """Customers that become well served, that cease to be, and the difference."""

    gain: float
    harm: float

    @property
    def net(self) -> float:
        """Gain minus harm, 0 below half a customer; an action with net <= 0 is refused."""
        difference = self.gain - self.harm
        return difference if abs(difference) >= LEAST_CUSTOMERS else 0.0


def effect(what_if: pd.DataFrame, config: Config, near: Hexes | None = None) -> Effect:
    """Effect of a change over every hex it touches (handbook section 7).

    A hex is well served when its level reaches the weak threshold and no more than three cells
    overlap. Gain: customers of hexes that become so; harm: customers of hexes newly weak or
    newly overlapped. Where the table says which share of a hex is well served, that share of its
    customers counts.

    Parameters
    ----------
    what_if : table WHAT_IF.
    near : hexes whose gain counts (the subject and its surroundings), all when not given. Harm
        counts wherever it falls: a cure is not paid for by people who live farther away.
    """
    customers = np.nan_to_num(what_if["customers"].to_numpy(float))
    before, after = served_shares(what_if, config)
    moved = customers * (after - before)
    counted = np.ones(len(what_if), bool) if near is None else np.isin(what_if["hex"].to_numpy(), near)
    return Effect(float(np.maximum(moved, 0.0)[counted].sum()), float(np.maximum(-moved, 0.0).sum()))


def served_shares(what_if: pd.DataFrame, config: Config) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of each hex that is well served before and after: as told, else all or nothing by its level and overlap."""
    return _share(what_if, "before", config), _share(what_if, "after", config)


def _share(what_if: pd.DataFrame, when: str, config: Config) -> NDArray[np.float64]:
    whole = well_served(what_if[f"rsrp_{when}_dbm"], what_if[f"overlap_{when}"], config).astype(float)
    if f"well_{when}" not in what_if:
        return whole
    told = what_if[f"well_{when}"].to_numpy("float64", na_value=np.nan)
    return np.where(np.isnan(told), whole, told)


def well_served(rsrp_dbm: pd.Series, overlap: pd.Series, config: Config) -> NDArray[np.bool_]:
    """Level at or above the weak threshold and overlap within the limit; unknown overlap counts as within."""
    level = rsrp_dbm.to_numpy("float64", na_value=np.nan) >= config["rsrp_weak"]
    crowd = np.nan_to_num(overlap.to_numpy("float64", na_value=np.nan)) > config["overlap_max_incl_best"]
    return np.asarray(level & ~crowd)
