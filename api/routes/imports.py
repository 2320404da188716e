"""Files coming in: streamed to disk, imported by the worker process, answered when that is done or as a job."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from api.answers import Json
from api.deps import ServiceDep
from api.errors import problem, status_of_kind, title_of
from api.guard import needs
from api.routes.jobs import job_answer
from geoservice.records import ImportOptions
from geoservice.service import Job, Scope, Service, masked

router = APIRouter(prefix="/v1", tags=["imports"])

_WAIT_S, _LONGEST_WAIT_S = 30.0, 120.0
_LOOK_EVERY_S = 0.25
_CHUNK = 1 << 20
_RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {"description": "Under way: ask for the job"},
    409: {},
    413: {},
    415: {},
    422: {},
    507: {},
}

Prefer = Annotated[str | None, Header(max_length=200, description="respond-async, or wait=SECONDS (RFC 7240)")]
DatumField = Annotated[str | None, Form(max_length=10)]
Strict = Annotated[bool, Form()]


@router.post("/complaints/import", responses=_RESPONSES)
@needs(Scope.IMPORT)
async def import_complaints(
    file: UploadFile, service: ServiceDep, datum: DatumField = None, strict: Strict = False, prefer: Prefer = None
) -> Response:
    """Take a file of complaints (CSV, TSV, XLSX, JSON lines, GeoJSON, Parquet).

    The worker process imports it. Done within half a minute, the answer is the report; otherwise 202 and the job.
    """
    return await _take(service, "complaints", file, datum, strict, prefer)


@router.post("/imports/{table}", responses=_RESPONSES)
@needs(Scope.IMPORT)
async def import_table(
    table: str,
    file: UploadFile,
    service: ServiceDep,
    datum: DatumField = None,
    strict: Strict = False,
    prefer: Prefer = None,
) -> Response:
    """The same for any table: cells, kpis, alarms, measurements, planned-sites, exposure, gazetteer, …"""
    return await _take(service, table, file, datum, strict, prefer)


async def _take(
    service: Service, table: str, file: UploadFile, datum: str | None, strict: bool, prefer: str | None
) -> Response:
    job = await run_in_threadpool(_enter, service, table, file, datum, strict)
    job = await _wait(service, job, _patience(prefer))
    headers = {"Location": f"/v1/jobs/{job.job_id}"}
    if job.state == "done":
        return Json(job.result, headers=headers)
    if job.state in {"failed", "cancelled"}:
        return _refused(job)
    return Json(job_answer(job), 202, headers=headers)


def _enter(service: Service, table: str, file: UploadFile, datum: str | None, strict: bool) -> Job:
    name = Path((file.filename or "upload.csv").replace("\\", "/")).name
    job_id, path = service.jobs.place_for(Path(name).suffix)
    try:
        with path.open("wb") as target:
            path.chmod(0o600)
            shutil.copyfileobj(file.file, target, _CHUNK)
        options = ImportOptions(crs=datum, timezone=str(service.config.timezone), strict=strict)
        job = service.jobs.enter_import(job_id, table, path, masked(name)[:120], options)
    except BaseException:
        service.jobs.discard(job_id)
        raise
    service.office.audit.record("import.start", job.job_id, table=job.request["table"])
    return job


async def _wait(service: Service, job: Job, seconds: float) -> Job:
    until = time.monotonic() + seconds
    while job.state in {"queued", "running"} and time.monotonic() < until:
        await asyncio.sleep(_LOOK_EVERY_S)
        job = await run_in_threadpool(service.jobs.job, job.job_id)
    return job


def _patience(prefer: str | None) -> float:
    if prefer is None:
        return _WAIT_S
    if re.search(r"\brespond-async\b", prefer):
        return 0.0
    found = re.search(r"\bwait\s*=\s*(\d{1,4})\b", prefer)
    return min(float(found[1]), _LONGEST_WAIT_S) if found else _WAIT_S


def _refused(job: Job) -> Response:
    error = job.error or {"kind": "StateError", "code": "cancelled", "message": "the import was cancelled"}
    status = status_of_kind(str(error.get("kind")), str(error.get("code")))
    return problem(status, title_of(status), error["message"], code=error["code"], field=error.get("field"))
