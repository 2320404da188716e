"""One complaint by itself: what :func:`complaints_from_rows` makes of it, without a frame for every column.

Plainly written values are taken here with the same words and patterns as those of files; whatever would have to be
refused or thought about is left to the rows (``None``), so that no rule of refusal stands twice. That both ways give
the same complaint is tested (``tests/intake/test_single.py``, decision 0190).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from geoservice.geodesy import to_wgs84
from geoservice.intake.classes import COLUMNS as CLASS_COLUMNS
from geoservice.intake.classes import class_of
from geoservice.intake.complaints import (
    CLOCK_SLACK,
    CONTENT_SOURCES,
    DEFAULT_SOURCE,
    FIRST_TICKET,
    PLACE_LIMIT,
    TEXT_LIMIT,
    TOLERANCE_S,
)
from geoservice.intake.language import language_of
from geoservice.intake.optional_fields import FREE_TEXT, FREE_TEXT_LIMIT, LISTED, Notes, optional_fields
from geoservice.intake.privacy import keyed_hash, mask, normalise_numbers
from geoservice.intake.tickets import shown_tickets
from geoservice.intake.vocabulary import SATISFIED as SATISFIED_LABELS
from geoservice.parsing.points import CRS_WORDS, crs_name, looks_swapped, without_placeholders
from geoservice.parsing.text import choose, clean, lookup_key
from geoservice.parsing.times import FIRST_YEAR, LAST_YEAR
from geoservice.records import ImportOptions
from geoservice.tables import COMPLAINTS, Column

_TIMES = ("occurred_from", "occurred_to", "promised_by", "call_time")
_OTHERS = {"ticket_no", "accepted_at", "customer_no", "class", "text", "place_text", "lat", "lon", "crs"}
_TAKEN = frozenset({*_OTHERS, *_TIMES, *FREE_TEXT, *LISTED})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DEGREES = re.compile(r"-?\d{1,3}(?:\.\d{1,17})?", re.ASCII)
_TICKET = re.compile(r"(?!row-)[A-Za-z0-9_-]{1,64}", re.ASCII)


class _Unsure(Exception):
    """This value has to be judged by the rules for rows."""


def complaint_of(given: Mapping[str, str], options: ImportOptions, secret: bytes) -> dict[str, Any] | None:
    """Columns of table ``complaints`` that one complaint fills, as plain values.

    Parameters
    ----------
    given : column -> text, as a file would bring it.
    options, secret : as for :func:`geoservice.intake.complaints_from_rows`.

    Returns
    -------
    Exactly what the rows' way makes of the same texts; None where only that way can tell (something may have to be
    refused, or is written in an unusual way).
    """
    source = options.source or DEFAULT_SOURCE
    if options.mapping is not None or source != source.strip() or source in CONTENT_SOURCES:
        return None
    try:
        return _complaint(_cleaned(given), source, options, secret)
    except _Unsure:
        return None


def _complaint(texts: Mapping[str, str], source: str, options: ImportOptions, secret: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {"source": source, "time_step": "instant", **_moments(texts)}
    found |= _place(texts, options.crs)
    found |= {name: _listed(name, texts[name]) for name in LISTED if name in texts}
    _require_substance(texts, found)
    shown = _masked(texts)
    found |= {name: shown[name] for name in (*FREE_TEXT, "text", "place_text") if name in shown}
    said = class_of(shown.get("text"), shown.get("class"))
    found |= {name: said[name] for name in CLASS_COLUMNS if found.get(name) is None}
    if found.get("language") is None:
        found["language"] = _value(language_of(_column(shown.get("text"))))
    found |= _identity(texts, source, secret)
    filled = {name: value for name, value in found.items() if value is not None}
    _require_declared(filled)
    return filled


def _cleaned(given: Mapping[str, str]) -> dict[str, str]:
    """The texts without surrounding white space; blank ones are not there."""
    if not _TAKEN.issuperset(given):
        raise _Unsure
    texts = clean(pd.Series(list(given.values()), dtype="str")) if given else pd.Series([], dtype="str")
    return {name: text for name, text in zip(given, texts, strict=True) if isinstance(text, str)}


def _moments(texts: Mapping[str, str]) -> dict[str, Any]:
    """Times in UTC whose order is right."""
    accepted = _moment(texts.get("accepted_at"))
    found = {name: _moment(texts[name]) for name in _TIMES if name in texts}
    begun = found.get("occurred_from") or found.get("call_time")
    ended = found.get("occurred_to")
    if not FIRST_TICKET <= accepted <= datetime.now(UTC) + CLOCK_SLACK:
        raise _Unsure
    if begun and (begun > accepted + timedelta(seconds=TOLERANCE_S) or (ended and ended < begun)):
        raise _Unsure
    return {"accepted_at": accepted, **found, "occurred_from": begun}


def _moment(text: str | None) -> datetime:
    if text is None or not _MOMENT.fullmatch(text) or not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise _Unsure
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise _Unsure from error


def _place(texts: Mapping[str, str], default_crs: str | None) -> dict[str, Any]:
    """The point in WGS-84, its datum and, where it was converted, the pair as it was given."""
    crs = _datum(texts["crs"]) if "crs" in texts else crs_name(default_crs) or "WGS84"
    if "lat" not in texts and "lon" not in texts:
        return {}
    lat, lon = (_degrees(texts.get(name)) for name in ("lat", "lon"))
    pair = (np.array([lat]), np.array([lon]))
    if abs(lat) > 90 or abs(lon) > 180 or looks_swapped(*pair)[0] or np.isnan(without_placeholders(*pair)[0][0]):
        raise _Unsure
    if crs == "WGS84":
        return {"lat": lat, "lon": lon, "crs": crs}
    own_lat, own_lon = to_wgs84(*pair, np.array([crs], object))
    return {"lat": float(own_lat[0]), "lon": float(own_lon[0]), "crs": crs, "input_lat": lat, "input_lon": lon}


def _degrees(text: str | None) -> float:
    if text is None or not _DEGREES.fullmatch(text):
        raise _Unsure
    return float(text)


@lru_cache(maxsize=64)
def _datum(text: str) -> str:
    words, unknown = choose(_column(text), CRS_WORDS)
    if unknown[0]:
        raise _Unsure
    return str(words.iloc[0])


@lru_cache(maxsize=4096)
def _listed(name: str, text: str) -> Any:
    """One optional value that comes from a short list or a small range: read by the rules for rows, then remembered."""
    frame = pd.DataFrame({name: _column(text)})
    return _value(optional_fields(frame, Notes())[name])


def _require_substance(texts: Mapping[str, str], found: Mapping[str, Any]) -> None:
    """Something said, somewhere, and no contentment."""
    if not {"text", "class"} & texts.keys() or not ("lat" in found or {"place_text", "serving_cgi"} & texts.keys()):
        raise _Unsure
    if "class" in texts and lookup_key(texts["class"]) in SATISFIED_LABELS:
        raise _Unsure


def _masked(texts: Mapping[str, str]) -> dict[str, str]:
    """What people wrote, without personal data."""
    limits = {"text": TEXT_LIMIT, "place_text": PLACE_LIMIT, "class": None, **dict.fromkeys(FREE_TEXT, FREE_TEXT_LIMIT)}
    written = [name for name in limits if name in texts]
    masked = mask(pd.Series([texts[name] for name in written], dtype="str"))
    return {name: text[: limits[name]] for name, text in zip(written, masked, strict=True)}


def _identity(texts: Mapping[str, str], source: str, secret: bytes) -> dict[str, Any]:
    """Number, id and customer: keys of what must not be stored."""
    ticket = texts.get("ticket_no", "")
    if not _TICKET.fullmatch(ticket):
        raise _Unsure
    customer = _customer(texts["customer_no"]) if "customer_no" in texts else None
    return {
        "ticket_no": str(shown_tickets(_column(ticket), secret).iloc[0]),
        "complaint_id": keyed_hash(f"{source}\x1f{ticket}", secret, "complaint"),
        "customer_key": None if customer is None else keyed_hash(customer, secret, "customer"),
    }


def _customer(text: str) -> str | None:
    plain, bad = normalise_numbers(_column(text))
    if bad[0]:
        raise _Unsure
    number: str | None = _value(plain)
    return number


def _require_declared(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if not _fits(value, COMPLAINTS.by_name[name]):
            raise _Unsure


def _fits(value: Any, column: Column) -> bool:
    if column.dtype in {"float", "int"}:
        low = -math.inf if column.low is None else column.low
        return low <= value <= (math.inf if column.high is None else column.high)
    return not column.values or value in column.values


def _column(text: str | None) -> pd.Series:
    return pd.Series([text], dtype="str")


def _value(column: pd.Series) -> Any:
    """The only value of a column as Python has it, None where it is missing."""
    value = column.iloc[0]
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
