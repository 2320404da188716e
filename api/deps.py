"""What routes ask for: the service, the language, a bounded page."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Query, Request

from geoservice.service import Service, Window, window_of

LANGUAGES = ("zh", "en")


def get_service(request: Request) -> Service:
    """The service of this process."""
    return cast(Service, request.app.state.service)


def get_language(request: Request) -> str:
    """``?lang=``, else the cookie, else the browser's wish; Chinese when it wishes neither."""
    for wish in (request.query_params.get("lang"), request.cookies.get("lang")):
        if wish in LANGUAGES:
            return wish
    accepted = request.headers.get("accept-language", "").lower()
    return next((part[:2] for part in accepted.split(",") if part[:2] in LANGUAGES), "zh")


def get_window(
    bbox: Annotated[str, Query(max_length=200, description="west,south,east,north in degrees WGS-84")],
) -> Window:
    """A map window from ``bbox``."""
    from geoservice.errors import InputError

    try:
        numbers = [float(part) for part in bbox.split(",")]
    except ValueError as error:
        raise InputError("bbox needs four numbers: west,south,east,north", field="bbox") from error
    return window_of(numbers)


ServiceDep = Annotated[Service, Depends(get_service)]
LanguageDep = Annotated[str, Depends(get_language)]
WindowDep = Annotated[Window, Depends(get_window)]
RunQuery = Annotated[str | None, Query(alias="run", max_length=64, description="Run id (default: the newest finished)")]
