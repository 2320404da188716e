"""Hotspots as people and programs read them: finding, causes and actions in one answer."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoservice import names
from geoservice.service.plain import plain, records
from geoservice.service.run_view import RunView
from geoservice.tables import ACTIONS, DIAGNOSES, HOTSPOTS, SITE_REQUESTS


def all_hotspots(view: RunView) -> list[dict[str, Any]]:
    """Every hotspot of a run with its causes and actions, best rank first (FORMATS: ``hotspots --json``)."""
    causes = _by_subject(records(view.diagnoses, DIAGNOSES))
    actions = _by_subject(records(view.actions, ACTIONS))
    requests = _requests_by_hotspot(view)
    return [
        _answer(row, causes.get(row["hotspot_id"], []), actions.get(row["hotspot_id"], []), requests)
        for row in records(view.hotspots, HOTSPOTS)
    ]


def _answer(
    row: dict[str, Any], causes: list[dict[str, Any]], actions: list[dict[str, Any]], requests: dict[str, list[str]]
) -> dict[str, Any]:
    first = causes[0] if causes else None
    number, hexes = row.pop("hotspot_id"), row.pop("hexes") or []
    cause = first["cause"] if first else None
    return {
        "id": number,
        **row,
        "hexes": [text for text, _ in hexes],
        "hex_weights": [round(float(weight), 4) for _, weight in hexes],
        "cause": cause,
        "confidence": first["confidence"] if first else None,
        "cause_name_zh": names.name_of("causes", cause, "zh") if cause else None,
        "cause_name_en": names.name_of("causes", cause, "en") if cause else None,
        "class_names": {code: _names("classes", code) for code in row["classes"] or {}},
        "causes": [cause_answer(item) for item in causes],
        "actions": [action_answer(item) for item in actions],
        "site_requests": requests.get(number, []),
    }


def cause_answer(item: dict[str, Any]) -> dict[str, Any]:
    """One diagnosed cause with its names."""
    kept = ("cause", "confidence", "is_gate", "shown", "evidence", "contradictions", "missing")
    answer = {key: item[key] for key in kept}
    for key in ("evidence", "contradictions"):
        answer[key] = [{**point, **_labels(point.get("what"))} for point in item[key] or []]
    return {**answer, **_names("causes", item["cause"])}


def _labels(what: str | None) -> dict[str, str]:
    row = names.catalogue("evidence_labels").get(what or "", {})
    return {f"label_{language}": row.get(language, what or "") for language in ("zh", "en")}


def action_answer(item: dict[str, Any]) -> dict[str, Any]:
    """One action with its names and ``gain`` (net customers lifted)."""
    answer = {key: value for key, value in item.items() if key != "subject_id"}
    departments = {
        f"department_{language}": names.name_of("departments", item["department"], language)
        for language in ("zh", "en")
    }
    return {**answer, "gain": item["net_customers"], **departments, **_names("actions", item["action"])}


def _names(catalogue: str, code: str) -> dict[str, str]:
    return {f"name_{language}": names.name_of(catalogue, code, language) for language in ("zh", "en")}


def _by_subject(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["subject_id"], []).append(row)
    return grouped


def _requests_by_hotspot(view: RunView) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    requests = view.site_requests()
    for hotspot_id, number in zip(requests["hotspot_id"], requests["request_no"], strict=True):
        if plain(hotspot_id) is not None:
            grouped.setdefault(hotspot_id, []).append(number)
    return grouped


def request_answers(requests: pd.DataFrame) -> list[dict[str, Any]]:
    """Site-build requests as records."""
    return [{"id": row["request_no"], **row} for row in records(requests, SITE_REQUESTS)]
