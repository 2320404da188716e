"""The three pages and the exported map in Chromium: nothing leaves the host, the console is silent, journeys work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser


class Watched:
    """A page with everything it complained about and asked for."""

    def __init__(self, browser: Any, base: str, *, width: int = 1440, offline: bool = False) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=offline)
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self.requests = 0
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url, base))

    def _note(self, url: str, base: str) -> None:
        self.requests += 1
        if not url.startswith((base, "data:", "blob:")):
            self.outside.append(url)

    def clean(self) -> None:
        assert self.complaints == []
        assert self.outside == []


def pixels_drawn(page: Any) -> int:
    """How many pixels of the hex canvas are not transparent."""
    return page.evaluate(
        """() => { const c = document.querySelector("canvas.gm-hexes");
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n; }"""
    )


@pytest.mark.parametrize("width", [1440, 800])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/desk", "/planning"])
def test_pages_are_clean_and_fit(browser: Any, server: str, path: str, language: str, width: int) -> None:
    watched = Watched(browser, server, width=width)
    watched.page.goto(f"{server}{path}?lang={language}", wait_until="networkidle")
    watched.clean()
    assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert watched.page.evaluate("document.documentElement.lang") == ("zh-CN" if language == "zh" else "en")


def test_the_map_draws_hexes_and_explains_hotspot_one_in_one_click(browser: Any, server: str) -> None:
    watched = Watched(browser, server)
    watched.page.goto(f"{server}/?lang=en", wait_until="networkidle")
    watched.page.wait_for_selector(".spot")
    assert pixels_drawn(watched.page) > 1000
    watched.page.locator(".spot").first.click()
    panel = watched.page.locator("#panel").inner_text()
    assert "customers" in panel
    assert "p (adjusted)" in panel
    assert "hotspot=" in watched.page.url
    watched.page.wait_for_load_state("networkidle")
    watched.clean()


def test_a_permalink_opens_the_same_hotspot(browser: Any, server: str) -> None:
    watched = Watched(browser, server)
    watched.page.goto(f"{server}/?lang=en#hotspot=H0001", wait_until="networkidle")
    watched.page.wait_for_selector(".cause.first")
    watched.clean()


def test_changing_the_measure_redraws_with_its_legend(browser: Any, server: str) -> None:
    watched = Watched(browser, server)
    watched.page.goto(f"{server}/?lang=en", wait_until="networkidle")
    watched.page.select_option("#measure", "rsrp")
    watched.page.locator(".gm-legend", has_text="dBm").wait_for()
    assert pixels_drawn(watched.page) > 1000
    watched.clean()


def test_the_desk_answers_and_records_by_keyboard(browser: Any, server: str) -> None:
    watched = Watched(browser, server)
    page = watched.page
    page.goto(f"{server}/desk?lang=en", wait_until="networkidle")
    spot = page.evaluate("fetch('/v1/hotspots').then(r => r.json()).then(s => s[0].lat + ',' + s[0].lon)")
    page.keyboard.type(spot)
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict h2")
    assert page.locator(".verdict .say").inner_text().strip()
    page.wait_for_load_state("networkidle")
    page.fill("textarea[name=text]", "信号只有一格，打电话老断")
    page.press("input[name=terminal_model]", "Enter")
    page.locator("#recorded", has_text="GS-").wait_for()
    watched.clean()


def test_the_planner_gets_a_workbook_in_one_click(browser: Any, server: str) -> None:
    watched = Watched(browser, server)
    watched.page.goto(f"{server}/planning?lang=zh", wait_until="networkidle")
    with watched.page.expect_download() as waiting:
        watched.page.locator("a.button", has_text="XLSX").click()
    assert Path(waiting.value.path()).read_bytes()[:2] == b"PK"
    watched.clean()


def test_the_exported_map_works_with_the_network_off(browser: Any, town: Any, tmp_path: Path) -> None:
    from maps.command import map_data
    from maps.pages import exported_page

    target = tmp_path / "map.html"
    target.write_text(exported_page(map_data(town, town.view().run.run_id), "en"), "utf-8")
    watched = Watched(browser, "file://", offline=True)
    watched.page.goto(target.as_uri())
    watched.page.wait_for_selector(".gm-rank")
    assert pixels_drawn(watched.page) > 1000
    watched.page.locator(".gm-rank").first.click()
    popup = watched.page.locator(".gm-popup").inner_text()
    assert "Expected" in popup
    assert "p (adjusted)" in popup
    assert "customers" in watched.page.locator(".gm-legend").inner_text()
    assert watched.page.locator(".leaflet-control-scale").is_visible()
    watched.clean()


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=document.body.dataset.pwn=1>",
        "${document.body.dataset.pwn=1}",
        "</script><script>document.body.dataset.pwn=1</script>",
    ],
)
def test_hostile_text_stays_text_in_the_exported_map(browser: Any, tmp_path: Path, text: str) -> None:
    from maps.pages import exported_page
    from tests.maps.test_document import data

    target = tmp_path / "map.html"
    target.write_text(exported_page(data(text), "en", text), "utf-8")
    watched = Watched(browser, "file://", offline=True)
    watched.page.goto(target.as_uri())
    watched.page.locator(".gm-rank").first.click()
    watched.page.wait_for_selector(".gm-popup")
    assert text in watched.page.locator(".gm-popup p").inner_text()
    assert watched.page.evaluate("document.body.dataset.pwn") is None
    watched.clean()
