"""Figures for Prometheus: requests by route template, method and status; nothing a caller typed is a label."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from api.asgi import App, Connection, Message, Receive, Send
from api.guard import needs
from geoservice.service import Scope

router = APIRouter(tags=["health"])

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Requests that no route took: refused at the door, or no such path.
_NO_ROUTE = "none"


class Meters:
    """The meters of one application; each has its own, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("geoservice_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "geoservice_request_seconds",
            "Time to the end of the answer.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def observe(self, scope: Connection, status: int, seconds: float) -> None:
        """Count one request."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = template_of(scope)
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)


class Measured:
    """ASGI middleware around everything else."""

    def __init__(self, app: App, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Pass a request on and count its answer; one that ends in an error counts as 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def sender(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, sender)
        finally:
            self._meters.observe(scope, status, time.perf_counter() - started)


def template_of(scope: Connection) -> str:
    """The template of the route that took the request (``/v1/complaints/{complaint_id}``), never its values."""
    route: Any = scope.get("route")
    path = getattr(route, "path", None)
    if path:
        return str(path)
    # Static files: the mount, not the file.
    return "/ui" if scope.get("endpoint") is not None and scope["path"].startswith("/ui/") else _NO_ROUTE


@router.get("/metrics", responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})
@needs(Scope.METRICS)
def metrics(request: Request) -> Response:
    """Request counts, latencies and process figures in Prometheus' text format."""
    meters: Meters = request.app.state.meters
    return Response(generate_latest(meters.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
