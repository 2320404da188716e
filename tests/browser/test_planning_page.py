"""The planner's journey: rank, choose under a budget, try, decide, take away; and the jobs beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.watching import Watched

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(browser: Any, server: str) -> Watched:
    found = Watched(browser, server)
    found.open(f"{server}/planning?lang=en")
    found.page.locator("tbody tr").first.wait_for()
    return found


def test_a_workbook_in_one_click(browser: Any, server: str) -> None:
    watched = Watched(browser, server)
    page = watched.open(f"{server}/planning?lang=zh")
    with page.expect_download() as waiting:
        page.locator("#xlsx").click()
    assert Path(waiting.value.path()).read_bytes()[:2] == b"PK"
    watched.clean()


def test_what_is_ticked_is_what_is_exported(watched: Watched) -> None:
    page = watched.page
    first = page.locator("tbody tr").first
    number = first.locator(".code").inner_text()
    first.locator("input[type=checkbox]").check()
    assert f"only={number}" in page.locator("#xlsx").get_attribute("href")
    rows = page.evaluate(f"fetch('/v1/site-requests?only={number}').then(r => r.json())")
    assert [row["request_no"] for row in rows] == [number]
    watched.clean()


def test_sorting_and_filtering(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("button", name="Customers", exact=True).click()
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Customers")
    page.fill("#filter", "no such thing")
    page.locator("#empty", has_text="No request matches").wait_for()
    page.fill("#filter", "")
    page.locator("tbody tr").first.wait_for()
    watched.clean()


def test_the_budget_is_solved_anew(watched: Watched) -> None:
    page = watched.page
    page.locator("#plan .big").wait_for(timeout=20_000)
    page.locator("#budget").fill("1")
    page.locator("#plan h3", has_text="1 unit").wait_for(timeout=20_000)
    assert "proven limit" in page.locator("#plan").inner_text()
    watched.clean()


def test_a_site_is_tried_before_it_is_asked_for(watched: Watched) -> None:
    page = watched.page
    simulate = page.get_by_role("button", name="Simulate this site")
    simulate.click()
    page.locator("#outcome", has_text="hexes changed").wait_for(timeout=20_000)
    assert page.locator(".gm-swipe").count() == 1
    page.locator("#forget").click()
    page.locator(".gm-swipe").wait_for(state="detached")
    watched.clean()


def test_a_decision_on_an_old_version_is_refused(browser: Any, server: str, watched: Watched) -> None:
    page = watched.page
    page.get_by_role("button", name="Submit").wait_for()
    number = page.locator('tr[aria-selected="true"] .code').inner_text()
    other = Watched(browser, server).open(f"{server}/planning?lang=en#request={number}")
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("button", name="Approve").wait_for()
    other.get_by_role("button", name="Submit").click()
    other.locator("#detail .error").wait_for()
    other.get_by_role("button", name="Reload").click()
    other.get_by_role("button", name="Approve").wait_for()
    page.get_by_role("button", name="Refuse").click()
    page.locator("#ask-value").fill("   ")
    page.locator("#ask button.primary").click()
    assert page.locator("#ask").is_visible()
    page.locator("#ask-value").fill("test")
    page.locator("#ask button.primary").click()
    page.locator('tr[aria-selected="true"]', has_text="refused").wait_for()
    assert "✓" not in page.locator('tr[aria-selected="true"]').inner_text()
    assert not page.get_by_role("button", name="Refuse").count()
    watched.clean()


def test_an_import_is_watched_to_its_end(browser: Any, server: str, town_files: Path) -> None:
    watched = Watched(browser, server)
    page = watched.open(f"{server}/jobs?lang=en")
    page.select_option("select[name=table]", "alarms")
    page.set_input_files("input[name=file]", str(town_files / "alarms.csv"))
    page.locator("#import button").click()
    page.locator(".job .tag.good").first.wait_for(timeout=60_000)
    assert "read" in page.locator(".job").first.inner_text()
    watched.clean()
