"""Centroids are found by the same questions on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoservice.config import default_config
from geoservice.pipeline import Workplace, import_file, shared_points
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.store import Store

HEADER = "ticket_no,accepted_at,text,lat,lon,place_text\n"


@pytest.mark.parametrize("many", [0, 2_000])
def test_the_fifth_name_comes_in_another_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(shared_points, "_MANY", many)
    place = Workplace(store, tmp_path, default_config(), LocatorCache())
    rows = [f"T{n},2026-03-04,没信号,22.537123,-114.057865,{name}\n" for n, name in enumerate("甲乙丙丁戊")]
    for number, part in enumerate((rows[:4], rows[4:])):
        path = tmp_path / f"{number}.csv"
        path.write_text(HEADER + "".join(part), "utf-8")
        import_file(place, "complaints", path, ImportOptions(source="desk"))
    assert store.read("fixes")["radius_m"].tolist() == [1000.0] * 5
