"""The nested evidence of site requests as plain rows: request, topic, item, value, detail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from geoservice.export.titles import Language, title
from geoservice.export.values import Json, parse_json, prose, records

EVIDENCE_COLUMNS = ("request", "topic", "item", "value", "detail")
_TOPICS = (
    "classes",
    "priority_terms",
    "nearest_sites",
    "actions_tried",
    "alternatives",
    "tests_done",
    "azimuths",
    "hexes",
)
_ITEM_KEYS = ("item", "site", "action", "what", "code", "name", "hex", "option")
_VALUE_KEYS = ("value", "distance_m", "net_customers", "net", "points", "customers")

Row = tuple[str, str, str, Any, str]


def evidence_rows(requests: pd.DataFrame, language: Language) -> Iterator[Row]:
    """One row for every entry of the nested columns, in the order of the requests."""
    for record in records(requests):
        for topic in _TOPICS:
            if topic in record:
                for item, value, detail in topic_items(parse_json(record[topic])):
                    yield str(record["request_no"]), title("site_requests", topic, language), item, value, detail


def topic_items(value: Json) -> Iterator[tuple[str, Any, str]]:
    """(item, value, detail) of a mapping, a list of mappings, a list of values, or one value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _entry("", inner)
    elif value not in (None, ""):
        yield prose(value), None, ""


def _entry(name: str, value: Json) -> Iterator[tuple[str, Any, str]]:
    if not isinstance(value, dict):
        simple = isinstance(value, int | float | str)
        yield (name, value if simple else prose(value), "") if name else (prose(value), None, "")
        return
    item = name or next((prose(value[k]) for k in _ITEM_KEYS if k in value), "")
    number = next((value[k] for k in _VALUE_KEYS if isinstance(value.get(k), int | float)), None)
    used = {k for k in _VALUE_KEYS if value.get(k) is number} | set(_ITEM_KEYS)
    yield item, number, prose({k: v for k, v in value.items() if k not in used})
