"""Attacks 35, 44, 46, 51 and 52 on the whole server; the others of C and D have files of their own beside this one."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.settings import Settings
from geoservice.service import Role
from tests.api.people import Town, closed

CANARY = "13987654321"


@pytest.fixture(scope="module")
def town(settings: Settings) -> Iterator[Town]:
    with closed(settings, rate_per_s=0.0) as opened:
        yield opened


@pytest.mark.parametrize(
    "path",
    [
        "/ui/../main.py",
        "/ui/%2e%2e/main.py",
        "/ui/..%2f..%2fgeo.db",
        "/ui//etc/passwd",
        "/ui/map/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/ui/app.css%00.html",
        "/ui/" + "a" * 5000,
        "/v1/export/..%2f..%2fetc%2fpasswd?format=csv",
        "/v1/export/hotspots%0d%0aX-Evil:1?format=csv",
    ],
)
def test_35_no_path_leads_out(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {404, 422}
    assert "x-evil" not in answer.headers


def test_35_names_of_downloads_are_ours(client: TestClient) -> None:
    answer = client.get("/v1/export/hotspots?format=csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="hotspots.csv"'


@pytest.mark.parametrize("text", ["zzz", "f" * 16, "-1", "8" * 800, "８９", "8" + "f" * 14, "0" * 15, "%20"])
def test_44_odd_hexes_are_no_server_errors(client: TestClient, text: str) -> None:
    for path in (f"/ogc/collections/hexes/items/{text}.all", f"/ogc/collections/hexes/items?hex={text}"):
        assert client.get(path).status_code in {200, 400, 404, 422}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": ""},
    ],
)
def test_46_other_host_names_are_not_answered(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/v1/status", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=" + ",".join(f"{k}-{k}" for k in range(4000))},
        {"X-Forwarded-For": "1.2.3.4, 5.6.7.8", "X-Forwarded-Proto": "https"},
        {"Cookie": "gs_session=" + "x" * 5000 + "; lang=zh; ;;=;"},
        {"Accept-Language": "zh;q=" + "9" * 5000},
        {"If-None-Match": '"' * 3000},
        {"Authorization": "Bearer " + "x" * 8000},
    ],
)
def test_46_odd_headers_harm_nothing(town: Town, headers: dict[str, str]) -> None:
    assert town.client.get("/ui/app.css", headers=headers).status_code in {200, 206, 400, 416}
    assert town.client.get("/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PUT", "PATCH", "BREW"])
def test_46_odd_methods_are_refused(town: Town, method: str) -> None:
    answer = town.client.request(method, "/v1/hotspots", headers=town.headers(Role.ADMIN))
    assert answer.status_code in {403, 405}


def test_46_a_forged_address_is_not_recorded(town: Town) -> None:
    forged = {**town.headers(Role.PLANNER), "X-Forwarded-For": "9.9.9.9"}
    town.client.get("/v1/audit", headers=forged)
    newest = town.client.get("/v1/audit?limit=1", headers=town.headers(Role.ADMIN)).json()[0]
    assert newest["address"] != "9.9.9.9"


def test_51_a_number_stays_where_it_is_typed(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client, admin = town.client, town.headers(Role.ADMIN)
    place = {"lat": 30.2, "lon": 117.9}
    bodies = [
        {**place, "text": f"我的号码{CANARY}没有信号", "customer_no": CANARY},
        {**place, "text": "x", "lat": CANARY, "customer_no": CANARY},
        {**place, "text": "x", "unknown": CANARY},
        {**place, "text": "x", "ticket_no": CANARY},
    ]
    seen = ""
    for body in bodies:
        answer = client.post(
            "/v1/complaints", content=json.dumps(body), headers={**admin, "Content-Type": "application/json"}
        )
        seen += answer.text + str(answer.headers)
    history = client.post("/v1/customers/history", json={"customer_no": CANARY}, headers=admin)
    assert history.json()["tickets"]
    seen += history.text
    for path in ("/v1/audit?limit=1000", "/metrics", "/v1/jobs", "/v1/status", "/openapi.json"):
        seen += client.get(path, headers=admin).text
    assert CANARY not in seen
    assert CANARY not in caplog.text
    folder = Path(client.app.state.service.folder)
    stored = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert CANARY.encode() not in stored


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/metrics", "/v1/status", "/ogc", "/", "/desk", "/planning"]
)
def test_52_strangers_see_nothing(town: Town, path: str) -> None:
    answer = town.client.get(path)
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


def test_52_answers_about_people_are_kept_by_nobody(town: Town) -> None:
    headers = town.headers(Role.HANDLER)
    taken = town.client.post("/v1/complaints", json={"text": "没有信号", "lat": 30.2, "lon": 117.9}, headers=headers)
    answer = town.client.get(taken.headers["location"], headers=headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_52_folders_list_nothing(client: TestClient) -> None:
    for path in ("/ui/", "/ui/vendor/", "/ui/map/"):
        assert client.get(path).status_code == 404
