"""What stands beside the data: who may come in, and the log of what they did. Opened at first use."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from geoservice.service.access import Access
from geoservice.service.audit import Audit
from geoservice.store import Store
from geoservice.store.database import Database
from geoservice.store.people import People
from geoservice.store.registry import open_registry


class Office:
    """Access and audit of one deployment; commands that only look at results never open its registry."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._opened: Database | None = None

    @cached_property
    def registry(self) -> Database:
        """The database of people, log and jobs."""
        self._opened = open_registry(self._store.database)
        return self._opened

    @cached_property
    def access(self) -> Access:
        """Users, sessions, keys."""
        return Access(People(self.registry))

    @cached_property
    def audit(self) -> Audit:
        """The audit log."""
        return Audit(self.registry, self._folder)

    def close(self) -> None:
        """Release the registry, if it was opened."""
        if self._opened is not None:
            self._opened.close()
