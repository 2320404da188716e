"""A key names a request of one caller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from geoservice.config import default_config
from geoservice.errors import InputError
from geoservice.pipeline import Workplace
from geoservice.pipeline.locating import LocatorCache
from geoservice.service import once, recording
from geoservice.service.actor import Actor, acting
from geoservice.service.roles import Role
from geoservice.store import Store


def test_two_programs_that_count_alike_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def record(_place: Workplace, fields: Mapping[str, Any], _source: str) -> dict[str, Any]:
        taken.append(fields["text"])
        return {"complaint_id": f"C{len(taken)}", "created": True}

    monkeypatch.setattr(recording, "record", record)
    monkeypatch.setattr(recording, "find", lambda _place, subject: {"complaint_id": subject})
    place = Workplace(Store(f"sqlite:///{tmp_path}/geo.db"), tmp_path, default_config(), LocatorCache())

    def ask(name: str, text: str) -> str:
        with acting(Actor(name, Role.ADMIN, "key")):
            return str(once.record_once(place, {"text": text}, "1")["complaint_id"])

    assert [ask("left", "a"), ask("right", "b"), ask("left", "a"), ask("right", "b")] == ["C1", "C2", "C1", "C2"]
    assert taken == ["a", "b"]
    with pytest.raises(InputError, match="another request"):
        ask("left", "b")
    place.store.close()
