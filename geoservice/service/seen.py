"""Export of what a map shows: the hexes of a window with the measure, as a table for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from geoservice import export, grid
from geoservice.export import ExportReport
from geoservice.export.titles import Language


def table(shown: dict[str, Any]) -> pd.DataFrame:
    """Rows hex, measure, value, unit, few, lat, lon of an answer of :func:`geoservice.service.hex_view.hexes`.

    ``few`` marks hexes whose value is withheld because it counts one or two customers.
    """
    hexes = shown["hexes"]
    frame = pd.DataFrame({"hex": grid.text_to_hex(hexes) if hexes else pd.Series([], dtype="int64")})
    lat, lon = grid.hex_to_latlon(frame["hex"].to_numpy("int64"))
    return frame.assign(
        measure=shown["measure"],
        value=pd.Series(shown["values"], dtype="object" if shown["unit"] == "" else "float64"),
        unit=shown["unit"],
        few=pd.Series(shown["few"], dtype="bool"),
        class_group=shown["class_group"],
        run=shown.get("run"),
        lat=lat,
        lon=lon,
    )


def write(shown: dict[str, Any], path: Path, language: Language = "zh") -> ExportReport:
    """Write the hexes of a view to a file by its suffix; hexes become polygons where the format draws."""
    frame = table(shown)
    frame["hex"] = grid.hex_to_text(frame["hex"].to_numpy("int64")) if len(frame) else pd.Series([], dtype="str")
    return export.write(frame, path, layer=f"hexes_{shown['measure']}", language=language)
