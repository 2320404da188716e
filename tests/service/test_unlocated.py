"""One complaint that nobody can place must not cost everyone the analysis."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geoservice.service import AnalyseOptions, open_service


@pytest.mark.slow
def test_a_complaint_without_a_place_does_not_stop_the_analysis(town_database: str, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(Path(town_database.removeprefix("sqlite:///")).parent, copy)
    service = open_service(f"sqlite:///{copy}/geo.db")
    accepted = str(service.store.read("complaints", ["accepted_at"])["accepted_at"].max().isoformat())
    taken = service.record_complaint({"text": "没信号", "place_text": "查无此地 qqqq", "accepted_at": accepted})
    assert taken["fixes"] == []
    assert service.analyse(AnalyseOptions(replicas=99)).state == "done"
    service.close()
