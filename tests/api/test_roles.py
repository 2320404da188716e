"""Every route with every role: the written table, the application and the answers agree."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from api import role_table
from api.guard import guard, needs
from api.main import create_app
from api.settings import Settings
from geoservice.errors import ConfigError
from geoservice.service import Role, Scope
from tests.api.people import Town, closed

# The rule in words, apart from the code: who may use routes of which scope.
RULE = {
    Scope.PUBLIC: {None, Role.HANDLER, Role.ENGINEER, Role.PLANNER, Role.ADMIN},
    Scope.RESULTS: {Role.HANDLER, Role.ENGINEER, Role.PLANNER, Role.ADMIN},
    Scope.DOCS: {Role.HANDLER, Role.ENGINEER, Role.PLANNER, Role.ADMIN},
    Scope.DESK: {Role.HANDLER, Role.ENGINEER, Role.ADMIN},
    Scope.COMPLAINTS: {Role.HANDLER, Role.ENGINEER, Role.ADMIN},
    Scope.IMPORT: {Role.ENGINEER, Role.ADMIN},
    Scope.RUN: {Role.ENGINEER, Role.ADMIN},
    Scope.JOBS: {Role.ENGINEER, Role.ADMIN},
    Scope.PLAN: {Role.ENGINEER, Role.PLANNER, Role.ADMIN},
    Scope.METRICS: {Role.ENGINEER, Role.ADMIN},
    Scope.AUDIT: {Role.ADMIN},
}
EVERYONE: tuple[Role | None, ...] = (None, *Role)


@pytest.fixture(scope="module")
def town(settings: Settings) -> Iterator[Town]:
    with closed(settings, rate_per_s=0.0) as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking may queue a job; nobody has to do it."""
    idle: Any = SimpleNamespace(poll=lambda: None)
    monkeypatch.setattr("geoservice.service.jobs.launch", lambda environment: idle)


def test_48_every_cell_of_the_table(town: Town) -> None:
    wrong = []
    routes = role_table.rows(town.client.app)
    assert len(routes) > 60
    for method, path, scope in routes:
        for role in EVERYONE:
            answer = town.client.request(
                method, filled(path), headers=town.headers(role), params=QUERY, follow_redirects=False
            )
            told = answer.json().get("code") if "problem+json" in answer.headers.get("content-type", "") else None
            refused = answer.status_code == 401 or (answer.status_code == 403 and told == "not-allowed")
            # A wrong password is a 401 of its own.
            refused = refused and path != "/login"
            if refused == (role in RULE[scope]) or (refused and (answer.status_code == 401) != (role is None)):
                wrong.append((method, path, str(scope), role, answer.status_code, told))
    assert wrong == []


# Enough for most routes to get past their parameters.
QUERY = {"bbox": "117.5,29.5,119,31", "q": "30.2,117.9", "lat": "30.2", "lon": "117.9", "budget": "5"}


def filled(path: str) -> str:
    """A path with something in the place of its parameters."""
    names = {"{what}": "hotspots", "{table}": "cells", "{…}": ""}
    for name, value in names.items():
        path = path.replace(name, value)
    while "{" in path:
        path = path[: path.index("{")] + "none" + path[path.index("}") + 1 :]
    return path.replace("/…", "/app.css")


def test_the_rule_is_what_the_roles_say(town: Town) -> None:
    for scope in Scope:
        assert {role for role in EVERYONE if role_table.allowed(role, scope)} == RULE[scope]


def test_the_written_table_is_the_applications(town: Town) -> None:
    document = role_table.DOCUMENT.read_text("utf-8")
    assert role_table.written(document, role_table.markdown(town.client.app)) == document, "python -m api.role_table"


def test_a_route_without_a_scope_keeps_the_application_from_starting() -> None:
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> None: ...

    with pytest.raises(ConfigError, match="/forgotten declares no scope"):
        guard(FastAPI(openapi_url=None, docs_url=None, redoc_url=None), router.routes)


def test_the_frameworks_own_routes_are_refused_too() -> None:
    with pytest.raises(ConfigError, match="declares no scope"):
        guard(FastAPI(), [])


def test_an_included_router_cannot_bring_routes_past_the_check() -> None:
    router = APIRouter()

    @router.get("/late")
    @needs(Scope.PUBLIC)
    def late() -> None: ...

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    with pytest.raises(ConfigError, match="declares no scope"):
        guard(app, [])


def test_unknown_paths_tell_strangers_nothing(town: Town) -> None:
    assert town.client.get("/v1/nothing").status_code == 401
    assert town.client.get("/v1/nothing", headers=town.headers(Role.PLANNER)).status_code == 404


def test_locally_everything_is_open(settings: Settings) -> None:
    from fastapi.testclient import TestClient

    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        me = client.get("/v1/me").json()
    assert me["local"] is True
    assert me["role"] == "admin"
    assert set(me["scopes"]) == set(Scope)


def test_a_refusal_of_someone_known_is_on_record(town: Town) -> None:
    town.client.get("/v1/audit", headers=town.headers(Role.PLANNER))
    newest = town.client.get("/v1/audit?action=refused&limit=1", headers=town.headers(Role.ADMIN)).json()[0]
    assert newest["actor"] == "key:test planner"
    assert newest["detail"] == {"needed": "audit", "route": "/v1/audit"}
