"""Every route says what it is about; who may not have that is refused before anything is read.

A route declares its scope with :func:`needs`. :func:`guard` wraps each route of an application in its check and
refuses to start when one declares nothing: forgetting a line closes the door instead of leaving it open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute

from api.asgi import App, Connection, Receive, Send
from api.errors import problem
from api.security import SAFE_METHODS
from geoservice.errors import ConfigError
from geoservice.service import Actor, Role, Scope, Service, acting

COOKIE = "gs_session"
_LOCAL = Actor("local", Role.ADMIN, "local")
_Marked = TypeVar("_Marked")
_UNAUTHORISED = "Send a valid key in the header Authorization: Bearer KEY, or log in."


def needs(scope: Scope) -> Callable[[_Marked], _Marked]:
    """Declare what a route is about; write it under the route's decorator (or around a mounted application)."""

    def mark(endpoint: _Marked) -> _Marked:
        endpoint.needed_scope = scope  # type: ignore[attr-defined]
        return endpoint

    return mark


def scope_of(route: BaseRoute) -> Scope | None:
    """What a route declared, None if nothing."""
    for marked in (getattr(route, "endpoint", None), getattr(route, "app", None)):
        if isinstance(marked, Guarded):
            return marked.needed
        found = getattr(marked, "needed_scope", None)
        if found is not None:
            return Scope(found)
    return None


def guard(app: FastAPI, routes: Iterable[BaseRoute]) -> None:
    """Give ``app`` these routes, each behind its check.

    Raises
    ------
    ConfigError
        A route declares no scope.
    """
    for route in [*app.router.routes, *routes]:
        if scope_of(route) is None:
            raise ConfigError(
                f"route {getattr(route, 'path', route)} declares no scope; write @needs(Scope.…) under its decorator"
            )
    app.router.routes[:] = [_guarded(route) for route in [*app.router.routes, *routes]]
    # What is not there is not there for people we know; strangers learn nothing about paths.
    app.router.default = Guarded(app.router.default, Scope.RESULTS)  # type: ignore[method-assign]


def _guarded(route: BaseRoute) -> BaseRoute:
    # A copy: routes of modules are shared by every application of the process.
    mine: Any = copy(route)
    needed = scope_of(route)
    assert needed is not None  # noqa: S101 - checked by the caller
    mine.app = Guarded(mine.app, needed)
    return mine  # type: ignore[no-any-return]


class Guarded:
    """One route's ASGI application behind the check of its scope."""

    def __init__(self, app: App, needed: Scope) -> None:
        self._app = app
        self.needed = needed

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        """Let in who may, say no to the others."""
        if connection["type"] != "http":
            return
        headers = Headers(scope=connection)  # type: ignore[arg-type]
        actor = await who(connection, headers)
        refusal = self._refusal(connection, headers, actor)
        if refusal is not None:
            await _note_refusal(connection, actor, self.needed)
            await refusal(connection, receive, send)
            return
        known = actor or Actor("anonymous", None, "none", _address(connection))
        connection.setdefault("state", {})["actor"] = known
        with acting(known):
            await self._app(connection, receive, send)

    def _refusal(self, connection: Connection, headers: Headers, actor: Actor | None) -> Any:
        if self.needed is Scope.PUBLIC:
            return None
        if actor is None:
            return _stranger(connection, headers)
        if actor.via == "session" and connection["method"] not in SAFE_METHODS and not _from_browser(headers):
            return problem(403, "Cross-site request", "Requests that change something must come from our own pages.")
        if self.needed in actor.scopes:
            return None
        if _wants_page(connection, headers):
            return RedirectResponse(f"/login?refused={quote(connection['path'], safe='')}", 303)
        return problem(403, "Not allowed", f"The role {actor.role} may not do this.", code="not-allowed")


async def who(connection: Connection, headers: Headers) -> Actor | None:
    """Who asks, with no more scopes than the deployment shows anybody."""
    actor = await _who(connection, headers)
    if actor is None or not connection["app"].state.settings.discreet:
        return actor
    return replace(actor, discreet=True)


async def _who(connection: Connection, headers: Headers) -> Actor | None:
    """By key, by session, or nobody in particular where no log-in is demanded."""
    app = connection["app"]
    if app.state.settings.open:
        return _LOCAL
    address, service = _address(connection), app.state.service
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            return None
        if app.state.environment_key.matches(key.strip()):
            return Actor("key:environment", Role.ADMIN, "key", address)
        return await run_in_threadpool(_of_key, service, key.strip(), address)
    token = session_token(headers)
    return None if token is None else await run_in_threadpool(_of_session, service, token, address)


def _of_key(service: Service, key: str, address: str) -> Actor | None:
    return service.office.access.of_key(key, address)


def _of_session(service: Service, token: str, address: str) -> Actor | None:
    return service.office.access.of_session(token, address)


def session_token(headers: Headers) -> str | None:
    """The session cookie's value."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return found.value if found is not None and 0 < len(found.value) <= 100 else None


def _stranger(connection: Connection, headers: Headers) -> Any:
    if _wants_page(connection, headers):
        query = connection["query_string"].decode("latin-1")
        wanted = f"{connection['path']}?{query}" if query else connection["path"]
        return RedirectResponse(f"/login?next={quote(wanted[:500], safe='')}", 303)
    answer = problem(401, "Key needed", _UNAUTHORISED, code="unauthenticated")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _wants_page(connection: Connection, headers: Headers) -> bool:
    return connection["method"] == "GET" and "text/html" in headers.get("accept", "")


def _from_browser(headers: Headers) -> bool:
    """A browser says where a change comes from; that it is our own pages the doors have checked already."""
    return "sec-fetch-site" in headers or "origin" in headers


async def _note_refusal(connection: Connection, actor: Actor | None, needed: Scope) -> None:
    """Known people at doors that are not theirs are worth an entry; strangers only fill the log."""
    if actor is None:
        return
    service: Service = connection["app"].state.service
    template = getattr(connection.get("route"), "path", None)
    with acting(actor):
        await run_in_threadpool(service.office.audit.record, "refused", None, needed=str(needed), route=template)


def _address(connection: Connection) -> str:
    client = connection.get("client")
    return str(client[0]) if client else "unknown"


__all__ = ["COOKIE", "Guarded", "guard", "needs", "scope_of", "session_token", "who"]
