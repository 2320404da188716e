"""Coordinates written inside text: "22.5431,114.0579", "N22°32'35\\"", "东经114.05度,北纬22.54"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from geoservice.geodesy import METRES_PER_DEGREE, to_wgs84
from geoservice.locate import words
from geoservice.locate.precision import level_of_radius

_LABELS = {
    "北纬": ("lat", 1), "南纬": ("lat", -1), "纬度": ("lat", 1), "lat": ("lat", 1), "latitude": ("lat", 1),
    "n": ("lat", 1), "s": ("lat", -1), "东经": ("lon", 1), "西经": ("lon", -1), "经度": ("lon", 1), "lon": ("lon", 1),
    "long": ("lon", 1), "lng": ("lon", 1), "longitude": ("lon", 1), "e": ("lon", 1), "w": ("lon", -1),
}  # fmt: skip
_ANGLE = re.compile(
    r"(?:(?<![a-z])(?P<label>北纬|南纬|东经|西经|纬度|经度|latitude|longitude|long|lat|lon|lng|[nsew])\s*[:=]?\s*)?"
    r"(?<![0-9.])(?P<degrees>[-+]?[0-9]{1,3}(?:\.[0-9]{1,20})?)"
    r"(?:\s*(?P<unit>[°度]|deg)\s*(?:(?P<minutes>[0-9]{1,2}(?:\.[0-9]{1,8})?)\s*(?:'(?!')|′(?!′)|分)\s*"
    r"(?:(?P<seconds>[0-9]{1,2}(?:\.[0-9]{1,6})?)\s*(?:''|″|′′|\"|秒)?)?)?)?"
    r"(?:\s*(?P<side>[nsew])(?![a-z]))?"
)
_HAS_DIGITS = re.compile(r"\d\D.*\d", re.DOTALL)  # full-width ones too
_DATUM_HINT = re.compile(r"wgs ?-?84|gps|gcj ?-?02|bd ?-?09|高德|腾讯|百度|火星", re.IGNORECASE)
_DATUM_OF = {"高德": "GCJ02", "腾讯": "GCJ02", "火星": "GCJ02", "百度": "BD09", "gps": "WGS84"}
_ONLY_NUMBERS = re.compile(r"[-+0-9.,;\s()]+$")
_GAP = re.compile(r"[\s,;:/|和与()°]*$")
_PLAIN_DECIMALS = 3  # without label or degree sign, fewer decimals are a price or a size, not a coordinate
_TYPED_RADIUS_M = 50.0  # someone read it off a map or a phone
_LIKELY_ORDER = 0.85  # latitude first, when nothing else tells
_IN_REGION = 200.0  # odds for the order that falls where our places and cells are


@dataclass(frozen=True, slots=True)
class Region:
    """Latitude–longitude box of what we know; decides the order of two bare numbers."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """True inside the box."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


@dataclass(frozen=True, slots=True)
class _Angle:
    value: float
    axis: str | None
    decimals: int
    marked: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Point:
    lat: float
    lon: float
    radius_m: float
    odds: float

    def fix(self, total: float) -> dict[str, object]:
        level = str(level_of_radius(self.radius_m))
        place = {"lat": self.lat, "lon": self.lon, "radius_m": self.radius_m}
        return {**place, "precision": level, "probability": self.odds / total}


def parse_points(text: str, region: Region | None = None, *, is_query: bool = False) -> list[dict[str, object]]:
    """Points a text names, most probable first; empty when it names none.

    Parameters
    ----------
    text : at most 300 characters are looked at.
    region : decides the order of two bare numbers.
    is_query : two bare numbers alone are taken as coordinates whatever their decimals.

    Returns
    -------
    list of dicts lat, lon (WGS-84 degrees), radius_m, precision, probability (they sum to 1).
    """
    if not _HAS_DIGITS.search(text[: words.MAX_PLACE_TEXT]):
        return []
    plain = unicodedata.normalize("NFKC", text[: words.MAX_PLACE_TEXT].replace("º", "°")).lower()
    angles = list(_angles(plain))
    datum = _hinted_datum(plain) or "WGS84"
    decimals = 0 if is_query and _ONLY_NUMBERS.match(plain) else _PLAIN_DECIMALS
    for first, second in pairwise(angles):
        if _GAP.match(plain, first.end, second.start) and _is_pair(first, second, decimals):
            return _resolve(first, second, region, datum)
    return []


