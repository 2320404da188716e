"""Shared fixtures: the reference data beside the repository, absent on most machines."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the reference data; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the reference data (../shared) are not on this machine")
    return SHARED
