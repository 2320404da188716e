"""Hostile files: attacks 1–19 as far as they concern intake. Each is refused by name, before it costs anything."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoservice.errors import FileError, GeoserviceError
from geoservice.intake.readers import limits
from geoservice.intake.readers.sniff import local_file
from geoservice.network import CLEANERS
from geoservice.records import ImportOptions
from geoservice.tables import COMPLAINTS, GAZETTEER
from tests.intake.helpers import HEADER, intake, read, row, write


def never(*args: object, **kwargs: object) -> None:
    """Stands where a bomb would be unpacked."""
    raise AssertionError("the file was opened before it was refused")


def refused(path: Path, match: str) -> None:
    with pytest.raises(FileError, match=match):
        read(path)


def collection(*features: object, **extra: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **extra})


def feature(lon: object, lat: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [lon, lat]}}


def test_01_vrt_named_geojson_never_reaches_a_driver(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.csv", "lat,lon\n1,2\n")
    layer = f'<OGRVRTLayer name="x"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
    vrt = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    refused(write(tmp_path / "a.geojson", vrt), "web page or XML")


def test_03_gdal_algorithm_json_is_no_feature_collection(tmp_path: Path) -> None:
    text = json.dumps({"type": "gdal_streamed_alg", "command_line": "gdal vector select --input secret.csv"})
    refused(write(tmp_path / "a.geojson", text), "FeatureCollection")


def test_04_crs_link_is_refused_and_not_followed(tmp_path: Path) -> None:
    crs = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}
    text = collection(feature(104, 30, name="a"), crs=crs)
    with pytest.raises(FileError, match="crs member"):
        read(write(tmp_path / "a.geojson", text), GAZETTEER)


def bomb_xlsx(path: Path, size: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * size)
    return path


def test_05_xlsx_bomb_is_refused_before_a_sheet_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bomb_xlsx(tmp_path / "bomb.xlsx", 60_000_000)
    for unpacking in ("open", "read", "extract", "extractall"):
        monkeypatch.setattr(zipfile.ZipFile, unpacking, never)
    refused(path, "bomb")


def test_05_too_many_parts(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(limits.MAX_ZIP_ENTRIES + 1):
            archive.writestr(f"x{i}", "")
    refused(path, "parts in the workbook")


def test_05_lying_size_header_does_not_unpack_further(tmp_path: Path) -> None:
    path = bomb_xlsx(tmp_path / "liar.xlsx", 8_000_000)
    data = bytearray(path.read_bytes())
    true = struct.pack("<I", 8_000_000)
    position = data.find(true)
    while position >= 0:
        data[position : position + 4] = struct.pack("<I", 1000)
        position = data.find(true, position + 4)
    path.write_bytes(data)
    with pytest.raises(FileError):
        read(path)


def test_06_cells_in_opposite_corners_hit_the_cell_budget(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "ticket_no"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "corners.xlsx")
    refused(tmp_path / "corners.xlsx", "cell budget")
    wide = openpyxl.Workbook()
    for i, name in enumerate(HEADER.strip().split(","), 1):
        wide.active.cell(1, i, name)
    wide.active["XFD2"] = 1
    wide.save(tmp_path / "wide.xlsx")
    refused(tmp_path / "wide.xlsx", "cell budget")


def test_07_entities_in_a_sheet_are_never_expanded(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append(["T1", "2026-03-04", "", "没信号", 30.6, 104.0])
    book.save(tmp_path / "good.xlsx")
    secret = write(tmp_path / "secret.txt", "CANARY")
    hostile = tmp_path / "xxe.xlsx"
    with zipfile.ZipFile(tmp_path / "good.xlsx") as source, zipfile.ZipFile(hostile, "w") as target:
        for entry in source.infolist():
            text = source.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
                text = entity + text.replace("没信号".encode(), b"&e;")
            target.writestr(entry.filename, text)
    with pytest.raises(FileError) as caught:
        read(hostile)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0old", "old Excel"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0encrypted", "encrypted workbook"),
        ("a.xlsx", b"PK\x03\x04garbage", "damaged archive"),
        ("a.xlsx", b"<html><table></table></html>", "web page"),
        ("a.xlsx", b"", "empty"),
        ("a.csv", b"", "empty"),
        ("a.xlsm", b"PK\x03\x04", "macros"),
        ("a.xlsb", b"PK\x03\x04", "binary workbook"),
        ("a.csv.gz", b"\x1f\x8b", "unpack it first"),
        ("a.csv", b"\x1f\x8b\x08", "gzip"),
        ("a.csv", b"<html><body>1,2</body></html>", "web page"),
        ("a.csv", b"PAR1xxxx", "Parquet"),
        ("a.csv", b"PK\x03\x04", "ZIP"),
        ("a.exe", b"MZ", "unknown kind"),
        ("a.parquet", b"ticket_no,accepted_at\n", "not Parquet"),
        ("a.kml", b"<kml/>", "KML"),
    ],
)
def test_08_12_wrong_content_has_its_own_message(tmp_path: Path, name: str, content: bytes, match: str) -> None:
    refused(write(tmp_path / name, content), match)


def test_08_zip_slip_entry(tmp_path: Path) -> None:
    path = tmp_path / "slip.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("../../evil.txt", "x")
    refused(path, "outside it")
    assert not (tmp_path.parent / "evil.txt").exists()


def complaints_parquet(path: Path, rows: int) -> Path:
    columns = {
        "ticket_no": pa.array([f"T{i}" for i in range(rows)]),
        "accepted_at": pa.array([1_772_600_000_000_000] * rows, pa.timestamp("us", "UTC")),
        "text": pa.array(["没信号"] * rows),
        "lat": pa.array([30.66] * rows),
        "lon": pa.array([104.0] * rows),
        "floor": pa.array([3] * rows, pa.int64()),
    }
    pq.write_table(pa.table(columns), path)
    return path


def test_09_parquet_bomb_is_refused_by_its_row_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.parquet"
    pq.write_table(
        pa.table({"text": pa.DictionaryArray.from_arrays(np.zeros(2_000_000, np.int32), ["x" * 1600])}), path
    )
    for reading in ("iter_batches", "read", "read_row_group", "read_row_groups"):
        monkeypatch.setattr(pq.ParquetFile, reading, never)
    refused(path, "bomb")


def test_10_truncated_parquet(tmp_path: Path) -> None:
    path = complaints_parquet(tmp_path / "a.parquet", 1000)
    assert len(intake(path).complaints) == 1000
    write(path, path.read_bytes()[:-200])
    refused(path, "Parquet")


def test_10_flipped_bits_never_pass_unseen(tmp_path: Path) -> None:
    path = complaints_parquet(tmp_path / "a.parquet", 200)
    data = bytearray(path.read_bytes())
    for position in range(40, 200, 5):
        data[position] ^= 0x55
    write(path, bytes(data))
    try:
        done = intake(path)
    except GeoserviceError:
        return
    assert len(done.complaints) + len(done.rejects) + done.duplicates == 200


class Marker:
    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (Path("pickle-ran"),))


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.geojson", "a.jsonl"])
def test_11_pickle_is_never_loaded(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused(write(tmp_path / name, pickle.dumps(Marker())), "pickle")
    assert not (tmp_path / "pickle-ran").exists()


@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
def test_11_feather_and_hdf(tmp_path: Path, name: str) -> None:
    refused(write(tmp_path / name, b"ARROW1\0\0"), "Feather")
    refused(write(tmp_path / name, b"\x89HDF\r\n"), "HDF5")


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [
        ("NaN", "104.0", "half-a-coordinate"),
        ("Infinity", "104.0", "not-a-number"),
        ("1e999", "104.0", "not-a-number"),
        ("north", "104.0", "not-a-number"),
        ("", "104.0", "half-a-coordinate"),
        ("104.06", "30.66", "swapped"),
        ("30.66", "541", "outside"),
        ("1e300", "104", "outside"),
        ("91", "104", "outside"),
    ],
)
def test_13_bad_coordinates_cost_their_row_only(tmp_path: Path, lat: str, lon: str, code: str) -> None:
    done = intake(write(tmp_path / "a.csv", HEADER + row(1) + row(2, lat=lat, lon=lon)))
    assert done.complaints["ticket_no"].tolist() == ["T1"]
    assert done.rejects[["line", "code"]].to_numpy().tolist() == [[3, code]]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "null", "[]", '"x"', "1e999", "{}"])
def test_13_bad_coordinates_in_geojson(tmp_path: Path, value: str) -> None:
    text = collection(feature(104, 30, name="good"), feature("@", 30, name="bad")).replace('"@"', value)
    chunk = read(write(tmp_path / "a.geojson", text), GAZETTEER)
    assert chunk[2] == 2
    from geoservice.intake import read_rows

    total = 0
    for part in read_rows(tmp_path / "a.geojson", GAZETTEER, ImportOptions()):
        done = CLEANERS["gazetteer"](part, ImportOptions())
        assert done.frame["name"].tolist() == ["good"]
        assert done.rejects["line"].tolist() == [2]
        total += len(done.frame) + len(done.rejects)
    assert total == 2


def test_14_deep_nesting_is_refused_without_recursion(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    refused(write(tmp_path / "a.geojson", '{"type":"FeatureCollection","features":' + deep + "}"), "nested deeper")
    good = json.dumps({"ticket_no": "T1", "accepted_at": "2026-03-04", "text": "没信号", "lat": 30, "lon": 104})
    _, rejects, count = read(write(tmp_path / "a.jsonl", good + "\n" + '{"text":' + deep + "}\n"))
    assert (rejects["code"].tolist(), count) == (["too-deep"], 2)


def test_15_vertex_budget(tmp_path: Path) -> None:
    ring = [[104 + i * 1e-6, 30.0] for i in range(limits.MAX_VERTICES + 1)]
    area = {"type": "Feature", "properties": {"name": "big"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path = write(tmp_path / "a.geojson", collection(feature(104, 30, name="ok"), area))
    _, rejects, _ = read(path, GAZETTEER)
    assert rejects["code"].tolist() == ["vertex-budget"]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Polygon", "coordinates": []},
        {"type": "Point", "coordinates": [1]},
        {"type": "Polygon", "coordinates": [[[170, 0], [-170, 0], [-170, 1], [170, 0]]]},
        {"type": "Polygon", "coordinates": [[["x", 0], [1, 0]]]},
    ],
)
def test_17_18_odd_geometries_name_their_row(tmp_path: Path, geometry: object) -> None:
    odd = {"type": "Feature", "properties": {"name": "odd"}, "geometry": geometry}
    frame, rejects, count = read(write(tmp_path / "a.geojson", collection(feature(104, 30, name="ok"), odd)), GAZETTEER)
    assert (len(frame), rejects["line"].tolist(), count) == (1, [2], 2)


@pytest.mark.parametrize(
    "source",
    [
        "http://169.254.169.254/latest",
        "https://x/a.csv",
        "/vsicurl/http://127.0.0.1/a.csv",
        "file:///etc/passwd",
        "s3://b/k.csv",
        "/vsizip/a",
    ],
)
def test_19_urls_and_virtual_paths_are_never_opened(source: str) -> None:
    with pytest.raises(FileError, match="only local files"):
        read(source)  # type: ignore[arg-type]


def test_19_devices_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path, Path("/dev/zero")):
        with pytest.raises(FileError, match="not an ordinary file"):
            local_file(path)
    with pytest.raises(FileError, match="no such file"):
        local_file(tmp_path / "missing.csv")


def test_xlsx_round_trip_with_dates_and_whole_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["工单号", "受理时间", "用户号码", "投诉内容", "纬度", "经度"])
    book.active.append([1001, pd.Timestamp("2026-03-04 15:04").to_pydatetime(), 13800138000, "没信号", 30.66, 104.06])
    book.active.append([])
    book.active.append([1002, 46085.5, 13800138000.0, "NA", 30.66, 104.06])
    book.save(tmp_path / "a.xlsx")
    done = intake(tmp_path / "a.xlsx")
    assert done.complaints["ticket_no"].tolist() == ["1001", "1002"]
    assert done.complaints["accepted_at"].astype(str).tolist() == [
        "2026-03-04 07:04:00+00:00",
        "2026-03-04 04:00:00+00:00",
    ]
    assert done.complaints["text"].tolist() == ["没信号", "NA"]
    assert done.complaints["customer_key"].nunique() == 1


def test_27_workbook_of_1904_counts_days_from_there(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(HEADER.strip().split(","))
    book.active.append(["T1", 44623.5, "", "没信号", 30.66, 104.06])
    book.save(tmp_path / "a.xlsx")
    assert intake(tmp_path / "a.xlsx").complaints["accepted_at"].astype(str).tolist() == ["2026-03-04 04:00:00+00:00"]


def test_complaints_table_reads_geojson_and_json_lines(tmp_path: Path) -> None:
    record = {"ticket_no": "T1", "accepted_at": "2026-03-04T15:04:05+08:00", "text": "没信号"}
    path = write(tmp_path / "a.geojson", collection(feature(104.06, 30.66, **record)))
    lines = write(tmp_path / "a.jsonl", json.dumps({**record, "lat": 30.66, "lon": 104.06}) + "\n")
    plain = write(tmp_path / "b.json", json.dumps([{**record, "lat": 30.66, "lon": 104.06}]))
    several = write(tmp_path / "c.json", lines.read_text("utf-8") * 2)
    for found in (intake(path), intake(lines), intake(plain), intake(several)):
        assert found.complaints[["lat", "lon"]].to_numpy().tolist() == [[30.66, 104.06]]
    assert COMPLAINTS.name == "complaints"
