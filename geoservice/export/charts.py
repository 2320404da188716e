"""Inline SVG charts of a dossier: bars, a trend, customers by level before and after, the response curve."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from geoservice.names import LEVEL_COLOURS, LEVEL_EDGES_DBM

BLUE, ORANGE, GREY = "#1f4e78", "#d95f02", "#9a9a9a"
# Upper edges of the level classes in dBm and their colours (red = hole, blue = good), colour-blind safe (after RdYlBu);
# the map paints with them, too.
LEVELS: tuple[tuple[float, str], ...] = tuple(zip((*LEVEL_EDGES_DBM, np.inf), LEVEL_COLOURS, strict=True))
UNKNOWN = "#dddddd"


def level_colour(rsrp_dbm: float) -> str:
    """Colour of a level; grey where it is unknown."""
    return UNKNOWN if np.isnan(rsrp_dbm) else next(colour for edge, colour in LEVELS if rsrp_dbm < edge)


def level_names() -> list[str]:
    """The classes in words: ``< −120``, ``−120 … −110``, …, ``≥ −85``."""
    edges = [f"{edge:.0f}".replace("-", "−") for edge, _ in LEVELS[:-1]]
    return [f"< {edges[0]}", *(f"{a} … {b}" for a, b in pairwise(edges)), f"≥ {edges[-1]}"]


def bar_chart(values: Mapping[str, float]) -> str:
    """Horizontal bars, one a key, labelled with key and value."""
    if not values:
        return ""
    top = max(max(values.values()), 1e-9)
    parts = []
    for row, (name, value) in enumerate(values.items()):
        y, width = 8 + 24 * row, max(150 * value / top, 0)
        parts.append(f'<text x="4" y="{y + 14}" font-size="12">{escape(name[:28])}</text>')
        parts.append(f'<rect x="200" y="{y}" width="{width:.1f}" height="18" fill="{BLUE}"/>')
        parts.append(f'<text x="{204 + width:.1f}" y="{y + 14}" font-size="12">{value:g}</text>')
    return svg(420, 16 + 24 * len(values), parts)


def trend_chart(steps: list[Any]) -> str:
    """Customers (bars) and expected customers (line) per time step of ``[time, customers, expected]``."""
    rows = [s for s in steps if isinstance(s, list | tuple) and len(s) >= 2]
    counts = np.array([number(s[1]) or 0.0 for s in rows])
    expected = np.array([(number(s[2]) if len(s) > 2 else None) or 0.0 for s in rows])
    top = max(float(counts.max(initial=0)), float(expected.max(initial=0)), 1e-9)
    width = 540 / max(len(rows), 1)
    parts = [
        f'<rect x="{10 + i * width:.1f}" y="{120 - 100 * c / top:.1f}" width="{max(width - 1, 1):.1f}" '
        f'height="{100 * c / top:.1f}" fill="{BLUE}"/>'
        for i, c in enumerate(counts)
    ]
    line = " ".join(f"{10 + (i + 0.5) * width:.1f},{120 - 100 * e / top:.1f}" for i, e in enumerate(expected))
    parts.append(f'<polyline points="{line}" fill="none" stroke="{ORANGE}" stroke-width="2"/>')
    for i in (0, len(rows) - 1) if rows else ():
        anchor, x = ("start", 10) if i == 0 else ("end", 550)
        day = escape(str(rows[i][0])[:10])
        parts.append(f'<text x="{x}" y="138" font-size="11" text-anchor="{anchor}">{day}</text>')
    parts.append(f'<text x="10" y="14" font-size="11">{top:g}</text>')
    return svg(560, 145, parts)


def level_chart(what_if: pd.DataFrame, before: str, after: str) -> str:
    """Customers by level class before (grey) and after (blue) a change."""
    people = np.nan_to_num(what_if["customers"].to_numpy("float64", na_value=0.0))
    counts = [_by_level(what_if[f"rsrp_{moment}_dbm"], people) for moment in ("before", "after")]
    top = max(float(np.max(counts)), 1e-9)
    parts = []
    for row, name in enumerate(level_names()):
        y = 26 + 34 * row
        parts.append(f'<text x="4" y="{y + 18}" font-size="12">{escape(name)} dBm</text>')
        for offset, count, colour in ((0, counts[0][row], GREY), (14, counts[1][row], BLUE)):
            width = 250 * count / top
            parts.append(f'<rect x="130" y="{y + offset}" width="{width:.1f}" height="13" fill="{colour}"/>')
            parts.append(f'<text x="{134 + width:.1f}" y="{y + offset + 11}" font-size="11">{count:,.0f}</text>')
    for x, colour, name in ((130, GREY, before), (240, BLUE, after)):
        parts.append(f'<rect x="{x}" y="6" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16}" y="16" font-size="12">{escape(name)}</text>')
    return svg(440, 32 + 34 * len(LEVELS), parts)


def curve_chart(curve: pd.DataFrame, level_dbm: float | None, axis: str) -> str:
    """Complaints per 1,000 customers and month against the level, with the 95 % band and where the place stands."""
    x = 50 + 480 * (curve["rsrp_dbm"].to_numpy(float) + 130.0) / 45.0
    top = max(float(curve["rate"].max()) * 1.4, 1e-9)

    def y(name: str) -> np.ndarray:
        return np.asarray(190 - 165 * np.minimum(curve[name].to_numpy(float) / top, 1.0))

    band = [*zip(x, y("high"), strict=True), *zip(x[::-1], y("low")[::-1], strict=True)]
    parts = [
        f'<polygon points="{_points(band)}" fill="{BLUE}" fill-opacity=".18"/>',
        f'<polyline points="{_points(list(zip(x, y("rate"), strict=True)))}" fill="none" stroke="{BLUE}" '
        'stroke-width="2"/>',
        f'<text x="4" y="16" font-size="11">{escape(axis)}</text>',
        f'<text x="46" y="32" font-size="11" text-anchor="end">{top:.1f}</text>',
    ]
    for level in (-130, -120, -110, -100, -90):
        at = 50 + 480 * (level + 130.0) / 45.0
        parts.append(
            f'<text x="{at:.0f}" y="206" font-size="11" text-anchor="middle">{level}</text>'.replace(">-", ">−")
        )
        parts.append(f'<line x1="{at:.0f}" x2="{at:.0f}" y1="25" y2="190" stroke="#ddd"/>')
    if level_dbm is not None and np.isfinite(level_dbm):
        here = 50 + 480 * (float(np.clip(level_dbm, -130, -85)) + 130.0) / 45.0
        parts.append(f'<line x1="{here:.0f}" x2="{here:.0f}" y1="25" y2="190" stroke="{ORANGE}" stroke-width="2"/>')
    return svg(560, 212, parts)


def number(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return None
    return float(value) if np.isfinite(value) else None


def svg(width: float, height: float, parts: list[str]) -> str:
    """An inline drawing."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="sans-serif">{"".join(parts)}</svg>'
    )


def _by_level(levels: pd.Series, people: np.ndarray) -> np.ndarray:
    value = levels.to_numpy("float64", na_value=-np.inf)
    value = np.where(np.isnan(value), -np.inf, value)
    row = np.searchsorted([edge for edge, _ in LEVELS[:-1]], value, side="right")
    return np.bincount(row, weights=people, minlength=len(LEVELS))


def _points(pairs: list[tuple[float, float]]) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in pairs)
