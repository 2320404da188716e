"""Time steps, periods and the layers round the hexes."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

BOX = "117.5,29.5,119,31"
WHERE = {"bbox": BOX, "zoom": 13}


@pytest.fixture(scope="module")
def steps(client: TestClient) -> list[dict[str, Any]]:
    return client.get("/v1/timeline").json()["steps"]


def hexes(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.get("/v1/hexes", params={**WHERE, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_steps_follow_one_another_and_hold_every_contact(client: TestClient, steps: list[dict[str, Any]]) -> None:
    assert [step["to"] for step in steps[:-1]] == [step["from"] for step in steps[1:]]
    assert all(step["customers"] <= step["contacts"] for step in steps)
    of_groups = [
        sum(step["contacts"] for step in client.get("/v1/timeline", params={"class_group": group}).json()["steps"])
        for group in ("coverage", "drop", "access", "voice", "data", "terminal")
    ]
    assert 0 < sum(of_groups) <= sum(step["contacts"] for step in steps)


def test_the_whole_period_is_the_run(client: TestClient, steps: list[dict[str, Any]]) -> None:
    whole = hexes(client, measure="contacts")
    period = hexes(client, measure="contacts", since=steps[0]["from"], until=steps[-1]["to"])
    assert dict(zip(period["hexes"], period["values"], strict=True)) == pytest.approx(
        dict(zip(whole["hexes"], whole["values"], strict=True)), nan_ok=True
    )


def test_parts_of_the_period_show_no_more_than_the_whole(client: TestClient, steps: list[dict[str, Any]]) -> None:
    middle = len(steps) // 2
    whole = hexes(client, measure="customers")
    total = dict(zip(whole["hexes"], whole["values"], strict=True))
    part = hexes(client, measure="customers", since=steps[0]["from"], until=steps[middle]["from"])
    for hex_, value in zip(part["hexes"], part["values"], strict=True):
        if value is not None:
            assert value <= total[hex_] + 0.01


@pytest.mark.parametrize("measure", ["rate", "excess", "significance"])
def test_other_measures_of_a_period(client: TestClient, steps: list[dict[str, Any]], measure: str) -> None:
    shown = hexes(client, measure=measure, since=steps[-14]["from"])
    assert any(value is not None for value in shown["values"])


@pytest.mark.parametrize(
    "period",
    [
        {"since": "2026-03-05T00:00:00Z", "until": "2026-03-04T00:00:00Z"},
        {"since": "2099-01-01T00:00:00Z"},
        {"since": "2026-03-05T00:00:00"},
        {"since": "yesterday"},
    ],
)
def test_senseless_periods_are_refused(client: TestClient, period: dict[str, str]) -> None:
    assert client.get("/v1/hexes", params={**WHERE, **period}).status_code == 422


def test_alarms_say_where_and_whether_they_last(client: TestClient) -> None:
    found = client.get("/v1/alarms", params={"bbox": BOX}).json()
    assert [alarm["active"] for alarm in found] == sorted((alarm["active"] for alarm in found), reverse=True)
    assert all(29.5 <= alarm["lat"] <= 31 and 117.5 <= alarm["lon"] <= 119 for alarm in found)


@pytest.mark.parametrize("zoom", [11, 15])
def test_measurements_are_medians_of_places(client: TestClient, zoom: int) -> None:
    found = client.get("/v1/measurements", params={"bbox": BOX, "zoom": zoom}).json()
    assert found
    assert all(-156 <= level["rsrp_dbm"] <= -30 and level["samples"] >= 1 for level in found)
    assert len(found) <= 3000


def test_planned_sites_are_those_still_to_come(client: TestClient) -> None:
    found = client.get("/v1/planned-sites", params={"bbox": BOX}).json()
    assert {site["status"] for site in found} <= {"proposed", "approved", "designed", "building", None}
