"""Layers of the map besides hexes: time steps, alarms, measurements, planned sites."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import tagged
from api.deps import Group, RunQuery, ServiceDep, WindowDep
from api.guard import needs
from geoservice.service import Scope, layers

router = APIRouter(prefix="/v1", tags=["results"])


@router.get("/timeline")
@needs(Scope.RESULTS)
def timeline(request: Request, service: ServiceDep, class_group: Group = "all", run: RunQuery = None) -> Response:
    """Time steps of a run with their customers and contacts; periods of ``/v1/hexes`` begin and end on them."""
    return tagged(request, service.timeline(class_group, run))


@router.get("/alarms")
@needs(Scope.RESULTS)
def alarms(request: Request, service: ServiceDep, window: WindowDep) -> Response:
    """Alarms inside a window that are active now or were within the last seven days."""
    return tagged(request, layers.alarms(service.store, window, service.as_of()))


@router.get("/measurements")
@needs(Scope.RESULTS)
def measurements(
    request: Request,
    service: ServiceDep,
    window: WindowDep,
    zoom: Annotated[int, Query(ge=0, le=22)] = 12,
    run: RunQuery = None,
) -> Response:
    """Median measured level by small hex inside a window; never single samples."""
    return tagged(request, layers.measurements(service.store, service.view(run), window, zoom))


@router.get("/planned-sites")
@needs(Scope.RESULTS)
def planned_sites(request: Request, service: ServiceDep, window: WindowDep) -> Response:
    """Sites that are planned, approved or being built inside a window."""
    return tagged(request, layers.planned_sites(service.store, window))
