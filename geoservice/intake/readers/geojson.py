"""GeoJSON feature collections: properties as fields, the point (or an area's centre) as lat and lon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from geoservice.errors import FileError
from geoservice.geodesy import METRES_PER_DEGREE
from geoservice.intake.readers import limits
from geoservice.intake.readers.block import Block
from geoservice.intake.readers.encoding import find_encoding, text_blocks
from geoservice.intake.readers.json_records import Record, _BadRecordError, flat, load_json, records_block

_PER_BLOCK = 10_000
_KNOWN_CRS = ("CRS84", "EPSG::4326", "EPSG:4326")


@dataclass(frozen=True)
class GeoJson:
    """A feature collection (RFC 7946) or an array of objects, held in memory; bounded before reading."""

    path: Path
    features: list[Any] = field(repr=False)
    encoding: str
    plain: bool = False

    kind: ClassVar[str] = "geojson"
    serials: ClassVar[str | None] = None

    def headings(self) -> tuple[str, ...]:
        names = dict.fromkeys(
            n for b in self.blocks() for n in b.frame.columns.astype(str).str.replace(r"^\d+\x1f", "", regex=True)
        )
        return tuple(names)

    def blocks(self) -> Iterator[Block]:
        """Features in order; ``line`` is the feature's number, from 1."""
        for first in range(0, max(len(self.features), 1), _PER_BLOCK):
            yield _block(self.features[first : first + _PER_BLOCK], first + 1, _plain if self.plain else _record)


def open_geojson(path: Path, encoding: str | None = None) -> GeoJson:
    """A GeoJSON file; anything else that wears the suffix is refused."""
    if path.stat().st_size > limits.MAX_JSON_BYTES:
        raise FileError(f"{path.name}: larger than {limits.MAX_JSON_BYTES:,} bytes; split it or use CSV")
    text = find_encoding(path, encoding, max_line=limits.MAX_JSON_BYTES)
    found = _load(path, b"".join(text_blocks(path, text)))
    if isinstance(found, list) and path.suffix.lower() == ".json":
        return GeoJson(path, found, text.name, plain=True)
    if (
        not isinstance(found, dict)
        or found.get("type") != "FeatureCollection"
        or not isinstance(found.get("features"), list)
    ):
        raise FileError(f"{path.name}: not GeoJSON; an object of type FeatureCollection is expected")
    _check_crs(path, found.get("crs"))
    return GeoJson(path, found["features"], text.name)


def _load(path: Path, text: bytes) -> Any:
    try:
        return load_json(text)
    except _BadRecordError as error:
        raise FileError(f"{path.name}: not GeoJSON ({error.args[1]})") from error


def _check_crs(path: Path, crs: Any) -> None:
    """RFC 7946 is WGS-84; an older file may say so, a link is never followed."""
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not name.endswith(_KNOWN_CRS):
        raise FileError(
            f"{path.name}: its crs member is not WGS-84 by name; write the file in WGS-84 (RFC 7946)", field="crs"
        )


def _block(features: list[Any], first: int, read: Callable[[Any], Record]) -> Block:
    records: list[Record] = []
    lines: list[int] = []
    refused: dict[tuple[str, str], list[int]] = {}
    for number, feature in enumerate(features, first):
        try:
            records.append(read(feature))
            lines.append(number)
        except _BadRecordError as error:
            refused.setdefault((error.args[0], error.args[1]), []).append(number)
    return records_block(records, lines, refused, len(features))


def _plain(found: Any) -> Record:
    if not isinstance(found, dict):
        raise _BadRecordError("not-an-object", "not a JSON object")
    return flat(found)


def _record(feature: Any) -> Record:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _BadRecordError("not-a-feature", "not an object of type Feature")
    properties = feature.get("properties")
    record = flat(properties) if isinstance(properties, dict) else {}
    geometry = feature.get("geometry")
    if geometry is None:
        reason = "the feature has no geometry; rows without a point belong in CSV or JSON lines"
        raise _BadRecordError("geometry", reason)
    return record | _point(geometry)


def _point(geometry: Any) -> Record:
    """``lat`` and ``lon`` (of an area or line: the middle of its bounds, with the radius that holds it)."""
    if not isinstance(geometry, dict) or "coordinates" not in geometry:
        raise _BadRecordError("geometry", "the geometry has no coordinates; collections are not taken")
    coordinates = geometry["coordinates"]
    if geometry.get("type") == "Point":
        if not isinstance(coordinates, list) or len(coordinates) < 2:
            raise _BadRecordError("geometry", "a point needs a longitude and a latitude")
        return {"lon": str(coordinates[0]), "lat": str(coordinates[1])}
    return _middle(_vertices(coordinates))


def _vertices(coordinates: Any) -> np.ndarray:
    flat_pairs, stack = [], [coordinates]
    while stack:
        item = stack.pop()
        if not isinstance(item, list) or not item:
            raise _BadRecordError("geometry", "the geometry is empty or malformed")
        if isinstance(item[0], list):
            stack.extend(item)
        else:
            flat_pairs.append(item[:2])
        if len(flat_pairs) + len(stack) > limits.MAX_VERTICES:
            raise _BadRecordError("vertex-budget", f"more than {limits.MAX_VERTICES:,} vertices in one geometry")
    try:
        return np.array(flat_pairs, float)
    except (ValueError, TypeError) as error:
        raise _BadRecordError("geometry", "a vertex is not a pair of numbers") from error


def _middle(vertices: np.ndarray) -> Record:
    if vertices.ndim != 2 or not np.isfinite(vertices).all():
        raise _BadRecordError("geometry", "a vertex is not a pair of finite numbers")
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    if high[0] - low[0] > 180:
        raise _BadRecordError("antimeridian", "the geometry crosses the 180° meridian; split it there")
    lon, lat = (low + high) / 2
    metres = (high - low) * METRES_PER_DEGREE / 2 * [np.cos(np.radians(lat)), 1.0]
    return {"lon": repr(float(lon)), "lat": repr(float(lat)), "radius_m": repr(round(float(np.hypot(*metres)), 1))}
