"""A deployment that holds nothing yet: every route answers, none breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings

BOX = "bbox=117.5,29.5,119,31"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(database=f"sqlite:///{tmp_path_factory.mktemp('empty')}/geo.db")
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize("name", ["hotspots", "hexes", "cells", "site-requests"])
def test_collections_are_empty_not_broken(empty: TestClient, name: str) -> None:
    collection = empty.get(f"/ogc/collections/{name}")
    assert collection.status_code == 200
    assert "extent" not in collection.json()
    for query in ("", f"?{BOX}", "?datetime=../2026-01-01"):
        page = empty.get(f"/ogc/collections/{name}/items{query}")
        assert page.status_code == 200
        assert (page.json()["numberMatched"], page.json()["features"]) == (0, [])
    assert empty.get(f"/ogc/collections/{name}/items/x").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200), ("/readyz", 503), ("/metrics", 200), ("/docs", 200), ("/openapi.json", 200),
        ("/v1/status", 200), ("/v1/runs", 200), (f"/v1/cells?{BOX}", 200), (f"/v1/places?{BOX}", 200),
        ("/v1/hotspots", 404), ("/v1/hotspots?limit=1", 404), ("/v1/actions", 404), ("/v1/site-requests", 404),
        ("/v1/site-requests/x", 404), (f"/v1/hexes?{BOX}", 404), ("/v1/export/hexes", 404), ("/ogc/collections", 200),
    ],
)  # fmt: skip
def test_every_route_answers(empty: TestClient, path: str, status: int) -> None:
    answer = empty.get(path)
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
