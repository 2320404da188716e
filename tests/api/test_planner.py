"""What a planner receives: no customer, no exact point, no text, no count that gives one away (attack 36, 48)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import openpyxl
import pytest

from api.settings import Settings
from geoservice import grid
from geoservice.service import Role, Service
from tests.api.people import Town, closed

BOX = "117.0,29.0,119.0,31.5"
STEP, LEAST = 5, 3


@pytest.fixture(scope="module")
def town(settings: Settings) -> Iterator[Town]:
    with closed(settings, rate_per_s=0.0) as opened:
        yield opened


def ask(town: Town, path: str, role: Role = Role.PLANNER) -> Any:
    return town.client.get(path, headers=town.headers(role))


# Everything a planner may read.
PATHS = (
    "/v1/hotspots",
    "/v1/hotspots/H0001",
    "/v1/actions",
    "/v1/site-requests",
    "/v1/site-requests?format=geojson",
    "/v1/runs",
    "/v1/status",
    "/v1/timeline",
    f"/v1/hexes?bbox={BOX}&zoom=13",
    f"/v1/hexes?bbox={BOX}&zoom=13&measure=rsrp",
    f"/v1/cells?bbox={BOX}",
    f"/v1/view?bbox={BOX}&zoom=13&format=csv",
    f"/v1/view?bbox={BOX}&zoom=13&format=html",
    "/v1/locations/lookup?q=30.2044,117.9421",
    "/v1/locations/suggest?q=T",
    "/v1/export/hotspots?format=json",
    "/v1/export/hexes?format=json",
    "/v1/export/actions?format=json",
    "/v1/export/site-requests?format=json",
    "/v1/export/hotspots?format=csv",
    "/v1/export/hexes?format=csv",
    "/ogc/collections/hotspots/items?limit=1000",
    "/ogc/collections/hexes/items?limit=10000",
    "/ogc/collections/site-requests/items",
    "/",
    "/planning",
)


@pytest.fixture(scope="module")
def secrets(town: Town) -> list[str]:
    """Keys of customers, texts and ticket numbers of every complaint; what is very short stands anywhere by chance."""
    service: Service = town.client.app.state.service
    rows = service.store.read("complaints", ["customer_key", "text", "ticket_no"])
    texts = [str(text) for text in rows["text"].dropna() if len(str(text)) >= 8]
    tickets = [str(number) for number in rows["ticket_no"] if len(str(number)) >= 6]
    assert len(tickets) > 100
    return [*rows["customer_key"].dropna().astype(str), *texts, *tickets]


@pytest.fixture(scope="module")
def points(town: Town) -> list[tuple[str, str]]:
    """Exact points of every complaint and of every fix of one, as answers write them."""
    service: Service = town.client.app.state.service
    fixes = service.store.read("fixes", ["lat", "lon", "source"])
    mine = fixes[fixes["source"].isin(["coordinates", "text_coordinates"])].dropna()
    told = [(f"{lat:.6f}".rstrip("0"), f"{lon:.6f}".rstrip("0")) for lat, lon in mine[["lat", "lon"]].to_numpy()]
    # Round numbers stand beside one another by chance.
    return [point for point in told if min(map(len, point)) >= 8]


@pytest.mark.parametrize("path", PATHS)
def test_48_no_answer_holds_anything_of_a_customer(
    town: Town, secrets: list[str], points: list[tuple[str, str]], path: str
) -> None:
    answer = ask(town, path)
    assert answer.status_code in {200, 404}, answer.text
    text = answer.text
    assert [secret for secret in secrets if secret in text] == []
    assert len(points) > 100
    assert [point for point in points if near(text, *point)] == []


def near(text: str, lat: str, lon: str) -> bool:
    """Whether both numbers of a point stand beside one another; single ones are corners of hexes by chance."""
    at = text.find(lat)
    return at >= 0 and lon in text[max(0, at - 40) : at + 60]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/hexes?bbox={BOX}&measure=significance",
        f"/v1/hexes?bbox={BOX}&measure=excess",
        f"/v1/hexes?bbox={BOX}&measure=contacts",
        f"/v1/hexes?bbox={BOX}&class_group=coverage",
        f"/v1/hexes?bbox={BOX}&since=2026-03-10T00:00:00Z",
        f"/v1/hexes?bbox={BOX}&until=2026-03-10T00:00:00Z",
        f"/v1/view?bbox={BOX}&measure=significance",
    ],
)
def test_36_what_could_be_subtracted_is_refused(town: Town, path: str) -> None:
    answer = ask(town, path)
    assert (answer.status_code, answer.json()["code"]) == (403, "withheld")
    assert ask(town, path, Role.ENGINEER).status_code == 200


def test_48_personal_routes_are_closed(town: Town) -> None:
    assert ask(town, "/v1/complaints/any").status_code == 403
    for path in ("/v1/complaints", "/v1/customers/history", "/v1/complaints/read"):
        assert town.client.post(path, json={}, headers=town.headers(Role.PLANNER)).status_code == 403


def test_a_ticket_number_finds_nobody(town: Town) -> None:
    service: Service = town.client.app.state.service
    fixed = service.store.read("fixes", ["complaint_id"], where=[service.store.column("fixes", "precision") != "none"])
    mine = service.store.column("complaints", "complaint_id") == str(fixed["complaint_id"].iloc[0])
    ticket = str(service.store.read("complaints", ["ticket_no"], where=[mine])["ticket_no"].iloc[0])
    assert ask(town, f"/v1/locations/lookup?q={ticket}", Role.HANDLER).json()["fixes"]
    assert ask(town, f"/v1/locations/lookup?q={ticket}").json()["verdict_code"] == "not_found"
    assert ticket not in ask(town, f"/v1/locations/suggest?q={ticket[:6]}").text
    assert ask(town, "/v1/locations/lookup?q=30.2044,117.9421").json()["complaints_nearby"] is None


def exact(town: Town) -> dict[int, float]:
    """Exact customers per hex of the run's resolution."""
    rates = town.client.app.state.service.view().hex_rates
    rows = rates[rates["class_group"] == "all"]
    return dict(zip(rows["hex"].astype(int), rows["customers"].astype(float), strict=True))


