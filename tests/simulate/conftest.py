"""One simulated town and one city per session: they are read by many tests and changed by none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geoservice.simulate import CitySummary, write_city
from geoservice.simulate.city import build_world
from geoservice.simulate.problems import World
from geoservice.simulate.town import found_town

SEED = 11


@dataclass(frozen=True)
class Written:
    """A written city and its tables as text."""

    summary: CitySummary
    folder: Path

    def csv(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / f"{name}.csv", dtype=str, keep_default_na=False)

    def parquet(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")

    @property
    def truth(self) -> list[dict[str, Any]]:
        loaded: list[dict[str, Any]] = json.loads((self.folder / "truth.json").read_text("utf-8"))
        return loaded

    def planted(self, cause: str) -> list[dict[str, Any]]:
        found = [problem for problem in self.truth if problem["cause"] == cause]
        assert found, f"no {cause} in the truth"
        return found


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("city")
    return Written(write_city(folder, SEED), folder)


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(found_town(SEED, "city"))
