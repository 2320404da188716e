"""The queue of jobs as rows: one runs at a time, the others wait; a job whose worker died is seen and tried again."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from geoservice.errors import NotFound, StateError
from geoservice.store.database import Database
from geoservice.store.times import from_us, to_us

MOST_WAITING = 20
MOST_ATTEMPTS = 2
QUEUE_FULL = "queue-full"
# A worker on another machine that has not been heard of for so long is taken for dead.
SILENT = timedelta(seconds=60)
KEPT = timedelta(days=30)
UNFINISHED = ("queued", "running")
_PLAIN = ("job_id", "kind", "state", "actor", "role", "attempts", "worker", "cancelled_by")
_DIED = "the worker process ended without a word (killed, or out of memory)"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work: ``state`` is queued, running, done, failed or cancelled; ``share`` 0–1."""

    job_id: str
    kind: str
    state: str
    actor: str
    role: str
    request: dict[str, Any]
    created_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    share: float
    doing: str
    attempts: int
    worker: str | None
    cancelled_by: str | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


class JobRows:
    """Reads and writes of the queue."""

    def __init__(self, registry: Database) -> None:
        self._registry = registry
        self._table = registry.metadata.tables["jobs"]

    def add(self, kind: str, request: dict[str, Any], actor: str, role: str, job_id: str | None = None) -> str:
        """Enter a job; its id.

        Raises
        ------
        StateError
            Too many are waiting (code ``queue-full``).
        """
        job_id, now = job_id or new_id(), datetime.now(UTC)
        row = {
            "job_id": job_id, "kind": kind, "state": "queued", "actor": actor, "role": role, "request": _dump(request),
            "created_at": to_us(now), "share": 0.0, "doing": "queued", "attempts": 0,
        }  # fmt: skip
        with self._registry.writing() as connection:
            waiting = sa.select(sa.func.count()).where(self._table.c.state == "queued")
            if int(connection.execute(waiting).scalar_one()) >= MOST_WAITING:
                raise StateError(f"{MOST_WAITING} jobs are waiting; try again when some are done", code=QUEUE_FULL)
            connection.execute(self._table.delete().where(self._table.c.finished_at < to_us(now - KEPT)))
            connection.execute(self._table.insert().values(**row))
        return job_id

    def job(self, job_id: str) -> Job:
        """One job.

        Raises
        ------
        NotFound
            There is no job of that id.
        """
        with self._registry.reading() as connection:
            query = sa.select(self._table).where(self._table.c.job_id == job_id)
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound("there is no such job", field="job_id")
        return _job(row)

    def jobs(self, limit: int = 100, states: Iterable[str] | None = None) -> list[Job]:
        """Jobs, newest first."""
        query = sa.select(self._table).order_by(self._table.c.created_at.desc()).limit(limit)
        if states is not None:
            query = query.where(self._table.c.state.in_(list(states)))
        with self._registry.reading() as connection:
            return [_job(row) for row in connection.execute(query).mappings()]

    def claim(self) -> Job | None:
        """The oldest waiting job, now ours; None when none waits or another one runs."""
        table, now = self._table, to_us(datetime.now(UTC))
        with self._registry.writing() as connection:
            self._alone(connection)
            if connection.execute(sa.select(table.c.job_id).where(table.c.state == "running").limit(1)).first():
                return None
            oldest = sa.select(table).where(table.c.state == "queued").order_by(table.c.created_at).limit(1)
            row = connection.execute(oldest).mappings().first()
            if row is None:
                return None
            values = {
                "state": "running", "doing": "starting", "worker": identity(), "heard_at": now, "share": 0.0,
                "attempts": row["attempts"] + 1, "started_at": now,
            }  # fmt: skip
            connection.execute(table.update().where(table.c.job_id == row["job_id"]).values(**values))
        return self.job(row["job_id"])

    def beat(self, job_id: str, share: float, doing: str) -> bool:
        """Say how far a running job is; whether someone wants it cancelled (or it is no longer ours)."""
        mine = (self._table.c.job_id == job_id, self._table.c.worker == identity(), self._table.c.state == "running")
        values = {"share": share, "doing": doing[:200], "heard_at": to_us(datetime.now(UTC))}
        with self._registry.writing() as connection:
            connection.execute(self._table.update().where(*mine).values(**values))
            row = connection.execute(sa.select(self._table.c.cancelled_by).where(*mine)).first()
        return row is None or row[0] is not None

    def finish(
        self, job_id: str, state: str, result: dict[str, Any] | None = None, error: dict[str, Any] | None = None
    ) -> None:
        """Enter what became of a job, once."""
        values = {
            "state": state, "doing": state, "finished_at": to_us(datetime.now(UTC)),
            "result": None if result is None else _dump(result), "error": None if error is None else _dump(error),
        }  # fmt: skip
        if state == "done":
            values["share"] = 1.0
        unfinished = (self._table.c.job_id == job_id, self._table.c.state.in_(UNFINISHED))
        with self._registry.writing() as connection:
            connection.execute(self._table.update().where(*unfinished).values(**values))

    def cancel(self, job_id: str, by: str) -> Job:
        """Ask for a job to be cancelled: at once when it waits, at its next step when it runs.

        Raises
        ------
        StateError
            It is over already.
        """
        table, now = self._table, to_us(datetime.now(UTC))
        mine = table.c.job_id == job_id
        with self._registry.writing() as connection:
            waiting = {"state": "cancelled", "doing": "cancelled", "cancelled_by": by, "finished_at": now}
            done = connection.execute(table.update().where(mine, table.c.state == "queued").values(**waiting)).rowcount
            asked = {"cancelled_by": by, "doing": "cancelling"}
            done += connection.execute(table.update().where(mine, table.c.state == "running").values(**asked)).rowcount
        job = self.job(job_id)
        if not done:
            raise StateError(f"the job is {job.state} already", field="job_id")
        return job

    def reap(self) -> list[Job]:
        """Find running jobs whose worker is dead: back into the queue, or failed (or cancelled, if that was asked).

        Returns
        -------
        list of Job
            Those that are over now.
        """
        over = []
        for job in self.jobs(states=["running"]):
            if self._alive(job):
                continue
            if job.cancelled_by is not None:
                self.finish(job.job_id, "cancelled")
            elif job.attempts >= MOST_ATTEMPTS:
                self.finish(job.job_id, "failed", error={"code": "worker-died", "message": f"{_DIED}, twice"})
            else:
                self._requeue(job)
                continue
            over.append(self.job(job.job_id))
        return over

    def _requeue(self, job: Job) -> None:
        table = self._table
        same = (table.c.job_id == job.job_id, table.c.state == "running", table.c.worker == job.worker)
        with self._registry.writing() as connection:
            again = {"state": "queued", "doing": f"{_DIED}; waiting for another try", "worker": None}
            connection.execute(table.update().where(*same).values(**again))

    def _alive(self, job: Job) -> bool:
        with self._registry.reading() as connection:
            query = sa.select(self._table.c.heard_at).where(self._table.c.job_id == job.job_id)
            heard = from_us(connection.execute(query).scalar())
        return worker_lives(job.worker, heard)

    def _alone(self, connection: sa.Connection) -> None:
        """On PostgreSQL two workers must not claim at the same time; SQLite has one writer anyway."""
        if not self._registry.is_sqlite:
            connection.exec_driver_sql("LOCK TABLE jobs IN EXCLUSIVE MODE")


def new_id() -> str:
    """An id nobody can guess, sorting by time."""
    return f"J{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:12]}"


@cache
def identity() -> str:
    """This process among all machines and times: a process number alone is used again."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"


def worker_lives(worker: str | None, heard: datetime | None) -> bool:
    """Whether the process behind an identity is there: looked up on this machine, by its silence elsewhere."""
    host, _, rest = (worker or "").partition(" ")
    number, _, started = rest.partition(" ")
    if host == socket.gethostname() and number.isdigit():
        return _started(int(number)) == started
    return heard is not None and datetime.now(UTC) - heard < SILENT


def _started(pid: int) -> str:
    """When a process began, in clock ticks since boot; empty when there is none (or it is only a corpse)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _exists(pid)
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _exists(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "there"
    return "there"


def _dump(value: dict[str, Any]) -> str:
    return orjson.dumps(value, default=str).decode()


def _job(row: sa.RowMapping) -> Job:
    plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
    for name in ("created_at", "started_at", "finished_at"):
        plain[name] = from_us(row[name])
    for name in ("request", "result", "error"):
        plain[name] = None if row[name] is None else orjson.loads(row[name])
    return Job(**plain, share=row["share"] or 0.0, doing=row["doing"] or "")
