"""``/docs``: the API to read and try, with Swagger UI served by ourselves."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.answers import Json
from api.guard import needs
from geoservice.service import Scope

router = APIRouter(include_in_schema=False)

_VENDOR = "/ui/vendor/swagger-ui"
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>signal-geoservice API</title>
<link rel="icon" href="/ui/icon.svg">
<link rel="stylesheet" href="{_VENDOR}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"><div class="swagger-ui"><div class="wrapper"><h1 class="title">signal-geoservice API</h1>
<p><a href="/openapi.json">/openapi.json</a></p><p class="loading-container">…</p></div></div></div>
<script src="{_VENDOR}/swagger-ui-bundle.js" defer></script>
<script src="/ui/docs.js" defer></script>
</body>
</html>
"""


@router.get("/docs", response_class=HTMLResponse)
@needs(Scope.DOCS)
def docs() -> HTMLResponse:
    """The page."""
    return HTMLResponse(_PAGE)


@router.get("/openapi.json")
@needs(Scope.DOCS)
def document(request: Request) -> Response:
    """The document."""
    return Json(request.app.openapi())
