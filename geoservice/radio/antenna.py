"""Antenna pattern, tilt and footprint.

Source: 3GPP TR 38.901 table 7.3-1 and TR 36.814 table A.2.1.1-2 (parabolic patterns, floor 30 dB);
the tilt of a mechanically tilted panel turns with the azimuth. Angles in degrees; azimuth clockwise
from true north; downward angles positive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

HALF_POWER_DB = 12.0
FLOOR_DB = 30.0


def wrap_deg(angle_deg: ArrayLike) -> Floats:
    """An angle as −180 ≤ angle < 180.

    >>> float(wrap_deg(10 - 350))
    20.0
    """
    return np.asarray((np.asarray(angle_deg, float) + 180) % 360 - 180)


def horizontal_db(offset_deg: ArrayLike, width_deg: ArrayLike = 65.0, floor_db: float = FLOOR_DB) -> Floats:
    """Horizontal pattern A_H = −min(12 (Δφ/HBW)², floor); Δφ is wrapped.

    >>> float(horizontal_db(60, 65).round(2))
    -10.22
    """
    ratio = wrap_deg(offset_deg) / np.asarray(width_deg, float)
    return np.asarray(-np.minimum(HALF_POWER_DB * ratio**2, floor_db))


def vertical_db(
    down_deg: ArrayLike, tilt_deg: ArrayLike, width_deg: ArrayLike = 7.0, floor_db: float = FLOOR_DB
) -> Floats:
    """Vertical pattern A_V = −min(12 ((θ − tilt)/VBW)², floor)."""
    ratio = (np.asarray(down_deg, float) - np.asarray(tilt_deg, float)) / np.asarray(width_deg, float)
    return np.asarray(-np.minimum(HALF_POWER_DB * ratio**2, floor_db))


def down_angle_deg(base_m: ArrayLike, mobile_m: ArrayLike, distance_m: ArrayLike) -> Floats:
    """Angle below the horizon at which the antenna sees the mobile, θ = atan((hb − hm)/d2D)."""
    rise = np.subtract(np.asarray(base_m, float), mobile_m)
    return np.asarray(np.degrees(np.arctan2(rise, np.asarray(distance_m, float))))


def tilt_deg(electrical_deg: ArrayLike, mechanical_deg: ArrayLike, offset_deg: ArrayLike = 0.0) -> Floats:
    """Downtilt seen at an azimuth offset: electrical + atan(tan(mechanical) cos Δφ).

    >>> float(tilt_deg(3, 4, 60).round(2))
    5.0
    """
    lean = np.tan(np.radians(np.asarray(mechanical_deg, float))) * np.cos(np.radians(np.asarray(offset_deg, float)))
    return np.asarray(np.asarray(electrical_deg, float) + np.degrees(np.arctan(lean)))


def combined_db(horizontal: ArrayLike, vertical: ArrayLike, floor_db: float = FLOOR_DB) -> Floats:
    """Both cuts together, −min(−(A_H + A_V), floor)."""
    return np.asarray(-np.minimum(-(np.asarray(horizontal, float) + np.asarray(vertical, float)), floor_db))


def gain_dbi(
    peak_dbi: ArrayLike,
    offset_deg: ArrayLike,
    down_deg: ArrayLike,
    electrical_deg: ArrayLike,
    mechanical_deg: ArrayLike,
    horizontal_width_deg: ArrayLike = 65.0,
    vertical_width_deg: ArrayLike = 7.0,
) -> Floats:
    """Gain towards a direction: G = Gmax − min(−(A_H + A_V), 30).

    Parameters
    ----------
    peak_dbi : gain in the main direction.
    offset_deg : bearing of the mobile minus azimuth of the antenna.
    down_deg : downward angle to the mobile (:func:`down_angle_deg`).
    electrical_deg, mechanical_deg : the two tilts.
    horizontal_width_deg, vertical_width_deg : half-power widths.
    """
    tilt = tilt_deg(electrical_deg, mechanical_deg, offset_deg)
    horizontal = horizontal_db(offset_deg, horizontal_width_deg)
    vertical = vertical_db(down_deg, tilt, vertical_width_deg)
    return np.asarray(np.asarray(peak_dbi, float) + combined_db(horizontal, vertical))


def footprint_m(height_m: ArrayLike, tilt: ArrayLike, vertical_width_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Half-power ring on flat ground: inner h/tan(t + VBW/2) and outer h/tan(t − VBW/2) in metres.

    The outer radius is infinite when the upper half-power ray does not fall (t ≤ VBW/2); the inner
    one when even the lower ray does not.

    >>> [round(float(r), 2) for r in footprint_m(30, 6, 7)]
    [179.27, 687.11]
    """
    height, half = np.asarray(height_m, float), np.asarray(vertical_width_deg, float) / 2
    lower, upper = np.asarray(tilt, float) + half, np.asarray(tilt, float) - half
    return _ground_m(height, lower), _ground_m(height, upper)


def _ground_m(height: Floats, down_deg: Floats) -> Floats:
    falling = down_deg > 1e-9
    steep = np.minimum(np.where(falling, down_deg, 45.0), 90.0)
    return np.asarray(np.where(falling, height / np.tan(np.radians(steep)), np.inf))
