"""The routes of people, jobs and single complaints over a real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geoservice.service import open_service

PASSWORD = "correct horse battery 7"
CSV = "ticket_no,accepted_at,text,lat,lon\n" + "\n".join(
    f"T{k},2026-03-01T08:{k:02d}:00+08:00,没有信号,30.{k:02d},117.9" for k in range(40)
)


@pytest.fixture
def client(postgres_uri: str, tmp_path: Path) -> Iterator[TestClient]:
    engine = sa.create_engine(sa.make_url(postgres_uri).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine.dispose()
    service = open_service(postgres_uri, tmp_path)
    for role in ("engineer", "planner", "admin"):
        service.office.access.add_user(role, role, PASSWORD)
    service.close()
    app = create_app(Settings(database=postgres_uri, folder=tmp_path, host="0.0.0.0"))
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as opened:
        opened.headers["Sec-Fetch-Site"] = "same-origin"
        yield opened


def enter(client: TestClient, name: str) -> None:
    client.cookies.clear()
    answer = client.post("/login", data={"name": name, "password": PASSWORD}, follow_redirects=False)
    assert answer.status_code == 303


@pytest.mark.slow
def test_a_day_at_the_service(client: TestClient) -> None:
    assert client.get("/v1/me").status_code == 401
    enter(client, "engineer")
    assert client.get("/v1/me").json()["role"] == "engineer"
    answer = client.post(
        "/v1/complaints/import", files={"file": ("march.csv", CSV.encode())}, headers={"Prefer": "wait=110"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["taken"] == 40
    body = {"text": "没有信号", "lat": 30.2, "lon": 117.9, "customer_no": "13900000001"}
    keyed = {"Idempotency-Key": "pg-1"}
    taken = client.post(
        "/v1/complaints", content=json.dumps(body), headers={"Content-Type": "application/json", **keyed}
    )
    assert taken.status_code == 201, taken.text
    again = client.post(
        "/v1/complaints", content=json.dumps(body), headers={"Content-Type": "application/json", **keyed}
    )
    assert again.json()["complaint_id"] == taken.json()["complaint_id"]
    assert client.get(taken.headers["location"]).json()["ticket_no"] == taken.json()["ticket_no"]
    assert client.post("/v1/customers/history", json={"customer_no": "13900000001"}).json()["tickets"]
    nearby = client.get("/v1/locations/lookup?q=30.2,117.9").json()["complaints_nearby"]
    assert nearby["contacts"] >= 1
    jobs = client.get("/v1/jobs").json()
    assert [job["state"] for job in jobs] == ["done"]
    assert client.get("/v1/audit").status_code == 403
    enter(client, "planner")
    assert client.get(taken.headers["location"]).status_code == 403
    assert client.get("/v1/locations/lookup?q=30.2,117.9").json()["complaints_nearby"] is None
    enter(client, "admin")
    actions = {entry["action"] for entry in client.get("/v1/audit?limit=100").json()}
    assert {
        "login",
        "import.start",
        "import",
        "complaint.create",
        "complaint.read",
        "customer.read",
        "refused",
    } <= actions
    assert client.app.state.service.office.audit.verify().problem is None
    client.post("/logout")
    assert client.get("/v1/me").status_code == 401
