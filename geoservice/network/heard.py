"""Neighbours a measurement heard: a JSON list, or ``pci:arfcn:level`` triples as exporters write them."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from geoservice.network.draft import Draft
from geoservice.parsing.text import blank, lookup_key, map_distinct

MOST_NEIGHBOURS = 32  # what a phone can report
_NAMES = {"pci": "pci", "arfcn": "arfcn", "earfcn": "arfcn", "rsrp": "rsrp", "rsrpdbm": "rsrp"}
_LEVELS_DBM = (-156.0, -30.0)


def heard(draft: Draft) -> pd.Series:
    """Column ``neighbours``: lists of {pci, arfcn, rsrp}; what is no such list is left out with a remark."""
    texts = draft.text("neighbours")
    found = map_distinct(texts.mask(blank(texts)), neighbours_of)
    draft.remark(found.isna().to_numpy() & ~blank(texts), "values of neighbours are no lists and were left out")
    return found.where(found.notna(), None)


def neighbours_of(text: str) -> list[dict[str, float]] | None:
    """One list of neighbours; None where the text is none.

    >>> neighbours_of('[{"pci": 7, "rsrp": -101.5}]')
    [{'pci': 7, 'rsrp': -101.5}]
    >>> neighbours_of("7:1300:-101.5|8:1300:-104")
    [{'pci': 7, 'arfcn': 1300, 'rsrp': -101.5}, {'pci': 8, 'arfcn': 1300, 'rsrp': -104.0}]
    """
    raw = _json(text) if text.lstrip().startswith("[") else _triples(text)
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_NEIGHBOURS:
        return None
    entries = [_entry(item) for item in raw]
    return None if any(entry is None for entry in entries) else [entry for entry in entries if entry]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _triples(text: str) -> list[dict[str, str]]:
    parts = [part.split(":") for part in text.replace(";", "|").split("|")]
    return [dict(zip(("pci", "arfcn", "rsrp"), part, strict=True)) if len(part) == 3 else {} for part in parts]


def _entry(item: Any) -> dict[str, float] | None:
    if not isinstance(item, dict) or not item:
        return None
    named = {_NAMES.get(lookup_key(str(name))): _number(value) for name, value in item.items()}
    if None in named or any(value is None for value in named.values()):
        return None
    entry: dict[str, float] = {}
    for name in ("pci", "arfcn"):
        value = named.get(name)
        if value is not None:
            if value < 0 or value != round(value):
                return None
            entry[name] = int(value)
    level = named.get("rsrp")
    if level is not None:
        if not _LEVELS_DBM[0] <= level <= _LEVELS_DBM[1]:
            return None
        entry["rsrp"] = level
    return entry


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and not isinstance(value, bool) and not np.isnan(number) else None
