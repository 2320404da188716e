"""When the same bytes are known, and when they are read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoservice.config import default_config
from geoservice.errors import InputError
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions
from geoservice.store import Store

CELL = "cgi,cell_name,lat,lon,rat,azimuth_deg\n460-00-1-1,{},30.6,104.0,LTE,{}\n"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    store = Store(f"sqlite:///{tmp_path}/geo.db")
    yield Workplace(store, tmp_path, default_config(), LocatorCache())
    store.close()


def test_a_return_to_an_earlier_file_is_taken(place: Workplace, tmp_path: Path) -> None:
    versions = [tmp_path / "v1.csv", tmp_path / "v2.csv"]
    for path, azimuth in zip(versions, (30, 90), strict=True):
        path.write_text(CELL.format("Alpha", azimuth), "utf-8")
    for path, azimuth in ((versions[0], 30), (versions[1], 90), (versions[0], 30)):
        assert import_file(place, "cells", path, ImportOptions()).taken == 1
        assert place.store.read("cells")["azimuth_deg"].tolist() == [azimuth]
    assert "imported before" in " ".join(import_file(place, "cells", versions[0], ImportOptions()).notes)


def test_a_file_that_brought_nothing_new_does_not_hide_the_one_before(place: Workplace, tmp_path: Path) -> None:
    first, copy = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(CELL.format("Alpha", 30), "utf-8")
    copy.write_text(CELL.format("Alpha", 30) + "\n", "utf-8")
    import_file(place, "cells", first, ImportOptions())
    assert import_file(place, "cells", copy, ImportOptions()).taken == 0
    assert "imported before" in " ".join(import_file(place, "cells", first, ImportOptions()).notes)


def test_the_same_bytes_in_another_encoding_are_another_file(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_bytes(CELL.format("和平", 30).encode("big5"))
    import_file(place, "cells", path, ImportOptions(encoding="gb18030"))
    assert place.store.read("cells")["cell_name"].tolist() != ["和平"]
    assert import_file(place, "cells", path, ImportOptions(encoding="big5")).taken == 1
    assert place.store.read("cells")["cell_name"].tolist() == ["和平"]


def test_strict_refuses_what_was_taken_in_part_before_and_names_no_folder(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text(CELL.format("Alpha", 30) + "460-00-1-2,Beta,95.0,104.0,LTE,0\n", "utf-8")
    assert import_file(place, "cells", path, ImportOptions()).rejected == 1
    with pytest.raises(InputError, match="strict mode takes nothing") as told:
        import_file(place, "cells", path, ImportOptions(strict=True))
    assert str(tmp_path) not in told.value.message
    assert list((tmp_path / "rejects").glob("cells-*.rejects.csv"))
