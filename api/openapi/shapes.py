"""Shapes of the answers as JSON Schemas; those of result tables come from the declared columns."""

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


def _nullable(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]} if "type" in schema else schema


def _one(kind: str, *, optional: bool = True, **more: Any) -> Schema:
    schema = {"type": kind, **more}
    return _nullable(schema) if optional else schema


def _object(properties: dict[str, Schema], required: list[str] | None = None) -> Schema:
    return {"type": "object", "properties": properties, "required": required or list(properties)}


def table(name: str, *, without: tuple[str, ...] = (), **more: Schema) -> Schema:
    """Shape of a row of a declared table; ``more`` adds or replaces properties. Every property is present."""
    columns = [c for c in TABLES[name].columns if c.origin != "file" and c.name not in without]
    properties = {column.name: _column(column) for column in columns}
    return _object({**properties, **more})


def _column(column: Any) -> Schema:
    schema = dict(_TYPES[column.dtype])
    words = "; ".join(filter(None, (column.unit, column.meaning)))
    if words:
        schema["description"] = words
    if column.values and column.dtype == "text":
        schema["enum"] = [*column.values] if column.required else [*column.values, None]
    return schema if column.required else _nullable(schema)


_NUMBER, _TEXT, _FLAG = _one("number"), _one("string"), _one("boolean")
_LAT = {"type": "number", "minimum": -90, "maximum": 90}
_LON = {"type": "number", "minimum": -180, "maximum": 180}
_NAMES = {"name_zh": {"type": "string"}, "name_en": {"type": "string"}}
_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
_OBJECT_OR_NULL: Schema = {"type": ["object", "null"]}

