"""On whose behalf the present work is done: set at the edge, read where something is recorded."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from geoservice.service.roles import PERSONAL, SCOPES, Role, Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``via`` is local (no log-in), session, key or command, none for strangers; ``address`` is theirs.

    ``discreet``: the deployment shows nobody more of customers than a planner sees.
    """

    name: str
    role: Role | None
    via: str
    address: str | None = None
    discreet: bool = False

    @property
    def scopes(self) -> frozenset[Scope]:
        """What they may do."""
        mine = SCOPES[self.role] if self.role else frozenset({Scope.PUBLIC})
        return mine - PERSONAL if self.discreet else mine


_current: ContextVar[Actor | None] = ContextVar("geoservice_actor", default=None)


def current() -> Actor:
    """Who acts now; outside the web that is whoever runs the command."""
    return _current.get() or Actor(_login_name(), Role.ADMIN, "command")


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Everything inside happens on behalf of ``actor``."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
