"""Where things are on the globe: datums, distances, bearings, timing advance.

Degrees in, degrees and metres out; every function takes arrays of one shape (or scalars) and
keeps NaN as NaN. Distances are on the mean sphere (IUGG R1 = 6,371,008.8 m), within 0.5 % of
the ellipsoid, far below the radius of any fix.

Datums: GCJ-02 is the published reverse-engineered offset on the Krasovsky-1940 ellipsoid, BD-09
Baidu's polar perturbation of GCJ-02. Both apply inside :func:`in_china` only; see decision 0025.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError

if TYPE_CHECKING:
    import shapely

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EARTH_RADIUS_M = 6_371_008.8  # IUGG mean radius R1; with it handbook vector B2 comes out as 1513.63 m
METRES_PER_DEGREE = EARTH_RADIUS_M * np.pi / 180.0
SPEED_OF_LIGHT_M_S = 299_792_458.0
LTE_SAMPLE_S = 1.0 / (15_000 * 2048)  # Ts, TS 36.211 section 4
TA_SAMPLES_PER_STEP = 16  # TS 36.213 section 4.2.3; NR TS 38.213 section 4.2 divides by 2^mu
DATUMS = ("WGS84", "GCJ02", "BD09")

_KRASOVSKY_A_M = 6_378_245.0
_KRASOVSKY_E2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
# Both offsets change by less than 1 % over their own length: each step gains two digits, five from 1 km leave 1e-7 m.
_INVERSE_STEPS = 5


def normalise_longitude(lon_deg: ArrayLike) -> Floats:
    """Longitudes folded into −180 … 180 (180 stays 180)."""
    lon = np.asarray(lon_deg, float)
    folded = (lon + 180.0) % 360.0 - 180.0
    return np.where(np.abs(lon) <= 180.0, lon, folded)


def angle_difference(a_deg: ArrayLike, b_deg: ArrayLike) -> Floats:
    """``a − b`` wrapped into −180 … 180, so that 350 against 10 is −20."""
    return np.asarray((np.asarray(a_deg, float) - np.asarray(b_deg, float) + 180.0) % 360.0 - 180.0)


def distance_m(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
    """Great-circle distance in metres (haversine: exact also for near and for antipodal points).

    >>> round(float(distance_m(22.5431, 114.0579, 22.5531, 114.0679)), 2)
    1513.63
    """
    phi1, phi2 = np.radians(np.asarray(lat1, float)), np.radians(np.asarray(lat2, float))
    half_lambda = np.radians(np.asarray(lon2, float) - np.asarray(lon1, float)) / 2
    h = np.sin((phi2 - phi1) / 2) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_lambda) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(h, 1.0))))


def unit_vectors(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Points on the unit sphere, (..., 3); chords times the Earth's radius are distances within 0.1 % up to 900 km."""
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def bearing_deg(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
    """Initial bearing from the first to the second point, clockwise from north, 0 … 360."""
    phi1, phi2 = np.radians(np.asarray(lat1, float)), np.radians(np.asarray(lat2, float))
    dlambda = np.radians(np.asarray(lon2, float) - np.asarray(lon1, float))
    east = np.sin(dlambda) * np.cos(phi2)
    north = np.cos(phi1) * np.sin(phi2) - np.sin(phi1) * np.cos(phi2) * np.cos(dlambda)
    return np.asarray(np.degrees(np.arctan2(east, north)) % 360.0)


def destination(lat: ArrayLike, lon: ArrayLike, bearing: ArrayLike, metres: ArrayLike) -> tuple[Floats, Floats]:
    """Point reached from (lat, lon) after ``metres`` along the initial ``bearing`` in degrees."""
    phi, theta = np.radians(np.asarray(lat, float)), np.radians(np.asarray(bearing, float))
    delta = np.asarray(metres, float) / EARTH_RADIUS_M
    sin_phi2 = np.sin(phi) * np.cos(delta) + np.cos(phi) * np.sin(delta) * np.cos(theta)
    phi2 = np.arcsin(np.clip(sin_phi2, -1.0, 1.0))
    dlambda = np.arctan2(np.sin(theta) * np.sin(delta) * np.cos(phi), np.cos(delta) - np.sin(phi) * np.sin(phi2))
    return np.degrees(phi2), normalise_longitude(np.asarray(lon, float) + np.degrees(dlambda))


def to_local_m(lat: ArrayLike, lon: ArrayLike, origin_lat: ArrayLike, origin_lon: ArrayLike) -> tuple[Floats, Floats]:
    """(east, north) metres from an origin, equirectangular: good to 0.1 % within 50 km."""
    scale = np.radians(1.0) * EARTH_RADIUS_M
    north = (np.asarray(lat, float) - np.asarray(origin_lat, float)) * scale
    east = angle_difference(lon, origin_lon) * scale * np.cos(np.radians(np.asarray(origin_lat, float)))
    return east, north


def from_local_m(
    east_m: ArrayLike, north_m: ArrayLike, origin_lat: ArrayLike, origin_lon: ArrayLike
) -> tuple[Floats, Floats]:
    """(lat, lon) of local metres; the inverse of :func:`to_local_m`, latitude held within ±90."""
    scale = np.radians(1.0) * EARTH_RADIUS_M
    lat = np.asarray(origin_lat, float) + np.asarray(north_m, float) / scale
    cosine = np.maximum(np.cos(np.radians(np.asarray(origin_lat, float))), 1e-9)
    lon = np.asarray(origin_lon, float) + np.asarray(east_m, float) / (scale * cosine)
    return np.clip(lat, -90.0, 90.0), normalise_longitude(lon)


def ta_distance_m(steps: ArrayLike, mu: int = 0) -> Floats:
    """Distance of a timing advance: 78.07 m a step for LTE (and NR at 15 kHz), 78.07/2^mu for NR.

    Parameters
    ----------
    steps : timing advance index, one way (the network halves the round trip).
    mu : NR numerology; sub-carrier spacing is 15·2^mu kHz.

    >>> round(float(ta_distance_m(10)), 2)
    780.71
    """
    step_m = TA_SAMPLES_PER_STEP * LTE_SAMPLE_S * SPEED_OF_LIGHT_M_S / 2 / 2**mu
    return np.asarray(np.asarray(steps, float) * step_m)


def datum_name(crs: object) -> str:
    """``WGS84``, ``GCJ02`` or ``BD09`` from the usual spellings; missing is WGS84.

    Raises
    ------
    InputError
        The name is none of the three datums.

    >>> datum_name("gcj-02"), datum_name(None), datum_name("EPSG:4326")
    ('GCJ02', 'WGS84', 'WGS84')
    """
    if crs is None or crs != crs or str(crs).strip() in {"", "<NA>", "nan", "None"}:
        return "WGS84"
    key = "".join(c for c in str(crs).upper() if c.isalnum())
    name = _DATUM_SPELLINGS.get(key)
    if name is None:
        raise InputError(f"unknown datum {str(crs)[:20]!r}; use WGS84, GCJ02 or BD09", field="crs")
    return name


_DATUM_SPELLINGS = {
    **dict.fromkeys(("WGS84", "WGS", "GPS", "EPSG4326", "4326", "CGCS2000", "EPSG4490"), "WGS84"),
    **dict.fromkeys(("GCJ02", "GCJ", "GCJ2", "AMAP", "GAODE", "高德", "TENCENT", "MARS", "火星坐标"), "GCJ02"),
    **dict.fromkeys(("BD09", "BD", "BD09LL", "BD9", "BAIDU", "百度"), "BD09"),
}


def in_china(lat: ArrayLike, lon: ArrayLike) -> Bools:
    """True inside the stated boundary of the GCJ-02 offset (decision 0025; about ±15 km)."""
    import shapely

    lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
    inside = _near_china(lat, lon)
    if inside.any():
        inside[inside] = shapely.contains_xy(_china(), lon[inside], lat[inside])
    return inside


def wgs84_to_gcj02(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """(lat, lon) in GCJ-02; unchanged outside China."""
    return _inside_only(_gcj_offset_applied, lat, lon)


def gcj02_to_wgs84(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """(lat, lon) in WGS-84, the exact inverse of :func:`wgs84_to_gcj02` (< 1 mm)."""
    return _back_inside_only(lambda a, b: _invert(_gcj_offset_applied, a, b), lat, lon)


def gcj02_to_bd09(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """(lat, lon) in BD-09; unchanged outside China."""
    return _inside_only(_bd_from_gcj, lat, lon)


def bd09_to_gcj02(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """(lat, lon) in GCJ-02, the exact inverse of :func:`gcj02_to_bd09`."""
    return _back_inside_only(lambda a, b: _invert(_bd_from_gcj, a, b), lat, lon)


def wgs84_to_bd09(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """(lat, lon) in BD-09; unchanged outside China."""
    return _inside_only(lambda a, b: _bd_from_gcj(*_gcj_offset_applied(a, b)), lat, lon)


def bd09_to_wgs84(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """(lat, lon) in WGS-84, the exact inverse of :func:`wgs84_to_bd09`."""
    return _back_inside_only(lambda a, b: _invert(_gcj_offset_applied, *_invert(_bd_from_gcj, a, b)), lat, lon)


def to_wgs84(lat: ArrayLike, lon: ArrayLike, crs: object = "WGS84") -> tuple[Floats, Floats]:
    """(lat, lon) in WGS-84 of points in the datum ``crs``.

    Parameters
    ----------
    lat, lon : arrays of one shape, degrees.
    crs : one datum name, or an array of names of the same length (missing = WGS84).

    Raises
    ------
    InputError
        A datum is unknown.

    >>> [round(float(x), 6) for x in to_wgs84(22.540383, 114.063014, "GCJ02")]
    [22.5431, 114.0579]
    """
    return _convert({"GCJ02": gcj02_to_wgs84, "BD09": bd09_to_wgs84}, lat, lon, crs)


def from_wgs84(lat: ArrayLike, lon: ArrayLike, crs: object = "WGS84") -> tuple[Floats, Floats]:
    """(lat, lon) in the datum ``crs`` of WGS-84 points; see :func:`to_wgs84`."""
    return _convert({"GCJ02": wgs84_to_gcj02, "BD09": wgs84_to_bd09}, lat, lon, crs)


def _convert(converters: dict[str, Any], lat: ArrayLike, lon: ArrayLike, crs: object) -> tuple[Floats, Floats]:
    lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
    if crs is None or isinstance(crs, str):
        name = datum_name(crs)
        return converters[name](lat, lon) if name in converters else (lat.copy(), lon.copy())
    out_lat, out_lon = np.array(lat), np.array(lon)
    names = _datum_names(crs)
    for name, convert in converters.items():
        rows = names == name
        if rows.any():
            out_lat[rows], out_lon[rows] = convert(lat[rows], lon[rows])
    return out_lat, out_lon


def _datum_names(crs: Any) -> NDArray[np.object_]:
    """Normalised name of each entry; every distinct spelling is looked at once."""
    import pandas as pd

    codes, spellings = pd.factorize(np.asarray(crs, object), use_na_sentinel=False)
    known = np.array([datum_name(None if pd.isna(s) else s) for s in spellings], object)
    return known[codes] if len(known) else np.empty(0, object)


def _inside_only(shift: Any, lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
    inside = in_china(lat, lon)
    out_lat, out_lon = np.array(lat), np.array(lon)
    out_lat[inside], out_lon[inside] = shift(lat[inside], lon[inside])
    return out_lat, out_lon


def _back_inside_only(unshift: Any, lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """A shifted point goes back only where its origin lies in China: else it was never shifted."""
    lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
    near = _near_china(lat, lon)
    back_lat, back_lon = unshift(lat[near], lon[near])
    came_from_inside = in_china(back_lat, back_lon)
    out_lat, out_lon = np.array(lat), np.array(lon)
    out_lat[near] = np.where(came_from_inside, back_lat, lat[near])
    out_lon[near] = np.where(came_from_inside, back_lon, lon[near])
    return out_lat, out_lon


def _near_china(lat: Floats, lon: Floats) -> Bools:
    """A cheap box around the outline (and around its image 1.4 km away in BD-09)."""
    return np.array((lon > 73.0) & (lon < 135.5) & (lat > 17.0) & (lat < 54.0))


def _invert(shift: Any, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Fixed point of ``p = q − (shift(p) − p)``."""
    guess_lat, guess_lon = lat.copy(), lon.copy()
    for _ in range(_INVERSE_STEPS):
        shifted_lat, shifted_lon = shift(guess_lat, guess_lon)
        guess_lat, guess_lon = guess_lat + lat - shifted_lat, guess_lon + lon - shifted_lon
    return guess_lat, guess_lon


def _gcj_offset_applied(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    north_m, east_m = _gcj_offset_m(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    curvature = 1 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian_m = _KRASOVSKY_A_M * (1 - _KRASOVSKY_E2) / curvature**1.5
    parallel_m = _KRASOVSKY_A_M / np.sqrt(curvature) * np.cos(phi)
    return lat + np.degrees(north_m / meridian_m), lon + np.degrees(east_m / parallel_m)


def _gcj_offset_m(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The published offset polynomial: metres north and east at x, y degrees from (105 E, 35 N)."""
    root, turn = np.sqrt(np.abs(x)), np.pi
    ripple = (20 * np.sin(6 * turn * x) + 20 * np.sin(2 * turn * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + ripple
    north += (20 * np.sin(turn * y) + 40 * np.sin(turn * y / 3)) * 2 / 3
    north += (160 * np.sin(turn * y / 12) + 320 * np.sin(turn * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + ripple
    east += (20 * np.sin(turn * x) + 40 * np.sin(turn * x / 3)) * 2 / 3
    east += (150 * np.sin(turn * x / 12) + 300 * np.sin(turn * x / 30)) * 2 / 3
    return north, east


def _bd_from_gcj(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    length = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return length * np.sin(angle) + 0.006, length * np.cos(angle) + 0.0065


@cache
def _china() -> shapely.Polygon:
    """Our own coarse outline, clockwise from the Pamirs: generous at sea, the line of actual control on land."""
    import shapely

    text = (files("geoservice") / "reference" / "china_outline.csv").read_text("utf-8")
    ring = np.array([line.split(",") for line in text.split()[1:]], float)
    polygon = shapely.Polygon(ring).buffer(0.1)
    shapely.prepare(polygon)
    return polygon
