"""What a map page holds, put together from plain answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoservice.config import DEFAULT_TIMEZONE
from maps.document import self_contained
from maps.style import scales
from maps.texts import TEXTS

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class MapData:
    """The contents of an exported map; ``hexes`` holds one view per resolution, as ``/v1/hexes`` answers it."""

    hexes: Rows
    hotspots: Rows
    cells: Rows
    requests: Rows
    places: Rows


def options(language: str, timezone: str, measure: str = "customers") -> dict[str, Any]:
    """What the browser's map needs to know besides the data; days are shown in ``timezone``."""
    texts = dict(TEXTS[language])
    return {"language": language, "timezone": timezone, "measure": measure, "scales": scales(language), "texts": texts}


def exported_page(
    data: MapData, language: str, subtitle: str = "", timezone: str = DEFAULT_TIMEZONE, measure: str = "customers"
) -> str:
    """The exported map as one HTML text; ``measure`` is what its hexes hold."""
    title = TEXTS[language]["title"] + (f" · {subtitle}" if subtitle else "")
    content = {
        "title": title,
        "options": options(language, timezone, measure),
        "hexes": list(data.hexes),
        "hotspots": list(data.hotspots),
        "cells": list(data.cells),
        "requests": list(data.requests),
        "places": list(data.places),
    }
    center, zoom = _focus(data)
    return self_contained(content, center=center, zoom=zoom, title=title, language=language)


def _focus(data: MapData) -> tuple[tuple[float, float], int]:
    """Centre and zoom that show the hotspots (or the cells, or the world)."""
    points = [(float(row["lat"]), float(row["lon"])) for row in (data.hotspots or data.cells or data.places)]
    if not points:
        return (0.0, 0.0), 2
    lats, lons = [p[0] for p in points], [p[1] for p in points]
    span = max(max(lats) - min(lats), max(lons) - min(lons), 0.01)
    zoom = next((z for z in range(15, 2, -1) if span < 720 / 2**z), 3)
    return ((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2), zoom
