"""The application: ``create_app(settings)``."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import BaseRoute, Mount

from api import docs, errors, login, metrics, openapi, pages
from api.assets import Assets
from api.guard import guard, needs
from api.limits import Buckets, Limited
from api.routes import (
    audit,
    causes,
    complaints,
    desk,
    health,
    imports,
    jobs,
    layers,
    me,
    ogc,
    places,
    planning,
    results,
    runs,
    verification,
)
from api.security import Doors, EnvironmentKey
from api.settings import Settings
from geoservice import __version__
from geoservice.config import load_config
from geoservice.errors import ConfigError, GeoserviceError
from geoservice.service import Scope, Service, open_service

log = logging.getLogger("geoservice.api")

_MODULES = (
    login, me, audit, desk, imports, complaints, places, causes, results, layers, planning, runs, jobs, ogc,
    verification, health, metrics, docs, pages,
)  # fmt: skip
_WARM_S = 15.0
_STATIC = Path(__file__).parent / "ui" / "static"
_MAP_ASSETS = Path(pages.MAP_ASSETS)


def create_app(settings: Settings) -> FastAPI:
    """The web application over one deployment.

    Raises
    ------
    ConfigError
        The settings are not safe to serve with.
    """
    settings = settings.checked()
    app = FastAPI(
        title="signal-geoservice",
        version=__version__,
        summary="Complaints about mobile signal, turned into located, explained, costed work.",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        # Our own route below: it declares its scope like every other.
        openapi_url=None,
    )
    app.state.settings = settings
    app.state.environment_key = EnvironmentKey(settings.api_key)
    app.state.patience = login.Patience()
    _check_doors(settings)
    errors.install(app)
    openapi.install(app)
    guard(app, _routes())
    # Hexes and scripts shrink to a third; an intranet over a slow line feels it.
    app.add_middleware(Doors, settings=settings)
    # Outside the doors, which put problems into the caller's language and must read them for that.
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    if settings.rate_per_s > 0:
        app.add_middleware(Limited, buckets=Buckets(settings.rate_per_s, settings.rate_burst))
    app.state.meters = metrics.Meters()
    # Last added is outermost: what the doors refuse is counted too.
    app.add_middleware(metrics.Measured, meters=app.state.meters)
    return app


def _routes() -> list[BaseRoute]:
    found = [route for module in _MODULES for route in module.router.routes]
    for path, folder in (("/ui/map", _MAP_ASSETS), ("/ui", _STATIC)):
        found.append(Mount(path, needs(Scope.PUBLIC)(Assets(directory=folder)), name=path))
    return found


def _check_doors(settings: Settings) -> None:
    """Refuse to serve others while nobody could be told from anybody."""
    if settings.open or settings.api_key:
        return
    service = open_service(settings.database, settings.folder)
    try:
        if not service.office.access.anyone():
            raise ConfigError(
                f"listening on {settings.host} lets others in, and nobody is known yet: add someone with geoservice "
                "users add NAME --role admin (or a program with geoservice keys add), or set GEOSERVICE_API_KEY, "
                "or listen on 127.0.0.1 without a proxy"
            )
    finally:
        service.close()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    config = load_config(settings.thresholds, settings.timezone)
    app.state.service = open_service(settings.database, settings.folder, config)
    app.state.service.office.thresholds = settings.thresholds
    app.state.service.jobs.keep()
    # In the background: the server answers at once, and the first look-up is as quick as the next.
    warming = threading.Thread(target=_warm, args=(app.state.service,), daemon=True)
    warming.start()
    try:
        yield
    finally:
        # Compiled code must not run on while the interpreter ends.
        warming.join(_WARM_S)
        app.state.service.close()


def _warm(service: Service) -> None:
    try:
        service.warm()
        # What was loaded stays: searching it for garbage again and again would hold up a look-up now and then.
        gc.collect()
        gc.freeze()
    except (GeoserviceError, SQLAlchemyError) as error:
        log.warning("warming up failed: %s", type(error).__name__)