_CAUSE = _object(
    {
        "cause": {"type": "string"},
        "confidence": {"type": "number"},
        "is_gate": {"type": "boolean"},
        "shown": {"type": "boolean"},
        "evidence": {"type": ["array", "null"]},
        "contradictions": {"type": ["array", "null"]},
        "missing": {"type": ["array", "null"]},
        **_NAMES,
    }
)
_ACTION = table("actions", without=("subject_id",), gain=_NUMBER, **_NAMES)
_FIX = _object(
    {
        "lat": _LAT,
        "lon": _LON,
        "radius_m": _NUMBER,
        "precision": {"type": "string"},
        "source": {"type": "string"},
        "probability": _NUMBER,
        "label": _TEXT,
    }
)
_COMPLAINT = table(
    "complaints",
    fixes={"type": "array", "items": ref("Fix")},
    due={"type": "array", "items": {"type": "object"}, "description": "deadlines, earliest first: name, due, labels"},
)
_HEX_VIEW = _object(
    {
        "run": {"type": "string"},
        "measure": {"type": "string"},
        "unit": {"type": "string"},
        "class_group": {"type": "string"},
        "resolution": {"type": "integer", "minimum": 0, "maximum": 15},
        "hexes": _TEXTS,
        "values": {"type": "array", "items": {"type": ["number", "string", "null"]}},
        "few": {"type": "array", "items": {"type": "boolean"}, "description": "1-2 customers: the value is withheld"},
    }
)
_LOOKUP = _object(
    {
        "query": {"type": "string"},
        "fixes": {"type": "array", "items": ref("Fix")},
        "as_of": {"type": "string", "format": "date-time"},
        "run": _TEXT,
        "coverage": _OBJECT_OR_NULL,
        "serving": {"type": "array"},
        "outage": _OBJECT_OR_NULL,
        "hotspot": _OBJECT_OR_NULL,
        "complaints_nearby": _OBJECT_OR_NULL,
        "planned_sites": {"type": "array"},
        "verdict": {"type": "string"},
        "say": _TEXT,
    }
)
_PLACE_CAUSES = _object(
    {
        "lat": _LAT,
        "lon": _LON,
        "radius_m": _NUMBER,
        "since": {"type": "string", "format": "date-time"},
        "as_of": {"type": "string", "format": "date-time"},
        "customers": _NUMBER,
        "class": _TEXT,
        "cause": {"type": "string"},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "sufficient": {"type": "boolean", "description": "false: measure what the first cause names as missing"},
        "causes": {"type": "array", "items": {"type": "object"}},
    }
)
_RUN = _object(
    {
        "id": {"type": "string"},
        "run_id": {"type": "string"},
        "state": {"type": "string", "description": "running, done, failed, interrupted, cancelled"},
        "started_at": {"type": "string", "format": "date-time"},
        "finished_at": _one("string", format="date-time"),
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "doing": {"type": "string"},
        "options": {"type": "object"},
        "data_version": {"type": "integer"},
        "complaints": {"type": "integer"},
        "customers": {"type": "integer"},
        "hotspots": {"type": "integer"},
        "seconds": {"type": "number"},
        "notes": _TEXTS,
        "error": _TEXT,
    }
)
_REPORT = _object(
    {
        "table": {"type": "string"},
        "file": {"type": "string"},
        "read": {"type": "integer"},
        "taken": {"type": "integer"},
        "rejected": {"type": "integer"},
        "duplicates": {"type": "integer"},
        "rejects_file": _TEXT,
    }
)
_WHAT_IF = _object(
    {
        "customers_gained": _NUMBER,
        "customers_lost": _NUMBER,
        "customers_newly_overlapped": _NUMBER,
        "customers_net": _NUMBER,
        "new_cells": {"type": "array", "items": {"type": "object"}},
        "hexes": {"type": "array", "items": {"type": "object"}},
    }
)
_COUNT = {"type": "integer", "minimum": 0}
_VERIFICATION = _object(
    {
        "action_id": {"type": "string"},
        "hotspot": {"type": "string"},
        "done_at": {"type": "string", "format": "date-time"},
        "verdict": {"enum": ["solved", "not solved", "not enough data"]},
        **dict.fromkeys(("before", "after", "control_before", "control_after", "controls"), _COUNT),
        **dict.fromkeys(("ratio", "ratio_low", "ratio_high", "pre_trend_p"), _NUMBER),
        **dict.fromkeys(("repeats", "level_samples", "calls", "lost_calls"), _COUNT),
        **dict.fromkeys(("level_share", "level_gain", "counter_days", "counter_z"), _NUMBER),
        "technical": _one("boolean"),
        "reopen": {"type": "boolean", "description": "the hotspot is to be worked on again"},
        "lacking": {"type": "array", "items": {"type": "object"}},
    }
)
_STATUS = _object(
    {
        "tables": {"type": "object", "additionalProperties": {"type": "integer"}},
        "data_version": {"type": "integer"},
        "run": _TEXT,
        "as_of": {"type": "string", "format": "date-time"},
        "timezone": {"type": "string"},
    }
)
_TIMELINE = _object(
    {
        "run": {"type": "string"},
        "unit": {"enum": ["day", "week", "month"]},
        "class_group": {"type": "string"},
        "steps": {
            "type": "array",
            "items": _object(
                {
                    "from": {"type": "string", "format": "date-time"},
                    "to": {"type": "string", "format": "date-time"},
                    "customers": {"type": "integer"},
                    "contacts": {"type": "integer"},
                }
            ),
        },
    }
)
_ALARM = _object(
    {
        "object": {"type": "string"},
        "site_name": _TEXT,
        "lat": _LAT,
        "lon": _LON,
        "code": _TEXT,
        "severity": _TEXT,
        "from": {"type": "string", "format": "date-time"},
        "to": _one("string", format="date-time"),
        "service_affecting": {"type": "boolean"},
        "planned": {"type": "boolean"},
        "active": {"type": "boolean"},
    }
)
_LEVEL = _object({"lat": _LAT, "lon": _LON, "rsrp_dbm": _NUMBER, "samples": {"type": "number"}})
_PLANNED = _object(
    {
        "plan_no": {"type": "string"},
        "lat": _LAT,
        "lon": _LON,
        "status": _TEXT,
        "type": _TEXT,
        "expected_on_air": _TEXT,
        "bands": _TEXT,
        "height_m": _NUMBER,
    }
)
_MENTIONS: Schema = {
    "type": "array",
    "description": "bodies above the operator that a text names: a suggestion, a person decides",
    "items": _object({name: {"type": "string"} for name in ("words", "body", "name_zh", "name_en")}),
}
_ROAMING_STEP = _object(
    {
        "cause": {"type": "string", "description": "K_ROAM_ and the step that decides or waits"},
        "ask": {"type": ["string", "null"], "description": "name of the open question; null: say_… is what to do"},
        "open": {"type": "boolean"},
        "say_zh": {"type": "string"},
        "say_en": {"type": "string"},
        "pitfalls": {"type": "array", "items": {"type": "object"}},
    }
)
_READ = _object(
    {
        "class": {"type": "string"},
        "class_name_zh": {"type": "string"},
        "class_name_en": {"type": "string"},
        "confidence": {"type": "number"},
        "secondary": _TEXTS,
        "phrase": _TEXT,
        "phrase_start": _one("integer"),
        "tags": _TEXTS,
        "direction": _TEXT,
        "audio": _TEXT,
        "echo_hearer": _TEXT,
        "time_pattern": _TEXT,
        "required": _TEXTS,
        "escalation": _MENTIONS,
    }
)
_HISTORY = _object(
    {
        "number_understood": {"type": "boolean"},
        "tickets": {"type": "array", "items": {"type": "object"}},
        "repeat_of": _TEXT,
        "repeats": {"type": "integer"},
        "duplicate_of": _TEXT,
        "linked_to": _TEXT,
        "difficult": {"type": "boolean"},
        "major": {"type": "boolean"},
        "urgent": {"type": "boolean"},
        "announced": {"type": "boolean"},
    }
)
_SITE_PLAN = _object(
    {
        "budget": {"type": "number"},
        "cost": {"type": "number"},
        "covered_share": {"type": "number"},
        "customers": {"type": "number"},
        "customers_weak": {"type": "number"},
        "bound": {"type": "number", "description": "share of the weakly covered customers no plan can exceed"},
        "gap": {"type": "number"},
        "gain_customers": {
            "type": "number",
            "description": "well served by the whole plan who are not now, one what-if",
        },
        "harm_customers": {"type": "number"},
        "net_customers": {"type": "number"},
        "sites": {"type": "array", "items": {"type": "object"}, "description": "each with the weak hexes it lifts"},
    }
)
_JOB = _object(
    {
        "id": {"type": "string"},
        "kind": {"enum": ["import", "run"]},
        "state": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "doing": {"type": "string"},
        "by": {"type": "string", "description": "who asked for it"},
        "created_at": {"type": "string", "format": "date-time"},
        "started_at": _one("string", format="date-time"),
        "finished_at": _one("string", format="date-time"),
        "attempts": {"type": "integer"},
        "request": {"type": "object"},
        "run": _TEXT,
        "result": _OBJECT_OR_NULL,
        "error": _OBJECT_OR_NULL,
    }
)
_ME = _object(
    {
        "name": {"type": "string"},
        "role": {"enum": ["handler", "engineer", "planner", "admin"]},
        "scopes": {"type": "array", "items": {"type": "string"}},
        "via": {"enum": ["local", "session", "key"]},
        "local": {"type": "boolean", "description": "nobody is asked to log in"},
    }
)
_ENTRY = _object(
    {
        "seq": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "actor": {"type": "string"},
        "role": {"type": "string"},
        "via": {"type": "string"},
        "address": _TEXT,
        "action": {"type": "string"},
        "subject": _TEXT,
        "detail": {"type": "object"},
        "hash": {"type": "string"},
    }
)
_FEATURE = _object(
    {
        "type": {"const": "Feature"},
        "id": {"type": ["string", "integer", "null"]},
        "geometry": {"type": "object"},
        "properties": {"type": "object"},
    }
)
_PROBLEM = _object(
    {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable and machine-readable"},
        "field": {"type": "string", "description": "which field is wrong"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    ["type", "title", "status"],
)

SHAPES: dict[str, Schema] = {
    "Hotspot": table(
        "hotspots",
        without=("hotspot_id",),
        id={"type": "string"},
        # Not told to planners.
        customers=_one("integer"),
        contacts=_one("integer"),
        relative_risk=_NUMBER,
        p_raw=_NUMBER,
        precise_share=_NUMBER,
        seed=_one("integer"),
        hexes=_TEXTS,
        hex_weights={"type": "array", "items": {"type": "number"}},
        cause=_TEXT,
        confidence=_NUMBER,
        cause_name_zh=_TEXT,
        cause_name_en=_TEXT,
        class_names={"type": "object"},
        causes={"type": "array", "items": ref("Cause")},
        actions={"type": "array", "items": ref("Action")},
        site_requests=_TEXTS,
    ),
    "Cause": _CAUSE,
    "Action": _ACTION,
    "SiteRequest": table("site_requests", id={"type": "string"}),
    "Cell": table("cells"),
    "HexView": _HEX_VIEW,
    "Timeline": _TIMELINE,
    "TextRead": _READ,
    "CustomerHistory": _HISTORY,
    "RoamingStep": _ROAMING_STEP,
    "SitePlan": _SITE_PLAN,
    "Verification": _VERIFICATION,
    "AlarmHere": _ALARM,
    "MeasuredLevel": _LEVEL,
    "PlannedSite": _PLANNED,
    "Fix": _FIX,
    "Complaint": _COMPLAINT,
    "Lookup": _LOOKUP,
    "Suggestion": _object(
        {
            "name": {"type": "string"},
            "label": _TEXT,
            "lat": _nullable(_LAT),
            "lon": _nullable(_LON),
            "kind": _TEXT,
            "exact": {"type": "boolean", "description": "the point itself was typed"},
            "name_en": _TEXT,
            "label_en": _TEXT,
        }
    ),
    "Place": _object({"name": {"type": "string"}, "lat": _LAT, "lon": _LON, "kind": _TEXT, "size": _one("integer")}),
    "PlaceCauses": _PLACE_CAUSES,
    "CoverageAt": _object({"lat": _LAT, "lon": _LON, "coverage": _OBJECT_OR_NULL, "serving": {"type": "array"}}),
    "Footprint": _object(
        {
            "cgi": {"type": "string"},
            "lat": _LAT,
            "lon": _LON,
            "resolution": {"type": "integer"},
            "hexes": {"type": "array", "items": {"type": "string"}},
            "rsrp_dbm": {"type": "array"},
            "is_best": {"type": "array", "items": {"type": "boolean"}},
            "behind_db": {"type": "array"},
            "distance_m": {"type": "array"},
        }
    ),
    "Job": _JOB,
    "Me": _ME,
    "AuditEntry": _ENTRY,
    "Run": _RUN,
    "ImportReport": _REPORT,
    "WhatIf": _WHAT_IF,
    "Status": _STATUS,
    "Alive": _object({"status": {"const": "ok"}}),
    "Ready": _object(
        {
            "status": {"const": "ok"},
            "warm": {"type": "boolean", "description": "false while answers are right but slower: still loading"},
        }
    ),
    "Feature": _FEATURE,
    "FeatureCollection": _object(
        {"type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": ref("Feature")}}
    ),
    "Document": {"type": "object", "description": "as the standard or the library defines it"},
    "Problem": _PROBLEM,
}
