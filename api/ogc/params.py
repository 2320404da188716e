"""Query parameters of ``/items`` as the standard wants them: unknown or wrong ones are a 400, a large limit is cut."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException

from geoservice.service import Collection, FeatureQuery, Property, Window

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
_MAX_OFFSET = 2**31 - 1
_MAX_TEXT = 200
_STANDARD = frozenset({"bbox", "datetime", "limit", "offset", "f", "lang", "bbox-crs", "crs"})
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True, slots=True)
class BadParameter(Exception):
    """A parameter that cannot be used, and why."""

    name: str
    reason: str


def only_format(given: Mapping[str, str]) -> None:
    """Refuse every parameter but ``f=json`` and ``lang``."""
    _check_names(given, frozenset({"f", "lang"}))


def read_query(collection: Collection, pairs: list[tuple[str, str]]) -> FeatureQuery:
    """The query of an items request.

    Raises
    ------
    HTTPException
        400; a parameter is unknown, repeated or invalid (``query-param-unknown``, ``query-param-invalid``).
    """
    given = dict(pairs)
    if len(given) != len(pairs):
        raise _refused("query", "each parameter may be given once")
    _check_names(given, _STANDARD | set(collection.filters))
    schema = collection.schema()
    try:
        since, until = _period(given.get("datetime"))
        return FeatureQuery(
            windows=_windows(given.get("bbox")),
            filters={name: _value(schema[name], given[name]) for name in collection.filters if name in given},
            since=since,
            until=until,
            limit=min(_whole("limit", given.get("limit"), DEFAULT_LIMIT, 1), MAX_LIMIT),
            offset=_whole("offset", given.get("offset"), 0, 0, _MAX_OFFSET),
        )
    except BadParameter as error:
        raise _refused(error.name, error.reason) from error


def _check_names(given: Mapping[str, str], known: frozenset[str] | set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise _refused(unknown[0][:40], f"there is no such parameter; use {', '.join(sorted(known))}")
    if given.get("f", "json") not in {"json", "geojson"}:
        raise _refused("f", "only json is offered")
    for name in ("crs", "bbox-crs"):
        if given.get(name, CRS84) != CRS84:
            raise _refused(name, f"only {CRS84} is offered")


def _whole(name: str, text: str | None, default: int, low: int, high: int | None = None) -> int:
    if text is None:
        return default
    # int() would also take "1_000", " 5" and other scripts' digits.
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadParameter(name, "a whole number is needed")
    value = int(text)
    if value < low or (high is not None and value > high):
        raise BadParameter(name, f"at least {low}" + ("" if high is None else f", at most {high}"))
    return value


def _windows(text: str | None) -> tuple[Window, ...]:
    """``west,south,east,north`` (or six numbers, the heights are ignored); west > east spans the antimeridian."""
    if text is None:
        return ()
    numbers = [_number("bbox", part) for part in text[:_MAX_TEXT].split(",")]
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4:
        raise BadParameter("bbox", "four numbers are needed: west,south,east,north")
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise BadParameter("bbox", "degrees WGS-84 with south ≤ north are needed")
    if west <= east:
        return (Window(south, west, north, east),)
    return Window(south, west, north, 180.0), Window(south, -180.0, north, east)


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise BadParameter(name, "a number is needed") from error
    if not math.isfinite(value):
        raise BadParameter(name, "a finite number is needed")
    return value


def _period(text: str | None) -> tuple[datetime | None, datetime | None]:
    """RFC 3339 moment or ``start/end``; ``..`` or nothing is an open end."""
    if text is None:
        return None, None
    first, slash, second = text[:_MAX_TEXT].partition("/")
    if not slash:
        return _moment(first, at_end=False), _moment(first, at_end=True)
    since = None if first in {"", ".."} else _moment(first, at_end=False)
    until = None if second in {"", ".."} else _moment(second, at_end=True)
    if since is None and until is None and not (first or second):
        raise BadParameter("datetime", "a moment or a period is needed")
    if since is not None and until is not None and since > until:
        raise BadParameter("datetime", "the period ends before it starts")
    return since, until


def _moment(text: str, *, at_end: bool) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadParameter("datetime", "RFC 3339 is needed, as in 2026-03-01T00:00:00Z") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
        # A bare date is the whole day.
        return moment + timedelta(days=1, microseconds=-1) if at_end and len(text) == 10 else moment
    except OverflowError as error:
        raise BadParameter("datetime", "the moment is out of range") from error


def _value(schema: Property, text: str) -> Any:
    if len(text) > _MAX_TEXT:
        raise BadParameter(schema.name, f"at most {_MAX_TEXT} characters")
    if schema.type == "boolean":
        if text not in {"true", "false"}:
            raise BadParameter(schema.name, "true or false is needed")
        return text == "true"
    if schema.type == "integer":
        return _whole(schema.name, text, 0, 0)
    if schema.type == "number":
        return _number(schema.name, text)
    if "\x00" in text:
        raise BadParameter(schema.name, "NUL is not part of any value")
    return text


def _refused(name: str, reason: str) -> HTTPException:
    return HTTPException(400, f"Parameter {name}: {reason}")
