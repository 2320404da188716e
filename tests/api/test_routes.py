"""What every route answers, and in which shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

BOX = "117.5,29.5,119,31"


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    return body


@pytest.mark.parametrize("path", ["/", "/desk", "/planning"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_come_in_both_languages(client: TestClient, path: str, language: str) -> None:
    page = client.get(path, params={"lang": language})
    assert page.status_code == 200
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert "https://" not in page.text


def test_pages_allow_no_inline_script(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
    runnable = [part for part in page.text.split("<script")[1:] if "src=" not in part.split(">")[0]]
    assert all('type="application/json"' in part.split(">")[0] for part in runnable)


@pytest.mark.parametrize(
    "path",
    [
        "/healthz", "/readyz", "/v1/status", "/v1/hotspots", "/v1/actions", "/v1/site-requests", "/v1/runs",
        f"/v1/hexes?bbox={BOX}", f"/v1/cells?bbox={BOX}", f"/v1/places?bbox={BOX}", "/openapi.json",
        "/v1/coverage?lat=30.3&lon=118.1", "/v1/locations/suggest?q=a", "/v1/locations/lookup?q=30.3,118.1",
    ],
)  # fmt: skip
def test_read_routes_answer_json_without_nan(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    json.loads(answer.text, parse_constant=lambda name: pytest.fail(f"{name} in {path}"))


def test_results_are_cached_by_tag(client: TestClient) -> None:
    first = client.get("/v1/hotspots")
    again = client.get("/v1/hotspots", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize(
    "measure", ["customers", "rate", "excess", "significance", "rsrp", "sinr", "basis", "best_server"]
)
def test_every_measure_is_served(client: TestClient, measure: str) -> None:
    answer = client.get("/v1/hexes", params={"bbox": BOX, "zoom": 12, "measure": measure}).json()
    assert answer["measure"] == measure
    assert answer["hexes"]
    assert len(answer["hexes"]) == len(answer["values"]) <= 3000


@pytest.mark.parametrize(
    ("accept", "start"),
    [
        ("text/csv", b"\xef\xbb\xbf"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("application/geo+json", b"{"),
        ("application/vnd.google-earth.kml+xml", b"<?xml"),
    ],
)
def test_site_requests_negotiate_their_format(client: TestClient, accept: str, start: bytes) -> None:
    answer = client.get("/v1/site-requests", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(accept)
    assert answer.content.startswith(start)


def test_a_complaint_is_taken_classified_and_located(client: TestClient) -> None:
    spot = client.get("/v1/hotspots").json()[0]
    body = {
        "ticket_no": "API-1", "text": "家里信号只有一格，打电话得去阳台", "customer_no": "13900001111",
        "lat": spot["lat"], "lon": spot["lon"], "accepted_at": "2026-03-31T10:00:00+08:00",
    }  # fmt: skip
    taken = client.post("/v1/complaints", json=body)
    assert taken.status_code == 201
    answer = taken.json()
    assert answer["class"] == "WEAK_SIGNAL"
    assert answer["phrase"]
    assert answer["fixes"][0]["precision"] in {"gnss", "building"}
    assert "13900001111" not in taken.text
    assert client.get(taken.headers["location"]).json()["ticket_no"] == "API-1"
    again = client.post("/v1/complaints", json=body)
    assert (again.status_code, again.json()["complaint_id"]) == (200, answer["complaint_id"])
    problem(client.post("/v1/complaints", json={**body, "text": "上网很慢"}), 409)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"text": "没信号"}, 422),
        ({"text": "没信号", "lat": 91, "lon": 10}, 422),
        ({"text": "没信号", "place_text": "x", "role": "admin"}, 422),
        ({"text": "没信号", "place_text": "x", "accepted_at": "2026-03-31T10:00:00"}, 422),
        ({"text": "没信号", "place_text": "x", "floor": 2**70}, 422),
        ({"text": "没" * 4001, "place_text": "x"}, 422),
        ({"text": "a\x00b", "place_text": "x"}, 422),
    ],
)
def test_bad_complaints_are_named(client: TestClient, body: dict[str, Any], status: int) -> None:
    problem(client.post("/v1/complaints", json=body), status)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"text": NaN, "place_text": "x"}',
        b'{"lat": 1e999, "lon": 1, "text": "x"}',
        b'{"text": "\\ud800", "place_text": "x"}',
        b"\xff\xfe{",
        '{"text": "没信号"}'.encode("gbk"),
        b"[" * 20_000,
        b"",
    ],
)
def test_broken_bodies_are_a_client_error(client: TestClient, raw: bytes) -> None:
    answer = client.post("/v1/complaints", content=raw, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/hexes?bbox=1,2,3", "/v1/hexes?bbox=nan,1,2,3", "/v1/hexes?bbox=5,1,2,3", "/v1/hexes?bbox=a,b,c,d",
        f"/v1/hexes?bbox={BOX}&measure=drop+table", f"/v1/hexes?bbox={BOX}&zoom=-1",
        f"/v1/hexes?bbox={BOX}&zoom=9999999999999999999",
        f"/v1/cells?bbox={BOX}&limit=-1", f"/v1/cells?bbox={BOX}&limit=9223372036854775808",
        "/v1/coverage?lat=91&lon=0", "/v1/coverage?lat=inf&lon=0", "/v1/locations/lookup?q=",
        "/v1/site-requests?format=exe",
    ],
)  # fmt: skip
def test_bad_queries_are_named(client: TestClient, path: str) -> None:
    problem(client.get(path), 422)


@pytest.mark.parametrize(
    "path", ["/v1/hotspots/H9999", "/v1/runs/none", "/v1/complaints/none", "/nowhere", "/v1/hotspots?run=x"]
)
def test_unknown_things_are_404(client: TestClient, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize(
    "query", ['"', "*", "AND", "NEAR(", "-a", "%", "_", "'; drop table cells", "信号", "a" * 300, "𠮷", "\u202e"]
)
def test_search_text_is_only_text(client: TestClient, query: str) -> None:
    for route in ("lookup", "suggest"):
        assert client.get(f"/v1/locations/{route}", params={"q": query[:100]}).status_code == 200


def test_a_phone_number_in_a_refused_body_does_not_come_back(client: TestClient) -> None:
    answer = client.post("/v1/complaints", json={"customer_no": "13999999999", "unknown": 1})
    assert "13999999999" not in answer.text
    problem(answer, 422)


def test_cross_site_requests_change_nothing(client: TestClient) -> None:
    body = {"text": "没信号", "place_text": "x"}
    problem(client.post("/v1/complaints", json=body, headers={"Sec-Fetch-Site": "cross-site"}), 403)
    problem(client.post("/v1/complaints", json=body, headers={"Origin": "http://evil.example"}), 403)


def test_other_host_names_are_refused(client: TestClient) -> None:
    problem(client.get("/healthz", headers={"Host": "evil.example"}), 400)


def test_large_bodies_are_refused(client: TestClient) -> None:
    problem(client.post("/v1/complaints", content=b" " * 3_000_000, headers={"Content-Type": "application/json"}), 413)


def test_a_file_is_taken_and_counted(client: TestClient) -> None:
    heading = "ticket_no,accepted_at,text,lat,lon"
    rows = f"{heading}\nU1,2026-03-30T08:00:00+08:00,没信号,30.3,118.1\nU2,2026-03-30,没信号,91,118.1\n"
    # A busy machine may need longer than the usual wait: what waits is another job's turn, not this one's answer.
    patient = {"Prefer": "wait=120"}
    answer = client.post("/v1/complaints/import", files={"file": ("complaints.csv", rows.encode())}, headers=patient)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["read"], report["taken"], report["rejected"]) == (2, 1, 1)
    problem(client.post("/v1/complaints/import", files={"file": ("x.exe", b"MZ")}), 422)


def test_what_if_answers_before_and_after(client: TestClient) -> None:
    cell = client.get(f"/v1/cells?bbox={BOX}").json()[0]
    answer = client.post("/v1/what-if", json={"changes": [{"cgi": cell["cgi"], "field": "status", "value": "off"}]})
    assert answer.status_code == 200, answer.text
    assert {"customers_gained", "customers_lost", "hexes"} <= answer.json().keys()
    problem(client.post("/v1/what-if", json={"changes": [{"cgi": "none", "field": "status", "value": "off"}]}), 404)
    problem(client.post("/v1/what-if", json={}), 422)
    site = {"lat": cell["lat"] + 0.01, "lon": cell["lon"], "type": "micro"}
    built = client.post("/v1/what-if", json={"new_sites": [site]}).json()
    assert [c["site_type"] for c in built["new_cells"]] == ["micro"]
    assert all({"rsrp_before_dbm", "rsrp_after_dbm"} <= set(row) for row in built["hexes"])
    assert built["customers_lost"] == built["customers_newly_overlapped"], "a new cell takes nobody's level away"
    off = {"cgi": cell["cgi"], "field": "status", "value": "off"}
    problem(client.post("/v1/what-if", json={"changes": [off], "hotspot": "none"}), 404)
    problem(client.post("/v1/what-if", json={"new_sites": [site | {"type": "DAS"}]}), 422)
