"""Complaints: take one, look at one."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers import Json
from api.bodies import StrictRoute
from api.deps import IdempotencyKey, ServiceDep
from api.guard import needs
from api.schemas import ComplaintIn
from geoservice.service import Scope, desk

router = APIRouter(prefix="/v1/complaints", tags=["complaints"], route_class=StrictRoute)


@router.post("", status_code=201, responses={200: {"description": "Known already"}, 409: {}, 422: {}})
@needs(Scope.DESK)
def post_complaint(body: ComplaintIn, service: ServiceDep, key: IdempotencyKey = None) -> Response:
    """Take one complaint: classified, located, stored; answers with what was made of it.

    With an ``Idempotency-Key`` the same request may be sent again, also after a restart: it is stored once and
    answered alike. Another body under the same key is a 422; a request still under way is a 409.
    With ``dispatch`` only when every field its class needs is there (``/v1/complaints/read`` lists them).
    """
    fields = desk.with_state(body.model_dump(by_alias=True, exclude_none=True))
    taken = service.record_complaint(fields, key=key)
    return Json(
        taken, 201 if taken["created"] else 200, headers={"Location": f"/v1/complaints/{taken['complaint_id']}"}
    )


@router.get("/{complaint_id}", responses={404: {}})
@needs(Scope.COMPLAINTS)
def get_complaint(complaint_id: str, service: ServiceDep) -> Response:
    """One complaint as it is stored; never the phone number."""
    return Json(service.complaint(complaint_id))
