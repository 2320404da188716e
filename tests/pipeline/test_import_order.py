"""Files in the wrong order: what was refused for want of another table is read again when that table is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoservice.config import default_config
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.store import Store


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(Store(f"sqlite:///{tmp_path}/geo.db"), tmp_path, default_config(), LocatorCache())


def test_exposure_by_name_may_come_before_the_gazetteer(place: Workplace, tmp_path: Path) -> None:
    exposure, gazetteer = tmp_path / "exposure.csv", tmp_path / "places.csv"
    exposure.write_text("name,customers\nPune,1200\nNowhere,5\n", "utf-8")
    gazetteer.write_text("name,lat,lon\nPune,18.52,73.86\n", "utf-8")
    early = import_file(place, "exposure", exposure, ImportOptions())
    assert (early.read, early.taken, early.rejected) == (2, 0, 2)
    import_file(place, "gazetteer", gazetteer, ImportOptions())
    late = import_file(place, "exposure", exposure, ImportOptions())
    assert (late.read, late.taken, late.rejected) == (2, 1, 1)
    again = import_file(place, "exposure", exposure, ImportOptions())
    assert again.taken == 0
    assert "imported before" in " ".join(again.notes)
    place.store.close()


def test_a_file_that_stands_alone_is_known_whatever_else_changed(place: Workplace, tmp_path: Path) -> None:
    cells, gazetteer = tmp_path / "cells.csv", tmp_path / "places.csv"
    cells.write_text("cgi,lat,lon,rat\n460-00-1-1,30.6,104.0,LTE\n", "utf-8")
    gazetteer.write_text("name,lat,lon\nPune,18.52,73.86\n", "utf-8")
    import_file(place, "cells", cells, ImportOptions())
    import_file(place, "gazetteer", gazetteer, ImportOptions())
    again = import_file(place, "cells", cells, ImportOptions())
    assert "imported before" in " ".join(again.notes)
    place.store.close()
