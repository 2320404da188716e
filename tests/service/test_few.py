"""Counts of few customers are hidden everywhere alike, from the number on that the deployment says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from geoservice.config import load_config
from geoservice.service import HexQuestion, Window, open_service

WORLD = Window(-85.0, -180.0, 85.0, 180.0)


@pytest.mark.parametrize("least", [3, 6])
def test_the_threshold_of_the_deployment_hides(least: int, town_database: str, town: Any, tmp_path: Path) -> None:
    overrides = tmp_path / "thresholds.json"
    overrides.write_text(json.dumps({"publish_min_customers": {"value": least, "unit": "customers", "source": "ours"}}))
    service = open_service(town_database, config=load_config(overrides))
    shown = service.hexes(HexQuestion(WORLD, zoom=14))
    counts = [value for value, few in zip(shown["values"], shown["few"], strict=True) if value is not None]
    assert min(counts) >= least - 0.5
    assert any(shown["few"])
    finest = service.hex_levels()[0]
    assert min(value for value in finest["values"] if value is not None) >= least - 0.5
    assert service.frame("hexes")["customers"].min() >= least - 0.5
    service.close()
