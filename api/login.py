"""The way in for people: a page, a session cookie, and patience with those who guess."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.templating import Jinja2Templates
from starlette.responses import RedirectResponse

from api.deps import LanguageDep, ServiceDep
from api.guard import COOKIE, needs, session_token
from api.limits import Buckets, principal
from api.pages import UI, page_texts, words
from geoservice.errors import StateError
from geoservice.service import Actor, Role, Scope, Service, acting
from geoservice.service.access import SESSION

router = APIRouter(include_in_schema=False)

_templates = Jinja2Templates(directory=UI / "templates")
HOMES = {Role.HANDLER: "/desk", Role.ENGINEER: "/", Role.PLANNER: "/planning", Role.ADMIN: "/"}
# A person mistypes a few times. Guessing is slowed by name and address together, so that nobody can lock out
# somebody else from their own desk, and by address over all names.
_PER_NAME_S, _PER_NAME_BURST = 1 / 30, 6
_PER_ADDRESS_S, _PER_ADDRESS_BURST = 1 / 5, 30


class Patience:
    """How many wrong passwords are borne."""

    def __init__(self) -> None:
        self._by_name = Buckets(_PER_NAME_S, _PER_NAME_BURST)
        self._by_address = Buckets(_PER_ADDRESS_S, _PER_ADDRESS_BURST)

    def wait(self, address: str, name: str) -> float:
        """Seconds until another try is heard; 0 when it is heard now. Every try counts until it succeeds."""
        return max(self._by_address.take(address), self._by_name.take(f"{address} {name.casefold()[:64]}"))

    def forgive(self, address: str, name: str) -> None:
        """A right password wipes out the tries before it."""
        self._by_name.forget(f"{address} {name.casefold()[:64]}")
        self._by_address.give_back(address)


@router.get("/login")
@needs(Scope.PUBLIC)
def login_page(
    request: Request,
    language: LanguageDep,
    next_: Annotated[str, Query(alias="next", max_length=2000)] = "",
    refused: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """The page to log in on; a server without log-in sends on."""
    if request.app.state.settings.open:
        return RedirectResponse(inside(next_) or "/", 303)
    return _page(request, language, next_, "login_refused" if refused is not None else None)


@router.post("/login")
@needs(Scope.PUBLIC)
def log_in(
    request: Request,
    service: ServiceDep,
    language: LanguageDep,
    name: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    next_: Annotated[str, Form(alias="next", max_length=2000)] = "",
) -> Response:
    """Check name and password; a session cookie on success, the page again with a word on failure."""
    address, patience = principal(request.scope), request.app.state.patience
    wait = patience.wait(address, name)
    if wait > 0:
        return _page(request, language, next_, "login_wait", 429, {"Retry-After": str(max(1, math.ceil(wait)))})
    try:
        token = service.office.access.log_in(name, password)
    except StateError:
        return _page(request, language, next_, "login_busy", 503, {"Retry-After": "5"})
    if token is None:
        # The name is not noted: people type their password there.
        service.office.audit.record("login.failed")
        return _page(request, language, next_, "login_wrong", 401)
    patience.forgive(address, name)
    return _admitted(request, service, token, next_)


@router.post("/logout")
@needs(Scope.PUBLIC)
def log_out(request: Request, service: ServiceDep) -> Response:
    """End the session."""
    token = session_token(request.headers)
    if token is not None:
        actor = service.office.access.of_session(token, principal(request.scope))
        if actor is not None:
            with acting(actor):
                service.office.audit.record("logout")
        service.office.access.log_out(token)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=_secure(request))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def inside(path: str) -> str | None:
    """``path`` if it is one of our own pages: never another host, never the way in or out."""
    own = path.startswith("/") and not path.startswith(("//", "/\\", "/login", "/logout"))
    return path if own and path.isprintable() and "\\" not in path else None


def _admitted(request: Request, service: Service, token: str, wanted: str) -> Response:
    actor = service.office.access.of_session(token, principal(request.scope))
    assert actor is not None  # noqa: S101 - the session was opened a moment ago
    _record_login(service, actor)
    home = HOMES[actor.role] if actor.role else "/"
    answer = RedirectResponse(inside(wanted) or home, 303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=_secure(request),
    )
    return answer


def _record_login(service: Service, actor: Actor) -> None:
    with acting(actor):
        service.office.audit.record("login")


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _page(
    request: Request,
    language: str,
    next_: str,
    message: str | None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    texts = page_texts(language)
    context: dict[str, Any] = {
        **words(language, texts),
        "page": "login",
        "next": inside(next_) or "",
        "message": texts[message] if message else None,
    }
    return _templates.TemplateResponse(request, "login.html", context, status_code=status, headers=headers)
