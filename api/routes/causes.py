"""Why it does not work at a place."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers import Json
from api.bodies import StrictRoute
from api.deps import ServiceDep
from api.guard import needs
from api.schemas import DiagnosisIn
from geoservice.service import Scope

router = APIRouter(prefix="/v1", tags=["places"], route_class=StrictRoute)


# A POST although nothing changes: what a customer says does not belong into an address line or its logs.
@router.post("/diagnosis", responses={404: {}})
@needs(Scope.DESK)
def diagnosis(service: ServiceDep, body: DiagnosisIn) -> Response:
    """Causes at a place with evidence, contradictions and what is missing, likeliest first; nothing is stored."""
    said = body.model_dump(by_alias=True, exclude={"place"}, exclude_none=True)
    return Json(service.why(body.place, said))
