"""Measurements that name channel and PCI belong to the nearest cell of that pair."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geoservice.config import default_config
from geoservice.network.heard_cells import with_resolved_cells
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.store import Store
from geoservice.tables import CELLS, MEASUREMENTS, conform


def cells(*rows: tuple[str, float, int, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["cgi", "lat", "arfcn", "pci"])
    return conform(frame.assign(lon=114.0, rat="LTE", position_source="engineering"), CELLS)


def measurements(*rows: tuple[float, int | None, int | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["lat", "arfcn", "pci", "cgi"])
    frame = frame.assign(lon=114.0, rsrp_dbm=-100.0, time=pd.Timestamp("2026-03-04", tz="UTC"))
    return conform(frame, MEASUREMENTS)


def test_the_nearest_cell_of_the_pair_served() -> None:
    network = cells(("near", 22.51, 1300, 7), ("far", 22.58, 1300, 7), ("other", 22.5, 1300, 8), ("band", 22.5, 100, 7))
    asked = measurements((22.5, 1300, 7, None), (22.57, 1300, 7, None), (22.5, 1300, 9, None), (22.5, 1300, 7, "given"))
    found, count = with_resolved_cells(asked, network)
    assert found["cgi"].fillna("").tolist() == ["near", "far", "", "given"]
    assert count == 2


def test_a_cell_beyond_reach_is_another_one() -> None:
    found, count = with_resolved_cells(measurements((22.5, 1300, 7, None)), cells(("far", 22.8, 1300, 7)))
    assert found["cgi"].isna().all()
    assert count == 0


def test_nothing_to_resolve_changes_nothing() -> None:
    asked = measurements((22.5, None, 7, None))
    assert with_resolved_cells(asked, cells(("a", 22.5, 1300, 7)))[0] is asked


def test_an_import_resolves_against_the_cells_on_file(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/geo.db")
    store.upsert("cells", cells(("near", 22.51, 1300, 7)))
    path = tmp_path / "mr.csv"
    path.write_text("time,lat,lon,rsrp_dbm,arfcn,pci\n2026-03-04T00:00:00Z,22.5,114,-100,1300,7\n", "utf-8")
    place = Workplace(store, tmp_path, default_config(), LocatorCache())
    report = import_file(place, "measurements", path, ImportOptions())
    assert report.notes == ("1 measurement got the nearest cell of its channel and PCI",)
    assert store.read("measurements")["cgi"].tolist() == ["near"]
    store.close()
