"""Long work: what waits, runs and is done; and how to stop it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.answers import Json
from api.deps import InChinese, ServiceDep
from api.guard import needs
from api.translation import translated
from geoservice.service import Job, Scope, steps

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.get("")
@needs(Scope.JOBS)
def jobs(service: ServiceDep, chinese: InChinese, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
    """Jobs of the last 30 days, newest first."""
    return Json([job_answer(job, chinese) for job in service.jobs.jobs(limit)])


@router.get("/{job_id}", responses={404: {}})
@needs(Scope.JOBS)
def job(job_id: str, service: ServiceDep, chinese: InChinese) -> Response:
    """One job: ``state`` queued, running, done, failed or cancelled; ``share`` 0–1; result or error at the end.

    ``step`` says by code what it is doing, ``doing`` in the caller's language.
    """
    return Json(job_answer(service.jobs.job(job_id), chinese))


@router.delete("/{job_id}", status_code=202, responses={404: {}, 409: {"description": "Over already, or not yours"}})
@needs(Scope.JOBS)
def cancel(job_id: str, service: ServiceDep, chinese: InChinese) -> Response:
    """Cancel a job: at once when it waits, within seconds when it runs. Nothing of it is kept."""
    cancelled = service.jobs.cancel(job_id)
    service.office.audit.record("job.cancel", job_id, kind=cancelled.kind)
    return Json(job_answer(cancelled, chinese), 202)


def job_answer(job: Job, chinese: bool = False) -> dict[str, Any]:
    """A job as callers see it: without paths of ours; why it failed in the language of problems."""
    request = {key: value for key, value in job.request.items() if key != "path"}
    step, doing = steps.told(job.doing, "zh" if chinese else "en")
    return {
        "id": job.job_id,
        "kind": job.kind,
        "state": job.state,
        "share": round(job.share, 4),
        "step": step,
        "doing": doing or "",
        "by": job.actor,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "attempts": job.attempts,
        "request": request,
        "run": job.request.get("run_id"),
        "result": job.result,
        "error": None if job.error is None else _error(job.error, chinese),
    }


def _error(error: dict[str, Any], chinese: bool) -> dict[str, Any]:
    told = {key: error.get(key) for key in ("code", "message", "field")}
    return {**told, "message": translated(str(told["message"]))} if chinese and told["message"] else told