def views(town: Town) -> dict[int, dict[int, float]]:
    """Everything the map tells at every zoom: resolution -> hex -> customers."""
    told: dict[int, dict[int, float]] = {}
    for zoom in range(23):
        found = ask(town, f"/v1/hexes?bbox={BOX}&zoom={zoom}").json()
        hexes = grid.text_to_hex(found["hexes"]).tolist()
        told.setdefault(found["resolution"], {}).update(zip(hexes, found["values"], strict=True))
    return told


def test_36_differences_of_resolutions_tell_nothing_exact(town: Town) -> None:
    counts, told = exact(town), views(town)
    hexes, customers = np.array(list(counts)), np.array(list(counts.values()))
    small = (customers > 0) & (customers < LEAST)
    assert small.sum() > 3, "the town has hexes with few customers"
    for resolution, series in told.items():
        parents = grid.parents(hexes, resolution)
        for hex_, value in series.items():
            true = customers[parents == hex_].sum()
            assert value % STEP == 0
            assert true >= LEAST
            assert abs(value - true) <= STEP / 2
    finest = max(told)
    assert not set(hexes[small].tolist()) & set(told[finest])
    for resolution in sorted(told)[:-1]:
        below = min(r for r in told if r > resolution)
        for parent, value in told[resolution].items():
            inside = [
                (h, v) for h, v in told[below].items() if int(grid.parents(np.array([h]), resolution)[0]) == parent
            ]
            # What an attacker subtracts is uncertain by more than a small count.
            rest = customers[grid.parents(hexes, resolution) == parent].sum() - sum(
                customers[grid.parents(hexes, below) == h].sum() for h, _ in inside
            )
            assert rest < 1e-6 or rest >= LEAST
            assert value >= 0


def test_36_the_same_hex_is_told_alike_everywhere(town: Town) -> None:
    told = views(town)
    finest = told[max(told)]
    for box in ("117.9,30.1,118.0,30.3", "117.0,29.0,117.95,31.5", "117.95,29.0,119.0,31.5"):
        part = ask(town, f"/v1/hexes?bbox={box}&zoom=22").json()
        for hex_, value in zip(grid.text_to_hex(part["hexes"]).tolist(), part["values"], strict=True):
            assert finest[hex_] == value
    items = ask(town, "/ogc/collections/hexes/items?limit=10000").json()
    assert {f["properties"]["hex"] for f in items["features"]} == set(grid.hex_to_text(np.array(list(finest))))
    for feature in items["features"]:
        assert feature["properties"]["customers"] == finest[int(grid.text_to_hex([feature["properties"]["hex"]])[0])]
    exported = ask(town, "/v1/export/hexes?format=json").json()
    assert {row["hex"]: row["customers"] for row in exported} == {
        f["properties"]["hex"]: f["properties"]["customers"] for f in items["features"]
    }


