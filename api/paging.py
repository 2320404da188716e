"""Pages of a long list: an opaque cursor that stays with the run it began with, and a link to the next page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from api.answers import tagged
from geoservice.errors import InputError
from geoservice.service import Service

DEFAULT_LIMIT = 100
_MAX_OFFSET = 10**9


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is wanted; neither given means all of it."""

    cursor: str | None
    limit: int | None


def get_page(
    cursor: Annotated[str | None, Query(max_length=200, description="From the next link of the page before")] = None,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="Rows a page; without it and cursor: all")] = None,
) -> Page:
    """The page asked for."""
    return Page(cursor, limit)


PageDep = Annotated[Page, Depends(get_page)]


def paged(
    request: Request,
    page: Page,
    run: str | None,
    service: Service,
    fetch: Callable[[str | None], list[dict[str, Any]]],
) -> Response:
    """The whole list, or a page of it with ``Link: …; rel="next"`` (RFC 8288) while there is more.

    A run does not change and the cursor names its run: a walk sees each row exactly once, even when a newer
    analysis finishes meanwhile.
    """
    if page.cursor is None and page.limit is None:
        return tagged(request, fetch(run))
    limit = page.limit or DEFAULT_LIMIT
    run_id, offset = _read(page.cursor) if page.cursor else (service.view(run).run.run_id, 0)
    if run not in (None, run_id):
        raise InputError("the cursor belongs to another run; leave one of them out", field="cursor")
    rows = fetch(run_id)
    more = offset + limit < len(rows)
    links = _link(request, _write(run_id, offset + limit), limit) if more else None
    return tagged(request, rows[offset : offset + limit], links=links)


def _link(request: Request, cursor: str, limit: int) -> str:
    address = request.url.include_query_params(cursor=cursor, limit=limit)
    return f'<{address.path}?{address.query}>; rel="next"'


def _write(run_id: str, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{offset} {run_id}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, int]:
    wrong = InputError("this is not a cursor of ours; take it from the next link of a page", field="cursor")
    try:
        text = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        offset, _, run_id = text.decode("ascii").partition(" ")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise wrong from error
    if not (offset.isdigit() and len(offset) < 10 and int(offset) < _MAX_OFFSET and run_id):
        raise wrong
    return run_id, int(offset)
