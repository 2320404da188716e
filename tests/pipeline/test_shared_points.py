"""A coordinate of many names is a centroid whichever way its complaints came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from geoservice.config import default_config
from geoservice.intake.readers.limits import CHUNK_RECORDS
from geoservice.pipeline import Workplace, import_file, shared_points
from geoservice.pipeline.locating import LocatorCache, forget_fixes, locate_pending
from geoservice.records import ImportOptions
from geoservice.service.recording import record
from geoservice.store import Store

NAMES = ["锦绣花园", "人民医院", "第三中学", "东门市场", "火车站", "Oak Street"]
LAT, LON = 22.537123, 114.057865
HEADER = "ticket_no,accepted_at,text,lat,lon,place_text\n"


def place_in(folder: Path) -> Workplace:
    folder.mkdir(exist_ok=True)
    return Workplace(Store(f"sqlite:///{folder}/geo.db"), folder, default_config(), LocatorCache())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    here = place_in(tmp_path / "one")
    yield here
    here.store.close()


def row(number: int, name: str, lat: float = LAT, text: str = "没信号") -> str:
    return f"T{number},2026-03-04 10:00:00,{text},{lat},{LON},{name}\n"


def take(place: Workplace, *rows: str, name: str = "a.csv") -> None:
    path = place.folder / name
    path.write_text(HEADER + "".join(rows), "utf-8")
    import_file(place, "complaints", path, ImportOptions(source="desk"))


def radii(place: Workplace) -> dict[str, list[float]]:
    """Radii of the fixes of each ticket."""
    tickets = place.store.read("complaints", ["complaint_id", "ticket_no"])
    fixes = place.store.read("fixes", ["complaint_id", "radius_m", "precision", "lat"])
    found = tickets.merge(fixes, on="complaint_id").sort_values("ticket_no")
    return found.groupby("ticket_no")["radius_m"].apply(list).to_dict()


def test_five_tickets_are_a_centroid_in_one_file_and_one_by_one_and_again(place: Workplace, tmp_path: Path) -> None:
    rows = [row(number, name) for number, name in enumerate(NAMES[:5])]
    take(place, *rows)
    together = radii(place)
    assert {radius for (radius,) in together.values()} == {1000.0}
    ways = [place_in(tmp_path / name) for name in ("files", "desk")]
    for number, one in enumerate(rows):
        take(ways[0], one, name=f"{number}.csv")
        fields = dict(zip(HEADER.strip().split(","), one.strip().split(","), strict=True))
        record(ways[1], fields, "desk")
    for way in ways:
        assert radii(way) == together
        with way.store.importing() as transaction:
            forget_fixes(transaction)
        assert locate_pending(way.store, way.locators, way.config) == 5
        assert radii(way) == together
        way.store.close()


def test_four_names_are_a_place_and_house_numbers_are_no_names(place: Workplace) -> None:
    take(place, *(row(number, f"锦绣花园{number}号楼") for number in range(8)), name="a.csv")
    take(place, *(row(10 + number, name) for number, name in enumerate(NAMES[1:4])), name="b.csv")
    assert {radius for (radius,) in radii(place).values()} == {min(radius for (radius,) in radii(place).values())}
    assert max(radius for (radius,) in radii(place).values()) < 1000


def test_the_fifth_name_is_in_another_chunk(place: Workplace) -> None:
    far = [row(100 + number, "远方", lat=30 + number * 1e-4) for number in range(CHUNK_RECORDS)]
    take(place, *(row(number, name) for number, name in enumerate(NAMES[:4])), *far, row(4, NAMES[4]))
    found = radii(place)
    assert all(found[f"T{number}"] == [1000.0] for number in range(5))
    assert len(found) == CHUNK_RECORDS + 5


def test_one_more_ticket_leaves_the_others_alone(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    take(place, *(row(number, name) for number, name in enumerate(NAMES[:5])))
    located: list[int] = []
    fixes_of = shared_points.fixes_of

    def counted(locator: object, complaints: pd.DataFrame, names: object) -> pd.DataFrame:
        located.append(len(complaints))
        return fixes_of(locator, complaints, names)  # type: ignore[arg-type]

    monkeypatch.setattr(shared_points, "fixes_of", counted)
    fields = dict(zip(HEADER.strip().split(","), row(9, NAMES[5]).strip().split(","), strict=True))
    answer = record(place, fields, "desk")
    assert located == [1]
    assert [fix["radius_m"] for fix in answer["fixes"]] == [1000.0]


def test_many_coordinates_are_counted_by_the_database(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_points, "_MANY", 3)
    take(place, *(row(number, name) for number, name in enumerate(NAMES[:4])), name="a.csv")
    others = [row(20 + number, "别处", lat=23 + number / 10) for number in range(9)]
    take(place, row(4, NAMES[4]), *others, name="b.csv")
    assert [radii(place)[f"T{number}"] for number in range(5)] == [[1000.0]] * 5
