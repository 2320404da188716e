"""Do points lie where they should? Tells a wrong datum or swapped axes by the pattern of the offsets.

Points are compared with references that are right on average (masts of the cells that served
them, places they name). One reference is hundreds of metres off; the median of many is not, and
the datum offsets point the same way all over a town. Nothing is ever shifted here: the finding
says what was seen, and a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice import geodesy
from geoservice.grid import valid_coordinates

Floats = NDArray[np.float64]

LEAST_PAIRS = 20
_LEAST_SHIFT_M = 100.0  # below it no datum is wrong (the smallest GCJ-02 offset in China is about 250 m)
_CLEAR = 4.0  # standard errors
_LEFT_OVER = 0.5  # a hypothesis has to remove at least half the shift
_FAR_M = 200_000.0  # no reference is that far off: axes or place are wrong
_MAD_TO_SIGMA = 1.4826
_MEDIAN_LOSS = 1.2533  # standard error of a median over that of a mean


@dataclass(frozen=True, slots=True)
class DatumSuspicion:
    """What the offsets say.

    ``verdict``: ``fits``, ``GCJ02`` or ``BD09`` (the points are in that datum but were taken as
    WGS-84), ``GCJ02_TWICE`` (WGS-84 points were taken as GCJ-02), ``swapped`` (latitude and
    longitude changed places), ``elsewhere`` (far off, no pattern) or ``too_few``.
    """

    verdict: str
    pairs: int
    shift_east_m: float
    shift_north_m: float
    standard_error_m: float
    left_over_m: MappingProxyType[str, float]
    evidence: str

    @property
    def is_suspicious(self) -> bool:
        """True when a person should look at it."""
        return self.verdict not in {"fits", "too_few"}


def datum_suspicion(lat: ArrayLike, lon: ArrayLike, ref_lat: ArrayLike, ref_lon: ArrayLike) -> DatumSuspicion:
    """Compare points, taken as WGS-84, with their references in WGS-84.

    Parameters
    ----------
    lat, lon : (n,) points in degrees; swapped ones may lie off the globe.
    ref_lat, ref_lon : (n,) where each should be, right on average. Pairs with a gap are left out.
    """
    return _judge(*(np.asarray(values, float) for values in (lat, lon, ref_lat, ref_lon)))


def _judge(lat: Floats, lon: Floats, ref_lat: Floats, ref_lon: Floats) -> DatumSuspicion:
    usable = valid_coordinates(ref_lat, ref_lon) & np.isfinite(lat) & np.isfinite(lon)
    lat, lon, ref_lat, ref_lon = lat[usable], lon[usable], ref_lat[usable], ref_lon[usable]
    if len(lat) < LEAST_PAIRS:
        return _verdict("too_few", len(lat), f"{len(lat)} pairs; {LEAST_PAIRS} are needed to tell")
    if _is_swapped(lat, lon, ref_lat, ref_lon):
        return _verdict(
            "swapped", len(lat), "most points lie at their references once latitude and longitude change places"
        )
    on_globe = valid_coordinates(lat, lon)
    near = on_globe & (geodesy.distance_m(lat, lon, ref_lat, ref_lon) < _FAR_M)
    if near.sum() < LEAST_PAIRS or near.mean() < 0.5:
        return _verdict("elsewhere", len(lat), f"{1 - near.mean():.0%} of the points lie over 200 km from references")
    return _by_pattern(lat[near], lon[near], ref_lat[near], ref_lon[near])


def _is_swapped(lat: Floats, lon: Floats, ref_lat: Floats, ref_lon: Floats) -> bool:
    """Most points are far off as they stand and near with their axes changed."""
    as_given = valid_coordinates(lat, lon) & (geodesy.distance_m(lat, lon, ref_lat, ref_lon) < _FAR_M)
    changed = valid_coordinates(lon, lat) & (geodesy.distance_m(lon, lat, ref_lat, ref_lon) < _FAR_M)
    return bool((changed & ~as_given).mean() > 0.5)


def _by_pattern(lat: Floats, lon: Floats, ref_lat: Floats, ref_lon: Floats) -> DatumSuspicion:
    corrected = {
        "fits": (lat, lon),
        "GCJ02": geodesy.gcj02_to_wgs84(lat, lon),
        "BD09": geodesy.bd09_to_wgs84(lat, lon),
        "GCJ02_TWICE": geodesy.wgs84_to_gcj02(lat, lon),
    }
    shifts = {name: _median_shift(*point, ref_lat, ref_lon) for name, point in corrected.items()}
    left_over = {name: float(np.hypot(east, north)) for name, (east, north, _) in shifts.items()}
    east, north, error = shifts["fits"]
    best = min(left_over, key=left_over.__getitem__)
    clear = left_over["fits"] > max(_LEAST_SHIFT_M, _CLEAR * error)
    explained = left_over[best] < _LEFT_OVER * left_over["fits"] and left_over[best] <= max(100.0, _CLEAR * error)
    verdict = best if clear and explained else "fits" if not clear else "elsewhere"
    sentence = (
        f"{len(lat)} points lie {east:+.0f} m east and {north:+.0f} m north of their references (median, "
        f"standard error {error:.0f} m); taken as GCJ-02 {left_over['GCJ02']:.0f} m are left, "
        f"as BD-09 {left_over['BD09']:.0f} m"
    )
    return DatumSuspicion(verdict, len(lat), east, north, error, MappingProxyType(left_over), sentence)


def _median_shift(lat: Floats, lon: Floats, ref_lat: Floats, ref_lon: Floats) -> tuple[float, float, float]:
    """(east, north, standard error of either) of the median offset from the references, in metres."""
    east, north = geodesy.to_local_m(lat, lon, ref_lat, ref_lon)
    middle = float(np.median(east)), float(np.median(north))
    spread = max(float(np.median(np.abs(values - m))) for values, m in zip((east, north), middle, strict=True))
    return *middle, _MEDIAN_LOSS * _MAD_TO_SIGMA * spread / np.sqrt(len(lat))


def _verdict(name: str, pairs: int, sentence: str) -> DatumSuspicion:
    return DatumSuspicion(name, pairs, np.nan, np.nan, np.nan, MappingProxyType({}), sentence)
