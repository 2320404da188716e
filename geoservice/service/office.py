"""What stands beside the data: who may come in, and the log of what they did. Opened at first use."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from geoservice.service.access import Access
from geoservice.service.audit import Audit
from geoservice.service.jobs import Jobs
from geoservice.store import Store
from geoservice.store.database import Database
from geoservice.store.jobs import JobRows
from geoservice.store.people import People
from geoservice.store.registry import open_registry


class Office:
    """Access, audit and jobs of one deployment; commands that only look at results never open its registry.

    ``thresholds`` is the file a worker process reads its thresholds from, if not the default ones.
    """

    def __init__(self, store: Store, folder: Path, timezone: str) -> None:
        self._store = store
        self._folder = folder
        self._timezone = timezone
        self.thresholds: Path | None = None
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

    @cached_property
    def job_rows(self) -> JobRows:
        """The queue as rows."""
        return JobRows(self.registry)

    @cached_property
    def jobs(self) -> Jobs:
        """Long work in a process of its own."""
        return Jobs(self.job_rows, self._store, self._folder, self._environment)

    def _environment(self) -> dict[str, str]:
        found = {
            "GEOSERVICE_DATABASE_URL": self._store.database.url.render_as_string(hide_password=False),
            "GEOSERVICE_FOLDER": str(self._folder.resolve()),
            "GEOSERVICE_TIMEZONE": self._timezone,
        }
        return found if self.thresholds is None else {**found, "GEOSERVICE_THRESHOLDS": str(self.thresholds.resolve())}

    def close(self) -> None:
        """Release the registry, if it was opened."""
        if "jobs" in self.__dict__:
            self.jobs.close()
        if self._opened is not None:
            self._opened.close()
