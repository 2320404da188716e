"""The engineer's journey: why is there a hotspot, since when, what would an action do, take it elsewhere."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.browser.watching import Watched, pixels_drawn

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(browser: Any, server: str) -> Watched:
    found = Watched(browser, server)
    found.open(f"{server}/?lang=en")
    found.page.wait_for_selector(".spot")
    return found


def test_hotspot_one_is_explained_in_one_click(watched: Watched) -> None:
    assert pixels_drawn(watched.page) > 1000
    watched.page.locator(".spot").first.click()
    panel = watched.page.locator("#panel").inner_text()
    for words in ("Why here", "confidence", "Actions", "p (adjusted)", "Class mix"):
        assert words in panel
    assert watched.page.locator("#panel .trend svg[role=img]").count() == 1
    assert "hotspot=" in watched.page.url
    watched.page.wait_for_load_state("networkidle")
    watched.clean()


def test_list_and_map_are_linked_both_ways(watched: Watched) -> None:
    page = watched.page
    page.locator(".spot").nth(1).hover()
    assert page.locator(".gm-rank.gm-marked").inner_text().strip() == "2"
    page.locator(".gm-rank").first.dispatch_event("click")
    page.locator(".panel-title").wait_for()
    assert page.locator(".panel-title .badge").inner_text() == page.locator(".gm-rank").first.inner_text()
    watched.clean()


def test_a_permalink_opens_the_same_view(browser: Any, server: str, watched: Watched) -> None:
    page = watched.page
    page.select_option(".tl-head select", "7")
    page.select_option("#measure", "excess")
    page.locator(".spot").first.click()
    page.wait_for_load_state("networkidle")
    label = page.locator(".tl-when").inner_text()
    again = Watched(browser, server)
    second = again.open(page.url)
    second.wait_for_selector(".cause.first")
    second.locator(".tl-when", has_text=label).wait_for()
    assert second.input_value("#measure") == "excess"
    assert page.url.partition("#")[2].split("hotspot=")[1] == second.url.partition("#")[2].split("hotspot=")[1]
    again.clean()


def test_time_plays_step_by_step(watched: Watched) -> None:
    page = watched.page
    page.select_option(".tl-head select", "7")
    page.locator("input.first").fill("0")
    before = page.locator(".tl-when").inner_text()
    asked = len([url for url in watched.requests if "since=" in url])
    page.locator(".tl-play").click()
    page.wait_for_function("(text) => document.querySelector('.tl-when').textContent !== text", arg=before)
    page.wait_for_timeout(1200)
    page.locator(".tl-play").click()
    assert len([url for url in watched.requests if "since=" in url]) >= asked + 2
    assert "since=" in page.url
    watched.clean()


def test_two_periods_side_by_side(watched: Watched) -> None:
    page = watched.page
    page.locator("#compare").click()
    page.locator(".gm-swipe").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.locator("canvas.gm-hexes").count() == 2
    assert min(pixels_drawn(page, 0), pixels_drawn(page, 1)) > 500
    bar = page.locator(".gm-swipe")
    bar.focus()
    page.keyboard.press("ArrowRight")
    assert bar.get_attribute("aria-valuenow") == "55"
    page.locator("#compare").click()
    bar.wait_for(state="detached")
    watched.clean()


def test_changing_the_measure_redraws_with_its_legend(watched: Watched) -> None:
    page = watched.page
    page.select_option("#measure", "rsrp")
    page.locator(".gm-legend", has_text="dBm").wait_for()
    assert pixels_drawn(page) > 1000
    assert page.locator("#compare").is_disabled()
    watched.clean()


@pytest.mark.parametrize(("layer", "sign"), [("Alarms", ".gm-alarm"), ("Planned sites", ".gm-planned")])
def test_layers_are_loaded_when_they_are_wanted(watched: Watched, layer: str, sign: str) -> None:
    page = watched.page
    page.locator(".leaflet-control-layers").hover()
    page.locator(".leaflet-control-layers label", has_text=layer).click()
    page.locator(sign).first.wait_for(state="attached")
    assert "layers=" in page.url
    watched.clean()


def test_a_cells_footprint(browser: Any, server: str) -> None:
    watched = Watched(browser, server)
    page = watched.open(f"{server}/desk?lang=en")
    cgi = page.evaluate("fetch('/v1/cells?bbox=117,29,119,31&limit=1').then(r => r.json()).then(c => c[0].cgi)")
    page.goto(f"{server}/?lang=en#cell={cgi}", wait_until="networkidle")
    page.locator("#ending", has_text="km²").wait_for()
    page.locator("#ending button").click()
    page.locator(".gm-legend", has_text="customers").wait_for()
    watched.clean()


def test_the_effect_of_an_action_on_the_map(browser: Any, server: str) -> None:
    """The town's own actions turn no antenna: one that does is put into the answer; the what-if is the server's."""
    watched = Watched(browser, server)
    page = watched.page

    def with_a_change(route: Any) -> None:
        spots = route.fetch().json()
        best = page.request.get(f"{server}/v1/coverage?lat={spots[0]['lat']}&lon={spots[0]['lon']}").json()
        change = {"cgi": best["serving"][0]["cgi"], "field": "rs_power_dbm", "from": 15.0, "to": 6.0}
        spots[0]["actions"][0]["changes"] = [change]
        route.fulfill(json=spots)

    page.route("**/v1/hotspots", with_a_change)
    page.goto(f"{server}/?lang=en", wait_until="networkidle")
    page.locator(".spot").first.click()
    page.get_by_role("button", name="Show the effect on the map").first.click()
    page.locator("#ending", has_text="Net customers").wait_for(timeout=20_000)
    assert page.locator("canvas.gm-hexes").count() == 2
    assert "effect=" in page.url
    page.locator("#ending button").click()
    page.locator(".gm-swipe").wait_for(state="detached")
    watched.clean()


def test_a_place_is_found_from_the_map(watched: Watched) -> None:
    page = watched.page
    where = page.evaluate("fetch('/v1/hotspots').then(r => r.json()).then(s => s[0].lat + ',' + s[0].lon)")
    page.fill("#find-text", where)
    page.locator("#find-list li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".leaflet-popup", has_text="hotspot").wait_for()
    watched.clean()


@pytest.mark.parametrize("format_", ["png", "gpkg", "csv", "html"])
def test_what_is_seen_can_be_taken_away(watched: Watched, format_: str, tmp_path: Path) -> None:
    page = watched.page
    page.wait_for_load_state("networkidle")
    page.locator("#export summary").click()
    with page.expect_download() as waiting:
        page.locator(f"[data-format={format_}]").click()
    target = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(target)
    head = target.read_bytes()[:200_000]
    if format_ == "gpkg":
        rows = sqlite3.connect(target).execute("select count(*) from hexes_customers").fetchone()
        assert rows[0] > 0
    elif format_ == "png":
        assert head.startswith(b"\x89PNG")
        assert target.stat().st_size > 20_000
    else:
        assert (b"hex," in head) if format_ == "csv" else (b"geomap-data" in target.read_bytes())
    watched.clean()


def test_a_failure_is_told_and_can_be_tried_again(watched: Watched) -> None:
    page = watched.page
    page.route(
        "**/v1/hexes*", lambda route: route.fulfill(status=503, body='{"status": 503, "title": "Not available"}')
    )
    page.select_option("#measure", "rate")
    page.locator("#status.failed button").wait_for()
    page.unroute("**/v1/hexes*")
    page.locator("#status.failed button").click()
    page.locator(".gm-legend", has_text="expected").wait_for()


def test_whether_an_action_worked_is_told_where_it_stands(watched: Watched, server: str) -> None:
    """The page's verdict is the server's; a day after the data is refused in words."""
    page = watched.page
    spot = page.request.get(f"{server}/v1/hotspots").json()[0]
    action = next(one for one in spot["actions"] if one["action"] not in {"A01", "A02", "A19"})
    page.locator(".spot").first.click()
    box = page.locator(".verdict").first
    box.locator("summary").click()
    box.locator("input").fill(spot["from"][:10])
    box.get_by_role("button").click()
    box.locator("dl.facts").wait_for()
    told = page.request.get(
        f"{server}/v1/actions/{action['action_id']}/verification?done={spot['from'][:10]}T12:00:00Z"
    )
    answer = told.json()
    assert answer["sentence_en"] in box.inner_text()
    assert f"{answer['before']} → {answer['after']}" in box.inner_text()
    watched.clean()
    box.locator("input").fill("2099-01-01")
    assert not box.locator("form").evaluate("form => form.checkValidity()"), "a day that has not come"
