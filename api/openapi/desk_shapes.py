"""Shapes of what the desk is answered: places, complaints, customers."""

from __future__ import annotations

from api.openapi.words import LAT, LON, NUMBER, OBJECT_OR_NULL, TEXT, TEXTS, Schema, one, record, ref, table

FIX = record(
    {
        "lat": LAT,
        "lon": LON,
        "radius_m": NUMBER,
        "precision": {"type": "string"},
        "source": {"type": "string"},
        "probability": NUMBER,
        "label": TEXT,
    }
)

COMPLAINT = table(
    "complaints",
    fixes={"type": "array", "items": ref("Fix")},
    due={"type": "array", "items": {"type": "object"}, "description": "deadlines, earliest first: name, due, labels"},
)

LOOKUP = record(
    {
        "query": {"type": "string"},
        "fixes": {"type": "array", "items": ref("Fix")},
        "as_of": {"type": "string", "format": "date-time"},
        "run": TEXT,
        "coverage": OBJECT_OR_NULL,
        "serving": {"type": "array"},
        "outage": OBJECT_OR_NULL,
        "hotspot": OBJECT_OR_NULL,
        "complaints_nearby": OBJECT_OR_NULL,
        "planned_sites": {"type": "array"},
        "verdict": {"type": "string"},
        "say": TEXT,
    }
)

PLACE_CAUSES = record(
    {
        "lat": LAT,
        "lon": LON,
        "radius_m": NUMBER,
        "since": {"type": "string", "format": "date-time"},
        "as_of": {"type": "string", "format": "date-time"},
        "customers": NUMBER,
        "class": TEXT,
        "cause": {"type": "string"},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "sufficient": {"type": "boolean", "description": "false: measure what the first cause names as missing"},
        "causes": {"type": "array", "items": {"type": "object"}},
    }
)

MENTIONS: Schema = {
    "type": "array",
    "description": "bodies above the operator that a text names: a suggestion, a person decides",
    "items": record({name: {"type": "string"} for name in ("words", "body", "name_zh", "name_en")}),
}

ROAMING_STEP = record(
    {
        "cause": {"type": "string", "description": "K_ROAM_ and the step that decides or waits"},
        "ask": {"type": ["string", "null"], "description": "name of the open question; null: say_… is what to do"},
        "open": {"type": "boolean"},
        "say_zh": {"type": "string"},
        "say_en": {"type": "string"},
        "pitfalls": {"type": "array", "items": {"type": "object"}},
    }
)

READ = record(
    {
        "class": {"type": "string"},
        "class_name_zh": {"type": "string"},
        "class_name_en": {"type": "string"},
        "confidence": {"type": "number"},
        "secondary": TEXTS,
        "phrase": TEXT,
        "phrase_start": one("integer"),
        "tags": TEXTS,
        "direction": TEXT,
        "audio": TEXT,
        "echo_hearer": TEXT,
        "time_pattern": TEXT,
        "required": TEXTS,
        "escalation": MENTIONS,
    }
)

HISTORY = record(
    {
        "number_understood": {"type": "boolean"},
        "tickets": {"type": "array", "items": {"type": "object"}},
        "repeat_of": TEXT,
        "repeats": {"type": "integer"},
        "duplicate_of": TEXT,
        "linked_to": TEXT,
        "difficult": {"type": "boolean"},
        "major": {"type": "boolean"},
        "urgent": {"type": "boolean"},
        "announced": {"type": "boolean"},
    }
)
