"""Inline SVG: the map of a request and its charts. Numbers are formatted here, text is escaped here."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoservice.export.kml import sector_azimuths
from geoservice.export.shapes import hex_polygons, ring, wedge
from geoservice.export.values import parse_json

_SIZE = 560.0
# Level classes in dBm, lower edge and colour (red = hole, green = good), colour-blind safe (RdYlBu).
_LEVELS = ((-85.0, "#2c7bb6"), (-95.0, "#abd9e9"), (-105.0, "#ffffbf"), (-110.0, "#fdae61"), (-120.0, "#f46d43"))
_HOLE, _UNKNOWN = "#a50026", "#dddddd"
_MARGIN = 1.6


class _View:
    """Degrees to pixels around one point, equal scale in both directions."""

    def __init__(self, lat: float, lon: float, half_width_deg: float) -> None:
        self._lat, self._lon = lat, lon
        self._scale = _SIZE / 2 / half_width_deg
        self._squeeze = max(float(np.cos(np.radians(lat))), 0.01)

    def pixels(self, xy: Any) -> Any:
        xy = np.asarray(xy, float)
        x = _SIZE / 2 + (xy[:, 0] - self._lon) * self._squeeze * self._scale
        return np.column_stack([x, _SIZE / 2 - (xy[:, 1] - self._lat) * self._scale])

    def path(self, shape: Any) -> str:
        rings = [p.exterior.coords for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
        return "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in self.pixels(r)) + "Z" for r in rings)

    def point(self, lat: float, lon: float) -> tuple[float, float]:
        x, y = self.pixels([(lon, lat)])[0]
        return float(x), float(y)


def request_map(request: Mapping[str, Any], coverage: pd.DataFrame | None, north: str) -> str:
    """Hexes coloured by level, the uncovered ones outlined, candidate, search ring, sectors, neighbour sites."""
    lat, lon = float(request["lat"]), float(request["lon"])
    radius = _number(request.get("search_ring_m")) or 100.0
    hexes = _uncovered(request)
    view = _View(lat, lon, _half_width(lat, lon, radius, hexes))
    parts = _coverage_paths(view, coverage)
    parts += [f'<path d="{view.path(s)}" fill="none" stroke="#a50026" stroke-width="1.5"/>' for s in hexes]
    for azimuth in sector_azimuths(parse_json(request.get("azimuths"))):
        shape = wedge(lat, lon, azimuth, 1.2 * radius)
        parts.append(f'<path d="{view.path(shape)}" fill="#377eb8" fill-opacity=".45" stroke="#377eb8"/>')
    parts.append(
        f'<path d="{view.path(ring(lat, lon, radius))}" fill="none" stroke="#d95f02" stroke-width="2" '
        'stroke-dasharray="6 4"/>'
    )
    parts += _sites(view, request)
    x, y = view.point(lat, lon)
    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="#e41a1c" stroke="#fff" stroke-width="2"/>')
    parts.append(f'<text x="540" y="24" text-anchor="end">↑ {escape(north)}</text>')
    return _svg(_SIZE, _SIZE, parts)


def bar_chart(values: Mapping[str, float]) -> str:
    """Horizontal bars, one a key, labelled with key and value."""
    if not values:
        return ""
    top = max(max(values.values()), 1e-9)
    parts = []
    for row, (name, value) in enumerate(values.items()):
        y = 8 + 24 * row
        parts.append(f'<text x="4" y="{y + 14}" font-size="12">{escape(name[:28])}</text>')
        parts.append(f'<rect x="200" y="{y}" width="{max(150 * value / top, 0):.1f}" height="18" fill="#1f4e78"/>')
        parts.append(f'<text x="{204 + max(150 * value / top, 0):.1f}" y="{y + 14}" font-size="12">{value:g}</text>')
    return _svg(420, 16 + 24 * len(values), parts)


def trend_chart(steps: list[Any]) -> str:
    """Customers (bars) and expected customers (line) per time step of ``[time, customers, expected]``."""
    rows = [s for s in steps if isinstance(s, list | tuple) and len(s) >= 2]
    counts = np.array([_number(s[1]) or 0.0 for s in rows])
    expected = np.array([(_number(s[2]) if len(s) > 2 else None) or 0.0 for s in rows])
    top = max(float(counts.max(initial=0)), float(expected.max(initial=0)), 1e-9)
    width = 540 / max(len(rows), 1)
    parts = [
        f'<rect x="{10 + i * width:.1f}" y="{120 - 100 * c / top:.1f}" width="{max(width - 1, 1):.1f}" '
        f'height="{100 * c / top:.1f}" fill="#1f4e78"/>'
        for i, c in enumerate(counts)
    ]
    line = " ".join(f"{10 + (i + 0.5) * width:.1f},{120 - 100 * e / top:.1f}" for i, e in enumerate(expected))
    parts.append(f'<polyline points="{line}" fill="none" stroke="#d95f02" stroke-width="2"/>')
    for i in (0, len(rows) - 1) if rows else ():
        anchor = "start" if i == 0 else "end"
        x = 10 if i == 0 else 550
        parts.append(
            f'<text x="{x}" y="138" font-size="11" text-anchor="{anchor}">{escape(str(rows[i][0])[:10])}</text>'
        )
    return _svg(560, 145, parts)


def level_colour(rsrp_dbm: float) -> str:
    """Colour of a level; grey where it is unknown."""
    if np.isnan(rsrp_dbm):
        return _UNKNOWN
    return next((colour for low, colour in _LEVELS if rsrp_dbm >= low), _HOLE)


def _coverage_paths(view: _View, coverage: pd.DataFrame | None) -> list[str]:
    if coverage is None or coverage.empty:
        return []
    levels = coverage["rsrp_dbm"].to_numpy(float, na_value=np.nan)
    return [
        f'<path d="{view.path(shape)}" fill="{level_colour(level)}" fill-opacity=".7" stroke="#fff" stroke-width=".5"/>'
        for shape, level in zip(hex_polygons(coverage["hex"]), levels, strict=True)
    ]


def _sites(view: _View, request: Mapping[str, Any]) -> list[str]:
    sites = parse_json(request.get("nearest_sites"))
    parts = []
    for site in sites if isinstance(sites, list) else []:
        if isinstance(site, dict) and _number(site.get("lat")) is not None and _number(site.get("lon")) is not None:
            x, y = view.point(float(site["lat"]), float(site["lon"]))
            name = escape(str(site.get("site", ""))[:24])
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#555"/>'
                f'<text x="{x + 6:.1f}" y="{y + 4:.1f}" font-size="11">{name}</text>'
            )
    return parts


def _uncovered(request: Mapping[str, Any]) -> list[Any]:
    found = parse_json(request.get("hexes"))
    texts = [str(h[0] if isinstance(h, list) else h) for h in found] if isinstance(found, list) else []
    return list(hex_polygons(pd.Series(texts, dtype=object))) if texts else []


def _half_width(lat: float, lon: float, radius_m: float, shapes: list[Any]) -> float:
    span = radius_m / 111_195.0
    for west, south, east, north in shapely.bounds(np.array(shapes, dtype=object)) if shapes else ():
        span = max(
            span, abs(north - lat), abs(south - lat), *(abs(x - lon) * np.cos(np.radians(lat)) for x in (west, east))
        )
    return _MARGIN * float(span)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return None
    return float(value) if np.isfinite(value) else None


def _svg(width: float, height: float, parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="sans-serif">{"".join(parts)}</svg>'
    )
