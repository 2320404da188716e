"""Everyone sees the pages of their role, and no page asks for what its reader may not have."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import PASSWORD
from tests.browser.watching import Watched, pixels_drawn

pytestmark = pytest.mark.browser


def enter(browser: Any, address: str, name: str, path: str) -> Watched:
    watched = Watched(browser, address)
    page = watched.open(f"{address}{path}")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.locator("header.top").wait_for()
    page.wait_for_load_state("networkidle")
    return watched


def test_a_planner_sees_no_single_customers(browser: Any, closed_server: str) -> None:
    watched = enter(browser, closed_server, "wang", "/")
    page = watched.page
    page.locator(".spot").first.wait_for()
    assert pixels_drawn(page) > 500
    assert page.locator("header nav a").all_inner_texts() == ["Map", "Planning"]
    for gone in ("#compare", "#timeline", "#group"):
        assert not page.locator(gone).is_visible()
    page.locator(".spot").first.click()
    assert page.get_by_role("link", name="Open at the desk").count() == 0
    page.goto(f"{closed_server}/planning", wait_until="networkidle")
    page.locator("#plan .big").wait_for(timeout=20_000)
    watched.clean()


def test_a_handler_has_the_desk_and_may_leave(browser: Any, closed_server: str) -> None:
    watched = enter(browser, closed_server, "zhao", "/desk")
    page = watched.page
    assert page.locator("header nav a").all_inner_texts() == ["Map", "Desk"]
    page.keyboard.type("30.2,117.9")
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict h2")
    watched.clean()
    page.get_by_role("button", name="Log out").click()
    page.locator("#password").wait_for()
    page.goto(f"{closed_server}/desk")
    page.locator("#password").wait_for()
