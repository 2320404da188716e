"""Is it alive, is it ready, what does it hold."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers import Json
from api.deps import ServiceDep
from api.errors import problem
from api.guard import needs
from geoservice.service import Scope

router = APIRouter(tags=["health"])


@router.get("/healthz")
@needs(Scope.PUBLIC)
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {}})
@needs(Scope.PUBLIC)
def ready(service: ServiceDep) -> Response:
    """The database answers and a result can be shown; ``warm`` when nothing is left to be loaded behind it."""
    if service.store.current_run() is None:
        return problem(503, "Not ready", "Nothing has been analysed yet.")
    return Json({"status": "ok", "warm": service.is_warm})


@router.get("/v1/status")
@needs(Scope.RESULTS)
def status(service: ServiceDep) -> Response:
    """Rows per table, data version, current run, the moment answers speak of."""
    return Json(service.status())
