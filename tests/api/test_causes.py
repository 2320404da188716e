"""``POST /v1/diagnosis``: the causes of one place over HTTP."""

from __future__ import annotations

from typing import Any


def test_a_place_has_causes_and_nothing_is_stored(client: Any) -> None:
    before = client.get("/v1/status").json()["tables"]
    spot = client.get("/v1/hotspots").json()[0]
    answer = client.post("/v1/diagnosis", json={"place": f"{spot['lat']},{spot['lon']}"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["causes"][0]["cause"] == body["cause"]
    assert body["causes"][0]["evidence"] or body["causes"][0]["missing"]
    assert client.get("/v1/status").json()["tables"] == before


def test_what_the_customer_says_counts(client: Any) -> None:
    spot = client.get("/v1/hotspots").json()[0]
    body = {"place": f"{spot['lat'] + 0.02},{spot['lon']}", "text": "到国外没信号", "roaming_country": "KR"}
    answer = client.post("/v1/diagnosis", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["cause"] == "K_ROAM"


def test_coordinates_with_all_the_digits_of_a_program_are_a_place(client: Any) -> None:
    answer = client.post("/v1/diagnosis", json={"place": "30.282785999999998,118.23093000000001"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["cause"]


def test_an_unknown_place_is_said_to_be_unknown(client: Any) -> None:
    answer = client.post("/v1/diagnosis", json={"place": "zzqx qqqq 99999"})
    assert answer.status_code == 404
    assert client.post("/v1/diagnosis", json={"place": "30,118", "colour": "red"}).status_code == 422
