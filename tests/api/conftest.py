"""A server over a copy of the analysed town, so that tests may write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings


@pytest.fixture(scope="package")
def settings(town_database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    original = Path(town_database.removeprefix("sqlite:///")).parent
    copy = tmp_path_factory.mktemp("server") / "data"
    shutil.copytree(original, copy)
    return Settings(database=f"sqlite:///{copy}/geo.db")


@pytest.fixture(scope="package")
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(autouse=True)
def fresh_browser(request: pytest.FixtureRequest) -> None:
    """Pages leave their language with the browser; every test is another one, whichever came before in this process."""
    if "client" in request.fixturenames:
        request.getfixturevalue("client").cookies.clear()
