"""``GET /v1/actions/{id}/verification``: did it work, for those who may see exact counts."""

from __future__ import annotations

from typing import Any

import pytest

DONE = {"done": "2026-03-10T00:00:00+08:00"}


@pytest.fixture(scope="module")
def action(client: Any) -> str:
    """A work order that changes something in the network."""
    listed = client.get("/v1/actions").json()
    return next(one["action_id"] for one in listed if one["action"] not in ("A01", "A02", "A19"))


def test_the_answer_is_the_services_own(client: Any, action: str) -> None:
    from datetime import datetime

    answer = client.get(f"/v1/actions/{action}/verification", params=DONE)
    assert answer.status_code == 200, answer.text
    # The server's own store: other tests record complaints in it.
    own = client.app.state.service.verify(action, datetime.fromisoformat(DONE["done"]))
    told = answer.json()
    assert told["action_id"] == action
    assert told["verdict"] in ("solved", "not solved", "not enough data")
    assert {name: told[name] for name in ("before", "after", "control_before", "control_after", "verdict")} == {
        name: own[name] for name in ("before", "after", "control_before", "control_after", "verdict")
    }
    assert all({"zh", "en"} == set(item) for item in told["lacking"])


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("NONE-A07", DONE, 404),
        ("{action}", {}, 422),
        ("{action}", {"done": "2026-03-10"}, 422),
        ("{action}", {"done": "2099-01-01T00:00:00Z"}, 422),
    ],
)
def test_what_cannot_be_verified_is_refused(client: Any, action: str, path: str, params: Any, status: int) -> None:
    answer = client.get(f"/v1/actions/{path.format(action=action)}/verification", params=params)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
