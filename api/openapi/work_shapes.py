"""Shapes of jobs, runs, people and what a plan or an idea would do."""

from __future__ import annotations

from api.openapi.words import NUMBER, OBJECT_OR_NULL, TEXT, TEXTS, one, record

RUN = record(
    {
        "id": {"type": "string"},
        "run_id": {"type": "string"},
        "state": {"type": "string", "description": "running, done, failed, interrupted, cancelled"},
        "started_at": {"type": "string", "format": "date-time"},
        "finished_at": one("string", format="date-time"),
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "doing": {"type": "string"},
        "options": {"type": "object"},
        "data_version": {"type": "integer"},
        "complaints": {"type": "integer"},
        "customers": {"type": "integer"},
        "hotspots": {"type": "integer"},
        "seconds": {"type": "number"},
        "notes": TEXTS,
        "error": TEXT,
    }
)

REPORT = record(
    {
        "table": {"type": "string"},
        "file": {"type": "string"},
        "read": {"type": "integer"},
        "taken": {"type": "integer"},
        "rejected": {"type": "integer"},
        "duplicates": {"type": "integer"},
        "rejects_file": TEXT,
    }
)

WHAT_IF = record(
    {
        "customers_gained": NUMBER,
        "customers_lost": NUMBER,
        "customers_newly_overlapped": NUMBER,
        "customers_net": NUMBER,
        "new_cells": {"type": "array", "items": {"type": "object"}},
        "hexes": {"type": "array", "items": {"type": "object"}},
    }
)

COUNT = {"type": "integer", "minimum": 0}

VERIFICATION = record(
    {
        "action_id": {"type": "string"},
        "hotspot": {"type": "string"},
        "done_at": {"type": "string", "format": "date-time"},
        "verdict": {"enum": ["solved", "not solved", "not enough data"]},
        **dict.fromkeys(("before", "after", "control_before", "control_after", "controls"), COUNT),
        **dict.fromkeys(("ratio", "ratio_low", "ratio_high", "pre_trend_p"), NUMBER),
        **dict.fromkeys(("repeats", "level_samples", "calls", "lost_calls"), COUNT),
        **dict.fromkeys(("level_share", "level_gain", "counter_days", "counter_z"), NUMBER),
        "technical": one("boolean"),
        "reopen": {"type": "boolean", "description": "the hotspot is to be worked on again"},
        "lacking": {"type": "array", "items": {"type": "object"}},
    }
)

STATUS = record(
    {
        "tables": {"type": "object", "additionalProperties": {"type": "integer"}},
        "data_version": {"type": "integer"},
        "run": TEXT,
        "as_of": {"type": "string", "format": "date-time"},
        "timezone": {"type": "string"},
    }
)

SITE_PLAN = record(
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

JOB = record(
    {
        "id": {"type": "string"},
        "kind": {"enum": ["import", "run"]},
        "state": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "step": one("string", description="what it is doing, by code; null for steps without one"),
        "doing": {"type": "string", "description": "the same in words, in the caller's language"},
        "by": {"type": "string", "description": "who asked for it"},
        "created_at": {"type": "string", "format": "date-time"},
        "started_at": one("string", format="date-time"),
        "finished_at": one("string", format="date-time"),
        "attempts": {"type": "integer"},
        "request": {"type": "object"},
        "run": TEXT,
        "result": OBJECT_OR_NULL,
        "error": OBJECT_OR_NULL,
    }
)

ME = record(
    {
        "name": {"type": "string"},
        "role": {"enum": ["handler", "engineer", "planner", "admin"]},
        "scopes": {"type": "array", "items": {"type": "string"}},
        "via": {"enum": ["local", "session", "key"]},
        "local": {"type": "boolean", "description": "nobody is asked to log in"},
    }
)

ENTRY = record(
    {
        "seq": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "actor": {"type": "string"},
        "role": {"type": "string"},
        "via": {"type": "string"},
        "address": TEXT,
        "action": {"type": "string"},
        "subject": TEXT,
        "detail": {"type": "object"},
        "hash": {"type": "string"},
    }
)
