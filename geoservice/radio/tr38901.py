"""3GPP TR 38.901 path loss, line-of-sight probability and outdoor-to-indoor loss.

Source: 3GPP TR 38.901 (V17), tables 7.4.1-1 (path loss), 7.4.2-1 (LOS probability), 7.4.3-1/-2
(O2I). Frequencies in GHz, lengths in metres, ``distance_m`` is the ground distance d2D; the slant
distance follows from the heights. The standard rounds the speed of light to 3·10⁸ m/s.
Outside their range the formulas are computed all the same; the ``*_valid`` functions flag it.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Wall = Literal["low", "high"]

SPEED_OF_LIGHT_M_S = 3.0e8
STREET_WIDTH_M = 20.0
BUILDING_HEIGHT_M = 5.0
# Mean of the smaller of two draws from U(0, 25 m): how deep indoors a phone is (TR 38.901, 7.4.3.1).
MEAN_INDOOR_DEPTH_M = 25.0 / 3.0
WALL_SIGMA_DB = {"low": 4.4, "high": 6.5}
CAR_LOSS_DB, CAR_SIGMA_DB = 9.0, 5.0
LOS_SIGMA_DB = {"uma": 4.0, "umi": 4.0, "rma": 4.0}
NLOS_SIGMA_DB = {"uma": 6.0, "umi": 7.82, "rma": 8.0}
RMA_LOS_SIGMA_BEYOND_DB = 6.0


def slant_m(distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Floats:
    """Slant distance d3D = √(d2D² + (hb − hm)²), at least one metre so that no logarithm diverges."""
    distance, rise = _floats(distance_m, np.subtract(base_m, mobile_m))
    return np.asarray(np.maximum(np.hypot(distance, rise), 1.0))


def breakpoint_m(frequency_ghz: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Floats:
    """Effective breakpoint d' = 4 (hb − 1)(hm − 1) f / c of UMa and UMi (environment height 1 m).

    >>> float(breakpoint_m(2.6, 25, 1.5).round(2))
    416.0
    """
    frequency, base, mobile = _floats(frequency_ghz, base_m, mobile_m)
    return np.asarray(4 * (base - 1) * (mobile - 1) * frequency * 1e9 / SPEED_OF_LIGHT_M_S)


def rma_breakpoint_m(frequency_ghz: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Floats:
    """Breakpoint d_BP = 2π hb hm f / c of RMa."""
    frequency, base, mobile = _floats(frequency_ghz, base_m, mobile_m)
    return np.asarray(2 * np.pi * base * mobile * frequency * 1e9 / SPEED_OF_LIGHT_M_S)


def uma_los_db(frequency_ghz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Floats:
    """UMa line of sight: PL1 = 28 + 22 log d3D + 20 log f up to d', PL2 beyond.

    ``PL2 = 28 + 40 log d3D + 20 log f − 9 log(d'² + (hb − hm)²)``.

    >>> float(uma_los_db(2.6, 1000, 25, 1.5).round(2))
    109.15
    """
    return _two_slope_db(frequency_ghz, distance_m, base_m, mobile_m, constants=(28.0, 22.0, 9.0))


def uma_nlos_db(frequency_ghz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Floats:
    """UMa without line of sight: max(LOS, 13.54 + 39.08 log d3D + 20 log f − 0.6 (hm − 1.5))."""
    frequency, mobile = _floats(frequency_ghz, mobile_m)
    slant = slant_m(distance_m, base_m, mobile_m)
    nlos = 13.54 + 39.08 * np.log10(slant) + 20 * np.log10(frequency) - 0.6 * (mobile - 1.5)
    return np.asarray(np.maximum(uma_los_db(frequency_ghz, distance_m, base_m, mobile_m), nlos))


def umi_los_db(frequency_ghz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Floats:
    """UMi street canyon, line of sight: PL1 = 32.4 + 21 log d3D + 20 log f up to d', PL2 beyond.

    ``PL2 = 32.4 + 40 log d3D + 20 log f − 9.5 log(d'² + (hb − hm)²)``.
    """
    return _two_slope_db(frequency_ghz, distance_m, base_m, mobile_m, constants=(32.4, 21.0, 9.5))


def umi_nlos_db(frequency_ghz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Floats:
    """UMi without line of sight: max(LOS, 22.4 + 35.3 log d3D + 21.3 log f − 0.3 (hm − 1.5))."""
    frequency, mobile = _floats(frequency_ghz, mobile_m)
    slant = slant_m(distance_m, base_m, mobile_m)
    nlos = 22.4 + 35.3 * np.log10(slant) + 21.3 * np.log10(frequency) - 0.3 * (mobile - 1.5)
    return np.asarray(np.maximum(umi_los_db(frequency_ghz, distance_m, base_m, mobile_m), nlos))


def rma_los_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    base_m: ArrayLike,
    mobile_m: ArrayLike,
    building_m: float = BUILDING_HEIGHT_M,
) -> Floats:
    """RMa line of sight: PL1 up to d_BP, ``PL1(d_BP) + 40 log(d3D / d_BP)`` beyond.

    ``PL1 = 20 log(40π d3D f / 3) + min(0.03 h^1.72, 10) log d3D − min(0.044 h^1.72, 14.77)
    + 0.002 log(h) d3D``.
    """
    slant = slant_m(distance_m, base_m, mobile_m)
    turn = np.maximum(rma_breakpoint_m(frequency_ghz, base_m, mobile_m), 1.0)
    near = _rma_near_db(frequency_ghz, slant, building_m)
    far = _rma_near_db(frequency_ghz, turn, building_m) + 40 * np.log10(slant / turn)
    return np.asarray(np.where(np.asarray(distance_m, float) <= turn, near, far))


def rma_nlos_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    base_m: ArrayLike,
    mobile_m: ArrayLike,
    building_m: float = BUILDING_HEIGHT_M,
    street_m: float = STREET_WIDTH_M,
) -> Floats:
    """RMa without line of sight, the larger of LOS and

    ``161.04 − 7.1 log W + 7.5 log h − (24.37 − 3.7 (h/hb)²) log hb
    + (43.42 − 3.1 log hb)(log d3D − 3) + 20 log f − (3.2 (log 11.75 hm)² − 4.97)``.
    """
    frequency, base, mobile = _floats(frequency_ghz, base_m, mobile_m)
    distance_term = (43.42 - 3.1 * np.log10(base)) * (np.log10(slant_m(distance_m, base_m, mobile_m)) - 3)
    base_term = (24.37 - 3.7 * (building_m / base) ** 2) * np.log10(base)
    mobile_term = 3.2 * np.log10(11.75 * mobile) ** 2 - 4.97
    ground = 161.04 - 7.1 * np.log10(street_m) + 7.5 * np.log10(building_m)
    nlos = ground - base_term + distance_term + 20 * np.log10(frequency) - mobile_term
    return np.asarray(np.maximum(rma_los_db(frequency_ghz, distance_m, base_m, mobile_m, building_m), nlos))


def uma_los_probability(distance_m: ArrayLike, mobile_m: ArrayLike = 1.5) -> Floats:
    """UMa: 1 up to 18 m, else ``[18/d + e^(−d/63)(1 − 18/d)] [1 + C·1.25 (d/100)³ e^(−d/150)]``.

    ``C = 0`` up to 13 m of mobile height, else ``((hm − 13)/10)^1.5``.

    >>> float(uma_los_probability(200.0).round(3))
    0.128
    """
    distance, mobile = _floats(distance_m, mobile_m)
    height_factor = np.maximum((mobile - 13) / 10, 0) ** 1.5
    boost = 1 + height_factor * 1.25 * (distance / 100) ** 3 * np.exp(-distance / 150)
    return np.asarray(np.where(distance <= 18, 1.0, _canyon(distance, 63) * boost))


def umi_los_probability(distance_m: ArrayLike) -> Floats:
    """UMi: 1 up to 18 m, else ``18/d + e^(−d/36)(1 − 18/d)``."""
    return _canyon(np.asarray(distance_m, float), 36)


def rma_los_probability(distance_m: ArrayLike) -> Floats:
    """RMa: 1 up to 10 m, else ``e^(−(d − 10)/1000)``."""
    return np.asarray(np.exp(-np.maximum(np.asarray(distance_m, float) - 10, 0) / 1000))


def wall_loss_db(frequency_ghz: ArrayLike, wall: Wall = "low") -> Floats:
    """Loss through the outer wall, low-loss (old) or high-loss (coated glass) building.

    Low ``5 − 10 log(0.3·10^(−(2+0.2f)/10) + 0.7·10^(−(5+4f)/10))``, high
    ``5 − 10 log(0.7·10^(−(23+0.3f)/10) + 0.3·10^(−(5+4f)/10))`` (table 7.4.3-2).
    """
    frequency = np.asarray(frequency_ghz, float)
    concrete = 10 ** (-(5 + 4 * frequency) / 10)
    if wall == "low":
        mix = 0.3 * 10 ** (-(2 + 0.2 * frequency) / 10) + 0.7 * concrete
    elif wall == "high":
        mix = 0.7 * 10 ** (-(23 + 0.3 * frequency) / 10) + 0.3 * concrete
    else:
        raise InputError(f"wall {wall!r} is not low or high", field="wall")
    return np.asarray(5 - 10 * np.log10(mix))


def o2i_db(frequency_ghz: ArrayLike, wall: Wall = "low", depth_m: ArrayLike = MEAN_INDOOR_DEPTH_M) -> Floats:
    """Outdoor-to-indoor loss: wall plus 0.5 dB per metre of indoor depth (table 7.4.3-2).

    >>> float(o2i_db(2.6, "high", 10).round(2))
    29.36
    """
    return np.asarray(wall_loss_db(frequency_ghz, wall) + 0.5 * np.asarray(depth_m, float))


def uma_valid(frequency_ghz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Flags:
    """True inside UMa's range: 0.5–100 GHz, hb 25 m, hm 1.5–22.5 m, 10 m–5 km."""
    return _valid(frequency_ghz, distance_m, 100, 5000) & _is(base_m, 25, 25) & _is(mobile_m, 1.5, 22.5)


def umi_valid(frequency_ghz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike) -> Flags:
    """True inside UMi's range: 0.5–100 GHz, hb 10 m, hm 1.5–22.5 m, 10 m–5 km."""
    return _valid(frequency_ghz, distance_m, 100, 5000) & _is(base_m, 10, 10) & _is(mobile_m, 1.5, 22.5)


def rma_valid(
    frequency_ghz: ArrayLike, distance_m: ArrayLike, base_m: ArrayLike, mobile_m: ArrayLike, los: bool = False
) -> Flags:
    """True inside RMa's range: 0.5–30 GHz, hb 10–150 m, hm 1–10 m, 10 m–10 km (LOS) or 5 km (NLOS)."""
    farthest = 10_000 if los else 5000
    return _valid(frequency_ghz, distance_m, 30, farthest) & _is(base_m, 10, 150) & _is(mobile_m, 1, 10)


def _two_slope_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    base_m: ArrayLike,
    mobile_m: ArrayLike,
    constants: tuple[float, float, float],
) -> Floats:
    start, near_slope, far_factor = constants
    frequency, distance, rise = _floats(frequency_ghz, distance_m, np.subtract(base_m, mobile_m))
    turn = breakpoint_m(frequency_ghz, base_m, mobile_m)
    log_slant = np.log10(slant_m(distance_m, base_m, mobile_m))
    tone = start + 20 * np.log10(frequency)
    far = tone + 40 * log_slant - far_factor * np.log10(np.maximum(turn**2 + rise**2, 1e-9))
    return np.asarray(np.where(distance <= turn, tone + near_slope * log_slant, far))


def _rma_near_db(frequency_ghz: ArrayLike, slant: Floats, building_m: float) -> Floats:
    frequency = np.asarray(frequency_ghz, float)
    power = building_m**1.72
    free = 20 * np.log10(40 * np.pi * slant * frequency / 3)
    clutter = min(0.03 * power, 10.0) * np.log10(slant) - min(0.044 * power, 14.77)
    return np.asarray(free + clutter + 0.002 * np.log10(building_m) * slant)


def _canyon(distance: Floats, decay_m: float) -> Floats:
    beyond = np.maximum(distance, 18.0)
    return np.asarray(18 / beyond + np.exp(-beyond / decay_m) * (1 - 18 / beyond))


def _valid(frequency_ghz: ArrayLike, distance_m: ArrayLike, top_ghz: float, farthest_m: float) -> Flags:
    return _is(frequency_ghz, 0.5, top_ghz) & _is(distance_m, 10, farthest_m)


def _is(values: ArrayLike, low: float, high: float) -> Flags:
    array = np.asarray(values, float)
    return np.asarray((array >= low) & (array <= high))


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(value, float) for value in values)
