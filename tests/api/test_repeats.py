"""Requests sent twice, changes that overtake one another, and walks through long lists."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings

BODY = {"text": "家里信号只有一格", "lat": 30.2044, "lon": 117.9421, "customer_no": "13900002222"}


def post(client: TestClient, key: str, **more: Any) -> Any:
    return client.post("/v1/complaints", json={**BODY, **more}, headers={"Idempotency-Key": key})


def stored(client: TestClient) -> int:
    return int(client.get("/v1/status").json()["tables"]["complaints"])


def test_the_same_request_is_stored_once_and_answered_alike(client: TestClient) -> None:
    before = stored(client)
    first, again, quoted = post(client, "key-1"), post(client, "key-1"), post(client, '"key-1"')
    assert first.status_code == again.status_code == quoted.status_code == 201
    assert first.json() == again.json() == quoted.json()
    assert first.headers["location"] == again.headers["location"]
    assert stored(client) == before + 1


def test_another_body_under_the_same_key_is_refused(client: TestClient) -> None:
    assert post(client, "key-2").status_code == 201
    other = post(client, "key-2", text="上网很慢")
    assert other.status_code == 422
    assert (other.json()["code"], other.json()["field"]) == ("key-reused", "Idempotency-Key")
    assert "13900002222" not in other.text


def test_twenty_at_once_make_one_complaint(client: TestClient) -> None:
    before = stored(client)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(client, "key-3"), range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    done = {answer.json()["complaint_id"] for answer in answers if answer.status_code == 201}
    assert len(done) == 1
    assert all(answer.json()["code"] == "in-flight" for answer in answers if answer.status_code == 409)
    assert stored(client) == before + 1
    assert post(client, "key-3").json()["complaint_id"] in done


def test_a_restart_does_not_forget(settings: Settings) -> None:
    identities = []
    for _ in range(2):
        with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
            identities.append(post(client, "key-4").json()["complaint_id"])
    assert identities[0] == identities[1]


def test_a_crash_between_storing_and_answering_makes_no_second_complaint(
    client: TestClient, settings: Settings
) -> None:
    first = post(client, "key-5").json()
    before = stored(client)
    # As a kill -9 would leave it: the complaint is there, the ledger says the request is long under way.
    path = str(settings.database).removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        changed = connection.execute(
            "update repeats set subject = null, claimed_at = 0 where subject = ?", [first["complaint_id"]]
        )
        assert changed.rowcount == 1
    connection.close()
    again = post(client, "key-5")
    assert again.status_code in {200, 201}
    assert again.json()["complaint_id"] == first["complaint_id"]
    assert stored(client) == before


def test_a_refused_request_leaves_its_key_free(client: TestClient) -> None:
    bad = client.post("/v1/complaints", json={"text": "没信号"}, headers={"Idempotency-Key": "key-6"})
    assert bad.status_code == 422
    assert post(client, "key-6").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, '"unfinished'])
def test_odd_keys_are_refused(client: TestClient, key: str) -> None:
    assert post(client, key).status_code == 422


def test_the_ledger_holds_no_personal_data(client: TestClient, settings: Settings) -> None:
    post(client, "13900002222")
    path = str(settings.database).removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        rows = connection.execute("select * from repeats").fetchall()
    connection.close()
    assert rows
    assert "13900002222" not in repr(rows)
    assert "信号" not in repr(rows)


def test_a_change_says_what_it_had_read(client: TestClient) -> None:
    number = client.get("/v1/site-requests").json()[0]["id"]
    address = f"/v1/site-requests/{number}"
    read = client.get(address)
    tag = read.headers["etag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    done = client.post(f"{address}/state", json={"state": "submitted"}, headers={"If-Match": tag})
    assert done.status_code == 200
    assert done.headers["etag"] == client.get(address).headers["etag"] != tag
    late = client.post(f"{address}/state", json={"state": "draft"}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert late.json()["code"] == "changed"
    weak = f"W/{done.headers['etag']}"
    assert client.post(f"{address}/state", json={"state": "draft"}, headers={"If-Match": weak}).status_code == 412
    several = f'"old", {done.headers["etag"]}'
    assert client.post(f"{address}/state", json={"state": "draft"}, headers={"If-Match": several}).status_code == 200
    assert client.post(f"{address}/state", json={"state": "submitted"}, headers={"If-Match": "*"}).status_code == 200
    assert client.post(f"{address}/state", json={"state": "draft"}).status_code == 200


def test_of_many_changes_at_once_one_wins(client: TestClient) -> None:
    number = client.get("/v1/site-requests").json()[0]["id"]
    tag = client.get(f"/v1/site-requests/{number}").headers["etag"]

    def submit(_: int) -> int:
        headers = {"If-Match": tag}
        return client.post(
            f"/v1/site-requests/{number}/state", json={"state": "submitted"}, headers=headers
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(submit, range(8)))
    assert states.count(200) == 1
    assert set(states) <= {200, 412}
    assert client.post(f"/v1/site-requests/{number}/state", json={"state": "draft"}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/hotspots", "/v1/actions", "/v1/hotspots?class_group=coverage"])
def test_pages_make_up_the_whole(client: TestClient, path: str) -> None:
    whole = client.get(path)
    assert "link" not in whole.headers
    walked: list[dict[str, Any]] = []
    address: str | None = f"{path}{'&' if '?' in path else '?'}limit=2"
    while address:
        page = client.get(address)
        assert page.status_code == 200
        assert len(page.json()) <= 2
        walked += page.json()
        address = page.links["next"]["url"] if "link" in page.headers else None
    assert walked == whole.json()


@pytest.mark.parametrize("cursor", ["x", "!!!", "MTAgUg", "LTEgUg", "é", "a" * 201, "AAAA", ""])
def test_foreign_cursors_are_refused(client: TestClient, cursor: str) -> None:
    answer = client.get("/v1/hotspots", params={"cursor": cursor, "limit": 2})
    assert answer.status_code in ({200} if cursor == "" else {404, 422})
    assert client.get("/v1/hotspots", params={"limit": 0}).status_code == 422


def test_a_cursor_stays_with_its_run(client: TestClient) -> None:
    link = client.get("/v1/hotspots?limit=1").links["next"]["url"]
    assert client.get(f"{link}&run=other").status_code == 422
