"""What goes out: attacks 30–34 and 37 through the doors of the whole service; 35 and 36 have files of their own."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geoservice.service import AnalyseOptions, Service, open_service
from tests.api.poison import poisoned

FORMULAS = ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("http://x","y")']
POISON = ["\x1b[31mred", "\ufffe no character", "信" * 40_000, "]]></value><script>1</script>", "'; drop table x; --"]
FORMATS = ["csv", "xlsx", "gpkg", "geojson", "kml", "parquet", "json"]


@pytest.fixture(scope="module")
def hostile(town_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server over a copy of the town where everybody wrote what they should not have written."""
    original = Path(town_database.removeprefix("sqlite:///"))
    path = poisoned(original, tmp_path_factory.mktemp("hostile") / "data", [*FORMULAS, *POISON])
    settings = Settings(database=f"sqlite:///{path}", rate_per_s=0)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        yield client


def spread(client: TestClient, format_: str, what: str = "site-requests") -> Any:
    answer = client.get(f"/v1/export/{what}?format={format_}&lang=zh")
    assert answer.status_code == 200, answer.text[:300]
    return answer


@pytest.mark.parametrize("what", ["site-requests", "hotspots", "actions"])
def test_30_no_cell_of_a_workbook_is_a_formula_or_a_link(hostile: TestClient, what: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(spread(hostile, "xlsx", what).content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    shown = {cell.value for cell in cells if isinstance(cell.value, str)}
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    assert not any(cell.hyperlink for cell in cells)
    if what == "site-requests":
        assert set(FORMULAS[:4]) <= shown, "the texts are there, as texts"


@pytest.mark.parametrize("what", ["site-requests", "hotspots", "actions", "weak-cells", "complaints"])
def test_30_no_cell_of_a_csv_begins_like_a_formula(hostile: TestClient, what: str) -> None:
    text = spread(hostile, "csv", what).content.decode("utf-8-sig")
    guarded = set()
    for row in csv.DictReader(io.StringIO(text, newline="")):
        for name, value in row.items():
            assert not value.startswith(("=", "@", "\t", "\r", "\0", "＝")), name
            assert not value.startswith(("+", "-")) or re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", value), name
            guarded |= {value[1:]} if value.startswith("'") else set()
    if what == "site-requests":
        assert {said for said in FORMULAS if said[0] not in "\t\r"} <= guarded


def test_30_what_was_guarded_comes_back_as_it_was(tmp_path: Path) -> None:
    from geoservice import export

    rows = {"ticket_no": [f"T{k}" for k in range(len(FORMULAS))], "text": FORMULAS}
    frame = pd.DataFrame({**rows, "accepted_at": "2026-03-01T08:00:00+08:00", "lat": 30.2, "lon": 117.9})
    export.write(frame, tmp_path / "out.csv", layer="complaints")
    service = open_service(f"sqlite:///{tmp_path}/other.db", tmp_path)
    try:
        assert service.import_file("complaints", tmp_path / "out.csv").taken == len(FORMULAS)
        back = service.store.read("complaints", ["ticket_no", "text"]).set_index("ticket_no")["text"]
    finally:
        service.close()
    assert [back[f"T{k}"].strip() for k in range(len(FORMULAS))] == [text.strip() for text in FORMULAS]


def test_30_a_description_for_google_earth_is_text(hostile: TestClient) -> None:
    kml = spread(hostile, "kml", "site-requests").text
    assert "<script" not in kml
    assert "<![CDATA[" not in kml


@pytest.mark.parametrize("format_", FORMATS)
def test_33_one_poisonous_row_stops_no_export(hostile: TestClient, format_: str) -> None:
    answer = spread(hostile, format_)
    assert len(answer.content) > 1000
    if format_ != "json":
        count, *named = answer.headers["altered"].split("; ")
        assert int(count) >= 4
        assert named
        assert all(re.fullmatch(r"(\d+|-) \w+", cell) for cell in named)
        assert "red" not in answer.headers["altered"].replace("refused", "")


_FULL = """
import resource, sys
from pathlib import Path
from geoservice import export
from geoservice.errors import FileError
from geoservice.service import open_service
frame = open_service(sys.argv[1]).frame("hexes")
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    export.write(frame, Path(sys.argv[2]), layer="hex_rates")
except FileError as error:
    sys.exit(7 if error.code == "no-space" else 8)
"""
_KILLED = """
import os, signal, sys
from pathlib import Path
from geoservice.service import open_service
service = open_service(sys.argv[1])
frame = service.frame("hexes")
real = os.replace
def die(source, target, **more):
    if str(target) == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    real(source, target, **more)
os.replace = die
service.export("hexes", Path(sys.argv[2]), "en")
"""


def _elsewhere(script: str, database: str, target: Path) -> int:
    done = subprocess.run([sys.executable, "-c", script, database, str(target)], check=False, capture_output=True)
    print(done.stderr.decode()[-2000:])
    return done.returncode


@pytest.fixture(scope="module")
def quiet(town_database: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    copy = tmp_path_factory.mktemp("quiet") / "data"
    shutil.copytree(Path(town_database.removeprefix("sqlite:///")).parent, copy)
    return f"sqlite:///{copy}/geo.db"


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".gpkg", ".xlsx"])
def test_34_a_full_disk_leaves_no_file_and_is_named(quiet: str, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"hexes{suffix}"
    target.write_text("the file of yesterday")
    assert _elsewhere(_FULL, quiet, target) == 7
    assert target.read_text() == "the file of yesterday"
    assert os.listdir(tmp_path) == [target.name]


@pytest.mark.slow
def test_34_a_killed_export_leaves_nothing_under_its_name_and_is_swept(quiet: str, tmp_path: Path) -> None:
    from geoservice.export import sweep_orphans

    target = tmp_path / "hexes.csv"
    assert _elsewhere(_KILLED, quiet, target) == -signal.SIGKILL
    assert not target.exists()
    (orphan,) = tmp_path.iterdir()
    os.utime(orphan, (0, 0))
    assert sweep_orphans(tmp_path) == 1
    assert os.listdir(tmp_path) == []


# --- 32: the policy of every page --------------------------------------------------------------

PAGES = ["/", "/desk", "/planning", "/jobs", "/login", "/docs"]


@pytest.mark.parametrize("path", PAGES)
def test_32_every_page_runs_our_own_files_only(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"}, follow_redirects=False)
    # A page leaves its language with the browser; other tests are no such browser.
    client.cookies.clear()
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    for tag in re.findall(r"<script[^>]*>", answer.text):
        assert 'src="/ui/' in tag or 'type="application/json"' in tag, tag
    assert not re.search(r"\son\w+\s*=\s*[\"']", answer.text), "no handler in markup"
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"'](?:https?:)?//", answer.text)


def test_32_a_map_that_is_taken_away_never_runs_in_our_origin(client: TestClient) -> None:
    """The exported page holds inline script; it is a download, and even opened here the policy would stop it."""
    answer = client.get("/v1/view?bbox=117,29,119,31.5&format=html")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


# --- 37: a thousand addresses at one point are no place ----------------------------------------


@pytest.mark.slow
def test_37_a_centroid_for_five_hundred_addresses_is_no_hotspot(
    town_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "data"
    shutil.copytree(Path(town_database.removeprefix("sqlite:///")).parent, copy)
    service = open_service(f"sqlite:///{copy}/geo.db")
    connected: list[object] = []
    only_at_home(monkeypatch, connected)
    try:
        lat, lon = _nowhere(service)
        report = service.import_file("complaints", _centroids(service, tmp_path, lat, lon))
        assert report.taken == 500
        fixes = service.store.read("fixes")
        mine = fixes[(fixes["lat"] - lat).abs().lt(1e-4) & (fixes["lon"] - lon).abs().lt(1e-4)]
        assert len(mine) >= 500
        # Said with the fix: a centroid's true precision is an area.
        assert not set(mine["precision"]) & {"exact", "building", "street"}
        assert mine["radius_m"].min() >= 1000
        run = service.analyse(AnalyseOptions(replicas=99))
        spots = service.view(run.run_id).hotspots
        near = (spots["lat"] - lat).abs().lt(0.01) & (spots["lon"] - lon).abs().lt(0.01)
        assert not near.any(), spots.loc[near, ["lat", "lon", "customers"]]
    finally:
        service.close()
    assert connected == [], "no address left the house"


def only_at_home(monkeypatch: pytest.MonkeyPatch, connected: list[object]) -> None:
    """Refuse and note every connection to another machine; processes of ours may speak to one another."""
    real = socket.socket.connect

    def noted(wire: socket.socket, address: Any) -> None:
        if wire.family == socket.AF_UNIX:
            return real(wire, address)
        connected.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", noted)


def _nowhere(service: Service) -> tuple[float, float]:
    """A point inside the town, away from every hotspot."""
    view = service.view()
    rates = view.coverage[["lat", "lon"]].to_numpy(float)
    for lat, lon in rates:
        away = (view.hotspots["lat"] - lat).abs().gt(0.02) | (view.hotspots["lon"] - lon).abs().gt(0.02)
        if away.all():
            return round(float(lat), 6), round(float(lon), 6)
    raise AssertionError("the whole town is a hotspot")


def _centroids(service: Service, folder: Path, lat: float, lon: float) -> Path:
    newest = service.store.read("complaints", ["accepted_at"])["accepted_at"].max()
    source = folder / "addresses.csv"
    lines = ["ticket_no,accepted_at,text,place_text,lat,lon,customer_no"]
    for number in range(500):
        name = (
            f"{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'东西南北中'[number // 10 % 5]}{'山水花石云'[number // 50 % 5]}路"
        )
        moment = newest.isoformat()
        lines.append(f"X{number},{moment},没有信号,{name}{number}号,{lat},{lon},139{number:08d}")
    source.write_text("\n".join(lines), "utf-8")
    return source
