"""The log of what was read about customers and what was changed; for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.answers import Json
from api.deps import ServiceDep
from api.guard import needs
from geoservice.service import Scope

router = APIRouter(prefix="/v1", tags=["access"])


@router.get("/audit")
@needs(Scope.AUDIT)
def audit(
    service: ServiceDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, lt=2**62, description="Entries before this number")] = None,
    actor: Annotated[str | None, Query(max_length=100)] = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
    subject: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Entries, newest first; each is chained to the one before (``geoservice audit verify``)."""
    found = service.office.audit.entries(limit, before, actor, action, subject)
    service.office.audit.record("audit.read", None, limit=limit, before=before)
    return Json(found)
