"""A real server and a real browser."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "Violet-Orbit-2946x"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="package")
def browser() -> Iterator[object]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine, and none could be installed without root")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def server(town_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an open server over a copy of the town."""
    copy = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(Path(town_database.removeprefix("sqlite:///")).parent, copy)
    with _served(f"sqlite:///{copy}/geo.db") as address:
        yield address


@pytest.fixture(scope="package")
def closed_server(town_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that lets in a planner (wang) and a handler (zhao) with :data:`PASSWORD`."""
    from geoservice.service import open_service

    copy = tmp_path_factory.mktemp("closed") / "data"
    shutil.copytree(Path(town_database.removeprefix("sqlite:///")).parent, copy)
    service = open_service(f"sqlite:///{copy}/geo.db")
    for name, role in (("wang", "planner"), ("zhao", "handler")):
        service.office.access.add_user(name, role, PASSWORD)
    service.close()
    with _served(f"sqlite:///{copy}/geo.db", login=True) as address:
        yield address


@pytest.fixture(scope="package")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that holds nothing yet."""
    with _served(f"sqlite:///{tmp_path_factory.mktemp('nothing')}/geo.db") as address:
        yield address


@contextmanager
def _served(database: str, *, login: bool = False) -> Iterator[str]:
    import uvicorn

    from api.main import create_app
    from api.settings import Settings

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(Settings(database=database, port=port, login=login))
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(10)
