"""Analyses: start one, watch it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from api.answers import Json
from api.bodies import StrictRoute
from api.deps import ServiceDep
from api.guard import needs
from api.schemas import RunIn
from geoservice.service import AnalyseOptions, Run, Scope

router = APIRouter(prefix="/v1/runs", tags=["runs"], route_class=StrictRoute)


@router.post("", status_code=202, responses={429: {"description": "Too many jobs are waiting"}})
@needs(Scope.RUN)
def start(service: ServiceDep, body: RunIn | None = None) -> Response:
    """Queue an analysis for the worker process; the former result is served until it is done.

    Analyses run one after the other. ``/v1/jobs`` shows and cancels them.
    """
    options = AnalyseOptions(**(body or RunIn()).model_dump())
    run = service.start_run(options)
    return Json(_answer(run), 202, headers={"Location": f"/v1/runs/{run.run_id}"})


@router.get("")
@needs(Scope.RESULTS)
def runs(service: ServiceDep) -> Response:
    """Runs, newest first."""
    return Json([_answer(run) for run in service.runs()])


@router.get("/{run_id}", responses={404: {}})
@needs(Scope.RESULTS)
def run(run_id: str, service: ServiceDep) -> Response:
    """One run with its progress (``share`` 0–1)."""
    return Json(_answer(service.run(run_id)))


def _answer(run: Run) -> dict[str, Any]:
    return {"id": run.run_id, **asdict(run)}
