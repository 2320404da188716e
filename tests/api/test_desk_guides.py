"""What the desk is told beside the answer: deadlines of a ticket, the roaming flow."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi.testclient import TestClient


def test_a_recorded_complaint_tells_its_deadlines(client: TestClient) -> None:
    body = {
        "ticket_no": "DUE-1",
        "accepted_at": "2026-03-06T10:00:00+08:00",
        "text": "信号差",
        "lat": 30.2,
        "lon": 117.94,
    }
    taken = client.post("/v1/complaints", json=body).json()
    moments = {clock["name"]: datetime.fromisoformat(clock["due"]) for clock in taken["due"]}
    accepted = datetime.fromisoformat(body["accepted_at"])
    assert list(moments.values()) == sorted(moments.values())
    assert moments["legal"] - accepted == timedelta(days=15)
    assert moments["first_reply"].astimezone(accepted.tzinfo).weekday() < 5
    assert client.get(f"/v1/complaints/{taken['complaint_id']}").json()["due"] == taken["due"]


def test_the_roaming_flow_asks_and_then_says_what_to_do(client: TestClient) -> None:
    first = client.post("/v1/roaming/step", json={"card": "normal", "country": "韩国"}).json()
    assert first["open"]
    last = client.post("/v1/roaming/step", json={"card": "normal", "answers": {first["ask"]: "no"}}).json()
    assert (last["open"], last["ask"], last["cause"]) == (False, None, first["cause"])
    assert last["say_zh"] != first["say_zh"]


def test_answers_to_other_questions_are_refused(client: TestClient) -> None:
    for body in (
        {"card": "sms", "answers": {"card_in_g_slot": "yes"}},
        {"card": "normal", "answers": {"manual_choice": "maybe"}},
        {"card": "esim"},
    ):
        assert client.post("/v1/roaming/step", json=body).status_code == 422
