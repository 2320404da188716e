"""One table from error to status, one body shape (RFC 9457), and never what the caller sent."""

from __future__ import annotations

import errno
import logging
import uuid
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.answers import Json
from geoservice.errors import (
    Changed,
    ConfigError,
    FileError,
    GeoserviceError,
    InputError,
    NotEnoughData,
    NotFound,
    StateError,
)
from geoservice.service import masked

log = logging.getLogger("geoservice.api")

STATUS: tuple[tuple[type[GeoserviceError], int], ...] = (
    (NotFound, 404),
    (FileError, 415),
    (InputError, 422),
    (NotEnoughData, 422),
    (Changed, 412),
    (StateError, 409),
    (ConfigError, 503),
    (GeoserviceError, 500),
)
_FILE_TOO_LARGE = frozenset({"too-large", "cell-budget", "row-budget", "size-budget"})
# A queue that is full is a matter of patience, somebody else's job one of permission.
_BY_CODE = {"queue-full": 429, "busy": 503, "not-audited": 500, "not-yours": 403, "withheld": 403, "no-space": 507}
_RETRY_AFTER_S = "5"


class Problem(Json):
    """A problem document."""

    media_type = "application/problem+json"


def problem(status: int, title: str, detail: str | None = None, **more: Any) -> Problem:
    """``{type, title, status, detail, …}``; ``errors`` lists fields where several are wrong."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    headers = {"Retry-After": _RETRY_AFTER_S} if status in {429, 503, 507} else None
    return Problem({key: value for key, value in body.items() if value is not None}, status, headers=headers)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(GeoserviceError, _known)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(OperationalError, _database)  # type: ignore[arg-type]
    app.add_exception_handler(OSError, _disk)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, _unknown)


def status_of(error: GeoserviceError) -> int:
    """HTTP status of one of our errors."""
    if isinstance(error, FileError) and error.code in _FILE_TOO_LARGE:
        return 413
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next(status for kind, status in STATUS if isinstance(error, kind))


def status_of_kind(kind: str, code: str) -> int:
    """HTTP status of one of our errors that was kept with a job by the name of its class."""
    if code in _FILE_TOO_LARGE:
        return 413
    known = {error.__name__: status for error, status in STATUS}
    return known.get(kind, 422 if kind in {"TableError"} else 409 if kind in {"Cancelled"} else 500)


def title_of(status: int) -> str:
    """What a status is called in our problems."""
    return _TITLES.get(status, "Error")


def _known(_request: Request, error: GeoserviceError) -> Problem:
    status = status_of(error)
    return problem(status, _TITLES.get(status, "Error"), masked(error.message), code=error.code, field=error.field)


def _invalid(_request: Request, error: RequestValidationError) -> Problem:
    # The standard handler echoes the input: a phone number would come back, and NaN cannot even be written.
    errors = [
        {"field": ".".join(str(part) for part in item["loc"]), "problem": str(item["msg"])} for item in error.errors()
    ]
    return problem(422, _TITLES[422], "Some fields are missing or wrong.", code="bad-input", errors=errors[:50])


def _http(_request: Request, error: HTTPException) -> Problem:
    if error.status_code in {413, 422}:
        large = error.status_code == 413
        detail = "The body grew past what is taken here." if large else str(error.detail)
        return problem(error.status_code, _TITLES[error.status_code], detail, code="too-large" if large else "bad-body")
    if error.status_code == 408:
        answer = problem(408, _TITLES[408], "The body stopped coming; send it again.", code="too-slow")
        answer.headers["Connection"] = "close"
        return answer
    phrase = HTTPStatus(error.status_code).phrase
    said = str(error.detail)
    title = _TITLES.get(error.status_code, phrase)
    answer = problem(error.status_code, title, said if said not in {phrase, title} else None)
    answer.headers.update(error.headers or {})
    return answer


def _database(_request: Request, error: OperationalError) -> Problem:
    log.error("database unavailable: %s", type(error.orig).__name__)
    return problem(503, "The database is busy or out of reach", "Nothing was stored; try again.", code="database")


def _disk(request: Request, error: OSError) -> Problem:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        log.error("the disk is full")
        return problem(507, _TITLES[507], "Nothing was stored; reading still works.", code="no-space")
    return _unknown(request, error)


def _unknown(request: Request, error: Exception) -> Problem:
    # The text of a foreign error may carry personal data: only its kind and a reference go to the log.
    reference = uuid.uuid4().hex[:12]
    log.error("internal error %s: %s in %s %s", reference, type(error).__name__, request.method, request.url.path)
    return problem(500, "Internal error", f"Reference {reference}.", code="internal")


_TITLES = {
    403: "Not allowed",
    404: "Not found",
    408: "Too slow",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too large",
    415: "This file cannot be taken",
    422: "Wrong input",
    429: "Too many requests",
    500: "Internal error",
    507: "The disk is full",
    503: "Not available",
}
