"""Did an action help? Before and after, against places where nothing was done."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime

from api.answers import Json
from api.deps import RunQuery, ServiceDep
from api.guard import needs
from geoservice.service import Scope

router = APIRouter(prefix="/v1", tags=["results"])

ActionId = Annotated[str, Path(max_length=120, description="as in /v1/actions, e.g. H0001-A07")]
Done = Annotated[AwareDatetime, Query(description="When the action was finished; ISO 8601 with offset")]


# The counts before and after any chosen day could be subtracted from one another: not for those who see rounded counts.
@router.get("/actions/{action_id}/verification", responses={404: {}})
@needs(Scope.COMPLAINTS)
def verification(service: ServiceDep, action_id: ActionId, done: Done, run: RunQuery = None) -> Response:
    """Solved, not solved or not enough data: complaining customers, levels, test calls and counters, with controls."""
    return Json(service.verify(action_id, done, run))
