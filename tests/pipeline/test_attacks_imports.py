"""Hostile files through the whole import: nothing half taken, nothing fetched, nothing left behind (attacks 2–29)."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoservice.config import default_config
from geoservice.errors import FileError, InputError
from geoservice.pipeline import Workplace, import_file
from geoservice.pipeline.locating import LocatorCache
from geoservice.records import ImportOptions, ImportReport
from geoservice.store import Store

HEADING = "ticket_no,accepted_at,text,lat,lon,customer_no\n"
CANARY = "13999999999"


def line(n: int, **changes: str) -> str:
    row = {
        "ticket_no": f"T{n}",
        "accepted_at": "2026-03-04 15:04:05",
        "text": "没信号",
        "lat": "22.5",
        "lon": "114.1",
        "no": CANARY,
    }
    return ",".join({**row, **changes}.values()) + "\n"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    folder = tmp_path / "data"
    store = Store(f"sqlite:///{folder}/geo.db")
    yield Workplace(store, folder, default_config(), LocatorCache())
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
    store.close()
    assert not list(folder.rglob("*.part")), "a half-written file was left behind"
    assert CANARY.encode() not in b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def hits() -> Iterator[list[object]]:
    """A listener on the loopback and what knocked on it."""
    found: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            try:
                found.append(server.accept()[1])
            except TimeoutError:
                continue

    thread = threading.Thread(target=listen)
    thread.start()
    found.append(server.getsockname()[1])
    yield found
    stop.set()
    thread.join()
    server.close()


def take(place: Workplace, path: Path, text: str | bytes, table: str = "complaints", **options: bool) -> ImportReport:
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    report = import_file(place, table, path, ImportOptions(**options))
    assert report.taken + report.rejected + report.duplicates == report.read
    return report


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".csv", ".jsonl"])
def test_02_a_virtual_layer_over_the_network_is_not_followed(
    place: Workplace, tmp_path: Path, hits: list[object], suffix: str
) -> None:
    url = f"/vsicurl/http://127.0.0.1:{hits[0]}/a.csv"
    layer = f'<OGRVRTLayer name="x"><SrcDataSource relativeToVRT="0">{url}</SrcDataSource></OGRVRTLayer>'
    with pytest.raises(FileError):
        take(place, tmp_path / f"a{suffix}", f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>")
    assert len(hits) == 1


def test_04_a_linked_datum_is_not_fetched(place: Workplace, tmp_path: Path, hits: list[object]) -> None:
    crs = {"type": "link", "properties": {"href": f"http://127.0.0.1:{hits[0]}/crs", "type": "proj4"}}
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [114, 22]}}
    with pytest.raises(FileError, match="crs"):
        take(
            place, tmp_path / "a.geojson", json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]})
        )
    assert len(hits) == 1


@pytest.mark.parametrize("source", ["http://127.0.0.1:{}/a.csv", "/vsicurl/http://127.0.0.1:{}/a.csv"])
def test_19_an_address_is_no_file(place: Workplace, hits: list[object], source: str) -> None:
    with pytest.raises(FileError, match="only local files"):
        import_file(place, "complaints", Path(source.format(hits[0])), ImportOptions())
    assert len(hits) == 1


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("91", "0"),
        ("114.1", "22.5"),
        ("0", "541"),
        ("NaN", "1"),
        ("Infinity", "1"),
        ("1e999", "1"),
        ("[]", "1"),
        ("null", ""),
        ("22.5", ""),
    ],
)
def test_13_a_point_that_is_none_is_named_and_never_taken_as_another(
    place: Workplace, tmp_path: Path, lat: str, lon: str
) -> None:
    report = take(place, tmp_path / "a.csv", HEADING + line(1) + line(2, lat=lat, lon=lon))
    assert (report.taken, report.rejected) == (1, 1)
    rejects = pd.read_csv(str(report.rejects_file))
    assert rejects["line"].tolist() == [3]
    assert rejects["reason"].notna().all()


def test_10_a_parquet_file_with_flipped_bits_is_refused_or_its_rows_are(place: Workplace, tmp_path: Path) -> None:
    rows = [line(n).rstrip("\n").split(",") for n in range(200)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(dict(zip(HEADING.strip().split(","), zip(*rows, strict=True), strict=True))), path)
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(20):
        at = int(rng.integers(4, len(whole) - 8))
        broken = whole[:at] + bytes([whole[at] ^ (1 << int(rng.integers(8)))]) + whole[at + 1 :]
        with contextlib.suppress(InputError):
            take(place, path, broken)


def test_20_an_unclosed_quote_loses_its_own_row_only(place: Workplace, tmp_path: Path) -> None:
    text = HEADING + line(1) + line(2, text='"开着的') + line(3) + line(4)
    report = take(place, tmp_path / "a.csv", text)
    assert (report.read, report.taken, report.rejected) == (4, 3, 1)


@pytest.mark.parametrize("bad", ["\x00", "\ud800"])
def test_25_what_one_database_cannot_hold_no_database_takes(place: Workplace, tmp_path: Path, bad: str) -> None:
    body = (HEADING + line(1) + line(2, text=f"没{bad}信号") + line(3)).encode("utf-8", "surrogatepass")
    report = take(place, tmp_path / "a.csv", body)
    assert (report.taken, report.rejected) == (2, 1)


def test_28_the_same_file_and_the_same_rows_are_known(place: Workplace, tmp_path: Path) -> None:
    body = HEADING + "".join(line(n) for n in range(30))
    assert take(place, tmp_path / "a.csv", body).taken == 30
    again = take(place, tmp_path / "a.csv", body)
    assert (again.taken, again.duplicates) == (0, 30)
    renamed = take(place, tmp_path / "b.csv", body + line(30))
    assert (renamed.taken, renamed.duplicates) == (1, 30)
    other_body = take(place, tmp_path / "c.csv", HEADING + line(3, text="掉话"))
    assert (other_body.taken, place.store.count("complaints")) == (1, 31)
    assert place.store.count("fixes") == 31


BAD_LINES = [2, *range(400, 435), 1001]


def test_29_partial_takes_the_good_rows_and_names_every_bad_one(place: Workplace, tmp_path: Path) -> None:
    report = take(place, tmp_path / "a.csv", _with_bad_lines())
    assert (report.read, report.taken, report.rejected) == (1000, 963, 37)
    rejects = pd.read_csv(str(report.rejects_file))
    assert rejects["line"].tolist() == BAD_LINES
    assert CANARY not in Path(str(report.rejects_file)).read_text("utf-8")


def test_29_strict_takes_nothing(place: Workplace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="37 of 1000"):
        take(place, tmp_path / "a.csv", _with_bad_lines(), strict=True)
    assert place.store.count("complaints") == place.store.count("fixes") == 0
    assert place.store.imports() == []


def _with_bad_lines() -> str:
    good = {n: line(n) for n in range(2, 1002)}
    bad = {n: line(n, lat=f"x{CANARY}") for n in BAD_LINES}
    return HEADING + "".join({**good, **bad}.values())


def test_an_alarm_export_with_code_and_name_is_not_ambiguous(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "alarms.csv"
    path.write_text("告警源,告警码,告警名称,告警级别,发生时间\nS1,29240,小区退服,重要,2026-03-04 10:00\n", "utf-8")
    report = import_file(place, "alarms", path, ImportOptions())
    assert (report.taken, report.rejected) == (1, 0)
    assert report.mapping == {"告警源": "object_key", "告警码": "code", "告警名称": "name", "告警级别": "severity",
                              "发生时间": "raised_at"}  # fmt: skip
    assert place.store.read("alarms")[["code", "name"]].to_numpy().tolist() == [["29240", "小区退服"]]


def test_two_names_of_an_alarm_are_still_ambiguous(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "alarms.csv"
    path.write_text("告警源,告警码,告警编号,告警级别,发生时间\nS1,1,2,重要,2026-03-04 10:00\n", "utf-8")
    with pytest.raises(FileError, match="both mean alarms"):
        import_file(place, "alarms", path, ImportOptions())


def test_the_report_of_an_import_says_what_the_headings_were_taken_for(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("工单号,受理时间,投诉内容,纬度,经度,备注2\nT1,2026-03-04 10:00,没信号,22.5,114.1,x\n", "utf-8")
    report = import_file(place, "complaints", path, ImportOptions())
    assert report.mapping == {"工单号": "ticket_no", "受理时间": "accepted_at", "投诉内容": "text", "纬度": "lat",
                              "经度": "lon"}  # fmt: skip
