"""OGC API – Features under ``/ogc``: what QGIS, GDAL and other GIS read. One literal path a collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from api.answers import Json
from api.deps import ServiceDep
from api.guard import needs
from api.ogc import definition, documents, params
from geoservice.service import COLLECTIONS, Collection, Scope

router = APIRouter(prefix="/ogc", tags=["ogc"])

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_REFUSED: dict[int | str, dict[str, Any]] = {400: {"description": "A parameter is unknown or invalid", **_PROBLEM}}
_FORMAT = {"parameters": [definition.FORMAT]}


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


@router.get("", responses=_REFUSED, openapi_extra=_FORMAT)
@router.get("/", include_in_schema=False)
@needs(Scope.RESULTS)
def landing(request: Request) -> Response:
    """Landing page."""
    params.only_format(request.query_params)
    return Json(documents.landing(_base(request)))


@router.get("/conformance", responses=_REFUSED, openapi_extra=_FORMAT)
@needs(Scope.RESULTS)
def conformance(request: Request) -> Response:
    """Conformance classes."""
    params.only_format(request.query_params)
    return Json({"conformsTo": documents.CONFORMANCE})


@router.get("/api", responses={200: {"content": {documents.OPENAPI: {}}}, **_REFUSED}, openapi_extra=_FORMAT)
@needs(Scope.RESULTS)
def api(request: Request) -> Response:
    """Definition of the API under ``/ogc`` (OpenAPI 3.0)."""
    params.only_format(request.query_params)
    return Json(definition.definition(_base(request)), media_type=documents.OPENAPI)


@router.get("/collections", responses=_REFUSED, openapi_extra=_FORMAT)
@needs(Scope.RESULTS)
def collections(request: Request, service: ServiceDep) -> Response:
    """Every collection."""
    params.only_format(request.query_params)
    extents = {name: service.feature_extent(name) for name in COLLECTIONS}
    return Json(documents.collections(_base(request), extents))


def _add(what: Collection) -> None:
    """Literal paths of one collection: clients hand filters on to the server only when they find them described."""
    path, key = f"/collections/{what.name}", what.name.replace("-", "_")
    geojson: dict[int | str, dict[str, Any]] = {200: {"content": {documents.GEOJSON: {}}}, **_REFUSED}
    missing: dict[int | str, dict[str, Any]] = {404: {"description": "No such feature", **_PROBLEM}}

    def add(suffix: str, handler: Callable[..., Response], responses: dict[int | str, Any], extra: Any) -> None:
        router.add_api_route(
            path + suffix,
            needs(Scope.RESULTS)(handler),
            methods=["GET"],
            operation_id=f"ogc_{key}_{handler.__name__}",
            name=f"ogc_{key}_{handler.__name__}",
            responses=responses,
            openapi_extra=extra,
        )

    def collection(request: Request, service: ServiceDep) -> Response:
        """What the collection holds and where."""
        params.only_format(request.query_params)
        return Json(documents.collection(_base(request), what, service.feature_extent(what.name)))

    def queryables(request: Request) -> Response:
        """Properties to filter by (JSON Schema)."""
        params.only_format(request.query_params)
        return Json(documents.queryables(_base(request), what), media_type=documents.SCHEMA)

    def items(request: Request, service: ServiceDep) -> Response:
        """A page of features."""
        given = request.query_params.multi_items()
        query = params.read_query(what, given)
        page = service.features(what.name, query)
        answer = documents.items(_base(request), what, query, page, given)
        return Json(answer, media_type=documents.GEOJSON)

    def item(request: Request, feature_id: str, service: ServiceDep) -> Response:
        """One feature."""
        params.only_format(request.query_params)
        feature = service.feature(what.name, feature_id)
        return Json(documents.item(_base(request), what, feature), media_type=documents.GEOJSON)

    schema: dict[int | str, Any] = {200: {"content": {documents.SCHEMA: {}}}, **_REFUSED}
    add("", collection, _REFUSED, _FORMAT)
    add("/queryables", queryables, schema, _FORMAT)
    add("/items", items, geojson, {"parameters": definition.item_parameters(what)})
    add("/items/{feature_id}", item, {**geojson, **missing}, _FORMAT)


for _collection in COLLECTIONS.values():
    _add(_collection)
