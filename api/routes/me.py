"""Who is asking, and what they may do."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.answers import Json
from api.guard import needs
from geoservice.service import Actor, Scope

router = APIRouter(prefix="/v1", tags=["access"])


@router.get("/me")
@needs(Scope.RESULTS)
def me(request: Request) -> Response:
    """Name, role and scopes of the caller; ``local`` when the server asks nobody to log in."""
    return Json(description(request))


def description(request: Request) -> dict[str, Any]:
    """The caller as pages and programs see them."""
    actor: Actor = request.state.actor
    return {
        "name": actor.name,
        "role": actor.role,
        "scopes": sorted(actor.scopes),
        "via": actor.via,
        "local": bool(request.app.state.settings.open),
    }