@pytest.mark.parametrize("query", ["class_group=coverage", "emerging=new", "class_group=all&bbox=117.9,30.1,118,30.3"])
def test_36_filters_tell_nothing_more(town: Town, query: str) -> None:
    everything = ask(town, "/ogc/collections/hexes/items?limit=10000").json()
    some = ask(town, f"/ogc/collections/hexes/items?limit=10000&{query}").json()
    known = {feature["id"]: feature["properties"] for feature in everything["features"]}
    assert some["numberMatched"] <= everything["numberMatched"]
    assert all(known[feature["id"]] == feature["properties"] for feature in some["features"])


def test_36_hotspots_are_told_in_steps(town: Town) -> None:
    told, true = ask(town, "/v1/hotspots").json(), ask(town, "/v1/hotspots", Role.ENGINEER).json()
    assert [spot["id"] for spot in told] == [spot["id"] for spot in true]
    for spot, full in zip(told, true, strict=True):
        assert spot["customers"] % STEP == 0
        assert all(count % STEP == 0 for count in spot["classes"].values())
        assert spot["trend"] == spot["hex_weights"] == []
        assert spot["contacts"] is spot["llr"] is spot["risk_low"] is spot["p_raw"] is None
        centres = zip(
            *(values.round(6).tolist() for values in grid.hex_to_latlon(grid.text_to_hex(spot["hexes"]))), strict=True
        )
        assert (spot["lat"], spot["lon"]) in set(centres), "the centre of a hex, not of the customers"
        assert spot["customers"] >= full["customers"] - STEP / 2
        counts = [point for cause in spot["causes"] for point in cause["evidence"] if point["source"] == "complaints"]
        assert counts == []


def test_36_requests_are_told_and_ordered_by_rounded_counts(town: Town) -> None:
    told, true = ask(town, "/v1/site-requests").json(), ask(town, "/v1/site-requests", Role.ENGINEER).json()
    assert true, "the town of this seed has a planted hole that needs a site"
    full = {row["request_no"]: row for row in true}
    assert [row["priority"] for row in told] == sorted((row["priority"] for row in told), reverse=True)
    for row in told:
        mine = full[row["request_no"]]
        assert row["customers"] % STEP == 0
        assert row["contacts"] is None
        term = next(term for term in row["priority_terms"] if term["item"] == "customers")
        assert term["input"] == row["customers"]
        assert row["sentence_en"] is not None
        assert row["sentence_zh"] is not None
        if mine["customers"] % STEP:
            assert f"{mine['customers']} customers" not in row["sentence_en"]
            assert f"{mine['customers']}名用户" not in row["sentence_zh"]


def test_36_an_earlier_run_cannot_be_compared(town: Town) -> None:
    current = ask(town, "/v1/status").json()["run"]
    assert ask(town, f"/v1/hotspots?run={current}").status_code == 200
    assert ask(town, "/v1/hotspots?run=R20200101-000000-abcdef").status_code == 404


def test_a_workbook_holds_one_told_table(town: Town) -> None:
    book = openpyxl.load_workbook(io.BytesIO(ask(town, "/v1/export/site-requests?format=xlsx").content))
    full = ask(town, "/v1/site-requests", Role.ENGINEER).json()
    cells = json.dumps([str(cell.value) for sheet in book for row in sheet for cell in row], ensure_ascii=False)
    for row in full:
        assert f"{row['customers']} customers complained {row['contacts']} times" not in cells


def test_engineers_and_the_desk_see_what_there_is(town: Town) -> None:
    spot = ask(town, "/v1/hotspots", Role.ENGINEER).json()[0]
    assert spot["trend"]
    assert spot["contacts"] >= spot["customers"]
    assert ask(town, "/v1/locations/lookup?q=30.2044,117.9421", Role.HANDLER).json()["complaints_nearby"] is not None


def test_the_discreet_setting_holds_for_everybody(settings: Settings) -> None:
    from dataclasses import replace

    from fastapi.testclient import TestClient

    from api.main import create_app

    app = create_app(replace(settings, discreet=True))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert client.get("/v1/hotspots").json()[0]["trend"] == []
        for method, path in (
            ("GET", "/v1/complaints/anything"),
            ("POST", "/v1/customers/history"),
            ("POST", "/v1/diagnosis"),
            ("POST", "/v1/complaints"),
        ):
            refused = client.request(method, path, json={} if method == "POST" else None)
            assert refused.status_code == 403, path
        page = client.get("/", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert 'href="/desk"' not in page.text
