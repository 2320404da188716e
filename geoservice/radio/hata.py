"""Okumura-Hata and COST-231-Hata median path loss.

Sources: M. Hata, "Empirical formula for propagation loss in land mobile radio services", IEEE
Trans. VT-29 (1980); COST Action 231 final report (1999), section 4.4.1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
HataArea = Literal["urban", "suburban", "open"]


def mobile_height_correction_db(frequency_mhz: ArrayLike, mobile_m: ArrayLike, large_city: bool = False) -> Floats:
    """Correction a(hm) of the mobile's height in dB.

    Small and medium city: ``a = (1.1 log f − 0.7) hm − (1.56 log f − 0.8)`` (Hata 1980, eq. 10).
    Large city: ``a = 3.2 (log 11.75 hm)² − 4.97`` from 300 MHz upwards and
    ``a = 8.29 (log 1.54 hm)² − 1.1`` below (Hata 1980, eqs. 11 and 12).
    """
    frequency, height = _floats(frequency_mhz, mobile_m)
    if large_city:
        high = 3.2 * np.log10(11.75 * height) ** 2 - 4.97
        low = 8.29 * np.log10(1.54 * height) ** 2 - 1.1
        return np.asarray(np.where(frequency >= 300, high, low))
    return np.asarray((1.1 * np.log10(frequency) - 0.7) * height - (1.56 * np.log10(frequency) - 0.8))


def okumura_hata_db(
    frequency_mhz: ArrayLike,
    base_m: ArrayLike,
    mobile_m: ArrayLike,
    distance_km: ArrayLike,
    area: HataArea = "urban",
    large_city: bool = False,
) -> Floats:
    """Median path loss in dB after Okumura-Hata (150–1500 MHz).

    ``L = 69.55 + 26.16 log f − 13.82 log hb − a(hm) + (44.9 − 6.55 log hb) log d``; suburban
    ``− 2 (log(f/28))² − 5.4``; open ``− 4.78 (log f)² + 18.33 log f − 40.94`` (Hata 1980).

    Parameters
    ----------
    frequency_mhz, base_m, mobile_m, distance_km : anything that broadcasts together.
    area : ``urban``, ``suburban`` or ``open``.
    large_city : use the large-city height correction.

    Raises
    ------
    InputError
        ``area`` is none of the three.

    Examples
    --------
    >>> float(okumura_hata_db(900, 30, 1.5, 3, "suburban").round(2))
    133.27
    """
    frequency, base, mobile, distance = _floats(frequency_mhz, base_m, mobile_m, distance_km)
    urban = 69.55 + 26.16 * np.log10(frequency) + _common_db(frequency, base, mobile, distance, large_city)
    return np.asarray(urban + area_correction_db(frequency, area))


def area_correction_db(frequency_mhz: ArrayLike, area: HataArea) -> Floats:
    """What suburban or open ground takes off the urban Okumura-Hata loss, in dB (Hata 1980, eqs. 14, 15)."""
    logf = np.log10(np.asarray(frequency_mhz, float))
    if area == "urban":
        return np.zeros_like(logf)
    if area == "suburban":
        return np.asarray(-2 * (logf - np.log10(28)) ** 2 - 5.4)
    if area == "open":
        return np.asarray(-4.78 * logf**2 + 18.33 * logf - 40.94)
    raise InputError(f"area {area!r} is not urban, suburban or open", field="area")


def cost231_db(
    frequency_mhz: ArrayLike,
    base_m: ArrayLike,
    mobile_m: ArrayLike,
    distance_km: ArrayLike,
    metropolitan_db: ArrayLike = 0.0,
    large_city: bool = False,
) -> Floats:
    """Median path loss in dB after COST-231-Hata (1500–2000 MHz).

    ``L = 46.3 + 33.9 log f − 13.82 log hb − a(hm) + (44.9 − 6.55 log hb) log d + C`` with
    ``C`` = 0 dB in medium cities and suburbs, 3 dB in metropolitan centres (COST 231, eq. 4.4.3).

    >>> float(cost231_db(1800, 30, 1.5, 1.0).round(2))
    136.2
    """
    frequency, base, mobile, distance = _floats(frequency_mhz, base_m, mobile_m, distance_km)
    common = _common_db(frequency, base, mobile, distance, large_city)
    return np.asarray(46.3 + 33.9 * np.log10(frequency) + common + np.asarray(metropolitan_db, float))


def okumura_hata_valid(
    frequency_mhz: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike, distance_km: ArrayLike
) -> Flags:
    """True inside Hata's range: 150–1500 MHz, hb 30–200 m, hm 1–10 m, d 1–20 km."""
    return _within(frequency_mhz, 150, 1500) & _geometry_valid(base_m, mobile_m, distance_km)


def cost231_valid(frequency_mhz: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike, distance_km: ArrayLike) -> Flags:
    """True inside COST-231's range: 1500–2000 MHz, hb 30–200 m, hm 1–10 m, d 1–20 km."""
    return _within(frequency_mhz, 1500, 2000) & _geometry_valid(base_m, mobile_m, distance_km)


def _geometry_valid(base_m: ArrayLike, mobile_m: ArrayLike, distance_km: ArrayLike) -> Flags:
    return _within(base_m, 30, 200) & _within(mobile_m, 1, 10) & _within(distance_km, 1, 20)


def _common_db(frequency: Floats, base: Floats, mobile: Floats, distance: Floats, large_city: bool) -> Floats:
    height = mobile_height_correction_db(frequency, mobile, large_city)
    slope = 44.9 - 6.55 * np.log10(base)
    return np.asarray(-13.82 * np.log10(base) - height + slope * np.log10(distance))


def _within(values: ArrayLike, low: float, high: float) -> Flags:
    array = np.asarray(values, float)
    return np.asarray((array >= low) & (array <= high))


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(value, float) for value in values)
