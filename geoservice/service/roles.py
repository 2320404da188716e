"""Who may do what: four roles, and the scopes that routes and commands ask for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from geoservice.errors import InputError


class Role(StrEnum):
    """What someone is here for."""

    HANDLER = "handler"  # 投诉处理: takes complaints, sees the customer in front of them
    ENGINEER = "engineer"  # 网优: imports, analyses, sees the complaints behind a hotspot
    PLANNER = "planner"  # 规划建设: results and requests; never a customer, an exact point or a text
    ADMIN = "admin"


class Scope(StrEnum):
    """What a route is about."""

    PUBLIC = "public"  # anyone: is it alive, the way in, scripts and styles
    RESULTS = "results"  # maps, hotspots, hexes, cells, actions, requests
    DESK = "desk"  # look-up with exact counts, recording, a customer's earlier tickets
    COMPLAINTS = "complaints"  # a stored complaint: text and exact point
    IMPORT = "import"
    RUN = "run"
    JOBS = "jobs"  # watch jobs; everyone cancels their own, an admin all
    PLAN = "plan"  # what-if, decisions on requests
    METRICS = "metrics"
    DOCS = "docs"
    AUDIT = "audit"


_EVERYONE = frozenset({Scope.PUBLIC, Scope.RESULTS, Scope.DOCS})
SCOPES: Mapping[Role, frozenset[Scope]] = MappingProxyType(
    {
        Role.HANDLER: _EVERYONE | {Scope.DESK, Scope.COMPLAINTS},
        Role.ENGINEER: _EVERYONE
        | {Scope.DESK, Scope.COMPLAINTS, Scope.IMPORT, Scope.RUN, Scope.JOBS, Scope.PLAN, Scope.METRICS},
        Role.PLANNER: _EVERYONE | {Scope.PLAN},
        Role.ADMIN: frozenset(Scope),
    }
)
# Scopes under which single customers can be seen or found out: small counts are shown, and reads are recorded.
PERSONAL = frozenset({Scope.DESK, Scope.COMPLAINTS})


def role_of(name: str) -> Role:
    """The role called ``name``.

    Raises
    ------
    InputError
        There is none.
    """
    try:
        return Role(name)
    except ValueError:
        raise InputError(f"there is no role {name[:20]!r}; use one of {', '.join(Role)}", field="role") from None
