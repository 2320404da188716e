"""The desk's small questions: what a text says, what still blocks dispatch, who called before."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geoservice import names
from geoservice.service.desk import required_by_class, required_fields


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(database=f"sqlite:///{tmp_path_factory.mktemp('desk')}/geo.db")
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as opened:
        yield opened


def take(client: TestClient, number: str, **more: Any) -> dict[str, Any]:
    body = {"customer_no": number, "text": "家里完全没信号", "lat": 30.2, "lon": 118.0, "crs": "WGS84", **more}
    taken = client.post("/v1/complaints", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert taken.status_code == 201, taken.text
    return taken.json()


def history(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.post("/v1/customers/history", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_text_is_read_with_the_place_of_its_phrase(client: TestClient) -> None:
    text = "你好，打着打着就断，急"
    found = client.post("/v1/complaints/read", json={"text": text}).json()
    assert found["class"] == "DROPPED_CALL"
    start = found["phrase_start"]
    assert text[start : start + len(found["phrase"])] == found["phrase"]
    assert "called_no" in found["required"]


def test_every_class_names_its_fields() -> None:
    assert required_by_class().keys() == names.catalogue("classes").keys()
    assert set(required_fields("SLOW_DATA")) < set(required_fields("DROPPED_CALL"))
    assert "echo_hearer" in required_fields("ECHO")
    assert {"roaming_country", "card_type"} <= set(required_fields("ROAMING"))


def test_dispatch_is_refused_while_a_field_is_missing(client: TestClient) -> None:
    body = {"text": "有回音", "class": "ECHO", "place_text": "某处", "dispatch": True}
    refused = client.post("/v1/complaints", json=body)
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "incomplete"
    assert problem["field"] in required_fields("ECHO")
    assert client.post("/v1/complaints", json={**body, "dispatch": False}).status_code == 201


def test_a_complete_complaint_is_dispatched(client: TestClient) -> None:
    taken = take(
        client, "13900000001", text="视频一直转圈", place_text="某处", occurred_from="2026-03-01T10:00:00+08:00",
        frequency="daily", terminal_model="Mate 60", dispatch=True,
    )  # fmt: skip
    assert taken["status"] == "dispatched"


def test_a_customer_is_known_again_by_number_and_by_ticket(client: TestClient) -> None:
    number = "13900000002"
    assert history(client, customer_no=number)["tickets"] == []
    first = take(client, number)
    found = history(client, customer_no="+86 139 0000 0002", **{"class": first["class"]}, lat=30.2, lon=118.0)
    assert [ticket["ticket_no"] for ticket in found["tickets"]] == [first["ticket_no"]]
    assert found["duplicate_of"] == first["ticket_no"]
    assert found["repeat_of"] is None
    by_ticket = history(client, ticket_no=first["ticket_no"])
    assert by_ticket["tickets"] == found["tickets"]
    assert number not in str(found)


def test_an_answered_ticket_makes_a_repeat(client: TestClient) -> None:
    number, store = "13900000003", client.app.state.service.store
    first = take(client, number, accepted_at=(datetime.now(UTC) - timedelta(days=20)).isoformat(timespec="seconds"))
    rows = store.read("complaints", where=[store.column("complaints", "ticket_no") == first["ticket_no"]])
    store.upsert("complaints", rows.assign(status="closed"))
    found = history(client, customer_no=number, **{"class": first["class"]}, lat=30.2, lon=118.0)
    assert (found["repeat_of"], found["repeats"]) == (first["ticket_no"], 1)
    elsewhere = history(client, customer_no=number, **{"class": first["class"]}, lat=31.2, lon=119.0)
    assert (elsewhere["repeat_of"], elsewhere["linked_to"]) == (None, first["ticket_no"])


def test_three_customers_about_one_place_suggest_a_major_complaint(client: TestClient) -> None:
    for last in range(3):
        take(client, f"1390000010{last}", **{"class": "NO_COVERAGE"}, lat=30.5, lon=118.5)
    found = history(client, customer_no="13900000109", **{"class": "NO_COVERAGE"}, lat=30.5, lon=118.5)
    assert found["major"]
    alone = history(client, customer_no="13900000109", **{"class": "NO_COVERAGE"}, lat=31.5, lon=119.5)
    assert not alone["major"]


@pytest.mark.parametrize("body", [{}, {"customer_no": "13900000001", "ticket_no": "GS-1"}, {"customer_no": ""}])
def test_senseless_questions_are_refused(client: TestClient, body: dict[str, str]) -> None:
    assert client.post("/v1/customers/history", json=body).status_code == 422


def test_what_is_no_number_is_said_to_be_none(client: TestClient) -> None:
    assert history(client, customer_no="no number")["number_understood"] is False


def test_who_a_customer_threatens_with_is_told_on_the_desk(client: TestClient) -> None:
    text = "没有信号，再不解决就去工信部申诉"
    read = client.post("/v1/complaints/read", json={"text": text}).json()
    assert [one["name_en"] for one in read["escalation"]] == ["the ministry (MIIT)", "an appeal to the regulator"]
    number = "13900005566"
    client.post("/v1/complaints", json={"text": text, "lat": 30.2, "lon": 117.94, "customer_no": number})
    (ticket,) = client.post("/v1/customers/history", json={"customer_no": number}).json()["tickets"]
    assert [one["words"] for one in ticket["escalation"]] == ["工信部", "申诉"]
    assert ticket["escalated"] is False
