"""The API's own page in a real browser: drawn, silent, and nothing fetched from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_swagger_is_drawn_from_our_own_files(browser: Any, server: str) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    addresses: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(f"{server}/docs")
    page.wait_for_selector(".opblock", timeout=20_000)
    page.locator("#operations-health-status_v1_status_get .opblock-summary").click()
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table .response", timeout=20_000)
    assert "data_version" in page.locator(".live-responses-table").inner_text()
    assert page.locator(".opblock").count() > 20
    assert complaints == []
    assert all(address.startswith((server, "data:", "blob:")) for address in addresses)
    page.close()
