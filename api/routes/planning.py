"""The planner's questions: what a budget buys, and the picture of a view as a file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import tagged
from api.deps import HexQuestionDep, LanguageDep, RunQuery, ServiceDep
from api.guard import needs
from api.routes.results import MEDIA
from geoservice.service import Scope, seen
from maps.command import seen_data
from maps.pages import exported_page

router = APIRouter(prefix="/v1", tags=["results"])

ViewFormat = Literal["gpkg", "csv", "geojson", "xlsx", "kml", "html"]


@router.get("/site-plan")
@needs(Scope.RESULTS)
def site_plan(
    request: Request,
    service: ServiceDep,
    budget: Annotated[float, Query(gt=0, le=1000, description="Units of cost: a micro site is 1, a macro site 10")],
    run: RunQuery = None,
) -> Response:
    """The sites a budget buys so that most weakly covered customers are reached, with a proven bound."""
    return tagged(request, service.site_plan(round(budget, 2), run))


@router.get("/view", responses={200: {"content": {media: {} for media in [*MEDIA.values(), "text/html"]}}})
@needs(Scope.RESULTS)
def view(
    service: ServiceDep,
    language: LanguageDep,
    asked: HexQuestionDep,
    format: Annotated[ViewFormat, Query()] = "gpkg",  # noqa: A002
) -> Response:
    """What a map shows as a file: the hexes with their measure, or the whole map as one self-contained page."""
    shown = service.hexes(asked)
    name = f"{asked.measure}-{shown['run']}.{format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if format == "html":
        data = seen_data(service, shown, asked.window, shown["run"])
        text = exported_page(data, language, shown["run"], str(service.config.timezone), asked.measure)
        return Response(text, media_type="text/html; charset=utf-8", headers=headers)
    with tempfile.TemporaryDirectory(prefix="geoservice-") as folder:
        path = Path(folder) / name
        seen.write(shown, path, language)
        return Response(path.read_bytes(), media_type=MEDIA[format], headers=headers)
