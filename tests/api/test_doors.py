"""Who may come in when the server listens beyond this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings, from_environment
from geoservice.errors import ConfigError

KEY = "k" * 32


@pytest.mark.parametrize(
    "exposed",
    [{"host": "0.0.0.0"}, {"login": True}, {"trusted_proxies": ("10.0.0.1",)}, {"allowed_hosts": ("a.example",)}],
)
def test_who_can_be_reached_by_others_must_know_someone(tmp_path: Path, exposed: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="users add"):
        create_app(Settings(database=f"sqlite:///{tmp_path}/geo.db", **exposed))


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ConfigError, match="too short"):
        Settings(host="0.0.0.0", api_key="secret").checked()


def test_the_key_does_not_show_in_the_settings() -> None:
    assert KEY not in repr(Settings(api_key=KEY))


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY[:-1]}x", "Bearer \u00e9\u00e9"]
)
def test_every_wrong_key_gets_the_same_answer(settings: Settings, header: str | None) -> None:
    guarded = replace(settings, host="0.0.0.0", api_key=KEY)
    headers = {} if header is None else {"Authorization": header.encode("utf-8")}
    with TestClient(create_app(guarded)) as client:
        answer = client.get("/v1/hotspots", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["detail"].startswith("Send a valid key")
        assert client.get(f"/v1/hotspots?key={KEY}").status_code == 401
        assert client.get("/v1/status", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
        assert client.get("/healthz").status_code == 200


def test_settings_come_from_the_environment() -> None:
    settings = from_environment({"GEOSERVICE_PORT": "9000", "GEOSERVICE_ALLOWED_HOSTS": "a.example,b.example"})
    assert settings.port == 9000
    assert settings.allowed_hosts == ("a.example", "b.example")


def test_lists_of_the_environment_may_hold_spaces() -> None:
    settings = from_environment(
        {"GEOSERVICE_ALLOWED_HOSTS": "a.example, b.example", "GEOSERVICE_TRUSTED_PROXIES": " 10.0.0.1 ,::1"}
    )
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.trusted_proxies == ("10.0.0.1", "::1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEOSERVICE_PORT", "eighty"),
        ("GEOSERVICE_PORT", "70000"),
        ("GEOSERVICE_RATE_PER_S", "nan"),
        ("GEOSERVICE_RATE_BURST", "-1"),
        ("GEOSERVICE_TRUSTED_PROXIES", "proxy.example"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        from_environment({name: value})
