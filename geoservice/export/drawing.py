"""Inline SVG: the map of a request. Numbers are formatted here, text is escaped here."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoservice.export.charts import LEVELS, level_colour, level_names, number, svg
from geoservice.export.kml import sector_azimuths
from geoservice.export.shapes import hex_polygons, ring, wedge
from geoservice.export.values import parse_json
from geoservice.geodesy import METRES_PER_DEGREE

_SIZE = 560.0
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


def request_map(request: Mapping[str, Any], coverage: pd.DataFrame | None, north: str, *, built: bool = True) -> str:
    """Hexes coloured by level, the uncovered ones outlined, candidate, search ring, sectors, neighbour sites.

    Parameters
    ----------
    coverage : columns ``hex`` and ``rsrp_dbm``.
    built : whether the new sectors are drawn (the map after) or only the candidate (before).
    """
    lat, lon = float(request["lat"]), float(request["lon"])
    radius = number(request.get("search_ring_m")) or 100.0
    hexes = _uncovered(request)
    half = _half_width(lat, lon, radius, hexes)
    view = _View(lat, lon, half)
    parts = _coverage_paths(view, coverage)
    parts += [f'<path d="{view.path(s)}" fill="none" stroke="#a50026" stroke-width="1.5"/>' for s in hexes]
    for azimuth in sector_azimuths(parse_json(request.get("azimuths"))) if built else ():
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
    parts += _scale_bar(half)
    return svg(_SIZE, _SIZE, parts)


def change_map(hexes: pd.Series, rsrp_dbm: pd.Series, touched: pd.DataFrame, cells: pd.DataFrame, north: str) -> str:
    """The hexes a change touches, coloured by level; changed cells red, other sites grey.

    Parameters
    ----------
    hexes, rsrp_dbm : the hexes and their level.
    touched : ``lat``, ``lon`` of the cells that were changed.
    """
    shapes = list(hex_polygons(hexes.reset_index(drop=True)))
    west, south, east, north_edge = shapely.total_bounds(np.array(shapes, dtype=object))
    lat, lon = (south + north_edge) / 2, (west + east) / 2
    half = 0.53 * max(north_edge - south, (east - west) * float(np.cos(np.radians(lat))), 1e-3)
    view = _View(lat, lon, half)
    levels = rsrp_dbm.to_numpy("float64", na_value=np.nan)
    parts = [
        f'<path d="{view.path(shape)}" fill="{level_colour(level)}" fill-opacity=".75"/>'
        for shape, level in zip(shapes, levels, strict=True)
    ]
    masts = cells[["lat", "lon"]].dropna().astype(float).round(5).drop_duplicates()
    inside = masts[masts["lat"].between(south, north_edge) & masts["lon"].between(west, east)]
    parts += [_dot(view, lat_, lon_, 2.5, "#555") for lat_, lon_ in inside.to_numpy(float)]
    parts += [_dot(view, lat_, lon_, 6.0, "#e41a1c") for lat_, lon_ in touched.to_numpy(float)]
    parts.append(f'<text x="540" y="24" text-anchor="end">↑ {escape(north)}</text>')
    return svg(_SIZE, _SIZE, [*parts, *_scale_bar(half)])


def _dot(view: _View, lat: float, lon: float, radius: float, colour: str) -> str:
    x, y = view.point(lat, lon)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}" stroke="#fff" stroke-width=".7"/>'


def level_legend() -> str:
    """The colours of the levels with their classes."""
    parts = []
    for row, ((_, colour), name) in enumerate(zip(LEVELS, level_names(), strict=True)):
        x = 4 + 135 * (row % 4)
        y = 4 + 22 * (row // 4)
        parts.append(f'<rect x="{x}" y="{y}" width="16" height="14" fill="{colour}" stroke="#999"/>')
        parts.append(f'<text x="{x + 20}" y="{y + 12}" font-size="12">{escape(name)} dBm</text>')
    return svg(560, 48, parts)


def _scale_bar(half_width_deg: float) -> list[str]:
    """A bar of a round length, about a quarter of the picture."""
    metres = half_width_deg * METRES_PER_DEGREE / 2
    step = 10 ** np.floor(np.log10(metres))
    length = float(max(s * step for s in (1, 2, 5) if s * step <= metres))
    width = _SIZE / 2 * length / (half_width_deg * METRES_PER_DEGREE)
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    return [
        f'<rect x="16" y="{_SIZE - 22:g}" width="{width:.1f}" height="5" fill="#222"/>',
        f'<text x="16" y="{_SIZE - 27:g}" font-size="12">{words}</text>',
    ]


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
        if isinstance(site, dict) and number(site.get("lat")) is not None and number(site.get("lon")) is not None:
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
    span = radius_m / METRES_PER_DEGREE
    for west, south, east, north in shapely.bounds(np.array(shapes, dtype=object)) if shapes else ():
        span = max(
            span, abs(north - lat), abs(south - lat), *(abs(x - lon) * np.cos(np.radians(lat)) for x in (west, east))
        )
    return _MARGIN * float(span)
