"""Carrier frequencies of channel numbers (ARFCN)."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# Highest EARFCN of TS 36.101 Table 5.7.3-1; NR-ARFCNs of real carriers start far above it.
LAST_EARFCN = 70_655


def downlink_mhz(rat: ArrayLike, arfcn: ArrayLike) -> Floats:
    """Downlink carrier in MHz of channel numbers; NaN where the number belongs to no band.

    Sources: LTE TS 36.101 section 5.7.3, NR TS 38.104 section 5.4.2.1, UMTS TS 25.101 section
    5.4.3 (general formula), GSM TS 45.005 section 2.

    >>> downlink_mhz(["LTE", "LTE", "NR"], [1300, 38400, 504990]).round(3).tolist()
    [1815.0, 1895.0, 2524.95]
    """
    rats, numbers = np.broadcast_arrays(np.asarray(rat, object), np.asarray(arfcn, float))
    result = np.full(numbers.shape, np.nan)
    for name, decode in (("LTE", _lte), ("NR", _nr), ("UMTS", _umts), ("GSM", _gsm)):
        here = (rats == name) & np.isfinite(numbers)
        if here.any():
            result[here] = decode(numbers[here])
    return result


@cache
def _lte_bands() -> tuple[Floats, Floats, Floats, Floats]:
    """(low MHz, offset, first, last) of the LTE bands, by first channel number."""
    text = (files("geoservice") / "reference" / "bands.csv").read_text("utf-8")
    rows = [r for r in csv.DictReader(text.splitlines()) if r["rat"] == "LTE"]
    table = np.array([[float(r[c]) for c in ("dl_low_mhz", "n_offs", "n_min", "n_max")] for r in rows])
    low, offset, first, last = table[np.argsort(table[:, 2])].T
    return low, offset, first, last


def _lte(numbers: Floats) -> Floats:
    low, offset, first, last = _lte_bands()
    band = np.maximum(np.searchsorted(first, numbers, side="right") - 1, 0)
    inside = (numbers >= first[band]) & (numbers <= last[band])
    return np.where(inside, low[band] + 0.1 * (numbers - offset[band]), np.nan)


def _nr(numbers: Floats) -> Floats:
    low = 0.005 * numbers
    middle = 3000.0 + 0.015 * (numbers - 600_000)
    high = 24_250.08 + 0.06 * (numbers - 2_016_667)
    found = np.where(numbers < 600_000, low, np.where(numbers < 2_016_667, middle, high))
    return np.where((numbers > 80_000) & (numbers <= 3_279_165), found, np.nan)


def _umts(numbers: Floats) -> Floats:
    return np.where((numbers >= 400) & (numbers <= 16_383), numbers / 5.0, np.nan)


def _gsm(numbers: Floats) -> Floats:
    result = np.full(numbers.shape, np.nan)
    for first, last, low, offset in (
        (0, 124, 935.0, 0),
        (975, 1023, 935.0, 1024),
        (512, 885, 1805.2, 512),
        (128, 251, 869.2, 128),
    ):
        here = (numbers >= first) & (numbers <= last)
        result[here] = low + 0.2 * (numbers[here] - offset)
    return result
