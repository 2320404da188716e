"""Requests made up from the document: no server error, no status or media type or shape that is not described.

A few here; ``tests/bench/check_openapi.py`` sends as many as one likes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

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


def probe(operation: Any, mode: Any) -> None:
    """A few made-up requests to one route: as it wants them, or wrong on purpose."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers=HEADERS)

    # Nothing can be wrong about a route that takes nothing.
    with suppress(Unsatisfiable):
        ask()


def test_nothing_undocumented_happens(described: Any) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 35
    for operation in operations:
        for mode in schemathesis.GenerationMode:
            probe(operation, mode)
