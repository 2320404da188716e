"""A server that knows one person and one program of each role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geoservice.errors import StateError
from geoservice.service import Role, open_service

PASSWORD = "correct horse battery 7"


@dataclass(frozen=True)
class Town:
    """A running closed server: its client, and a key for each role."""

    client: TestClient
    keys: dict[Role, str]

    def headers(self, role: Role | None) -> dict[str, str]:
        """What a program of that role sends; nothing for a stranger."""
        return {} if role is None else {"Authorization": f"Bearer {self.keys[role]}"}


@contextmanager
def closed(settings: Settings, **more: object) -> Iterator[Town]:
    """``settings`` served to others; users are called like their roles."""
    service = open_service(settings.database)
    keys = {}
    try:
        for role in Role:
            with suppress(StateError):
                service.office.access.add_user(role.value, role.value, PASSWORD)
            _, keys[role] = service.office.access.add_key(f"test {role}", role.value)
    finally:
        service.close()
    app = create_app(replace(settings, host="0.0.0.0", **more))  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield Town(client, keys)
