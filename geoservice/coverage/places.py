"""Hexes with their centres, kept from call to call: what-ifs ask for the same hexes again and again."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geoservice.coverage.blocks import Places
from geoservice.errors import InputError

KEPT = 4


class PlaceCache:
    """Centres of the last few hex sets asked for."""

    def __init__(self) -> None:
        self._kept: tuple[Places, ...] = ()

    def of(self, hexes: ArrayLike) -> Places:
        """Centres of ``hexes``, from memory where the same hexes were asked for lately."""
        wanted = check_hexes(hexes)
        for places in self._kept:
            if np.array_equal(places.hexes, wanted):
                return places
        places = Places.of(wanted.copy())
        self._kept = (places, *self._kept[: KEPT - 1])
        return places


def check_hexes(hexes: ArrayLike) -> NDArray[np.int64]:
    """Hexes as a flat int64 array.

    Raises
    ------
    InputError
        They are not integers.
    """
    array = np.asarray(hexes)
    if array.size and array.dtype.kind not in "iu":
        raise InputError("hexes must be integers; turn text into hexes with grid.text_to_hex", field="hex")
    return array.astype(np.int64, copy=False).ravel()


def customers_of(hexes: NDArray[np.int64], customers: pd.DataFrame | None) -> NDArray[np.float64]:
    """Customers in each hex: the sum over the rows of ``customers``, 0 where none; NaN without a table."""
    if customers is None:
        return np.full(len(hexes), np.nan)
    total = customers.groupby("hex")["customers"].sum()
    return total.reindex(hexes, fill_value=0.0).to_numpy(dtype="float64")
