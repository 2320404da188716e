"""Figures for Prometheus: right counts, bounded labels, nothing a caller typed."""

from __future__ import annotations

from dataclasses import replace

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.main import create_app
from api.settings import Settings


def counts(client: TestClient) -> dict[tuple[str, str, str], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "geoservice_requests_total"
    }


def test_requests_are_counted_by_template(settings: Settings) -> None:
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        for number in range(3):
            client.get(f"/v1/complaints/secret-{number}")
        client.get("/v1/status")
        client.get("/nowhere/13900001111")
        client.get("/ui/app.css")
        client.request("BREW", "/v1/status")
        client.get("/v1/status", headers={"Host": "evil.example"})
        found = counts(client)
        text = client.get("/metrics").text
    assert found["GET", "/v1/complaints/{complaint_id}", "404"] == 3
    assert found["GET", "/v1/status", "200"] == 1
    assert found["GET", "none", "404"] == 1
    assert found["GET", "none", "400"] == 1
    assert found["GET", "/ui", "200"] == 1
    assert sum(value for (method, _, _), value in found.items() if method == "other") == 1
    assert "secret" not in text
    assert "13900001111" not in text
    assert "evil" not in text


def test_latencies_and_process_figures_are_there(client: TestClient) -> None:
    client.get("/healthz")
    text = client.get("/metrics").text
    assert 'geoservice_request_seconds_bucket{le="0.05",method="GET",route="/healthz"}' in text
    assert "process_resident_memory_bytes" in text


def test_they_stand_behind_the_door(settings: Settings) -> None:
    guarded = replace(settings, host="0.0.0.0", api_key="k" * 32)
    with TestClient(create_app(guarded)) as client:
        assert client.get("/metrics").status_code == 401
        assert client.get("/docs").status_code == 401
        assert client.get("/metrics", headers={"Authorization": f"Bearer {'k' * 32}"}).status_code == 200
