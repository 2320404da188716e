"""Re-imported cells carry the moment their parameters changed, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoservice.records import ImportOptions
from geoservice.service import open_service


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, name: str, tilt: float, power: float | None = 15.2) -> Path:
    rows = {"cgi": ["c1", "c2"], "lat": 30.6, "lon": [104.1, 104.2], "rat": "LTE", "frequency_mhz": 1845.0,
            "elec_tilt_deg": [tilt, 4.0], "azimuth_deg": [359.8, 10.0], "rs_power_dbm": power}  # fmt: skip
    path = folder / name
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_only_the_cell_that_changed_is_stamped(folder: Path) -> None:
    service = open_service(f"sqlite:///{folder}/geo.db")
    try:
        service.import_file("cells", write(folder, "a.csv", 4.0, None), ImportOptions())
        assert service.store.read("cells")["changed_at"].isna().all()
        service.import_file("cells", write(folder, "b.csv", 4.0), ImportOptions())  # a gap filled is no change
        assert service.store.read("cells")["changed_at"].isna().all()
        service.import_file("cells", write(folder, "c.csv", 8.0), ImportOptions())
        stamps = service.store.read("cells").set_index("cgi")["changed_at"]
        assert stamps.notna().to_dict() == {"c1": True, "c2": False}
        again = service.import_file("cells", write(folder, "d.csv", 8.0), ImportOptions())
        assert again.taken == 0
        assert service.store.read("cells").set_index("cgi")["changed_at"].equals(stamps)
    finally:
        service.close()
