"""Shared fixtures: the reference data beside the repository, and a small simulated town, analysed once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A test never depends on how long something takes: hypothesis would fail an example after 200 ms.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

SHARED = Path(__file__).resolve().parents[2] / "shared"
TOWN_SEED = 7


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the reference data; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the reference data (../shared) are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def town_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Import files of a simulated town with planted problems and ``truth.json``."""
    from geoservice.simulate import write_city

    folder = tmp_path_factory.mktemp("town") / "files"
    write_city(folder, seed=TOWN_SEED, size="town")
    return folder


@pytest.fixture(scope="session")
def town_database(town_files: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a database that holds the town and one finished run; tests only read from it."""
    from api.command import load_sample
    from geoservice.service import open_service

    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/geo.db"
    service = open_service(url)
    load_sample(service, town_files)
    service.close()
    return url


@pytest.fixture(scope="session")
def town(town_database: str) -> Iterator[object]:
    """The service over the analysed town, for reading."""
    from geoservice.service import open_service

    service = open_service(town_database)
    yield service
    service.close()
