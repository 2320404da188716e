"""What routes ask for: the service, the language, a bounded page.

They are coroutines although they wait for nothing: the framework sends plain functions to a thread each.
"""

from __future__ import annotations

from typing import Annotated, Literal, cast

from fastapi import Depends, Header, Query, Request
from pydantic import AwareDatetime

from api.translation import wants_chinese
from geoservice.names import language_of
from geoservice.service import Actor, DiscreetService, HexQuestion, Period, Scope, Service, Window, window_of


async def get_service(request: Request) -> Service:
    """The service of this process, as far as the caller may see into it."""
    service = cast(Service, request.app.state.service)
    # No guard, no scopes: a request that came around it sees the discreet side.
    actor: Actor | None = getattr(request.state, "actor", None)
    tells_all = actor is not None and Scope.COMPLAINTS in actor.scopes
    return service if tells_all else DiscreetService.over(service)


async def get_language(request: Request) -> str:
    """``?lang=``, else the cookie, else the browser's wish; Chinese when it wishes neither."""
    return language_of(
        request.query_params.get("lang"), request.cookies.get("lang"), request.headers.get("accept-language")
    )


async def get_window(
    bbox: Annotated[str, Query(max_length=200, description="west,south,east,north in degrees WGS-84")],
) -> Window:
    """A map window from ``bbox``."""
    from geoservice.errors import InputError

    try:
        numbers = [float(part) for part in bbox.split(",")]
    except ValueError as error:
        raise InputError("bbox needs four numbers: west,south,east,north", field="bbox") from error
    return window_of(numbers)


async def get_period(
    since: Annotated[AwareDatetime | None, Query(description="Start of the period; ISO 8601 with offset")] = None,
    until: Annotated[AwareDatetime | None, Query(description="End of the period, excluded")] = None,
) -> Period | None:
    """The period asked for, None for the whole run."""
    return None if since is None and until is None else Period(since, until)


async def get_key(
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            max_length=255,
            pattern=r'^("[ -!#-~]+"|[!#-~]+)$',
            description="A text of your own, new for each request (for example a UUID); then sending it again is safe",
        ),
    ] = None,
) -> str | None:
    """The caller's key for a request that may be sent twice; quotes (a structured field) do not count."""
    return key if key is None else key.strip('"')


async def get_if_match(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", max_length=300, description="Entity tag you read; 412 if it has changed since"),
    ] = None,
) -> tuple[str, ...] | None:
    """The versions the caller means to change; ``*`` is any, weak tags never match (RFC 9110, 13.1.1)."""
    if if_match is None:
        return None
    tags = (part.strip() for part in if_match.split(","))
    return tuple(tag.strip('"') for tag in tags if tag == "*" or (tag.startswith('"') and tag.endswith('"')))


async def get_problem_language(request: Request) -> bool:
    """Whether what went wrong is told in Chinese; programs that wish nothing read English."""
    return wants_chinese(request.scope["query_string"], request.headers)


InChinese = Annotated[bool, Depends(get_problem_language)]
IdempotencyKey = Annotated[str | None, Depends(get_key)]
IfMatch = Annotated[tuple[str, ...] | None, Depends(get_if_match)]
ServiceDep = Annotated[Service, Depends(get_service)]
LanguageDep = Annotated[str, Depends(get_language)]
PeriodDep = Annotated[Period | None, Depends(get_period)]
WindowDep = Annotated[Window, Depends(get_window)]
Group = Literal["coverage", "drop", "access", "voice", "data", "terminal", "all"]
RunQuery = Annotated[str | None, Query(alias="run", max_length=64, description="Run id (default: the newest finished)")]


async def get_hex_question(
    window: WindowDep,
    zoom: Annotated[int, Query(ge=0, le=22)] = 12,
    measure: Annotated[str, Query(max_length=20)] = "customers",
    class_group: Group = "all",
    run: RunQuery = None,
    period: PeriodDep = None,
) -> HexQuestion:
    """What a map shows: the same for the view and for its files."""
    return HexQuestion(window, zoom, measure, class_group, run, period)


HexQuestionDep = Annotated[HexQuestion, Depends(get_hex_question)]
