"""Who gains and who loses by a change of the network: one definition for work orders, requests and what-ifs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoservice.config import Config

Hexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Effect:
    """Customers that become well served, that cease to be, and the difference."""

    gain: float
    harm: float

    @property
    def net(self) -> float:
        """Gain minus harm; an action with net <= 0 is refused."""
        return self.gain - self.harm


def effect(what_if: pd.DataFrame, config: Config, near: Hexes | None = None) -> Effect:
    """Effect of a change over every hex it touches (handbook section 7).

    A hex is well served when its level reaches the weak threshold and no more than three cells
    overlap. Gain: customers of hexes that become so; harm: customers of hexes newly weak or
    newly overlapped.

    Parameters
    ----------
    what_if : table WHAT_IF.
    near : hexes whose gain counts (the subject and its surroundings), all when not given. Harm
        counts wherever it falls: a cure is not paid for by people who live farther away.
    """
    customers = np.nan_to_num(what_if["customers"].to_numpy(float))
    before = well_served(what_if["rsrp_before_dbm"], what_if["overlap_before"], config)
    after = well_served(what_if["rsrp_after_dbm"], what_if["overlap_after"], config)
    counted = np.ones(len(what_if), bool) if near is None else np.isin(what_if["hex"].to_numpy(), near)
    return Effect(float(customers[after & ~before & counted].sum()), float(customers[before & ~after].sum()))


def well_served(rsrp_dbm: pd.Series, overlap: pd.Series, config: Config) -> NDArray[np.bool_]:
    """Level at or above the weak threshold and overlap within the limit; unknown overlap counts as within."""
    level = rsrp_dbm.to_numpy("float64", na_value=np.nan) >= config["rsrp_weak"]
    crowd = np.nan_to_num(overlap.to_numpy("float64", na_value=np.nan)) > config["overlap_max_incl_best"]
    return np.asarray(level & ~crowd)
