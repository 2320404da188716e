"""Requests made up from the document: no server error, no status or media type or shape that is not described."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings

schemathesis = pytest.importorskip("schemathesis")
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

HEADERS = {"Authorization": "Bearer contract-" + "k" * 32}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def described(client: TestClient) -> Any:
    # An analysis would be started in a process of its own and outlive the test.
    return schemathesis.openapi.from_asgi("/openapi.json", client.app, headers=HEADERS).exclude(
        path="/v1/runs", method="POST"
    )


def probe(operation: Any) -> None:
    """A few made-up requests to one route."""

    @given(case=operation.as_strategy())
    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers=HEADERS)

    ask()


def test_nothing_undocumented_happens(described: Any) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 35
    for operation in operations:
        probe(operation)
