"""KML 2.2 (OGC 07-147r2) for Google Earth: a folder a request with point, search ring and sectors."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pandas as pd

from geoservice.export.formats import rounded, shape_of
from geoservice.export.shapes import Geometries, ring, wedge
from geoservice.export.titles import Language, table_name, title
from geoservice.export.values import json_frame, prose, records
from geoservice.export.words import told

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_NAME_COLUMNS = ("request_no", "hotspot_id", "action_id", "hex", "cgi", "place")
# KML colours are aabbggrr.
_STYLES = {
    "candidate": {"line": "ff1c1ae4", "fill": "661c1ae4"},
    "ring": {"line": "ff00a5ff", "fill": "2200a5ff"},
    "sector": {"line": "ffb87e37", "fill": "66b87e37"},
    "area": {"line": "ff4d4d4d", "fill": "553c14dc"},
}
_COORDINATES = frozenset({"lat", "lon"})
# A map people open needs neither what-if input nor the other language.
_UNSHOWN = {
    "zh": frozenset({"new_cells", "sentence_en", "cause_en", "action_en"}),
    "en": frozenset({"new_cells", "sentence_zh", "cause_zh", "action_zh"}),
}
_DEFAULT_WEDGE_M = 150.0


def write_kml(frame: pd.DataFrame, geometry: Geometries, path: Path, layer: str, language: Language) -> None:
    """Every row a Placemark with its values as ExtendedData under titled names; all text escaped by the XML writer."""
    root = Xml.Element("kml", xmlns=_NAMESPACE)
    document = Xml.SubElement(root, "Document")
    _child(document, "name", layer)
    for name, colours in _STYLES.items():
        _style(document, name, colours)
    table = table_name(frame)
    rows = records(json_frame(frame.drop(columns="outline", errors="ignore")))
    for row, shape in zip(rows, geometry, strict=True):
        _row(document, row, shape, table, language)
    Xml.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _row(parent: Xml.Element, row: dict[str, Any], shape: Any, table: str, language: Language) -> None:
    folder = parent
    if table == "site_requests":
        folder = Xml.SubElement(parent, "Folder")
        _child(folder, "name", _name(row))
    mark = _placemark(folder, _name(row), shape, "candidate" if table == "site_requests" else "area")
    if row.get(f"sentence_{language}"):
        _child(mark, "description", str(row[f"sentence_{language}"]), before="ExtendedData")
    _extended(mark, row, table, language)
    if table == "site_requests":
        _site_shapes(folder, row, language)


def _site_shapes(folder: Xml.Element, row: dict[str, Any], language: Language) -> None:
    lat, lon = row.get("lat"), row.get("lon")
    if lat is None or lon is None:
        return
    radius = row.get("search_ring_m")
    if radius:
        _placemark(folder, title("site_requests", "search_ring_m", language), ring(lat, lon, radius), "ring")
    length = max(_DEFAULT_WEDGE_M, float(radius or 0.0))
    for azimuth in sector_azimuths(row.get("azimuths")):
        _placemark(folder, f"{azimuth:g}°", wedge(lat, lon, azimuth, length), "sector")


def sector_azimuths(value: object) -> list[float]:
    """Azimuths of a request as finite numbers."""
    items = value if isinstance(value, list) else []
    return [float(a) for a in items if isinstance(a, int | float) and math.isfinite(a)]


def _placemark(parent: Xml.Element, name: str, shape: Any, style: str) -> Xml.Element:
    mark = Xml.SubElement(parent, "Placemark")
    _child(mark, "name", name)
    _child(mark, "styleUrl", f"#{style}")
    Xml.SubElement(mark, "ExtendedData")
    if shape is not None and not shape.is_empty:
        _geometry(mark, shape)
    return mark


def _geometry(parent: Xml.Element, shape: Any) -> None:
    if hasattr(shape, "geoms"):
        multi = Xml.SubElement(parent, "MultiGeometry")
        for part in shape.geoms:
            _geometry(multi, part)
    elif shape.geom_type == "Polygon":
        polygon = Xml.SubElement(parent, "Polygon")
        _child(polygon, "tessellate", "1")
        _ring(polygon, "outerBoundaryIs", shape.exterior.coords)
        for hole in shape.interiors:
            _ring(polygon, "innerBoundaryIs", hole.coords)
    else:
        line = Xml.SubElement(parent, shape.geom_type)
        _child(line, "coordinates", _coordinates(shape.coords))


def _ring(polygon: Xml.Element, tag: str, coordinates: Any) -> None:
    linear = Xml.SubElement(Xml.SubElement(polygon, tag), "LinearRing")
    _child(linear, "coordinates", _coordinates(coordinates))


def _coordinates(coordinates: Any) -> str:
    return " ".join(f"{point[0]:.7f},{point[1]:.7f}" for point in coordinates)


def _extended(mark: Xml.Element, row: dict[str, Any], table: str, language: Language) -> None:
    data = mark.find("ExtendedData")
    assert data is not None  # noqa: S101 - _placemark always adds it
    hidden = _UNSHOWN[language]
    for name, value in row.items():
        if value is not None and value != "" and name not in hidden:
            entry = Xml.SubElement(data, "Data", name=str(name))
            _child(entry, "displayName", title(table, str(name), language))
            _child(entry, "value", _words(table, str(name), value, language))


def _words(table: str, name: str, value: Any, language: Language) -> str:
    """A value as people read it; coordinates to a tenth of a metre."""
    if name in _COORDINATES and isinstance(value, int | float):
        return f"{value:.6f}"
    if isinstance(value, float):
        return str(rounded(value, shape_of(table, name)))
    return prose(told(name, value, language))


def _style(document: Xml.Element, name: str, colours: dict[str, str]) -> None:
    style = Xml.SubElement(document, "Style", id=name)
    line = Xml.SubElement(style, "LineStyle")
    _child(line, "color", colours["line"])
    _child(line, "width", "2")
    _child(Xml.SubElement(style, "PolyStyle"), "color", colours["fill"])


def _name(row: dict[str, Any]) -> str:
    return next((str(row[name]) for name in _NAME_COLUMNS if row.get(name)), "")


def _child(parent: Xml.Element, tag: str, text: str, before: str | None = None) -> None:
    child = Xml.Element(tag)
    child.text = text
    anchor = parent.find(before) if before else None
    parent.insert(list(parent).index(anchor) if anchor is not None else len(parent), child)
