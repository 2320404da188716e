"""The door: attacks 45, 46, 47, 48 and 53 where they need a real socket, a count of hashes, or a second look."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn

from api.main import create_app
from api.patience import protocol
from api.settings import Settings
from geoservice import grid
from geoservice.errors import ConfigError
from geoservice.service import Role, Service
from tests.api.people import PASSWORD, Town, closed
from tests.api.test_attacks_outgoing import only_at_home

BOX = "117.0,29.0,119.0,31.5"
MOST = 20


@pytest.fixture(scope="module")
def town(settings: Settings) -> Iterator[Town]:
    with closed(settings, rate_per_s=0.0) as opened:
        yield opened


# --- 45 and 46: on the wire ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real server that loses its patience quickly and lets one address hold few connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    database = f"sqlite:///{tmp_path_factory.mktemp('wire')}/geo.db"
    app = create_app(Settings(database=database, port=number, rate_per_s=0, body_s=1.0))
    impatient = protocol(head_s=1.0, most_connections=MOST)
    config = uvicorn.Config(app, host="127.0.0.1", port=number, log_level="error", http=impatient)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield number
    server.should_exit = True
    thread.join(20)


def said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """What the server answers to bytes sent as they are; empty when it closes without a word."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        answer = b""
        try:
            for part in parts:
                wire.sendall(part)
                time.sleep(pause)
            while part := wire.recv(65536):
                answer += part
        except (ConnectionError, BrokenPipeError):
            pass
        return answer


def post(body: bytes = b"", *headers: str, path: str = "/v1/complaints") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


JSON = "Content-Type: application/json"


def healthy(port: int) -> bool:
    return b" 200 " in said(port, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")[:20]


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def test_45_a_body_that_drips_is_given_up(port: int) -> None:
    answer = said(port, post(b"{", JSON, "Content-Length: 1000"))
    assert status(answer) == 408
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "too-slow"
    assert healthy(port)


def test_45_a_body_that_keeps_coming_is_waited_for(port: int) -> None:
    """Longer than the patience for silence, because it comes on: 2 kB a second buy a second."""
    head = post(b"", JSON, "Content-Length: 40000")
    body = b'{"unknown": "' + b"a" * (40_000 - 15) + b'"}'
    pieces = [body[k : k + 10_000] for k in range(0, 40_000, 10_000)]
    assert status(said(port, head + pieces[0], *pieces[1:], pause=0.5)) == 422


def test_45_a_connection_without_a_word_is_closed(port: int) -> None:
    assert said(port) == b""
    assert said(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ") == b""


def test_45_a_second_head_in_pieces_wins_no_time_either(port: int) -> None:
    first = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = said(port, first, b"GET /healthz HTTP/1.1\r\nX-Slow: ", pause=0.2)
    assert answer.count(b"HTTP/1.1 200") == 1


def test_45_idle_connections_lock_nobody_out(port: int) -> None:
    """One address hoards; what it holds beyond its share is closed at once, and the rest after a moment."""
    hoard = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(300)]
    try:
        closed_at_once = 0
        for wire in hoard:
            try:
                closed_at_once += wire.recv(1) == b""
            except ConnectionError:
                closed_at_once += 1
        assert closed_at_once == len(hoard), "those within the share are closed for their silence"
        assert healthy(port)
    finally:
        for wire in hoard:
            wire.close()


@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        (post(b"", JSON, "Content-Length: -5"), {400}),
        (post(b"", JSON, "Content-Length: 5, 6"), {400}),
        (post(b"", JSON, "Content-Length: 300000000"), {413}),
        (post(b"ffffffff\r\n" + b"a" * 3_000_000, JSON, "Transfer-Encoding: chunked"), {413}),
        (post(b"zz\r\n", JSON, "Transfer-Encoding: chunked"), {400}),
        (post(b"{}", "Content-Length: 2", "Content-Type: application/json; charset=utf-7"), {422, 415}),
        (post(b"GET / HTTP/1.1\r\n\r\n", JSON, "Content-Length: 4", "Transfer-Encoding: chunked"), {400}),
        (post(b"", JSON, "Transfer-Encoding: chunked, identity"), {400, 501}),
        (post(b"", *(f"X-{n}: {'a' * 900}" for n in range(200)), "Content-Length: 0"), {400, 431}),
        (b"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n bad: x\r\n\r\n", {400}),
        (b"\x16\x03\x01\x02\x00", {400, 0}),
    ],
)
def test_45_46_lying_requests_are_refused_and_others_served(port: int, request_: bytes, statuses: set[int]) -> None:
    assert status(said(port, request_)) in statuses
    assert healthy(port)


