"""Online geocoders: off by default, guarded, remembered, and never fatal. A local server plays the foreign one."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest

from geoservice.config import default_config
from geoservice.errors import ConfigError, InputError
from geoservice.geodesy import distance_m
from geoservice.locate import Locator, OnlineSettings
from geoservice.locate.guarded import check_host, fetch
from geoservice.locate.online import OnlineGeocoder, _as_fix
from geoservice.tables import CELLS, GAZETTEER, empty

LOCAL = frozenset({"127.0.0.1"})


class Server(ThreadingHTTPServer):
    body: bytes = b"[]"
    status: int = 200
    hits: int = 0
    pause: float = 0.0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.hits += 1
        time.sleep(self.server.pause)
        self.send_response(self.server.status)
        self.send_header("Location", "http://169.254.169.254/latest")
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def settings(server: Server, **changes: object) -> OnlineSettings:
    values = {"domain": f"127.0.0.1:{server.server_port}", "scheme": "http", "per_second": 1000.0, "timeout_s": 0.5}
    return OnlineSettings(**{"provider": "nominatim", "allowed_hosts": LOCAL, **values, **changes})


PLACE = [
    {
        "lat": "22.54",
        "lon": "113.95",
        "display_name": "Somewhere",
        "boundingbox": ["22.53", "22.55", "113.94", "113.96"],
    }
]


def test_an_answer_becomes_a_fix_and_is_remembered(server: Server, tmp_path: Path) -> None:
    server.body = json.dumps(PLACE).encode()
    geocoder = OnlineGeocoder(settings(server), tmp_path)
    found = geocoder.find(["Nowhere Street", "Nowhere Street"])
    assert found["lat"].tolist() == [22.54, 22.54]
    assert found["radius_m"].iloc[0] == pytest.approx(float(distance_m(22.53, 113.94, 22.55, 113.96)) / 2)
    assert server.hits == 1
    OnlineGeocoder(settings(server), tmp_path).find(["Nowhere Street"])
    assert server.hits == 1
    assert b"Nowhere" not in (tmp_path / "online-geocoder.sqlite").read_bytes()


def test_the_locator_asks_only_about_unknown_places_and_only_when_told(server: Server) -> None:
    server.body = json.dumps(PLACE).encode()
    silent = Locator(empty(GAZETTEER), empty(CELLS), default_config())
    assert silent.search("Nowhere Street").empty
    assert server.hits == 0
    asking = Locator(empty(GAZETTEER), empty(CELLS), default_config(), online=settings(server))
    assert asking.search("Nowhere Street")["source"].tolist() == ["online"]
    assert asking.search("22.5431,114.0579")["source"].tolist() == ["text_coordinates"]
    assert server.hits == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"oops"), (302, b""), (200, b"<html>"), (200, b"[" * 100_000), (200, b'[{"lat": "NaN", "lon": "1e999"}]'),
     (200, b'[{"lat": 91, "lon": 0}]'), (200, b"x" * 2_000_000), (200, b"null"), (200, b"{}"), (200, b"[]")],
)  # fmt: skip
def test_hostile_answers_are_no_answers(server: Server, status: int, body: bytes) -> None:
    server.status, server.body = status, body
    assert OnlineGeocoder(settings(server)).find(["x road"]).empty


def test_a_slow_or_failing_service_is_left_alone(server: Server) -> None:
    server.pause = 1.0
    geocoder = OnlineGeocoder(settings(server, timeout_s=0.1))
    assert geocoder.find([f"road {i}" for i in range(20)]).empty
    assert server.hits <= 3


def test_the_rate_is_kept(server: Server) -> None:
    geocoder = OnlineGeocoder(settings(server, per_second=20.0))
    start = time.perf_counter()
    geocoder.find([f"road {i}" for i in range(6)])
    assert time.perf_counter() - start >= 5 / 20


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "169.254.169.254", "::1", "0x7f.1", "10.0.0.1", "0.0.0.0", "no.such.host.invalid"],
)
def test_private_hosts_are_refused(host: str) -> None:
    with pytest.raises(ConfigError):
        check_host(host, frozenset())
    with pytest.raises(ConfigError):
        OnlineGeocoder(OnlineSettings("nominatim", domain=f"[{host}]" if ":" in host else host, scheme="http"))


def test_rebinding_and_redirects_lead_nowhere(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, *_a, **_k: [(2, 1, 6, "", ("127.0.0.1", port or 0))])
    with pytest.raises(ConfigError, match="not public"):
        fetch(f"http://public.example:{server.server_port}/", {}, 1.0, frozenset())
    server.status = 302
    with pytest.raises(InputError, match="302"):
        fetch(f"http://public.example:{server.server_port}/", {}, 1.0, LOCAL)
    assert server.hits == 1
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "http:///x"):
        with pytest.raises(ConfigError):
            fetch(url, {}, 1.0, LOCAL)


def test_settings_are_checked() -> None:
    with pytest.raises(ConfigError, match="unknown geocoder"):
        OnlineGeocoder(OnlineSettings("yahoo"))
    for provider in ("baidu", "amap"):
        with pytest.raises(ConfigError, match="key"):
            OnlineGeocoder(OnlineSettings(provider))


def test_datum_of_the_service_is_undone() -> None:
    class Answer:
        latitude, longitude, address, raw = 22.540383, 114.063014, "x", {"level": "兴趣点"}

    fix = _as_fix(Answer(), "GCJ02")
    assert fix is not None
    assert (fix["lat"], fix["lon"]) == pytest.approx((22.5431, 114.0579), abs=1e-6)
    assert fix["radius_m"] == 100
    assert _as_fix(None, "WGS84") is None


def test_texts_leave_in_small_numbers(server: Server) -> None:
    OnlineGeocoder(settings(server)).find(pd.Series([f"road {i}" for i in range(200)]).tolist())
    assert server.hits == 20
