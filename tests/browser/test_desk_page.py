"""The handler's journey by keyboard alone: ask, choose, read, record; dispatch waits for what the class needs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.watching import Watched

pytestmark = pytest.mark.browser


def hotspot_at(page: Any) -> str:
    return page.evaluate("fetch('/v1/hotspots').then(r => r.json()).then(s => s[0].lat + ',' + s[0].lon)")


@pytest.fixture(params=["zh", "en"])
def watched(request: pytest.FixtureRequest, browser: Any, server: str) -> Watched:
    found = Watched(browser, server)
    found.open(f"{server}/desk?lang={request.param}")
    return found


def test_four_interactions_from_question_to_ticket(watched: Watched) -> None:
    page = watched.page
    where = hotspot_at(page)
    page.keyboard.type(where)  # 1: type
    page.keyboard.press("Enter")  # 2: choose, and read the answer
    page.wait_for_selector(".verdict h2")
    assert page.locator(".say-main").inner_text().strip()
    assert page.locator(".say-other").inner_text().strip()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "text"
    page.keyboard.type("信号只有一格，打电话老断")  # 3: what the customer says
    page.keyboard.press("Control+Enter")  # 4: record
    page.locator("#recorded", has_text="GS-").wait_for()
    watched.clean()


def test_the_deciding_phrase_is_marked_and_the_class_can_be_changed(watched: Watched) -> None:
    page = watched.page
    page.fill("textarea[name=text]", "昨天开始，打着打着就断，别的都好")
    page.locator("#reading mark").wait_for()
    assert page.locator("#reading mark").inner_text() in "昨天开始，打着打着就断，别的都好"
    assert page.locator("label[data-field=calling_no]").is_visible()
    page.select_option("select[name=class]", "ECHO")
    assert page.locator("label[data-field=echo_hearer]").is_visible()
    page.select_option("select[name=class]", "SLOW_DATA")
    assert not page.locator("label[data-field=calling_no]").is_visible()
    watched.clean()


def test_dispatch_waits_for_every_field_the_class_needs(watched: Watched) -> None:
    page = watched.page
    page.fill("#query", hotspot_at(page))
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict h2")
    page.fill("textarea[name=text]", "视频一直转圈，上网慢")
    page.locator("#reading mark").wait_for()
    assert page.locator("#dispatch").is_disabled()
    page.fill("input[name=customer_no]", "13800138111")
    page.fill("input[name=terminal_model]", "Mate 60")
    page.select_option("select[name=frequency]", "daily")
    page.locator("#missing.complete").wait_for()
    page.locator("#dispatch").click()
    page.locator("#recorded.good", has_text="GS-").wait_for()
    watched.clean()


def test_a_second_call_about_the_same_matter_is_offered_as_a_chaser(watched: Watched) -> None:
    page = watched.page
    number = "13800138222"
    for round_ in (1, 2):
        page.fill("#query", hotspot_at(page))
        page.keyboard.press("Enter")
        page.wait_for_selector(".verdict h2")
        page.fill("textarea[name=text]", f"家里完全没信号，第{round_}次打来")
        page.locator("#reading mark").wait_for()
        page.fill("input[name=customer_no]", number)
        page.press("input[name=customer_no]", "Tab")
        page.locator("#caller").wait_for()
        if round_ == 1:
            page.keyboard.press("Control+Enter")
            page.locator("#recorded.good").wait_for()
    page.locator(".duplicate button").click()
    assert "GS-" in page.input_value("input[name=event_note]")
    assert number not in " ".join(watched.requests)
    watched.clean()


def test_what_was_typed_stays_when_another_candidate_is_chosen(watched: Watched) -> None:
    page = watched.page
    where = [float(part) for part in hotspot_at(page).split(",")]

    def two_places(route: Any) -> None:
        answer = route.fetch()
        found = answer.json()
        first = {**found["fixes"][0], "lat": where[0], "lon": where[1], "precision": "street", "label": "甲花园, 一区"}
        found["fixes"] = [first, {**first, "label": "乙花园, 二区", "probability": 0.3}]
        route.fulfill(response=answer, json=found)

    page.route(re.compile(r"/v1/locations/lookup\?.*%E6%A0%8B"), two_places)
    words = "5栋 " + ",".join(str(part) for part in where)
    page.fill("#query", words)
    page.keyboard.press("Enter")
    page.locator(".places button").nth(1).wait_for()
    assert page.input_value("input[name=place_text]") == words
    page.keyboard.press("Alt+2")
    page.locator('.places button[aria-pressed="true"]', has_text="乙花园").wait_for()
    assert page.locator(".places button").count() == 2
    assert page.input_value("#query") == words
    assert page.input_value("input[name=place_text]") == f"{words}（乙花园, 二区）"
    watched.clean()


def test_nothing_can_be_typed_into_the_form_while_it_is_sent(watched: Watched) -> None:
    page = watched.page
    page.fill("#query", hotspot_at(page))
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict h2")
    held: list[Any] = []
    page.route("**/v1/complaints", lambda route: held.append(route))
    page.fill("textarea[name=text]", "信号只有一格")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("document.getElementById('record').inert")
    page.keyboard.type("abc")
    assert page.input_value("textarea[name=text]") == "信号只有一格"
    held[0].continue_()
    page.locator("#recorded", has_text="GS-").wait_for()
    assert page.evaluate("document.activeElement.name") == "text"
    assert len(held) == 1
    watched.clean()


def test_an_answer_lost_on_the_way_is_asked_for_again_by_the_same_key(watched: Watched) -> None:
    page = watched.page
    page.fill("#query", hotspot_at(page))
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict h2")
    keys: list[str] = []

    def lose_the_first(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # recorded, but the answer never arrives
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/complaints", lose_the_first)
    page.fill("textarea[name=text]", "信号只有一格")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#recorded.error")
    page.keyboard.press("Control+Enter")
    page.locator("#recorded.good", has_text="GS-").wait_for()
    assert keys[0] == keys[1]


def test_suggestions_by_keyboard(watched: Watched) -> None:
    page = watched.page
    name = page.evaluate("fetch('/v1/places?bbox=117,29,119,31&limit=3').then(r => r.json()).then(p => p[0].name)")
    page.locator("#query").type(name[:2])
    page.locator("#suggestions li").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator('#suggestions li[aria-selected="true"]').count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict h2")
    # The complaint is about the place that was chosen, by its name, with its point and size; Enter goes on to it.
    assert page.input_value("input[name=place_text]") == page.input_value("#query")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "text"
    page.keyboard.type("信号只有一格")
    with page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/v1/complaints")) as sent:
        page.keyboard.press("Control+Enter")
    told = sent.value.post_data_json
    assert told["lat"]
    assert told["radius_m"] > 30
    page.locator("#recorded", has_text="GS-").wait_for()
    page.locator("body").press("Escape")
    page.locator("h2").first.click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "query"
    watched.clean()


@pytest.mark.parametrize(
    "text", ["30°15'51\"N 118°12'58\"E", "高德 30.264255,118.216049", "北纬30.264255 东经118.216049"]
)
def test_coordinates_in_any_notation_are_suggested(browser: Any, server: str, text: str) -> None:
    watched = Watched(browser, server)
    page = watched.open(f"{server}/desk?lang=en")
    page.fill("#query", text)
    page.locator("#suggestions li", has_text="coordinates").wait_for()
    watched.clean()