@pytest.mark.parametrize("kind", ["fields", "parts", "part headers", "semicolons"])
def test_45_forms_of_a_thousand_parts_are_refused(town: Town, kind: str) -> None:
    bound = "X" * 16
    part = f'--{bound}\r\nContent-Disposition: form-data; name="n"\r\n\r\nv\r\n'
    bodies = {
        "fields": ("/login", "application/x-www-form-urlencoded", "&".join(["n=v"] * 1500)),
        "semicolons": ("/login", "application/x-www-form-urlencoded", ";".join(["n=v"] * 100_000)),
        "parts": ("/v1/complaints/import", f"multipart/form-data; boundary={bound}", part * 1500 + f"--{bound}--\r\n"),
        "part headers": (
            "/v1/complaints/import",
            f"multipart/form-data; boundary={bound}",
            f"--{bound}\r\n" + "X-H: v\r\n" * 10_000 + '\r\nv\r\n' + f"--{bound}--\r\n",
        ),
    }  # fmt: skip
    path, media, body = bodies[kind]
    headers = {"Content-Type": media, "Sec-Fetch-Site": "same-origin"}
    if path != "/login":
        headers |= town.headers(Role.ADMIN)
    answer = town.client.post(path, content=body.encode(), headers=headers)
    assert answer.status_code in {400, 401, 413, 422}, answer.text


# --- 47: credentials -----------------------------------------------------------------------------


