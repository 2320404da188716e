"""The pages: map, desk, planning, jobs. Server-rendered once; data come from ``/v1``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.templating import Jinja2Templates

import maps
from api.deps import LanguageDep, ServiceDep
from api.guard import needs
from api.routes.me import description
from geoservice import names
from geoservice.service import MEASURES, Scope, desk
from maps.document import LIVE_SCRIPTS
from maps.escaping import json_block
from maps.pages import options as map_options

router = APIRouter(include_in_schema=False)

UI = Path(__file__).parent / "ui"
MAP_ASSETS = Path(maps.__file__).parent / "assets"
_templates = Jinja2Templates(directory=UI / "templates")
_COMPLAINT_MEASURES = ("customers", "rate", "excess", "significance")
_TABLES = (
    "complaints", "cells", "kpis", "alarms", "measurements", "planned-sites", "exposure", "gazetteer", "neighbours",
    "energy-windows",
)  # fmt: skip
_GROUPS = ("all", "coverage", "drop", "access", "voice", "data", "terminal")


@router.get("/")
@needs(Scope.RESULTS)
def map_page(request: Request, service: ServiceDep, language: LanguageDep) -> Response:
    """The engineer's map."""
    return _page(request, service, language, "map")


@router.get("/desk")
@needs(Scope.DESK)
def desk_page(request: Request, service: ServiceDep, language: LanguageDep) -> Response:
    """The handler's desk."""
    return _page(request, service, language, "desk")


@router.get("/planning")
@needs(Scope.PLAN)
def planning_page(request: Request, service: ServiceDep, language: LanguageDep) -> Response:
    """The planner's table."""
    return _page(request, service, language, "planning")


@router.get("/jobs")
@needs(Scope.JOBS)
def jobs_page(request: Request, service: ServiceDep, language: LanguageDep) -> Response:
    """Imports and analyses, under way and done."""
    return _page(request, service, language, "jobs")


def _page(request: Request, service: Any, language: str, name: str) -> Response:
    texts = page_texts(language)
    context = {
        **words(language, texts),
        "page": name,
        "me": description(request),
        "complaint_measures": _COMPLAINT_MEASURES,
        "coverage_measures": [measure for measure in MEASURES if measure not in {*_COMPLAINT_MEASURES, "contacts"}],
        "groups": _GROUPS,
        "classes": _class_names(),
        "tables": _TABLES,
        "map_scripts": LIVE_SCRIPTS,
        "config": json_block(_config(request, service, language, texts)),
    }
    response = _templates.TemplateResponse(request, f"{name}.html", context)
    response.set_cookie("lang", language, samesite="lax", max_age=31_536_000)
    return response


def _config(request: Request, service: Any, language: str, texts: dict[str, str]) -> dict[str, Any]:
    settings = request.app.state.settings
    run, cells = service.store.current_run(), service.feature_extent("cells")
    return {
        "language": language,
        "me": description(request),
        "run": run.run_id if run else None,
        "texts": texts,
        "map": map_options(language, str(service.config.timezone)),
        "timezone": str(service.config.timezone),
        "tiles": settings.tiles,
        # Without a network the complaints say where the map is.
        "extent": cells or (service.feature_extent("hexes") if run else None),
        "cells": cells is not None,
        "fields": {
            code: {"zh": row["zh"], "en": row["en"]} for code, row in names.catalogue("required_fields").items()
        },
        "classes": _class_names(),
        "site_types": {kind: dict(row) for kind, row in names.catalogue("site_types").items()},
        "required": desk.required_by_class(),
    }


def _class_names() -> dict[str, dict[str, str]]:
    return {code: {"zh": row["name_zh"], "en": row["name_en"]} for code, row in names.catalogue("classes").items()}


def words(language: str, texts: dict[str, str]) -> dict[str, Any]:
    """What every template needs to speak one language and offer the other."""
    return {
        "language": language,
        "html_language": "zh-CN" if language == "zh" else "en",
        "other": "en" if language == "zh" else "zh",
        "t": texts,
    }


@cache
def page_texts(language: str) -> dict[str, str]:
    """The words of the pages in one language."""
    found: dict[str, dict[str, str]] = json.loads((UI / "texts.json").read_text("utf-8"))
    return {key: value[language] for key, value in found.items()}
