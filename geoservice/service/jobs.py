"""Long work in a process of its own: entered in the queue here, done by ``geoservice work`` (see ``worker``)."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from geoservice.errors import InputError, StateError
from geoservice.pipeline import AnalyseOptions, table_name
from geoservice.records import ImportOptions
from geoservice.service.actor import current
from geoservice.service.roles import Role
from geoservice.store import Run, Store
from geoservice.store.jobs import UNFINISHED, Job, JobRows, new_id
from geoservice.store.runs import new_run_id

log = logging.getLogger("geoservice.jobs")

SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".ndjson", ".geojson", ".json", ".parquet"})
_TEND_EVERY_S = 2.0
_SAY_EVERY_S = 60.0
# Secrets of the web server that a worker has no use for.
_NOT_HANDED_ON = ("GEOSERVICE_API_KEY",)


class Jobs:
    """The queue of one deployment, and the keeping alive of its worker.

    Parameters
    ----------
    rows : the queue's rows.
    store : where runs tell how they ended.
    folder : data folder; uploads wait in ``jobs/ID/`` under it.
    environment : what the worker needs to find the same deployment (database, folder, zone, thresholds).
    """

    def __init__(self, rows: JobRows, store: Store, folder: Path, environment: Callable[[], dict[str, str]]) -> None:
        self._rows = rows
        self._store = store
        self._folder = folder / "jobs"
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._silent_until = 0.0

    # --- entering ----------------------------------------------------------------------------

    def place_for(self, suffix: str) -> tuple[str, Path]:
        """A new job's id and where its upload goes; only the owner can read it.

        Raises
        ------
        InputError
            Files of that kind are not taken.
        """
        if suffix.lower() not in SUFFIXES:
            raise InputError("files of this kind are not taken; use CSV, XLSX, JSON or Parquet", field="file")
        job_id = new_id()
        folder = self._folder / job_id
        folder.mkdir(parents=True, mode=0o700)
        return job_id, folder / f"upload{suffix.lower()}"

    def discard(self, job_id: str) -> None:
        """Remove a job's upload."""
        shutil.rmtree(self._folder / job_id, ignore_errors=True)

    def enter_import(self, job_id: str, table: str, path: Path, name: str, options: ImportOptions) -> Job:
        """Queue the import of an upload that is complete on disk."""
        kept = {key: value for key, value in asdict(options).items() if value is not None and key != "mapping"}
        request = {"table": table_name(table), "path": str(path), "file": name, "options": kept}
        return self._enter("import", request, job_id)

    def enter_run(self, options: AnalyseOptions) -> Job:
        """Queue an analysis.

        Its run is entered among the data when the worker begins it: meanwhile an import may hold them.
        """
        return self._enter("run", {"run_id": new_run_id(), "options": options.as_dict()})

    def _enter(self, kind: str, request: dict[str, Any], job_id: str | None = None) -> Job:
        actor = current()
        entered = self._rows.add(kind, request, actor.name, actor.role or "", job_id)
        self.tend()
        return self._rows.job(entered)

    # --- watching ----------------------------------------------------------------------------

    def job(self, job_id: str) -> Job:
        """One job."""
        return self._rows.job(job_id)

    def jobs(self, limit: int = 100) -> list[Job]:
        """Jobs, newest first."""
        return self._rows.jobs(limit)

    def runs(self, limit: int = 100) -> list[Run]:
        """Analyses as their jobs know them, newest first: also those that have not begun."""
        return [_as_run(job) for job in self._rows.jobs(limit) if job.kind == "run"]

    def cancel(self, job_id: str) -> Job:
        """Cancel a job of one's own; an administrator cancels any.

        Raises
        ------
        StateError
            It is somebody else's, or over already.
        """
        actor, job = current(), self._rows.job(job_id)
        if actor.role is not Role.ADMIN and job.actor != actor.name:
            raise StateError("this job is somebody else's; an administrator can cancel it", code="not-yours")
        job = self._rows.cancel(job_id, actor.name)
        if job.state == "cancelled":
            self.settle(job)
        return job

    def settle(self, job: Job) -> None:
        """Clean up after a job that is over: its upload goes, its run (if it had begun) says how it ended."""
        self.discard(job.job_id)
        if job.kind == "run" and job.state in {"cancelled", "failed"} and job.attempts:
            message = None if job.error is None else job.error.get("message")
            self._store.update_run(job.request["run_id"], state=job.state, doing=job.state, error=message)

    # --- the worker --------------------------------------------------------------------------

    def tend(self) -> None:
        """Bury what died, and see to it that someone works while jobs wait."""
        for job in self._rows.reap():
            self.settle(job)
        unfinished = self._rows.jobs(states=UNFINISHED)
        waiting = any(job.state == "queued" for job in unfinished)
        running = any(job.state == "running" for job in unfinished)
        with self._lock:
            idle = self._child is None or self._child.poll() is not None
            if waiting and not running and idle:
                self._child = launch(self._environment())

    def keep(self) -> threading.Thread:
        """Tend in the background until :meth:`close`: also what an earlier server left behind."""
        self._stop.clear()
        keeper = threading.Thread(target=self._keep, name="jobs", daemon=True)
        keeper.start()
        return keeper

    def _keep(self) -> None:
        while True:
            self._tend_or_say()
            if self._stop.wait(_TEND_EVERY_S):
                return

    def _tend_or_say(self) -> None:
        """Tend; the database may be away for a while, but one that stays away must not look like a server without
        workers."""
        try:
            self.tend()
        except Exception as error:  # its text may carry data: only its kind is told
            now = monotonic()
            if now >= self._silent_until:
                log.warning("jobs cannot be looked after (%s); waiting ones do not begin", type(error).__name__)
                self._silent_until = now + _SAY_EVERY_S

    def close(self) -> None:
        """Stop tending; a worker finishes its queue without us."""
        self._stop.set()


def _as_run(job: Job) -> Run:
    started, why = job.started_at or job.created_at or datetime.now(UTC), (job.error or {}).get("message")
    return Run(
        run_id=job.request["run_id"], state=job.state, started_at=started, finished_at=job.finished_at,
        share=job.share, doing=job.doing, options=job.request["options"], data_version=0, complaints=0, customers=0,
        hotspots=0, seconds=0.0, notes=[], error=why,
    )  # fmt: skip


def launch(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start ``geoservice work`` apart from this process: it outlives a restart of the server.

    The database's address travels in the environment: arguments can be read by everyone on the machine.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    # Our own interpreter and our own words only: nothing a caller typed becomes part of a shell.
    return subprocess.Popen(
        [sys.executable, "-m", "geoservice.cli", "work"],
        env=inherited | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
