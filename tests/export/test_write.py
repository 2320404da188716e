"""Every format read back with somebody else's reader."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoservice import export, grid, tables
from geoservice.errors import InputError
from geoservice.export import unguard_formula, write
from geoservice.export.xlsx import sheet_name, write_xlsx

sys.path.insert(0, str(Path(__file__).parent))
import export_factories as factories

KML = "{http://www.opengis.net/kml/2.2}"
LEADS = ["=", "+", "-", "@", "\t", "\r", "\0", "＝"]
EVIL = [f'{lead}HYPERLINK("http://x","信号")' for lead in LEADS]
MAKERS = {"requests": factories.site_requests, "hotspots": factories.hotspots, "coverage": factories.coverage}


@pytest.mark.parametrize("suffix", export.FORMATS)
@pytest.mark.parametrize("table", MAKERS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_table_goes_into_every_format(tmp_path: Path, suffix: str, table: str, language: str) -> None:
    frame = MAKERS[table]()
    report = write(frame, tmp_path / f"out{suffix}", layer="图层", language=language)
    assert report.rows == len(frame)
    assert report.altered == []
    assert [p.name for p in tmp_path.iterdir()] == [f"out{suffix}"]


@pytest.mark.parametrize("suffix", export.FORMATS)
def test_an_empty_table_goes_into_every_format(tmp_path: Path, suffix: str) -> None:
    for table in (tables.SITE_REQUESTS, tables.COVERAGE, tables.HOTSPOTS, tables.WHAT_IF):
        assert write(tables.empty(table), tmp_path / f"out{suffix}", layer="x").rows == 0


def test_unknown_suffix_and_language_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.xlsx"):
        write(factories.coverage(), tmp_path / "a.shp", layer="x")
    with pytest.raises(InputError, match="language"):
        write(factories.coverage(), tmp_path / "a.csv", layer="x", language="fr")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no hex"):
        write(tables.empty(tables.ACTIONS), tmp_path / "a.kml", layer="x")


def test_csv_guards_formulas_and_reading_back_strips_the_guard(tmp_path: Path) -> None:
    frame = factories.site_requests(len(EVIL), place=EVIL)
    report = write(frame, tmp_path / "a.csv", layer="x")
    raw = (tmp_path / "a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, text in zip(rows, EVIL, strict=True):
        assert row["place"].startswith("'")
        if "\0" not in text:
            assert unguard_formula(row["place"]) == text
        assert not any(cell.startswith(tuple(LEADS)) for name, cell in row.items() if name in ("place", "sentence_zh"))
    assert {(entry.row, entry.column) for entry in report.altered} == {(LEADS.index("\0"), "place")}


def test_csv_leaves_numbers_alone(tmp_path: Path) -> None:
    write(factories.coverage(), tmp_path / "a.csv", layer="x")
    back = pd.read_csv(tmp_path / "a.csv")
    assert back["rsrp_dbm"].tolist() == factories.coverage()["rsrp_dbm"].tolist()
    assert back["rsrp_dbm"].iloc[0] == -125.0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1, max_size=4))
def test_csv_out_and_in_is_the_identity(tmp_path: Path, texts: list[str]) -> None:
    frame = pd.DataFrame({"cgi": texts, "height_m": np.linspace(-1.5, 1e-9, len(texts))})
    write(frame, tmp_path / "a.csv", layer="x")
    back = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert [unguard_formula(text) for text in back["cgi"]] == texts
    assert [float(v) for v in back["height_m"]] == frame["height_m"].tolist()


def test_hexes_are_text_because_spreadsheets_round_large_numbers(tmp_path: Path) -> None:
    frame = factories.coverage()
    write(frame, tmp_path / "a.csv", layer="x")
    texts = pd.read_csv(tmp_path / "a.csv", dtype=str)["hex"]
    assert grid.text_to_hex(texts).tolist() == frame["hex"].tolist()


def test_xlsx_has_no_formula_no_link_a_frozen_header_and_chinese_titles(tmp_path: Path) -> None:
    write(factories.site_requests(len(EVIL), place=EVIL), tmp_path / "a.xlsx", layer="需求")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["建站需求汇总", "证据"]
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert not any(cell.data_type == "f" or cell.hyperlink for row in sheet for cell in row)
    titles = [cell.value for cell in book.worksheets[0][1]]
    assert titles[:2] == ["需求单编号", "分析批次"]
    assert "建议挂高(m)" in titles
    assert len(titles) == len(set(titles))
    topics = {row[1].value for row in book.worksheets[1].iter_rows(min_row=2)}
    assert {"投诉类别构成(人)", "优先级构成(分)", "最近站点及距离(m)", "已试优化措施"} <= topics


def test_xlsx_keeps_numbers_as_numbers_and_times_as_times(tmp_path: Path) -> None:
    write(factories.hotspots(1), tmp_path / "a.xlsx", layer="hot", language="en")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    row = {title.value: cell.value for title, cell in zip(sheet[1], sheet[2], strict=True)}
    assert row["Relative risk (×)"] == 4.0
    assert row["From (UTC)"] == pd.Timestamp("2026-03-01")


def test_every_exported_column_has_a_title_in_both_languages() -> None:
    for table in ("site_requests", "hotspots", "actions", "coverage", "hex_rates", "what_if", "diagnoses"):
        for column in tables.TABLES[table].names:
            zh, en = (export.title(table, column, language) for language in ("zh", "en"))
            assert zh != column, (table, column)
            assert en != column, (table, column)
            assert any("\u4e00" <= c <= "\u9fff" for c in zh) or zh.isupper() or "(" in zh


POISON = ["a\x00b", "lone \ud800", "\x1b[31mred", "\ufffe", "信" * 40_000, "😀" * 20_000]


@pytest.mark.parametrize("suffix", export.FORMATS)
def test_poison_is_altered_listed_and_never_stops_the_export(tmp_path: Path, suffix: str) -> None:
    frame = factories.site_requests(len(POISON))
    frame["place"] = pd.Series(POISON, dtype=object)
    report = write(frame, tmp_path / f"a{suffix}", layer="[x]:*?/\\'\ud800\x01", language="zh")
    rows = {entry.row for entry in report.altered if entry.column == "place"}
    assert rows == ({0, 1, 2, 3, 4, 5} if suffix == ".xlsx" else {0, 1, 2, 3})
    if suffix == ".xlsx":
        place = factories.site_requests().columns.get_loc("place")
        sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
        values = [row[place].value for row in sheet.iter_rows(min_row=2)]
        assert all(len(value.encode("utf-16-le")) // 2 <= 32_767 for value in values)
        assert values[4].startswith("信" * 32_766)


def test_rows_beyond_the_limit_go_on_another_sheet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"cgi": [f"c{i}" for i in range(25)]})
    altered = write_xlsx(frame, tmp_path / "a.xlsx", "cells", "en", max_rows=11)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [sheet.max_row for sheet in book] == [11, 11, 6]
    assert len(altered) == 2
    found = [row[0].value for sheet in book for row in sheet.iter_rows(min_row=2)]
    assert found == frame["cgi"].tolist()


@pytest.mark.parametrize("name", ["[x]:", "a" * 40, "History", "'q'", "", "/", "表/一"])
def test_sheet_names_are_those_excel_accepts(name: str) -> None:
    altered: list[export.Altered] = []
    clean = sheet_name(name, altered)
    assert 1 <= len(clean) <= 31
    assert not set(clean) & set("[]:*?/\\")
    assert not clean.startswith("'")
    assert clean.lower() != "history"
    assert len(altered) == 1


def test_geojson_follows_rfc_7946(tmp_path: Path) -> None:
    write(factories.coverage(), tmp_path / "a.geojson", layer="x")
    found = json.loads((tmp_path / "a.geojson").read_text("utf-8"))
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    for feature in found["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.exterior.is_ccw
        assert shape.bounds[0] > 100, "longitude comes first"
        for x, y in shape.exterior.coords:
            assert (round(x, 7), round(y, 7)) == (x, y)
    assert found["features"][0]["properties"]["samples"] is None


def test_geojson_out_and_in_is_the_identity(tmp_path: Path) -> None:
    frame = factories.site_requests()
    write(frame, tmp_path / "a.geojson", layer="x")
    features = json.loads((tmp_path / "a.geojson").read_text("utf-8"))["features"]
    back = tables.conform(pd.DataFrame([f["properties"] for f in features]), tables.SITE_REQUESTS)
    pd.testing.assert_frame_equal(back, frame)


def test_a_hex_on_the_antimeridian_is_cut_in_two(tmp_path: Path) -> None:
    hexes = grid.to_hex([0.0, 10.0], [180.0, -179.9999], 5)
    write(pd.DataFrame({"hex": hexes}), tmp_path / "a.geojson", layer="x")
    for feature in json.loads((tmp_path / "a.geojson").read_text())["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.geom_type == "MultiPolygon"
        for part in shape.geoms:
            assert part.bounds[2] - part.bounds[0] < 1
            assert -180 <= part.bounds[0] <= part.bounds[2] <= 180


def test_geopackage_and_geoparquet_keep_values_names_and_places(tmp_path: Path) -> None:
    frame = factories.site_requests(place=["=1+1", "深圳"])
    write(frame, tmp_path / "a.gpkg", layer="建站需求")
    write(frame, tmp_path / "a.parquet", layer="x")
    for back in (
        geopandas.read_file(tmp_path / "a.gpkg", layer="建站需求"),
        geopandas.read_parquet(tmp_path / "a.parquet"),
    ):
        assert back["place"].tolist() == ["=1+1", "深圳"]
        assert back["customers"].tolist() == [6, 6]
        assert json.loads(back["classes"].iloc[0]) == frame["classes"].iloc[0]
        assert back.crs.to_epsg() == 4326
        assert back.geometry.iloc[0].coords[0] == pytest.approx((frame["lon"].iloc[0], frame["lat"].iloc[0]))


def test_geometry_given_by_the_caller_is_used(tmp_path: Path) -> None:
    shapes = np.array([shapely.Point(1, 2), shapely.Point(3, 4)], dtype=object)
    write(pd.DataFrame({"cgi": ["a", "b"]}), tmp_path / "a.parquet", layer="x", geometry=shapes)
    assert geopandas.read_parquet(tmp_path / "a.parquet").geometry.tolist() == shapes.tolist()
    with pytest.raises(InputError, match="geometries"):
        write(pd.DataFrame({"cgi": ["a"]}), tmp_path / "b.parquet", layer="x", geometry=shapes)


def test_kml_has_point_ring_and_sectors_and_escapes_text(tmp_path: Path) -> None:
    evil = "</name><script>alert(1)</script>]]>&lt;"
    write(factories.site_requests(1, place=[evil], sentence_zh=[evil]), tmp_path / "a.kml", layer=evil)
    root = ElementTree.parse(tmp_path / "a.kml").getroot()
    assert root.find(f"{KML}Document/{KML}name").text == evil
    folder = root.find(f"{KML}Document/{KML}Folder")
    marks = folder.findall(f"{KML}Placemark")
    assert len(marks) == 5, "point, search ring, three sectors"
    assert marks[0].find(f"{KML}Point/{KML}coordinates").text == "114.0579000,22.5431000"
    assert marks[0].find(f"{KML}description").text == evil
    values = {d.get("name"): d.find(f"{KML}value").text for d in marks[0].iter(f"{KML}Data")}
    assert values["place"] == evil
    corners = marks[1].find(f".//{KML}coordinates").text.split()
    assert corners[0] == corners[-1]
    assert b"<script>" not in (tmp_path / "a.kml").read_bytes()
    assert b"http://" not in (tmp_path / "a.kml").read_bytes().replace(b"http://www.opengis.net", b"")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", {"state": "草稿", "scene": "城郊", "tests_done": "未知"}),
        ("en", {"state": "Draft", "scene": "Suburb", "tests_done": "unknown"}),
    ],
)
def test_kml_speaks_one_language_and_csv_stays_for_machines(
    tmp_path: Path, language: Literal["zh", "en"], words: dict[str, str]
) -> None:
    frame = factories.site_requests(1, scene=["suburb"], tests_done=["未知 / unknown"], lat=[22.5431234])
    write(frame, tmp_path / "a.kml", layer="x", language=language)
    root = ElementTree.parse(tmp_path / "a.kml").getroot()
    mark = root.find(f".//{KML}Placemark")
    told = {d.get("name"): d.find(f"{KML}value").text for d in mark.iter(f"{KML}Data")}
    assert {name: told[name] for name in words} == words
    assert (told["lat"], told["lon"]) == ("22.543123", "114.057900")
    assert "NO_COVERAGE" not in told["classes"]
    assert "A07" not in told["actions_tried"]
    assert f"sentence_{'en' if language == 'zh' else 'zh'}" not in told
    write(frame, tmp_path / "a.csv", layer="x", language=language)
    row = pd.read_csv(tmp_path / "a.csv").iloc[0]
    assert (row["state"], row["scene"], row["lat"]) == ("draft", "suburb", 22.5431234)
    assert json.loads(row["classes"]) == frame["classes"].iloc[0]


def test_the_search_ring_has_its_radius() -> None:
    from geoservice import geodesy
    from geoservice.export.shapes import ring

    corners = np.array(ring(22.5, 114.0, 250.0).exterior.coords)
    assert geodesy.distance_m(22.5, 114.0, corners[:, 1], corners[:, 0]) == pytest.approx(250.0, abs=0.1)
