"""What the worker process does: take a job, do it, say how far it is, stop when asked; then the next one."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from geoservice.errors import Cancelled, GeoserviceError
from geoservice.pipeline import AnalyseOptions
from geoservice.records import ImportOptions
from geoservice.service.actor import Actor, acting
from geoservice.service.roles import Role
from geoservice.store.jobs import Job, JobRows

if TYPE_CHECKING:
    from geoservice.service.service import Service

log = logging.getLogger(__name__)

_BEAT_S = 1.0
_LOOK_S = 0.3
# Compiled code looks up only between its steps; who waits longer than this for an end gets a harder one.
_GRACE_S = 20.0
EXIT_CANCELLED = 4


def work(service: Service, rows: JobRows, linger_s: float = 0.0) -> int:
    """Do every waiting job, one after the other, and look out for more for a while; how many were done."""
    done, last = 0, monotonic()
    while True:
        job = rows.claim()
        if job is None:
            if monotonic() - last >= linger_s:
                return done
            sleep(_LOOK_S)
            continue
        with acting(Actor(job.actor, Role(job.role) if job.role else None, "job")):
            _carry_out(service, rows, job)
        service.jobs.settle(rows.job(job.job_id))
        done, last = done + 1, monotonic()


def _carry_out(service: Service, rows: JobRows, job: Job) -> None:
    pulse = _Pulse(rows, job)
    pulse.start()
    try:
        result = _KINDS[job.kind](service, job, pulse.report)
    except Cancelled:
        rows.finish(job.job_id, "cancelled")
    except GeoserviceError as error:
        rows.finish(job.job_id, "failed", error=problem_of(error))
    except Exception as error:
        # Its text may carry personal data: only its kind is kept.
        rows.finish(
            job.job_id, "failed", error={"code": "internal", "message": f"internal error: {type(error).__name__}"}
        )
    else:
        rows.finish(job.job_id, "done", result)
    finally:
        pulse.stop()


def problem_of(error: GeoserviceError) -> dict[str, Any]:
    """An error as it is kept with a job: its kind, so that the server can answer with the right status."""
    return {"kind": type(error).__name__, "code": error.code, "message": error.message, "field": error.field}


def _import(service: Service, job: Job, report: Callable[[float, str], None]) -> dict[str, Any]:
    request = job.request
    options = ImportOptions(**request["options"])
    path = Path(request["path"])
    try:
        found = asdict(service.import_file(request["table"], path, options, report))
    except GeoserviceError as error:
        # Who sent the file knows it by its own name, not by the one it has while it waits here.
        error.message = error.message.replace(path.name, request["file"], 1)
        raise
    rejects = found["rejects_file"]
    return {**found, "file": request["file"], "rejects_file": Path(rejects).name if rejects else None}


def _run(service: Service, job: Job, report: Callable[[float, str], None]) -> dict[str, Any]:
    run_id = job.request["run_id"]
    run = service.analyse(_options(job.request["options"]), progress=report, run_id=run_id)
    told = ("run_id", "complaints", "customers", "hotspots", "seconds")
    return {name: getattr(run, name) for name in told}


_KINDS: dict[str, Callable[[Any, Job, Callable[[float, str], None]], dict[str, Any]]] = {"import": _import, "run": _run}


def _options(given: dict[str, Any]) -> AnalyseOptions:
    known = {field.name for field in fields(AnalyseOptions)}
    values = {name: value for name, value in given.items() if name in known} | {"class_group": given.get("class")}
    for name in ("since", "until"):
        if isinstance(values.get(name), str):
            values[name] = datetime.fromisoformat(values[name])
    return AnalyseOptions(**values)


class _Pulse:
    """Tells the queue every second how far a job is, and hears whether it should end."""

    def __init__(self, rows: JobRows, job: Job) -> None:
        self._rows, self._job = rows, job
        self._share, self._doing = 0.0, "starting"
        self._cancelled, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """The job is over."""
        self._over.set()

    def report(self, share: float, what: str) -> None:
        """Called by the work itself, in its own thread: that is where it can end cleanly."""
        self._share, self._doing = share, what or self._doing
        if self._cancelled.is_set():
            raise Cancelled("cancelled")

    def _beat(self) -> None:
        patience, silent = _GRACE_S, False
        while not self._over.wait(_BEAT_S):
            try:
                if self._rows.beat(self._job.job_id, self._share, self._doing):
                    self._cancelled.set()
                silent = False
            except Exception as error:  # one beat may fail, the next one tells; its text may carry data
                if not silent:
                    log.warning("progress of job %s cannot be told (%s)", self._job.job_id, type(error).__name__)
                silent = True
                continue
            if self._cancelled.is_set():
                patience -= _BEAT_S
                if patience <= 0 and not self._over.is_set():
                    # Nothing is half-stored: imports and runs become visible in one transaction.
                    self._rows.finish(self._job.job_id, "cancelled")
                    os._exit(EXIT_CANCELLED)
