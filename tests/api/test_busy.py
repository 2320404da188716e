"""While an import holds the data, people are answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geoservice.service import jobs, recording
from geoservice.store import Store, repeats


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A server without a worker: what is queued stays queued. Another process imports all the time."""
    monkeypatch.setattr(jobs, "launch", lambda _environment: None)
    monkeypatch.setattr(recording, "QUICK_WAIT_S", 0.0)
    monkeypatch.setattr(repeats, "QUICK_WAIT_S", 0.0)
    settings = Settings(database=f"sqlite:///{tmp_path}/geo.db")
    Store(settings.database).close()
    importer = Store(settings.database)
    with (
        importer.importing(),
        TestClient(create_app(settings), base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as opened,
    ):
        yield opened
    importer.close()


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "desk-1"}])
def test_a_complaint_is_told_to_come_again(client: TestClient, headers: dict[str, str]) -> None:
    body = {"text": "没有信号", "lat": 30.2, "lon": 117.9}
    answer = client.post("/v1/complaints", json=body, headers=headers)
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "busy"
    assert int(answer.headers["Retry-After"]) > 0


def test_an_analysis_is_queued_seen_and_cancelled(client: TestClient) -> None:
    entered = client.post("/v1/runs", json={})
    assert entered.status_code == 202, entered.text
    run_id = entered.json()["run_id"]
    assert entered.json()["state"] == "queued"
    assert client.get(f"/v1/runs/{run_id}").json()["state"] == "queued"
    assert [run["run_id"] for run in client.get("/v1/runs").json()] == [run_id]
    job = client.get("/v1/jobs").json()[0]
    assert client.delete(f"/v1/jobs/{job['id']}").json()["state"] == "cancelled"
    assert client.get(f"/v1/runs/{run_id}").json()["state"] == "cancelled"
    assert client.get("/v1/status").status_code == 200
