"""The table of routes and roles, made from the application: ``python -m api.role_table`` writes it into the docs."""

from __future__ import annotations

import sys
from pathlib import Path

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount

from api.guard import scope_of
from geoservice.service import SCOPES, Role, Scope

DOCUMENT = Path(__file__).parents[1] / "docs" / "api.md"
BEGIN, END = "<!-- roles: begin -->", "<!-- roles: end -->"


def rows(app: FastAPI) -> list[tuple[str, str, Scope]]:
    """Method, path and scope of every route, mounts with the method ``GET``."""
    found = [
        (method, _path(route), scope)
        for route in app.router.routes
        if (scope := scope_of(route)) is not None
        for method in sorted(getattr(route, "methods", None) or {"GET"})
    ]
    return sorted(set(found), key=lambda row: (row[1], row[0]))


def allowed(role: Role | None, scope: Scope) -> bool:
    """Whether a role (None: a stranger) may use routes of a scope."""
    return scope is Scope.PUBLIC or (role is not None and scope in SCOPES[role])


def markdown(app: FastAPI) -> str:
    """The table as Markdown; the same rows for paths under ``/ogc`` are one."""
    heads = ["stranger", *Role]
    lines = [f"| route | scope | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    told = set()
    for method, path, scope in rows(app):
        shown = "/ogc/…" if path.startswith("/ogc") else path
        if (method, shown) not in told:
            told.add((method, shown))
            marks = " | ".join("✓" if allowed(role, scope) else "–" for role in (None, *Role))
            lines.append(f"| `{method} {shown}` | {scope} | {marks} |")
    return "\n".join(lines)


def written(document: str, table: str) -> str:
    """``document`` with the table between its marks."""
    head, _, rest = document.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"


def _path(route: BaseRoute) -> str:
    path = str(getattr(route, "path", ""))
    return f"{path}/…" if isinstance(route, Mount) else path


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    from api.main import create_app
    from api.settings import Settings

    with TemporaryDirectory() as folder:
        table = markdown(create_app(Settings(database=f"sqlite:///{folder}/none.db")))
    DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8"), table), "utf-8")
    sys.stdout.write(table + "\n")
