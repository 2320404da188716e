"""The definition of ``/ogc`` for other programs (OpenAPI 3.0), and the same parameters for our own document."""

from __future__ import annotations

from typing import Any

from api.ogc.documents import GEOJSON, JSON, OPENAPI, SCHEMA, json_schema
from api.ogc.params import DEFAULT_LIMIT, MAX_LIMIT
from geoservice import __version__
from geoservice.service import COLLECTIONS, Collection

_BBOX = {
    "name": "bbox",
    "in": "query",
    "description": "west,south,east,north in degrees WGS-84; west > east spans the antimeridian",
    "style": "form",
    "explode": False,
    "schema": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
}
_DATETIME = {
    "name": "datetime",
    "in": "query",
    "description": "RFC 3339 moment or start/end; .. is an open end. Features without a time always match.",
    "schema": {"type": "string"},
    "example": "2026-03-01T00:00:00Z/..",
}
_LIMIT = {
    "name": "limit",
    "in": "query",
    "description": "Features a page; more than the maximum is cut to it",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
}
_OFFSET = {
    "name": "offset",
    "in": "query",
    "description": "Features to skip",
    "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
}
FORMAT = {
    "name": "f",
    "in": "query",
    "description": "Format; only JSON is offered",
    "schema": {"type": "string", "enum": ["json"]},
}


def item_parameters(collection: Collection) -> list[dict[str, Any]]:
    """Parameters of ``/items``."""
    schema = collection.schema()
    filters = [
        {
            "name": name,
            "in": "query",
            "description": f"Only features with this {name}. {schema[name].description}".strip(),
            "schema": _filter_schema(json_schema(schema[name])),
        }
        for name in collection.filters
    ]
    return [_BBOX, _DATETIME, _LIMIT, _OFFSET, FORMAT, *filters]


def _filter_schema(schema: dict[str, Any]) -> dict[str, Any]:
    # Any value may be asked for: one that does not occur simply matches nothing.
    kept = {key: value for key, value in schema.items() if key in {"type", "format"}}
    if kept["type"] == "integer":
        return {**kept, "minimum": 0, "maximum": 10**15}
    return {**kept, "maxLength": 200} if kept["type"] == "string" else kept


def definition(base: str) -> dict[str, Any]:
    """OpenAPI 3.0 of everything under ``/ogc``; paths are relative to the landing page, as GDAL expects."""
    paths: dict[str, Any] = {
        "/": _get("landing", "Landing page", JSON),
        "/api": _get("api", "This document", OPENAPI),
        "/conformance": _get("conformance", "Conformance classes", JSON),
        "/collections": _get("collections", "Collections", JSON),
    }
    for name, what in COLLECTIONS.items():
        own = f"/collections/{name}"
        key = name.replace("-", "_")
        paths[own] = _get(f"{key}_collection", what.title, JSON)
        paths[f"{own}/queryables"] = _get(f"{key}_queryables", "Properties to filter by", SCHEMA)
        paths[f"{own}/items"] = _get(f"{key}_items", what.description, GEOJSON, item_parameters(what))
        identity = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[f"{own}/items/{{featureId}}"] = _get(f"{key}_item", "One feature", GEOJSON, [identity])
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "signal-geoservice features",
            "version": __version__,
            "description": "OGC API – Features, Part 1: Core.",
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "paths": paths,
    }


def _get(key: str, summary: str, media: str, parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    return {
        "get": {
            "operationId": key,
            "summary": summary,
            "parameters": parameters or [],
            "responses": {
                "200": {"description": "Found", "content": {media: {"schema": {"type": "object"}}}},
                "400": {"description": "A parameter is unknown or invalid", **problem},
                "404": {"description": "Not found", **problem},
            },
        }
    }
