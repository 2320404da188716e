"""What is known about a place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.answers import Json
from api.deps import LanguageDep, ServiceDep, WindowDep
from api.guard import needs
from geoservice.service import Scope

router = APIRouter(prefix="/v1", tags=["places"])


@router.get("/locations/lookup")
@needs(Scope.RESULTS)
def lookup(
    service: ServiceDep,
    language: LanguageDep,
    q: Annotated[str, Query(min_length=1, max_length=300, description="Address, place, cell id or LAT,LON")],
) -> Response:
    """The answer card: verdict, outage, hotspot, coverage, complaints nearby, planned sites, what to say."""
    return Json(service.lookup(q, language))


@router.get("/locations/suggest")
@needs(Scope.RESULTS)
def suggest(service: ServiceDep, q: Annotated[str, Query(min_length=1, max_length=100)]) -> Response:
    """Places while typing."""
    return Json(service.suggest(q))


@router.get("/coverage")
@needs(Scope.RESULTS)
def coverage(
    service: ServiceDep,
    lat: Annotated[float, Query(ge=-90, le=90)],
    lon: Annotated[float, Query(ge=-180, le=180)],
) -> Response:
    """Coverage and serving cells of a point (WGS-84)."""
    return Json(service.coverage(lat, lon))


@router.get("/cells/{cgi}/footprint", responses={404: {}})
@needs(Scope.RESULTS)
def footprint(
    cgi: Annotated[str, Path(max_length=120)],
    service: ServiceDep,
    resolution: Annotated[int | None, Query(ge=5, le=11, description="H3 resolution; fitting when absent")] = None,
) -> Response:
    """Hexes where a cell serves best or nearly so, with levels; strongest first."""
    return Json(service.footprint(cgi, resolution))


@router.get("/places")
@needs(Scope.RESULTS)
def places(service: ServiceDep, window: WindowDep, limit: Annotated[int, Query(ge=1, le=500)] = 150) -> Response:
    """Names for orientation inside a window."""
    return Json(service.places(window, limit))
