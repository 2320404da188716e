"""Who approves is who acts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from geoservice.service.actor import Actor, acting
from geoservice.service.planning import Planning
from geoservice.service.roles import Role


@pytest.mark.parametrize(
    ("via", "approver"), [("session", "lin"), ("key", "lin"), ("local", "Wang"), ("command", "Wang")]
)
def test_nobody_who_is_known_approves_in_another_name(via: str, approver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    decided: list[tuple[Any, ...]] = []
    desk = SimpleNamespace(
        view=lambda: SimpleNamespace(run=SimpleNamespace(run_id="R")),
        _request=lambda _view, _number: {"state": "submitted"},
        told_version=lambda request: request,
        store=SimpleNamespace(set_request_state=lambda *told: decided.append(told)),
        office=SimpleNamespace(audit=SimpleNamespace(record_change=lambda *_, **__: None)),
    )
    with acting(Actor("lin", Role.ADMIN, via)):
        Planning.decide(desk, "SR-1", "approved", by="Wang")  # type: ignore[arg-type]
    assert decided == [("R", "SR-1", "approved", None, approver, "submitted")]
