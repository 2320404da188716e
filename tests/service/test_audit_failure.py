"""A change that is stored but cannot be entered in the log is not told as if nothing had happened."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NoReturn

import pytest
import sqlalchemy as sa

from geoservice.errors import StateError
from geoservice.service import open_service, recording


@pytest.mark.parametrize(
    "error", [sa.exc.OperationalError("", {}, sqlite3.OperationalError("disk I/O error")), OSError(28, "full")]
)
def test_who_changed_something_is_told_that_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    service = open_service(f"sqlite:///{tmp_path}/geo.db")

    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(recording, "record", lambda *_: {"complaint_id": "C1", "created": True})
    monkeypatch.setattr(service.office.audit._trail, "append", fail)
    with pytest.raises(StateError, match="do not send it again") as told:
        service.record_complaint({"text": "没有信号", "lat": 30.2, "lon": 117.9})
    assert told.value.code == "not-audited"
    service.close()
