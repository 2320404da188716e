"""The desk's small questions while a complaint is written."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers import Json
from api.bodies import StrictRoute
from api.deps import ServiceDep
from api.guard import needs
from api.schemas import CallerIn, RoamingIn, TextIn
from geoservice.errors import InputError
from geoservice.service import Scope, desk, roaming_guide

router = APIRouter(prefix="/v1", tags=["desk"], route_class=StrictRoute)


@router.post("/complaints/read")
@needs(Scope.DESK)
def read_text(body: TextIn) -> Response:
    """What a text says: class, deciding phrase and where it stands, fields the class needs; nothing is stored."""
    return Json(desk.read_text(body.text))


@router.post("/customers/history")
@needs(Scope.COMPLAINTS)
def history(body: CallerIn, service: ServiceDep) -> Response:
    """A customer's earlier tickets, and whether a complaint now would be a repeat, a duplicate, difficult or major.

    A POST so that the number stands in no address and no log; it becomes a key and is forgotten.
    """
    if (body.customer_no is None) == (body.ticket_no is None):
        raise InputError("give either a number or a ticket", field="customer_no")
    caller = desk.Caller(body.customer_no, body.ticket_no, body.class_, body.lat, body.lon, body.radius_m)
    return Json(service.customer_history(caller))


@router.post("/roaming/step", responses={422: {}})
@needs(Scope.DESK)
def roaming_step(body: RoamingIn) -> Response:
    """The next question of the roaming flow, or what to do once the answers decide; nothing is stored."""
    return Json(roaming_guide.step(body.card, body.answers, body.country))
