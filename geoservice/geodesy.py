"""Where things are on the globe: datums, distances, bearings, timing advance.

Degrees in, degrees and metres out; every function takes arrays of one shape (or scalars) and
keeps NaN as NaN. Distances are on the mean sphere (IUGG R1 = 6,371,008.8 m), within 0.5 % of
the ellipsoid, far below the radius of any fix.

Datums: GCJ-02 is the published reverse-engineered offset on the Krasovsky-1940 ellipsoid, BD-09
Baidu's polar perturbation of GCJ-02. Both apply inside :func:`in_china` only; see decision 0025.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoservice.errors import InputError

if TYPE_CHECKING:
    import shapely

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EARTH_RADIUS_M = 6_371_008.8  # IUGG mean radius R1; with it handbook vector B2 comes out as 1513.63 m
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
    import shapely

    ring = np.array([float(number) for number in _CHINA_RING.split()]).reshape(-1, 2)
    polygon = shapely.Polygon(ring).buffer(0.1)
    shapely.prepare(polygon)
    return polygon


# Our own coarse outline, lon lat, clockwise from the Pamirs; generous at sea, the line of actual control on land.
# The Taiwan Strait is the eastern limit; Hong Kong, Macau and Hainan are inside (their Chinese maps carry the offset).
_CHINA_RING = """
75.0 37.0  74.9 38.4  73.8 38.6  73.5 39.4  73.7 39.8  74.9 40.4  75.5 40.6  76.4 40.4  77.9 41.1  78.6 41.5
80.2 42.2  80.2 43.0  80.5 43.3  80.4 44.3  79.95 44.9  81.8 45.3  82.5 45.3  82.3 45.6  83.0 46.0  82.6 46.7
83.2 47.2  85.5 47.1  85.6 48.3  86.8 49.0  87.8 49.2  88.1 48.7  89.7 48.0  90.9 46.9  91.0 45.3  93.5 44.95
95.4 44.3  95.9 43.3  96.4 42.75  99.5 42.6  101.8 42.5  105.0 41.65  107.5 42.4  109.5 42.45  110.4 42.8
111.9 43.7  111.6 44.3  112.0 45.1  113.6 44.75  114.5 45.4  116.2 45.7  116.6 46.3  117.4 46.5  119.7 46.6
119.9 46.9  118.5 47.9  117.8 47.95  115.6 47.9  115.5 48.2  116.0 48.8  116.7 49.8  117.8 49.55  119.2 50.1
119.2 50.5  120.1 51.7  120.7 52.0  120.7 52.5  120.1 52.7  120.9 53.3  123.6 53.55  125.6 53.05  126.9 51.4
127.3 50.7  127.5 50.3  127.6 49.8  129.5 49.4  130.7 48.9  130.7 48.2  131.0 47.7  132.6 47.75  133.7 48.2  134.8 48.4
134.6 47.7  134.2 47.2  133.8 46.3  133.1 45.2  131.9 45.3  131.0 44.9  131.2 44.0  131.2 43.4  130.5 42.7
130.6 42.4  129.9 42.9  129.7 42.45  128.2 41.9  128.2 41.4  126.9 41.6  126.0 40.9  124.4 40.1  124.2 39.6  123.5 38.0
123.0 36.0  122.6 32.0  123.5 30.5  122.5 28.0  121.0 26.7  119.9 25.4  119.0 23.8  117.5 22.5  115.0 21.0
111.5 17.9  108.3 18.0  108.2 20.0  108.0 21.4  107.3 21.6  106.7 22.0  106.6 22.6  105.9 22.95  105.3 23.35
104.5 22.85  103.95 22.5  103.0 22.45  102.4 22.7  102.1 22.4  101.7 22.45  101.6 22.2  101.8 21.2  101.1 21.2
101.1 21.6  100.2 21.4  99.9 22.0  99.2 22.1  99.4 22.9  98.9 23.2  98.7 24.0  97.6 23.85  97.5 24.7  98.0 25.2
98.7 26.0  98.7 27.5  98.3 27.6  97.4 28.2  96.4 28.5  95.5 29.1  94.5 29.2  93.3 28.7  92.0 27.8  91.6 27.9
91.0 28.0  90.0 28.3  89.1 27.5  88.9 27.35  88.7 28.0  87.0 27.9  86.0 27.95  85.2 28.3  84.2 28.9  83.5 29.2
82.0 30.2  81.0 30.2  80.2 30.7  79.0 31.3  78.6 32.2  78.5 32.6  79.4 32.9  78.9 33.6  78.9 34.3  78.3 34.7
78.0 35.4  76.9 35.8  75.9 36.6
"""
