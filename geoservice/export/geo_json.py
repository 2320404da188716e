"""GeoJSON after RFC 7946: longitude first, counter-clockwise shells, seven decimals (1 cm)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import shapely

from geoservice.export.shapes import Geometries
from geoservice.export.values import json_frame, records

_DECIMALS = 7
_CHUNK = 5_000


def write_geojson(frame: pd.DataFrame, geometry: Geometries, path: Path, layer: str) -> None:
    """A FeatureCollection; nested values stay nested, gaps are null, hexes are text."""
    shapes = geometry_objects(geometry)
    names = [name for name in frame.columns if name != "outline"]
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","name":' + orjson.dumps(layer) + b',"features":[')
        for start in range(0, len(frame), _CHUNK):
            part = records(json_frame(frame[names].iloc[start : start + _CHUNK]))
            features = [_feature(row, shape) for row, shape in zip(part, shapes[start:], strict=False)]
            file.write((b",\n" if start else b"\n") + b",\n".join(map(_dump, features)))
        file.write(b"\n]}\n")


def geometry_objects(geometry: Geometries) -> list[dict[str, Any] | None]:
    """Geometries as GeoJSON objects, shells counter-clockwise, coordinates rounded."""
    turned = shapely.orient_polygons(geometry, exterior_cw=False)
    rounded = shapely.transform(turned, lambda xy: xy.round(_DECIMALS))
    texts = shapely.to_geojson(rounded)
    return [None if text is None else json.loads(text) for text in texts]


def _feature(row: dict[str, Any], shape: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "Feature", "geometry": shape, "properties": row}


def _dump(feature: dict[str, Any]) -> bytes:
    return orjson.dumps(feature)
