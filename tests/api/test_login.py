"""The way in for people: session, throttling, cross-site requests (attacks 47, 49, 50)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.login import inside
from api.settings import Settings
from geoservice.service import Role
from tests.api.people import PASSWORD, Town, closed

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def town(settings: Settings) -> Iterator[Town]:
    with closed(settings, rate_per_s=0.0) as opened:
        yield opened


@pytest.fixture(autouse=True)
def a_fresh_browser(town: Town) -> None:
    town.client.cookies.clear()
    town.client.app.state.patience.__init__()


def log_in(town: Town, name: str = "handler", password: str = PASSWORD, **form: str) -> object:
    return town.client.post(
        "/login", data={"name": name, "password": password, **form}, headers=OURS, follow_redirects=False
    )


def test_a_page_asks_to_log_in_and_leads_back(town: Town) -> None:
    asked = town.client.get("/desk?q=1", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fdesk%3Fq%3D1")
    page = town.client.get(asked.headers["location"])
    assert page.status_code == 200
    assert 'value="/desk?q=1"' in page.text
    assert log_in(town, next="/desk?q=1").headers["location"] == "/desk?q=1"
    assert town.client.get("/desk", headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_speaks_both_languages_without_script_or_foreign_hosts(town: Town, language: str) -> None:
    page = town.client.get(f"/login?lang={language}")
    assert ("登录" in page.text) == (language == "zh")
    assert "<script>" not in page.text
    assert "://" not in page.text.replace("http://127.0.0.1", "")
    assert "script-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("role", "home"), [("handler", "/desk"), ("engineer", "/"), ("planner", "/planning"), ("admin", "/")]
)
def test_everyone_comes_home(town: Town, role: str, home: str) -> None:
    assert log_in(town, role).headers["location"] == home
    me = town.client.get("/v1/me").json()
    assert (me["name"], me["role"], me["via"], me["local"]) == (role, role, "session", False)


def test_the_cookie_is_for_the_browser_alone(town: Town) -> None:
    cookie = log_in(town).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


def test_who_logs_out_is_out(town: Town) -> None:
    log_in(town)
    token = town.client.cookies["gs_session"]
    assert town.client.post("/logout", headers=OURS, follow_redirects=False).status_code == 303
    town.client.cookies.set("gs_session", token)
    assert town.client.get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("handler", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("handler", ""),
        ("' OR 1=1 --", "x"),
        ("handler\x00", PASSWORD),
    ],
)
def test_47_every_wrong_log_in_gets_the_same_page(town: Town, name: str, password: str) -> None:
    answer = log_in(town, name, password)
    assert answer.status_code == 401
    assert "gs_session" not in answer.headers.get("set-cookie", "")
    assert answer.text == log_in(town, "handler", "also wrong").text


def test_49_guessing_is_slowed_and_locks_nobody_else_out(town: Town) -> None:
    statuses = [log_in(town, "handler", f"guess {n}").status_code for n in range(12)]
    assert statuses.count(401) <= 6
    assert statuses[-1] == 429
    waiting = log_in(town, "handler", PASSWORD)
    assert waiting.status_code == 429
    assert int(waiting.headers["retry-after"]) >= 1
    # Someone else at the same address, and a program with a key, go on working.
    assert log_in(town, "planner").status_code == 303
    assert town.client.get("/v1/me", headers=town.headers(Role.HANDLER)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_50_a_session_changes_nothing_for_another_site(town: Town, headers: dict[str, str]) -> None:
    log_in(town, "engineer")
    answer = town.client.post("/v1/complaints/import", files={"file": ("a.csv", b"x")}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["title"] == "Cross-site request"


def test_50_logging_in_for_somebody_else_is_refused(town: Town) -> None:
    form = {"name": "handler", "password": PASSWORD}
    assert town.client.post("/login", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_50_programs_need_no_browser_headers(town: Town) -> None:
    answer = town.client.post("/v1/complaints/read", json={"text": "没有信号"}, headers=town.headers(Role.HANDLER))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "key",
    ["", "x", "gsk_", "gsk_" + "A" * 43, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", "é" * 20, "gsk_\x7f", "a" * 5000],
)
def test_47_every_wrong_key_gets_one_answer(town: Town, key: str) -> None:
    answer = town.client.get("/v1/status", headers={"Authorization": f"Bearer {key}".encode("utf-8", "replace")})
    nobody = town.client.get("/v1/status")
    assert answer.status_code == nobody.status_code == 401
    assert answer.json() == nobody.json()
    assert answer.headers["www-authenticate"] == "Bearer"


def test_47_keys_in_addresses_and_bodies_open_nothing(town: Town) -> None:
    key = town.keys[Role.ADMIN]
    for name in ("key", "api_key", "access_token", "authorization"):
        assert town.client.get(f"/v1/status?{name}={key}").status_code == 401
    assert town.client.get("/v1/status", headers={"Authorization": f"Basic {key}"}).status_code == 401


def test_47_a_revoked_key_opens_nothing(town: Town) -> None:
    access = town.client.app.state.service.office.access
    key_id, key = access.add_key("for a moment", "planner")
    assert town.client.get("/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    access.revoke_key(key_id)
    assert town.client.get("/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 401


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [
        ("/desk", True),
        ("/planning?x=1", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example", False),
        ("javascript:alert(1)", False),
        ("/login?next=/x", False),
        ("/a\r\nSet-Cookie: x=1", False),
        ("", False),
    ],
)
def test_the_way_back_stays_inside(path: str, is_ours: bool) -> None:
    assert (inside(path) == path) == is_ours


def test_log_ins_are_on_record(town: Town) -> None:
    log_in(town, "planner", "wrong")
    log_in(town, "planner")
    actions = [row["action"] for row in town.client.get("/v1/audit?limit=3", headers=town.headers(Role.ADMIN)).json()]
    assert "login" in actions
    assert "login.failed" in actions
