"""Completing the document: every status a route can answer with, as a problem where it is one."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.openapi.answers import ANSWERS, BODIES, EXAMPLES, PARAMETERS
from api.openapi.shapes import SHAPES
from api.openapi.words import ref

PROBLEM_MEDIA = "application/problem+json"
_FILES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "kml": "application/vnd.google-earth.kml+xml",
    "parquet": "application/vnd.apache.parquet",
    "geojson": "application/geo+json",
}
WORDS = {
    304: "You have it already",
    400: "Unknown host name, broken request or parameter",
    401: "A key is needed",
    403: "Your role may not do this, or a browser sent this from another site",
    404: "Not found, or nothing has been analysed yet",
    408: "The body did not come on",
    409: "Does not fit the present state",
    412: "Changed since you read it",
    413: "Too large",
    415: "This file cannot be taken",
    422: "A field is missing or wrong",
    428: "Say which version you mean",
    429: "Too many requests from this address",
    503: "Not available; try again",
    507: "The disk is full",
}
_ALWAYS = (400, 401, 403, 429, 503)
_BY_TAG = {"results": (404, 409)}
_TAGGED = frozenset(
    {
        "/v1/hotspots", "/v1/hexes", "/v1/cells", "/v1/actions", "/v1/site-requests", "/v1/timeline", "/v1/alarms",
        "/v1/measurements", "/v1/planned-sites", "/v1/site-plan",
    }
)  # fmt: skip


def install(app: FastAPI) -> None:
    """Let the application describe itself completely; made once, at the first question."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(SHAPES)
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    # Either a key or none: a server on this machine alone asks for none.
    document["security"] = [{}, {"key": []}]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete_operation(method, path, operation)
    return document


def _complete_operation(method: str, path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for status, schema in ANSWERS.get((method, path), {}).items():
        responses.setdefault(status, {}).setdefault("description", "Done")
        # Where two answers are possible the example is that of the first.
        example = EXAMPLES.get((method, path)) if status == next(iter(ANSWERS[method, path])) else None
        responses[status].setdefault("content", {})["application/json"] = _media(schema, example)
    _mend_media(path, responses)
    if path.startswith("/ogc"):
        # Wrong parameters are a 400 there, as the standard demands.
        responses.pop("422", None)
    for status in _statuses(method, path, operation):
        text = responses.get(str(status), {}).get("description") or WORDS[status]
        responses[str(status)] = {"description": text}
        if status != 304:
            responses[str(status)]["content"] = {PROBLEM_MEDIA: {"schema": ref("Problem")}}
    operation["responses"] = dict(sorted(responses.items()))
    _add_examples(path, operation)


def _media(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _mend_media(path: str, responses: dict[str, Any]) -> None:
    """The framework adds application/json to routes that answer with something else."""
    content = responses.get("200", {}).get("content", {})
    if path == "/v1/export/{what}":
        content.clear()
        content.update({media: {} for media in _FILES.values()})
        content["application/json"] = {"schema": {"type": "array", "items": {"type": "object"}}}
    elif path == "/v1/view":
        content.pop("application/json", None)
        content[_FILES["geojson"]] = {"schema": ref("FeatureCollection")}
    elif path != "/v1/site-requests" and len(content) > 1:
        content.pop("application/json", None)
    if path.startswith("/ogc"):
        for media in content.values():
            media["schema"] = ref("FeatureCollection" if path.endswith("/items") else "Document")


def _statuses(method: str, path: str, operation: dict[str, Any]) -> set[int]:
    found = set(_ALWAYS) | {int(status) for status in operation["responses"] if int(status) >= 300}
    for tag in operation.get("tags", ()):
        found.update(_BY_TAG.get(tag, ()))
    if method != "get":
        found.add(403)
    if "requestBody" in operation:
        found |= {408, 413, 422}
    if path in _TAGGED:
        found.add(304)
    return found


def _add_examples(path: str, operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in PARAMETERS and not path.startswith("/ogc"):
            parameter.setdefault("example", PARAMETERS[parameter["name"]])
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None and path in BODIES:
        body.setdefault("example", BODIES[path])
