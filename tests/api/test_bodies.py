"""Bodies and parameters that are not what they seem (attacks 38–41, 43, 45), and problems in two languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from api.translation import in_chinese, translated, wants_chinese
from tests.growth import assert_linear

HERE = {"lat": 30.2, "lon": 117.9}


def post(client: TestClient, body: str | bytes | Iterator[bytes], path: str = "/v1/complaints", **headers: str) -> Any:
    return client.post(path, content=body, headers={"Content-Type": "application/json", **headers})


@pytest.mark.parametrize(
    "body",
    [
        '{"lat": true, "lon": 117.9, "text": "no signal"}',
        '{"lat": "30.2", "lon": 117.9, "text": "no signal"}',
        '{"lat": 30.2, "lon": [117.9], "text": "no signal"}',
        '{"lat": 30.2, "lat": 31.2, "lon": 117.9, "text": "no signal"}',
        '{"lat": NaN, "lon": 117.9, "text": "no signal"}',
        '{"lat": Infinity, "lon": 117.9, "text": "no signal"}',
        '{"lat": 1e999, "lon": 117.9, "text": "no signal"}',
        '{"lat": 30.2, "lon": 117.9, "floor": 9223372036854775808}',
        '{"lat": 30.2, "lon": 117.9, "floor": 3.5}',
        '{"lat": 30.2, "lon": 117.9, "floor": ' + "9" * 5000 + "}",
        '{"lat": 30.2, "lon": 117.9, "indoor": 1}',
        '{"lat": 30.2, "lon": 117.9, "text": "\\ud800"}',
        '{"lat": 30.2, "lon": 117.9, "text": "a\\u0000b"}',
        '{"lat": 30.2, "lon": 117.9, "text": 12}',
        '{"lat": 30.2, "lon": 117.9, "role": "admin"}',
        '{"lat": 30.2, "lon": 117.9, "complaint_id": "C1"}',
        '{"accepted_at": 1700000000, "text": "no signal", "lat": 30.2, "lon": 117.9}',
        '{"accepted_at": "1700000000", "text": "no signal", "lat": 30.2, "lon": 117.9}',
        '{"accepted_at": 45000.5, "text": "no signal", "lat": 30.2, "lon": 117.9}',
        '{"accepted_at": true, "text": "no signal", "lat": 30.2, "lon": 117.9}',
        '{"accepted_at": "2026-03-01T08:00:00", "text": "no signal", "lat": 30.2, "lon": 117.9}',
        "[" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "[]",
        "null",
        '"text"',
        "{",
        "",
    ],
)
def test_38_39_40_41_what_is_not_what_it_should_be_is_a_422(client: TestClient, body: str) -> None:
    answer = post(client, body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.text) < 3000


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe{\x00}\x00", '{"text": "没有信号"}'.encode("gbk"), "{}".encode("utf-16"), b"\x00\x01\x02"],
)
def test_39_other_encodings_are_refused(client: TestClient, body: bytes) -> None:
    assert post(client, body).status_code == 422


def test_the_field_and_the_fix_are_named_and_the_value_is_not(client: TestClient) -> None:
    answer = post(client, json.dumps({**HERE, "accepted_at": 13912345678, "customer_no": 13912345678}))
    errors = {error["field"]: error["problem"] for error in answer.json()["errors"]}
    assert "ISO 8601" in errors["body.accepted_at"]
    assert "body.customer_no" in errors
    assert "13912345678" not in answer.text


def test_the_future_has_not_happened(client: TestClient) -> None:
    for days, status in ((1, 422), (400, 422), (-1, 201)):
        moment = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        body = json.dumps({**HERE, "text": f"no signal {days}", "accepted_at": moment})
        assert post(client, body).status_code == status, days
    ahead = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    assert post(client, json.dumps({**HERE, "text": "clock ahead", "accepted_at": ahead})).status_code == 201


def chunks(count: int) -> Iterator[bytes]:
    yield b'{"text": "'
    for _ in range(count):
        yield b"a" * 100_000
    yield b'"}'


def test_45_a_body_without_a_length_is_bounded_too(client: TestClient) -> None:
    answer = post(client, chunks(30))
    assert answer.status_code == 413
    assert answer.json()["code"] == "too-large"


def test_45_a_declared_length_is_believed_at_once(client: TestClient) -> None:
    answer = client.post("/v1/complaints", content=b"{}", headers={"Content-Length": "2000000000"})
    assert answer.status_code == 413
    for wrong in ("-1", "abc", "1e3", "9" * 30):
        assert client.post("/v1/complaints", content=b"", headers={"Content-Length": wrong}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "/v1/hotspots?limit=-1",
        "/v1/hotspots?limit=9223372036854775808",
        "/v1/hotspots?limit=0",
        "/v1/hotspots?cursor=%00",
        "/v1/jobs?limit=-1",
        "/v1/audit?before=-5",
        "/v1/audit?before=99999999999999999999",
        "/v1/cells?bbox=1,2,3",
        "/v1/cells?bbox=nan,1,2,3",
        "/v1/cells?bbox=117,29,119,31&limit=1e9",
        "/v1/hexes?bbox=117,29,119,31&zoom=9.5",
        "/v1/hexes?bbox=117,29,119,31&measure=password",
        "/v1/coverage?lat=1e999&lon=0",
        "/v1/locations/lookup?q=" + "x" * 400,
        "/v1/export/passwords",
        "/v1/export/hotspots?format=exe",
    ],
)
def test_40_odd_parameters_are_a_422(client: TestClient, query: str) -> None:
    assert client.get(query).status_code == 422


@pytest.mark.parametrize(
    "text",
    ['"', "*", "AND", "NEAR(", "-a", "%", "_", "'; drop table complaints; --", "信号", "a" * 300, "＊", "\\", "[x]"],
)
def test_42_search_text_means_itself(client: TestClient, text: str) -> None:
    for path in ("/v1/locations/lookup", "/v1/locations/suggest"):
        answer = client.get(path, params={"q": text[:100]})
        assert answer.status_code in {200, 422}
    assert client.get("/v1/status").json()["tables"]["complaints"] > 0


@pytest.mark.parametrize("text", ["a" * 26 + "!", "1" * 26 + "x", "信" * 4000, "(" * 4000, "1-" * 2000, "@" * 4000])
def test_43_reading_a_text_takes_linear_time(client: TestClient, text: str) -> None:
    def read(part: str) -> None:
        assert client.post("/v1/complaints/read", json={"text": part}).status_code == 200

    assert_linear(read, text)


def test_51_a_telephone_number_comes_back_nowhere(client: TestClient) -> None:
    number = "13912345678"
    answers = [
        client.get(f"/v1/complaints/{number}"),
        client.get(f"/v1/hotspots/{number}"),
        client.get(f"/v1/runs/{number}"),
        client.get(f"/v1/jobs/{number}"),
        client.get(f"/v1/site-requests/{number}"),
        client.get("/v1/locations/lookup", params={"q": number}),
        client.post("/v1/complaints/import", files={"file": (f"{number}.exe", b"x")}),
        client.post(f"/v1/imports/{number}", files={"file": ("a.csv", b"x")}),
        post(client, json.dumps({**HERE, "customer_no": number, "class": number})),
    ]
    assert [answer.status_code for answer in answers if number in answer.text] == []


@pytest.mark.parametrize("what", ["hotspots", "hexes", "site-requests", "actions", "coverage"])
def test_every_result_comes_as_json_too(client: TestClient, what: str) -> None:
    answer = client.get(f"/v1/export/{what}?format=json")
    assert answer.status_code == 200
    assert isinstance(answer.json(), list)


# --- two languages ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "chinese"),
    [
        ("zh-CN,zh;q=0.9", True),
        ("en,zh;q=0.5", False),
        ("zh;q=0.2,en;q=0.8", False),
        ("fr", False),
        ("", False),
        ("zh;q=x", False),
    ],
)
def test_problems_are_said_in_the_callers_language(client: TestClient, header: str, chinese: bool) -> None:
    answer = client.get("/v1/complaints/none", headers={"Accept-Language": header})
    assert answer.json()["title"] == ("未找到" if chinese else "Not found")
    assert answer.headers.get("content-language") == ("zh" if chinese else None)
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_the_pages_language_counts_more_than_the_browsers() -> None:
    assert wants_chinese(b"lang=zh", Headers({"accept-language": "en"}))
    assert wants_chinese(b"", Headers({"cookie": "lang=zh", "accept-language": "en"}))
    assert not wants_chinese(b"lang=en", Headers({"cookie": "lang=zh"}))


def test_fields_are_translated_and_the_unknown_stays(client: TestClient) -> None:
    answer = client.post("/v1/complaints", json={"lat": 100, "lon": 1}, headers={"Accept-Language": "zh"})
    assert answer.json()["errors"][0]["problem"].startswith("须不大于")
    assert translated("something nobody translated") == "something nobody translated"
    assert json.loads(in_chinese(b'{"title": "Not found", "status": 404}')) == {"title": "未找到", "status": 404}


def test_a_long_problem_is_read_in_chinese_though_it_travels_compressed(client: Any) -> None:
    wrong = [{"cgi": f"460-00-1-{i}", "field": "colour", "value": True} for i in range(12)]
    headers = {"Accept-Language": "zh-CN", "Accept-Encoding": "gzip"}
    answer = client.post("/v1/what-if", json={"changes": wrong}, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-encoding"] == "gzip"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.json()["title"])


@pytest.mark.parametrize("said", ["满意", "Satisfactory"])
def test_a_satisfied_call_is_refused_as_a_complaint(client: TestClient, said: str) -> None:
    body = {"class": said, "text": "信号差", "place_text": "人民路"}
    answer = client.post("/v1/complaints", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "class")