def from_texts(texts: pd.Series, region: Region | None = None) -> pd.DataFrame:
    """Points inside texts: columns row (position in ``texts``), lat, lon, radius_m, precision, probability."""
    candidates = texts[texts.str.contains(r"\d\s*[.．°º度]", regex=True, na=False)]
    codes, distinct = pd.factorize(candidates)
    points = [(i, p) for i, text in enumerate(distinct) for p in parse_points(str(text), region)]
    frame = pd.DataFrame([p for _, p in points], columns=["lat", "lon", "radius_m", "precision", "probability"])
    frame["code"] = np.array([i for i, _ in points], np.int64)
    at = np.flatnonzero(texts.index.isin(candidates.index)) if len(candidates) < len(texts) else np.arange(len(texts))
    return pd.DataFrame({"row": at, "code": codes}).merge(frame, on="code").drop(columns="code")


def _angles(text: str) -> Iterator[_Angle]:
    for match in _ANGLE.finditer(text):
        label = match["label"] or match["side"]
        axis, sign = _LABELS[label] if label else (None, 1)
        degrees = match["degrees"]
        value = abs(float(degrees)) + float(match["minutes"] or 0) / 60 + float(match["seconds"] or 0) / 3600
        sign = -sign if degrees.startswith("-") else sign
        yield _Angle(sign * value, axis, _decimals(match), bool(label or match["unit"]), match.start(), match.end())


def _decimals(match: re.Match[str]) -> int:
    """Digits after the point the angle is worth: minutes are about 2, seconds about 4."""
    if match["seconds"]:
        return 4
    if match["minutes"]:
        return 2 + len(match["minutes"].partition(".")[2])
    return len(match["degrees"].partition(".")[2])


def _is_pair(a: _Angle, b: _Angle, least_decimals: int) -> bool:
    if a.axis is not None and a.axis == b.axis:
        return False
    marked = a.marked and b.marked
    return marked or min(a.decimals, b.decimals) >= least_decimals


def _hinted_datum(text: str) -> str | None:
    match = _DATUM_HINT.search(text)
    if match is None:
        return None
    word = match[0].lower()
    return _DATUM_OF.get(word) or {"w": "WGS84", "g": "GCJ02", "b": "BD09"}[word[0]]


def _resolve(a: _Angle, b: _Angle, region: Region | None, datum: str) -> list[dict[str, object]]:
    radius = max(_TYPED_RADIUS_M, 0.71 * METRES_PER_DEGREE * 10.0 ** -min(a.decimals, b.decimals))
    orders = [(a.value, b.value, _LIKELY_ORDER), (b.value, a.value, 1 - _LIKELY_ORDER)]
    if a.axis == "lat" or b.axis == "lon":
        orders = orders[:1]
    elif a.axis == "lon" or b.axis == "lat":
        orders = orders[1:]
    points = [_point(lat, lon, odds, region, datum, radius) for lat, lon, odds in orders if _on_globe(lat, lon)]
    total = sum(point.odds for point in points)
    return [point.fix(total) for point in sorted(points, key=lambda p: -p.odds)]


def _on_globe(lat: float, lon: float) -> bool:
    return abs(lat) <= 90 and abs(lon) <= 180


def _point(lat: float, lon: float, odds: float, region: Region | None, datum: str, radius: float) -> _Point:
    inside = region is not None and region.holds(lat, lon)
    wgs_lat, wgs_lon = to_wgs84(lat, lon, datum)
    return _Point(float(wgs_lat), float(wgs_lon), radius, odds * (_IN_REGION if inside else 1.0))
