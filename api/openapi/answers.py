"""Which shape each route answers with, and one example of it."""

from __future__ import annotations

from typing import Any

from api.openapi.words import Schema, many, ref

# (method, path) -> success status -> schema of application/json (or the one other media type of the route).
ANSWERS: dict[tuple[str, str], dict[str, Schema]] = {
    ("post", "/v1/complaints"): {"201": ref("Complaint"), "200": ref("Complaint")},
    ("post", "/v1/complaints/import"): {"200": ref("ImportReport"), "202": ref("Job")},
    ("post", "/v1/imports/{table}"): {"200": ref("ImportReport"), "202": ref("Job")},
    ("get", "/v1/jobs"): {"200": many("Job")},
    ("get", "/v1/jobs/{job_id}"): {"200": ref("Job")},
    ("delete", "/v1/jobs/{job_id}"): {"202": ref("Job")},
    ("get", "/v1/me"): {"200": ref("Me")},
    ("get", "/v1/audit"): {"200": many("AuditEntry")},
    ("get", "/v1/complaints/{complaint_id}"): {"200": ref("Complaint")},
    ("get", "/v1/locations/lookup"): {"200": ref("Lookup")},
    ("get", "/v1/locations/suggest"): {"200": many("Suggestion")},
    ("get", "/v1/coverage"): {"200": ref("CoverageAt")},
    ("post", "/v1/diagnosis"): {"200": ref("PlaceCauses")},
    ("get", "/v1/cells/{cgi}/footprint"): {"200": ref("Footprint")},
    ("get", "/v1/places"): {"200": many("Place")},
    ("post", "/v1/complaints/read"): {"200": ref("TextRead")},
    ("post", "/v1/customers/history"): {"200": ref("CustomerHistory")},
    ("post", "/v1/roaming/step"): {"200": ref("RoamingStep")},
    ("get", "/v1/site-plan"): {"200": ref("SitePlan")},
    ("get", "/v1/hotspots"): {"200": many("Hotspot")},
    ("get", "/v1/hotspots/{hotspot_id}"): {"200": ref("Hotspot")},
    ("get", "/v1/hexes"): {"200": ref("HexView")},
    ("get", "/v1/cells"): {"200": many("Cell")},
    ("get", "/v1/timeline"): {"200": ref("Timeline")},
    ("get", "/v1/alarms"): {"200": many("AlarmHere")},
    ("get", "/v1/measurements"): {"200": many("MeasuredLevel")},
    ("get", "/v1/planned-sites"): {"200": many("PlannedSite")},
    ("get", "/v1/actions"): {"200": many("Action")},
    ("get", "/v1/actions/{action_id}/verification"): {"200": ref("Verification")},
    ("get", "/v1/site-requests"): {"200": many("SiteRequest")},
    ("get", "/v1/site-requests/{request_no}"): {"200": ref("SiteRequest")},
    ("post", "/v1/site-requests/{request_no}/state"): {"200": ref("SiteRequest")},
    ("post", "/v1/what-if"): {"200": ref("WhatIf")},
    ("get", "/v1/runs"): {"200": many("Run")},
    ("post", "/v1/runs"): {"202": ref("Run")},
    ("get", "/v1/runs/{run_id}"): {"200": ref("Run")},
    ("get", "/v1/status"): {"200": ref("Status")},
    ("get", "/healthz"): {"200": ref("Alive")},
    ("get", "/readyz"): {"200": ref("Ready")},
}

_RUN = {
    "id": "R20260401-020000-1a2b3c", "run_id": "R20260401-020000-1a2b3c", "state": "done",
    "started_at": "2026-04-01T02:00:00Z", "finished_at": "2026-04-01T02:00:24Z", "share": 1.0, "doing": "done",
    "options": {"seed": 20260101, "replicas": 999}, "data_version": 10, "complaints": 391, "customers": 349,
    "hotspots": 5, "seconds": 24.1, "notes": ["day steps for a period of 30 days"], "error": None,
}  # fmt: skip
_FIX = {
    "lat": 30.2044, "lon": 117.9421, "radius_m": 120.0, "precision": "building", "source": "address",
    "probability": 0.92, "label": "安康小区",
}  # fmt: skip