class Hashes:
    """Counts verifications of passwords, with what each one costs."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.costs: list[tuple[str, ...]] = []

    def verify(self, encoded: str, password: str) -> bool:
        # $argon2id$v=19$m=65536,t=3,p=4$…: the parameters are the cost.
        self.costs.append(tuple(encoded.split("$")[1:4]))
        return bool(self.real.verify(encoded, password))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("handler", "wrong password"),
        ("nobody.here", "wrong password"),
        ("gone", PASSWORD),
        ("n" * 500, "x"),
        ("' OR 1=1 --", "x"),
        ("", ""),
        ("handler", "é" * 200),
    ],
)
def test_47_every_wrong_log_in_costs_one_verification(
    town: Town, monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    """What a caller can time is the hash: it is computed once, at one price, whether the name is known or not."""
    from geoservice.service import access

    service: Service = town.client.app.state.service
    if name == "gone" and "gone" not in {user.name for user in service.office.access.users()}:
        service.office.access.add_user("gone", "handler", PASSWORD)
        service.office.access.disable_user("gone")
    counted = Hashes(access._hasher())
    access._decoy()
    monkeypatch.setattr(access, "_hasher", lambda: counted)
    assert service.office.access.log_in(name, password) is None
    known = service.office.access.log_in("handler", "another wrong one")
    assert known is None
    assert len(counted.costs) == 2
    assert counted.costs[0] == counted.costs[1]


@pytest.mark.parametrize("key", [None, "", "gsk_", "TAIL", "EXPIRED", "REVOKED", "éé", "a.b.c", "x" * 5000])
def test_47_every_wrong_key_is_looked_up_alike_and_answered_alike(
    town: Town, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    from geoservice.store.people import People

    access = town.client.app.state.service.office.access
    if key == "TAIL":
        right = town.keys[Role.ADMIN]
        key = right[:-1] + ("A" if right[-1] != "A" else "B")
    elif key == "REVOKED":
        key_id, key = access.add_key("withdrawn", "admin")
        access.revoke_key(key_id)
    elif key == "EXPIRED":
        _, key = access.add_key("a day long", "admin", days=1)
        later = datetime.now(UTC) + timedelta(days=2)
        real_key_of = People.key_of
        monkeypatch.setattr(People, "key_of", lambda self, digest, now: real_key_of(self, digest, later))
    asked: list[int] = []
    looked = People.key_of
    monkeypatch.setattr(
        People, "key_of", lambda self, digest, now: (asked.append(len(digest)), looked(self, digest, now))[1]
    )
    headers = {} if key is None else {"Authorization": f"Bearer {key}".encode("utf-8", "replace")}
    answer, nobody = town.client.get("/v1/status", headers=headers), town.client.get("/v1/status")
    assert (answer.status_code, answer.content) == (401, nobody.content)
    same = {"content-type", "www-authenticate", "cache-control", "content-length"}
    assert {n: answer.headers[n] for n in same} == {n: nobody.headers[n] for n in same}
    assert asked == ([] if key is None else [64]), "one look-up of a hash of one length"


@pytest.mark.parametrize(
    "token",
    [
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJyb2xlIjoiYWRtaW4ifQ.",
        "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYWRtaW4ifQ.c2lnbmVk",
        "eyJqd2siOnsia3R5Ijoib2N0IiwiayI6IkFBIn0sImFsZyI6IkhTMjU2In0.eyJyb2xlIjoiYWRtaW4ifQ.AA",
    ],
)
def test_47_tokens_that_say_who_they_are_are_not_believed(town: Town, token: str) -> None:
    assert town.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    town.client.cookies.clear()
    assert town.client.get("/v1/me", headers={"Cookie": f"gs_session={token}"}).status_code == 401


# --- 48: the region is no way round the roles ----------------------------------------------------


def ask(town: Town, path: str, role: Role = Role.PLANNER) -> Any:
    return town.client.get(path, headers=town.headers(role))


def test_48_windows_pushed_across_the_town_tell_nothing_more(town: Town) -> None:
    """Differencing along the region: every window shows the same lattice, so a difference of two is a told hex."""
    whole: dict[int, dict[str, float]] = {}
    for zoom in (10, 12, 14, 22):
        found = ask(town, f"/v1/hexes?bbox={BOX}&zoom={zoom}").json()
        whole[found["resolution"]] = dict(zip(found["hexes"], found["values"], strict=True))
    rng = np.random.default_rng(48)
    shown = 0
    for _ in range(60):
        west, south = rng.uniform(117.7, 118.0), rng.uniform(30.0, 30.3)
        box = f"{west:.5f},{south:.5f},{west + rng.uniform(0.001, 0.3):.5f},{south + rng.uniform(0.001, 0.3):.5f}"
        part = ask(town, f"/v1/hexes?bbox={box}&zoom={rng.choice([10, 12, 14, 22])}").json()
        assert part["few"] == [False] * len(part["hexes"]), "few and none look alike"
        known = whole.get(part["resolution"])
        for hex_, value in zip(part["hexes"], part["values"], strict=True):
            assert known is None or known[hex_] == value
            shown += 1
        items = ask(town, f"/ogc/collections/hexes/items?bbox={box}&limit=10000").json()
        assert items["numberMatched"] == len(items["features"])
        finest = whole[max(whole)]
        assert all(f["properties"]["customers"] == finest[f["properties"]["hex"]] for f in items["features"])
    assert shown > 50


def test_48_where_somebody_complained_is_not_told_by_where_there_is_coverage(town: Town) -> None:
    """A run predicts coverage wherever somebody complained: without care a hex on the map would be a complaint."""
    service: Service = town.client.app.state.service
    view = service.view()
    rates = view.hex_rates[view.hex_rates["class_group"] == "all"]
    alone = rates.loc[(rates["customers"] > 0) & (rates["customers"] < 3), "hex"].to_numpy(np.int64)
    whole = view.coverage
    exact = whole.assign(customers=0.0)
    told_before = _coverage_told(town)
    # The same run where no subscribers are on file: only complaints say where there is something to predict.
    view.__dict__["coverage"] = exact
    view.kept.clear()
    try:
        told = _coverage_told(town)
    finally:
        view.__dict__["coverage"] = whole
        view.kept.clear()
    resolution = int(grid.resolutions(whole["hex"].to_numpy(np.int64)[:1])[0])
    lonely = {int(h) for h in grid.to_hex(*grid.hex_to_latlon(alone), resolution)}
    spots = [grid.text_to_hex([text for text, _ in hexes]) for hexes in view.hotspots["hexes"]]
    near = {int(h) for hexes in spots for h in grid.disk(grid.to_hex(*grid.hex_to_latlon(hexes), resolution), 2)}
    crowded = rates.loc[rates["customers"] >= 3, "hex"].to_numpy(np.int64)
    near |= {int(h) for h in grid.to_hex(*grid.hex_to_latlon(crowded), resolution)}
    assert lonely - near, "there are single complaints away from everything"
    assert lonely & told_before, "subscribers live there too"
    assert not (told & (lonely - near))


def _coverage_told(town: Town) -> set[int]:
    rows = ask(town, "/v1/export/coverage?format=json").json()
    shown = ask(town, f"/v1/hexes?bbox={BOX}&zoom=22&measure=rsrp").json()
    exported = {int(grid.text_to_hex([row["hex"]])[0]) if isinstance(row["hex"], str) else row["hex"] for row in rows}
    finest = {int(h) for h in grid.text_to_hex(shown["hexes"])} if shown["hexes"] else set()
    return exported | finest


# --- 53: addresses in the configuration ----------------------------------------------------------


@pytest.mark.parametrize(
    "tiles",
    [
        "https://tiles.example/{z}/{x}/{y}.png; script-src *",
        "https://tiles.example 'unsafe-inline'/{z}/{x}/{y}.png",
        "https://tiles.example,evil.example/{z}/{x}/{y}.png",
        "javascript:alert(1)//{z}/{x}/{y}",
        "data:text/html,{z}{x}{y}",
        "file:///etc/{z}/{x}/{y}",
        "//tiles.example/{z}/{x}/{y}.png",
        "https://user:word@tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example/\r\nX-Evil: 1/{z}/{x}/{y}.png",
        "https://*/{z}/{x}/{y}.png",
        "https://tiles.example/none.png",
        "",
    ],
)
def test_53_an_address_of_tiles_adds_nothing_to_the_policy(settings: Settings, tiles: str) -> None:
    with pytest.raises(ConfigError, match="GEOSERVICE_TILES"):
        create_app(replace(settings, tiles=tiles))


@pytest.mark.parametrize(
    ("tiles", "source"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png", "https://tiles.example"),
        ("http://{s}.maps.intranet:8080/wmts?z={z}&x={x}&y={y}", "http://*.maps.intranet:8080"),
        ("http://10.0.0.7/{z}/{x}/{y}.png", "http://10.0.0.7"),
    ],
)
def test_53_tiles_of_ones_own_are_pictures_and_nothing_else(settings: Settings, tiles: str, source: str) -> None:
    from fastapi.testclient import TestClient

    with TestClient(create_app(replace(settings, tiles=tiles)), base_url="http://127.0.0.1:8000") as client:
        policy = client.get("/healthz").headers["content-security-policy"]
    assert f"img-src 'self' data: {source};" in policy
    assert policy.count(source) == 1


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0x7f.1", "2130706433", "017700000001", "localhost", "169.254.169.254", "[::1]",
        "[::ffff:127.0.0.1]", "[fd00::1]", "0.0.0.0", "10.1.2.3", "192.168.0.1", "100.64.0.1",
    ],
)  # fmt: skip
def test_53_a_geocoder_is_nowhere_near_unless_it_is_named(host: str) -> None:
    from geoservice.locate.guarded import check_host, fetch

    with pytest.raises(ConfigError):
        fetch(f"http://{host}:9/search?q=x", {}, 0.2, frozenset())
    bare = host.strip("[]")
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(bare, None)}
    except OSError:
        return
    assert check_host(bare, frozenset({bare})) in addresses


def test_53_no_environment_sends_an_address_anywhere_by_itself(
    town_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Unless a geocoder is switched on, a place nobody knows is looked for at home only."""
    import shutil

    from geoservice.service import open_service

    shutil.copytree(Path(town_database.removeprefix("sqlite:///")).parent, tmp_path / "data")
    connected: list[object] = []
    only_at_home(monkeypatch, connected)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: connected.append(a) or [])
    service = open_service(f"sqlite:///{tmp_path}/data/geo.db")
    try:
        assert service.lookup("查无此地的某条路 999 号", "zh")["verdict_code"] == "not_found"
        service.record_complaint({"text": "没有信号", "place_text": "查无此地的某条路 999 号"})
    finally:
        service.close()
    assert connected == []
