"""What a run found: hotspots, hexes, cells, actions, site-build requests."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import Json, feature_collection, tagged
from api.bodies import StrictRoute
from api.deps import Group, HexQuestionDep, IfMatch, LanguageDep, RunQuery, ServiceDep, WindowDep
from api.guard import needs
from api.paging import PageDep, paged
from api.schemas import DecisionIn, WhatIfIn
from geoservice.records import CellChange
from geoservice.service import ExportReport, Scope, SiteToTry, version_of

router = APIRouter(prefix="/v1", tags=["results"], route_class=StrictRoute)

Format = Literal["json", "geojson", "csv", "xlsx", "gpkg", "kml", "parquet"]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "kml": "application/vnd.google-earth.kml+xml",
    "parquet": "application/vnd.apache.parquet",
    "geojson": "application/geo+json",
}
_MOST_NAMED = 20
_ACCEPT = {media.partition(";")[0]: name for name, media in MEDIA.items()} | {"application/json": "json"}


@router.get("/hotspots")
@needs(Scope.RESULTS)
def hotspots(
    request: Request, service: ServiceDep, page: PageDep, run: RunQuery = None, class_group: Group | None = None
) -> Response:
    """Hotspots with causes and actions, most excess customers first; all of them, or by page with ``limit``."""
    return paged(request, page, run, service, lambda run_id: service.hotspots(run_id, class_group))


@router.get("/hotspots/{hotspot_id}", responses={404: {}})
@needs(Scope.RESULTS)
def hotspot(hotspot_id: str, service: ServiceDep, run: RunQuery = None) -> Response:
    """One hotspot with its history."""
    return Json(service.hotspot(hotspot_id, run))


@router.get("/hexes")
@needs(Scope.RESULTS)
def hexes(
    request: Request,
    service: ServiceDep,
    asked: HexQuestionDep,
) -> Response:
    """Hex ids and values for a map window, at the zoom's resolution, at most about 3,000.

    With ``since`` or ``until`` the complaint measures of a period, in whole time steps of the run (``/v1/timeline``).
    """
    return tagged(request, service.hexes(asked))


@router.get("/cells")
@needs(Scope.RESULTS)
def cells(
    request: Request, service: ServiceDep, window: WindowDep, limit: Annotated[int, Query(ge=1, le=5000)] = 2000
) -> Response:
    """Radio cells inside a window."""
    return tagged(request, service.cells(window, limit))


@router.get("/actions")
@needs(Scope.RESULTS)
def actions(request: Request, service: ServiceDep, page: PageDep, run: RunQuery = None) -> Response:
    """Actions in the order of their hotspots' ranks; all of them, or by page with ``limit``."""
    return paged(request, page, run, service, service.actions)


@router.get("/site-requests", responses={200: {"content": {media: {} for media in _ACCEPT}}})
@needs(Scope.RESULTS)
def site_requests(
    request: Request,
    service: ServiceDep,
    language: LanguageDep,
    format: Annotated[Format | None, Query(description="Overrides the Accept header")] = None,  # noqa: A002
    only: Annotated[str | None, Query(max_length=8000, description="Numbers of the requests, commas between")] = None,
    run: RunQuery = None,
) -> Response:
    """Site-build requests, highest priority first; as a file with ``?format=`` or by the Accept header."""
    wanted = None if only is None else frozenset(only.split(","))
    chosen = format or _accepted(request.headers.get("accept", ""))
    if chosen == "json":
        return tagged(request, _chosen(service.site_requests(run), wanted))
    if chosen == "geojson":
        rows = _chosen(service.site_requests(run), wanted)
        answer = tagged(request, feature_collection(rows), media_type=MEDIA["geojson"])
        if format is not None:
            answer.headers["Content-Disposition"] = 'attachment; filename="site-requests.geojson"'
        return answer
    return _file(service, "site-requests", chosen, language, run, wanted)


def _chosen(rows: list[dict[str, Any]], wanted: frozenset[str] | None) -> list[dict[str, Any]]:
    return [row for row in rows if wanted is None or row["request_no"] in wanted]


@router.get("/site-requests/{request_no}", responses={304: {}, 404: {}})
@needs(Scope.RESULTS)
def site_request(request: Request, request_no: str, service: ServiceDep, run: RunQuery = None) -> Response:
    """One site-build request; its ``ETag`` goes into ``If-Match`` when its state is changed."""
    answer = service.site_request(request_no, run)
    return tagged(request, answer, version=version_of(answer))


@router.post("/site-requests/{request_no}/state", responses={404: {}, 409: {}, 412: {}})
@needs(Scope.PLAN)
def decide(request_no: str, body: DecisionIn, service: ServiceDep, if_match: IfMatch = None) -> Response:
    """Move a site-build request to its next state; a refusal needs a reason, an approval a name.

    With ``If-Match`` only when it is still as it was read; otherwise 412.
    """
    answer = service.decide(request_no, body.state, body.reason, body.by, if_match)
    return Json(answer, headers={"ETag": f'"{version_of(answer)}"'})


@router.get("/export/{what}")
@needs(Scope.RESULTS)
def export(
    what: Literal[
        "site-requests",
        "hotspots",
        "hexes",
        "actions",
        "coverage",
        "complaints",
        "hex-evidence",
        "weak-cells",
        "weak-grids",
        "weak-areas",
    ],
    service: ServiceDep,
    language: LanguageDep,
    format: Annotated[Format, Query()] = "xlsx",  # noqa: A002
    run: RunQuery = None,
) -> Response:
    """A result of a run as a file for other tools."""
    return _file(service, what, format, language, run)


@router.post("/what-if")
@needs(Scope.PLAN)
def what_if(body: WhatIfIn, service: ServiceDep) -> Response:
    """Coverage before and after: cells changed or switched off, new cells, new sites; hexes and customers."""
    changes = [CellChange(change.cgi, change.field, change.value) for change in body.changes]
    changes += [CellChange(cell.cgi, "new", None, cell.model_dump()) for cell in body.new_cells]
    sites = [SiteToTry(s.lat, s.lon, s.type, s.height_m, tuple(s.azimuths)) for s in body.new_sites]
    return Json(service.what_if_answer(changes, sites, body.hotspot))


def _file(
    service: Any, what: str, suffix: str, language: str, run: str | None, only: frozenset[str] | None = None
) -> Response:
    if suffix == "json":
        return Json(service.rows(what, run))
    with tempfile.TemporaryDirectory(prefix="geoservice-") as folder:
        path = Path(folder) / f"{what}.{suffix}"
        report = service.export(what, path, language, run, only)
        body = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{what}.{suffix}"', **altered(report)}
    return Response(body, media_type=MEDIA[suffix], headers=headers)


def altered(report: ExportReport) -> dict[str, str]:
    """A header that lists what the format could not hold as it was: how many, then ``row column`` of the first."""
    if not report.altered:
        return {}
    named = [f"{'-' if cell.row is None else cell.row + 1} {cell.column}" for cell in report.altered[:_MOST_NAMED]]
    text = "; ".join([str(len(report.altered)), *named])
    return {"Altered": text.encode("ascii", "replace").decode()}


def _accepted(accept: str) -> str:
    wanted = (part.partition(";")[0].strip() for part in accept.split(","))
    return next((_ACCEPT[part] for part in wanted if part in _ACCEPT), "json")
