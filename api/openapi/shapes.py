"""Shapes of the answers as JSON Schemas; those of result tables come from the declared columns."""

from __future__ import annotations

from api.openapi.desk_shapes import COMPLAINT, FIX, HISTORY, LOOKUP, PLACE_CAUSES, READ, ROAMING_STEP
from api.openapi.words import (
    LAT,
    LON,
    NAMES,
    NUMBER,
    OBJECT_OR_NULL,
    TEXT,
    TEXTS,
    Schema,
    nullable,
    one,
    record,
    ref,
    table,
)
from api.openapi.work_shapes import ENTRY, JOB, ME, REPORT, RUN, SITE_PLAN, STATUS, VERIFICATION, WHAT_IF

_CAUSE = record(
    {
        "cause": {"type": "string"},
        "confidence": {"type": "number"},
        "is_gate": {"type": "boolean"},
        "shown": {"type": "boolean"},
        "evidence": {"type": ["array", "null"]},
        "contradictions": {"type": ["array", "null"]},
        "missing": {"type": ["array", "null"]},
        **NAMES,
    }
)
_ACTION = table("actions", without=("subject_id",), gain=NUMBER, **NAMES)
_HEX_VIEW = record(
    {
        "run": {"type": "string"},
        "measure": {"type": "string"},
        "unit": {"type": "string"},
        "class_group": {"type": "string"},
        "resolution": {"type": "integer", "minimum": 0, "maximum": 15},
        "hexes": TEXTS,
        "values": {"type": "array", "items": {"type": ["number", "string", "null"]}},
        "few": {"type": "array", "items": {"type": "boolean"}, "description": "1-2 customers: the value is withheld"},
    }
)
_TIMELINE = record(
    {
        "run": {"type": "string"},
        "unit": {"enum": ["day", "week", "month"]},
        "class_group": {"type": "string"},
        "steps": {
            "type": "array",
            "items": record(
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
_ALARM = record(
    {
        "object": {"type": "string"},
        "site_name": TEXT,
        "lat": LAT,
        "lon": LON,
        "code": TEXT,
        "severity": TEXT,
        "from": {"type": "string", "format": "date-time"},
        "to": one("string", format="date-time"),
        "service_affecting": {"type": "boolean"},
        "planned": {"type": "boolean"},
        "active": {"type": "boolean"},
    }
)
_LEVEL = record({"lat": LAT, "lon": LON, "rsrp_dbm": NUMBER, "samples": {"type": "number"}})
_PLANNED = record(
    {
        "plan_no": {"type": "string"},
        "lat": LAT,
        "lon": LON,
        "status": TEXT,
        "type": TEXT,
        "expected_on_air": TEXT,
        "bands": TEXT,
        "height_m": NUMBER,
    }
)
_FEATURE = record(
    {
        "type": {"const": "Feature"},
        "id": {"type": ["string", "integer", "null"]},
        "geometry": {"type": "object"},
        "properties": {"type": "object"},
    }
)
_PROBLEM = record(
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
        customers=one("integer"),
        contacts=one("integer"),
        relative_risk=NUMBER,
        p_raw=NUMBER,
        precise_share=NUMBER,
        seed=one("integer"),
        hexes=TEXTS,
        hex_weights={"type": "array", "items": {"type": "number"}},
        cause=TEXT,
        confidence=NUMBER,
        cause_name_zh=TEXT,
        cause_name_en=TEXT,
        class_names={"type": "object"},
        causes={"type": "array", "items": ref("Cause")},
        actions={"type": "array", "items": ref("Action")},
        site_requests=TEXTS,
    ),
    "Cause": _CAUSE,
    "Action": _ACTION,
    "SiteRequest": table("site_requests", id={"type": "string"}),
    "Cell": table("cells"),
    "HexView": _HEX_VIEW,
    "Timeline": _TIMELINE,
    "TextRead": READ,
    "CustomerHistory": HISTORY,
    "RoamingStep": ROAMING_STEP,
    "SitePlan": SITE_PLAN,
    "Verification": VERIFICATION,
    "AlarmHere": _ALARM,
    "MeasuredLevel": _LEVEL,
    "PlannedSite": _PLANNED,
    "Fix": FIX,
    "Complaint": COMPLAINT,
    "Lookup": LOOKUP,
    "Suggestion": record(
        {
            "name": {"type": "string"},
            "label": TEXT,
            "lat": nullable(LAT),
            "lon": nullable(LON),
            "kind": TEXT,
            "exact": {"type": "boolean", "description": "the point itself was typed"},
            "radius_m": one("number", description="reach of the place, m; null for what has a number"),
            "name_en": TEXT,
            "label_en": TEXT,
        }
    ),
    "Place": record({"name": {"type": "string"}, "lat": LAT, "lon": LON, "kind": TEXT, "size": one("integer")}),
    "PlaceCauses": PLACE_CAUSES,
    "CoverageAt": record({"lat": LAT, "lon": LON, "coverage": OBJECT_OR_NULL, "serving": {"type": "array"}}),
    "Footprint": record(
        {
            "cgi": {"type": "string"},
            "lat": LAT,
            "lon": LON,
            "resolution": {"type": "integer"},
            "hexes": {"type": "array", "items": {"type": "string"}},
            "rsrp_dbm": {"type": "array"},
            "is_best": {"type": "array", "items": {"type": "boolean"}},
            "behind_db": {"type": "array"},
            "distance_m": {"type": "array"},
        }
    ),
    "Job": JOB,
    "Me": ME,
    "AuditEntry": ENTRY,
    "Run": RUN,
    "ImportReport": REPORT,
    "WhatIf": WHAT_IF,
    "Status": STATUS,
    "Alive": record({"status": {"const": "ok"}}),
    "Ready": record(
        {
            "status": {"const": "ok"},
            "warm": {"type": "boolean", "description": "false while answers are right but slower: still loading"},
        }
    ),
    "Feature": _FEATURE,
    "FeatureCollection": record(
        {"type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": ref("Feature")}}
    ),
    "Document": {"type": "object", "description": "as the standard or the library defines it"},
    "Problem": _PROBLEM,
}
