"""The nested evidence of requests and hotspots as plain rows: number, topic, item, value, detail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from geoservice.export.titles import Language, title
from geoservice.export.values import Json, parse_json, records
from geoservice.export.words import option, quantity, term, told, tried, word

EVIDENCE_COLUMNS = ("request", "topic", "item", "value", "detail")
# Tables with an evidence sheet, their number column, and the topics in the order they are told.
EVIDENCE_OF: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "site_requests": (
        "request_no",
        (
            "classes", "priority_terms", "nearest_sites", "actions_tried", "alternatives", "tests_done", "azimuths",
            "hexes",
        ),
    ),
    "hotspots": ("hotspot_id", ("classes", "evidence", "contradictions", "missing", "trend", "hexes")),
}  # fmt: skip

Row = tuple[str, str, str, Any, str]
Item = tuple[str, Any, str]


def evidence_rows(frame: pd.DataFrame, table: str, language: Language) -> Iterator[Row]:
    """One row for every entry of the nested columns, in the order of the rows."""
    number, topics = EVIDENCE_OF[table]
    for record in records(frame):
        for topic in topics:
            for item, value, detail in topic_items(topic, parse_json(record.get(topic)), language):
                yield str(record[number]), title(table, topic, language), item, value, detail


def topic_items(topic: str, value: Json, language: Language) -> Iterator[Item]:
    """(item, value, detail) of every entry of a topic, in words."""
    if value in (None, "", [], {}):
        return
    teller = _TOLD.get(topic)
    if teller is None:
        yield str(told(topic, value, language)), None, ""
    elif isinstance(value, dict):
        for code, inner in value.items():
            yield teller({"code": code, "value": inner}, language)
    else:
        for inner in value if isinstance(value, list) else [value]:
            if topic == "trend" and isinstance(inner, list) and inner[1:2] == [0]:
                continue  # ninety days without a complaint are no evidence
            yield teller(inner if isinstance(inner, dict) else {"code": inner}, language)


def _class(entry: Mapping[str, Any], language: Language) -> Item:
    return word("class", entry.get("code"), language), entry.get("value"), ""


def _term(entry: Mapping[str, Any], language: Language) -> Item:
    if "item" not in entry:
        return word("priority", entry.get("code"), language), entry.get("value"), ""
    return word("priority", entry["item"], language), entry.get("points"), term(entry, language)


def _site(entry: Mapping[str, Any], language: Language) -> Item:
    place = f"{entry['lat']:.5f}, {entry['lon']:.5f}" if "lat" in entry and "lon" in entry else ""
    return str(entry.get("site", "")), entry.get("distance_m"), place


def _tried(entry: Mapping[str, Any], language: Language) -> Item:
    name = option(str(entry.get("option") or entry.get("action") or ""), language)
    net = entry.get("net_customers", entry.get("net"))
    whole = tried(entry, language)
    return name, net, whole.partition("：" if language == "zh" else ": ")[2]


def _support(entry: Mapping[str, Any], language: Language) -> Item:
    value = quantity(entry.get("value"), entry.get("unit"), language)
    return word("what", entry.get("what"), language), value, str(told("evidence", [dict(entry)], language))


def _missing(entry: Mapping[str, Any], language: Language) -> Item:
    return str(entry.get(language) or entry.get("what") or ""), None, ""


def _listed(entry: Mapping[str, Any], language: Language) -> Item:
    code = entry.get("code")
    return str(code[0] if isinstance(code, list) and code else code), None, ""


def _step(entry: Mapping[str, Any], language: Language) -> Item:
    row = entry.get("code")
    parts = row if isinstance(row, list) else [row]
    value = parts[1] if len(parts) > 1 else None
    expected = f"{'期望' if language == 'zh' else 'expected'} {parts[2]:.1f}" if _is_number(parts[2:3]) else ""
    return str(parts[0])[:10], value, expected


def _is_number(rest: list[Any]) -> bool:
    return bool(rest) and isinstance(rest[0], int | float)


_TOLD: Mapping[str, Callable[[Mapping[str, Any], Language], Item]] = {
    "classes": _class,
    "priority_terms": _term,
    "nearest_sites": _site,
    "actions_tried": _tried,
    "alternatives": _tried,
    "evidence": _support,
    "contradictions": _support,
    "missing": _missing,
    "hexes": _listed,
    "trend": _step,
}
