"""The words that shapes are written in; rows of declared tables come from their columns."""

from __future__ import annotations

from typing import Any

from geoservice.tables import TABLES

Schema = dict[str, Any]
_TYPES: dict[str, Schema] = {
    "text": {"type": "string"},
    "local_time": {"type": "string"},
    "hex": {"type": "string", "description": "H3 index, 15 hexadecimal digits"},
    "float": {"type": "number"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "json": {},
}


def ref(name: str) -> Schema:
    """A reference to a shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(name: str) -> Schema:
    """A list of a shape."""
    return {"type": "array", "items": ref(name)}


def nullable(schema: Schema) -> Schema:
    """The shape, or null."""
    return {**schema, "type": [schema["type"], "null"]} if "type" in schema else schema


def one(kind: str, *, optional: bool = True, **more: Any) -> Schema:
    """A single value; ``optional``: it may be null."""
    schema = {"type": kind, **more}
    return nullable(schema) if optional else schema


def record(properties: dict[str, Schema], required: list[str] | None = None) -> Schema:
    """An object; every property is there unless ``required`` names fewer."""
    return {"type": "object", "properties": properties, "required": required or list(properties)}


def table(name: str, *, without: tuple[str, ...] = (), **more: Schema) -> Schema:
    """Shape of a row of a declared table; ``more`` adds or replaces properties. Every property is present."""
    columns = [c for c in TABLES[name].columns if c.origin != "file" and c.name not in without]
    properties = {column.name: _column(column) for column in columns}
    return record({**properties, **more})


def _column(column: Any) -> Schema:
    schema = dict(_TYPES[column.dtype])
    words = "; ".join(filter(None, (column.unit, column.meaning)))
    if words:
        schema["description"] = words
    if column.values and column.dtype == "text":
        schema["enum"] = [*column.values] if column.required else [*column.values, None]
    return schema if column.required else nullable(schema)


NUMBER, TEXT, FLAG = one("number"), one("string"), one("boolean")
LAT = {"type": "number", "minimum": -90, "maximum": 90}
LON = {"type": "number", "minimum": -180, "maximum": 180}
NAMES = {"name_zh": {"type": "string"}, "name_en": {"type": "string"}}
TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
OBJECT_OR_NULL: Schema = {"type": ["object", "null"]}
