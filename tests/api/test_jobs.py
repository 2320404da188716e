"""Imports and analyses as jobs of a real worker process: done, refused, cancelled, killed (attacks 55, 64, 71)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings

LINE = "ticket_no,accepted_at,text,lat,lon\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server of its own, nearly empty: its worker is quick."""
    app = create_app(Settings(database=f"sqlite:///{tmp_path_factory.mktemp('jobs')}/geo.db"))
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as opened:
        yield opened


def rows(count: int, start: int = 0) -> bytes:
    lines = (f"T{start + k},2026-03-01T08:00:00+08:00,没有信号,30.{k % 100:02d},117.9" for k in range(count))
    return (LINE + "\n".join(lines)).encode()


def send(client: TestClient, body: bytes, name: str = "march.csv", prefer: str = "wait=110") -> Any:
    return client.post("/v1/complaints/import", files={"file": (name, body)}, headers={"Prefer": prefer})


def wait(client: TestClient, job: str, *states: str, seconds: float = 120) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = client.get(f"/v1/jobs/{job}").json()
        if found["state"] in states or time.monotonic() > until:
            return found
        time.sleep(0.2)


@pytest.mark.slow
def test_a_small_file_is_answered_with_its_report(client: TestClient) -> None:
    answer = send(client, rows(3))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["taken"], answer.json()["file"]) == (3, "march.csv")
    job = client.get(answer.headers["location"]).json()
    assert (job["state"], job["share"], job["result"]["taken"]) == ("done", 1.0, 3)
    folder = client.app.state.service.folder / "jobs" / job["id"]
    assert not folder.exists(), "the upload is gone"
    assert send(client, rows(3)).json()["duplicates"] == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "body", "status"), [("a.csv", b"", 415), ("a.xlsx", b"no workbook", 415), ("a.exe", b"MZ", 422)]
)
def test_a_refusal_is_the_files_own(client: TestClient, name: str, body: bytes, status: int) -> None:
    answer = send(client, body, name)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "/jobs/" not in answer.text


@pytest.mark.slow
def test_who_does_not_wait_gets_the_job(client: TestClient) -> None:
    answer = send(client, rows(5, 100), prefer="respond-async")
    assert answer.status_code == 202
    assert answer.json()["state"] in {"queued", "running"}
    assert "path" not in answer.json()["request"]
    assert wait(client, answer.json()["id"], "done")["result"]["taken"] == 5


@pytest.mark.slow
def test_a_failed_analysis_says_why_and_the_run_too(client: TestClient) -> None:
    answer = client.post("/v1/runs", json={"since": "2030-01-01T00:00:00Z"})
    assert answer.status_code == 202
    run = answer.json()["id"]
    mine = next(job for job in client.get("/v1/jobs").json() if job["run"] == run)
    failed = wait(client, mine["id"], "failed", "done")
    assert failed["state"] == "failed"
    assert "no complaints" in failed["error"]["message"]
    assert client.get(f"/v1/runs/{run}").json()["state"] == "failed"


@pytest.mark.slow
def test_49_waiting_jobs_are_cancelled_and_a_full_queue_is_told(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = client.app.state.service.jobs
    monkeypatch.setattr(type(queue), "tend", lambda self: None)
    answers = [client.post("/v1/runs", json={}) for _ in range(24)]
    statuses = [answer.status_code for answer in answers]
    assert 429 in statuses
    full = answers[statuses.index(429)]
    assert full.json()["code"] == "queue-full"
    assert int(full.headers["retry-after"]) > 0
    waiting = [job for job in client.get("/v1/jobs").json() if job["state"] == "queued"]
    assert len(waiting) > 10
    # The worker may have taken one of them meanwhile.
    told = [client.delete(f"/v1/jobs/{job['id']}") for job in reversed(waiting)]
    cancelled = [answer.json() for answer in told if answer.json().get("state") == "cancelled"]
    assert len(cancelled) >= len(waiting) - 2
    for job in cancelled:
        assert client.get(f"/v1/runs/{job['run']}").json()["state"] == "cancelled"
        assert client.delete(f"/v1/jobs/{job['id']}").status_code == 409


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_nothing_is_half_there(client: TestClient, tmp_path: Path) -> None:
    before = client.get("/v1/status").json()["tables"]["complaints"]
    answer = send(client, rows(40_000, 1_000_000), prefer="respond-async")
    job = answer.json()["id"]
    assert wait(client, job, "running", "done")["state"] == "running"
    worker = client.app.state.service.office.job_rows.job(job).worker
    os.kill(int(str(worker).split()[1]), signal.SIGKILL)
    assert client.get("/v1/status").json()["tables"]["complaints"] == before
    done = wait(client, job, "done", "failed")
    assert (done["state"], done["attempts"]) == ("done", 2)
    assert done["result"]["taken"] == 40_000
    assert client.get("/v1/status").json()["tables"]["complaints"] == before + 40_000


@pytest.mark.slow
def test_a_job_outlives_the_server(settings: Settings, tmp_path: Path) -> None:
    own = Settings(database=f"sqlite:///{tmp_path}/geo.db")
    with TestClient(create_app(own), base_url="http://127.0.0.1:8000") as first:
        job = send(first, rows(10), prefer="respond-async").json()["id"]
    with TestClient(create_app(own), base_url="http://127.0.0.1:8000") as second:
        assert wait(second, job, "done", "failed")["result"]["taken"] == 10
