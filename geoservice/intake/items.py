"""Several troubles in one contact: the list a source system may bring (handbook section 2, rule 5)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from geoservice.intake.privacy import mask
from geoservice.intake.vocabulary import AUDIO, DIRECTIONS, ECHO_HEARERS
from geoservice.parsing.text import Mask, blank, lookup_key, map_distinct

MOST_ITEMS = 20
_WORDS = {"direction": DIRECTIONS, "audio": AUDIO, "echo_hearer": ECHO_HEARERS}
_KEYS = {"class", "secondary", "place_id", *_WORDS}


def items_of(texts: pd.Series) -> tuple[pd.Series, Mask]:
    """Column ``items`` of table ``complaints`` of JSON texts, and where a text is no such list.

    An item is an object with ``class`` (one of ours, by any name) and perhaps ``secondary`` (a list of
    classes), ``place_id``, ``direction``, ``audio``, ``echo_hearer``; nothing else.
    """
    found = map_distinct(texts.mask(blank(texts)), _items)
    bad = found.isna().to_numpy() & ~blank(texts)
    return found.where(found.notna(), None), np.asarray(bad)


def first_class(texts: pd.Series) -> pd.Series:
    """The class of the first item: what the row is about when it says nothing else."""
    items, _ = items_of(texts)
    return items.map(lambda value: value[0]["class"] if isinstance(value, list) else None).astype("str")


def _items(text: str) -> list[dict[str, Any]] | None:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_ITEMS:
        return None
    items = [_item(entry) for entry in raw]
    return None if any(item is None for item in items) else [item for item in items if item]


def _item(raw: Any) -> dict[str, Any] | None:
    if not isinstance(raw, dict) or not set(raw) <= _KEYS:
        return None
    classes = _classes([raw.get("class"), *_listed(raw.get("secondary"))])
    if not classes or None in classes:
        return None
    words = {name: table.get(lookup_key(str(raw[name]))) for name, table in _WORDS.items() if raw.get(name) is not None}
    if None in words.values():
        return None
    item: dict[str, Any] = {"class": classes[0], "secondary": classes[1:], **words}
    if raw.get("place_id") is not None:
        item["place_id"] = str(mask(pd.Series([str(raw["place_id"])[:120]], dtype="str")).iloc[0])
    return item


def _classes(names: list[Any]) -> list[str | None]:
    from geoservice.intake.classify import given_class

    codes = given_class(pd.Series(names, dtype=object))
    return [None if pd.isna(code) else str(code) for code in codes]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
