"""The OpenAPI document is complete and true: shapes, statuses, examples."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.openapi.answers import ANSWERS, BODIES, EXAMPLES
from geoservice.errors import NotFound

jsonschema_rs = pytest.importorskip("jsonschema_rs", reason="comes with schemathesis")


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, op) for path, item in document["paths"].items() for method, op in item.items()]


def validate(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    jsonschema_rs.validate({**schema, "components": document["components"]}, value)


def test_every_route_has_a_shape_for_its_answer(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        done = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert done, (method, path)
        for answer in done:
            for media, described in answer["content"].items():
                if media in {"application/json", "application/geo+json"} and not path.startswith("/v1/export"):
                    assert described.get("schema") or path == "/v1/site-requests", (method, path, media)


def test_no_shape_is_for_a_route_that_is_gone(document: dict[str, Any]) -> None:
    known = {(method, path) for method, path, _ in operations(document)}
    assert set(ANSWERS) <= known
    assert set(EXAMPLES) <= known
    assert {("post", path) for path in BODIES} <= known


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert {"400", "401", "429", "503"} <= operation["responses"].keys(), (method, path)
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (method, path, status)
                assert answer["description"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    names = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= names


def test_examples_fit_their_shapes(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        described = [*operation["responses"].values(), operation.get("requestBody", {})]
        for media in (item for part in described for item in part.get("content", {}).values()):
            if "example" in media and media.get("schema"):
                validate(document, media["schema"], media["example"])
        assert path


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("get", "/v1/hotspots", {}),
        ("get", "/v1/actions", {}),
        ("get", "/v1/site-requests", {}),
        ("get", "/v1/runs", {}),
        ("get", "/v1/status", {}),
        ("get", "/v1/hexes", {"bbox": "117.5,29.5,119,31"}),
        ("get", "/v1/cells", {"bbox": "117.5,29.5,119,31"}),
        ("get", "/v1/places", {"bbox": "117.5,29.5,119,31"}),
        ("get", "/v1/coverage", {"lat": 30.2, "lon": 117.94}),
        ("get", "/v1/locations/lookup", {"q": "30.2044,117.9421"}),
        ("get", "/v1/locations/suggest", {"q": "a"}),
    ],
)
def test_real_answers_fit_their_shapes(
    client: TestClient, document: dict[str, Any], method: str, path: str, query: dict[str, Any]
) -> None:
    answer = client.get(path, params=query)
    assert answer.status_code == 200
    assert answer.json()
    validate(document, ANSWERS[method, path]["200"], answer.json())


def test_a_refusal_fits_the_problem_shape(client: TestClient, document: dict[str, Any]) -> None:
    answer = client.get("/v1/complaints/none")
    assert answer.json()["code"] == NotFound.code
    validate(document, document["components"]["schemas"]["Problem"], answer.json())