# Examples of what comes back; invented, like everything in the sample city.
EXAMPLES: dict[tuple[str, str], Any] = {
    ("get", "/v1/locations/lookup"): {
        "query": "安康小区", "fixes": [_FIX], "as_of": "2026-03-31T14:06:02Z", "run": _RUN["id"],
        "coverage": {"best_cgi": "460-00-310021-3", "rsrp_dbm": -89.4, "basis": "blended", "level": "fine"},
        "serving": [{"cgi": "460-00-310021-3", "probability": 0.7}], "outage": None, "hotspot": None,
        "complaints_nearby": {"radius_m": 500.0, "days": 90, "contacts": 55, "customers": 34},
        "planned_sites": [], "verdict": "No network problem known here.", "say": "The network there is in order.",
    },
    ("get", "/v1/locations/suggest"): [
        {
            "name": "安康小区", "label": "芦湾区", "lat": 30.1886, "lon": 117.9659, "kind": "estate", "exact": False,
            "radius_m": 150.0,
            "name_en": None, "label_en": None,
        }
    ],
    ("get", "/v1/coverage"): {
        "lat": 30.2, "lon": 117.94, "coverage": {"best_cgi": "460-00-310021-3", "rsrp_dbm": -89.4, "basis": "blended"},
        "serving": [{"cgi": "460-00-310021-3", "probability": 0.7, "rsrp_dbm": -86.5}],
    },
    ("get", "/v1/cells/{cgi}/footprint"): {
        "cgi": "460-00-310021-3", "lat": 30.2, "lon": 117.94, "azimuth_deg": 120.0, "parameters": "full",
        "missing": None, "basis": "predicted", "window_db": 6.0, "resolution": 9, "served_hexes": 1,
        "hexes": ["8941939b28fffff"], "rsrp_dbm": [-84.1], "is_best": [True], "behind_db": [0.0], "distance_m": [210],
        "ring": {"inner_m": 179.0, "outer_m": 687.0},
    },
    ("get", "/v1/places"): [{"name": "澜汀市", "lat": 30.2044, "lon": 117.9421, "kind": "city", "size": 2}],
    ("get", "/v1/hexes"): {
        "run": _RUN["id"], "measure": "customers", "unit": "customers", "class_group": "all", "resolution": 8,
        "hexes": ["884193a1a1fffff", "884193a8d3fffff"], "values": [7.0, None], "few": [False, True],
    },
    ("get", "/v1/runs"): [_RUN],
    ("get", "/v1/runs/{run_id}"): _RUN,
    ("post", "/v1/runs"): _RUN,
    ("post", "/v1/complaints/import"): {
        "table": "complaints", "file": "complaints.csv", "read": 394, "taken": 391, "rejected": 3, "duplicates": 0,
        "rejects_file": "complaints.rejects.csv",
    },
    ("get", "/v1/actions/{action_id}/verification"): {
        "action_id": "H0001-A07", "hotspot": "H0001", "done_at": "2026-03-01T00:00:00+08:00",
        "verdict": "not enough data", "before": 14, "after": 5, "control_before": 31, "control_after": 30,
        "controls": 40, "ratio": 0.37, "ratio_low": 0.11, "ratio_high": 1.07, "pre_trend_p": 0.4, "repeats": 0,
        "level_share": 0.93, "level_samples": 64, "level_gain": 0.3, "calls": 0, "lost_calls": 0,
        "counter_days": 12.0, "counter_z": 0.8, "technical": None, "reopen": False,
        "lacking": [{"zh": "缺少20次拨测", "en": "20 test calls"}],
    },
    ("post", "/v1/what-if"): {
        "customers_gained": 120.0, "customers_lost": 8.0, "customers_newly_overlapped": 0.0,
        "customers_net": 112.0, "new_cells": [],
        "hexes": [{"hex": "8941939b28fffff", "rsrp_before_dbm": -118.2, "rsrp_after_dbm": -104.9}],
    },
    ("get", "/v1/jobs/{job_id}"): {
        "id": "J20260401-020000-1a2b3c4d5e6f", "kind": "import", "state": "running", "share": 0.42,
        "step": "rows", "doing": "50,000 rows read",
        "by": "wang.li", "created_at": "2026-04-01T02:00:00Z", "started_at": "2026-04-01T02:00:01Z",
        "finished_at": None, "attempts": 1, "request": {"table": "complaints", "file": "march.csv"}, "run": None,
        "result": None, "error": None,
    },
    ("get", "/v1/me"): {
        "name": "wang.li", "role": "handler", "scopes": ["complaints", "desk", "docs", "public", "results"],
        "via": "session", "local": False,
    },
    ("get", "/v1/status"): {
        "tables": {"complaints": 391, "cells": 69}, "data_version": 10, "run": _RUN["id"],
        "as_of": "2026-03-31T14:06:02+00:00", "timezone": "Asia/Shanghai",
    },
    ("get", "/healthz"): {"status": "ok"},
    ("get", "/readyz"): {"status": "ok", "warm": True},
}  # fmt: skip

# Examples of what to send, by parameter or by path.
PARAMETERS: dict[str, Any] = {
    "q": "30.2,117.94",
    "bbox": "117.5,29.5,119,31",
    "lat": 30.2,
    "lon": 117.94,
    "measure": "customers",
}
BODIES: dict[str, Any] = {
    "/v1/diagnosis": {"place": "安康小区", "text": "对方听不到我说话", "indoor": True},
    "/v1/complaints/read": {"text": "打着打着就断了，在家里只有一格信号"},
    "/v1/customers/history": {"customer_no": "13800138000", "class": "WEAK_SIGNAL", "lat": 30.2, "lon": 117.94},
    "/v1/roaming/step": {"card": "normal", "country": "韩国", "answers": {"manual_choice": "yes"}},
    "/v1/runs": {"seed": 20260101, "replicas": 999},
    "/v1/what-if": {"changes": [{"cgi": "460-00-310021-3", "field": "elec_tilt_deg", "value": 4}]},
    "/v1/site-requests/{request_no}/state": {"state": "submitted"},
}
