"""What is seen as a file, chosen requests, suggestions of every kind."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

SEEN = {"bbox": "117.5,29.5,119,31", "zoom": 13}


def test_a_view_as_csv_holds_what_the_map_shows(client: TestClient) -> None:
    shown = client.get("/v1/hexes", params=SEEN).json()
    text = client.get("/v1/view", params={**SEEN, "format": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["hex"] for row in rows] == shown["hexes"]
    assert [row["value"] == "" for row in rows] == [value is None for value in shown["values"]]


@pytest.mark.parametrize(
    ("format_", "start"), [("gpkg", b"SQLite format 3"), ("xlsx", b"PK"), ("kml", b"<?xml"), ("geojson", b"{")]
)
@pytest.mark.parametrize("measure", ["rate", "best_server"])
def test_views_in_other_formats(client: TestClient, format_: str, start: bytes, measure: str) -> None:
    answer = client.get("/v1/view", params={**SEEN, "format": format_, "measure": measure})
    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert f".{format_}" in answer.headers["content-disposition"]


def test_a_view_as_a_page_asks_for_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/v1/view", params={**SEEN, "format": "html", "measure": "rsrp", "lang": "en"}).text
    block = page.split('id="geomap-data">')[1].split("</script>")[0]
    data = json.loads(block)
    assert data["options"]["measure"] == "rsrp"
    assert data["hexes"][0]["hexes"]
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=", page)


def test_a_view_far_away_is_an_empty_file(client: TestClient) -> None:
    answer = client.get("/v1/view", params={"bbox": "1,1,2,2", "zoom": 10, "format": "csv"})
    assert answer.status_code == 200
    assert answer.text.lstrip("\ufeff").startswith("hex,")


def test_only_chosen_requests_are_written(client: TestClient) -> None:
    numbers = [row["request_no"] for row in client.get("/v1/site-requests").json()]
    chosen = client.get("/v1/site-requests", params={"only": ",".join(numbers[:1])}).json()
    assert [row["request_no"] for row in chosen] == numbers[:1]
    assert client.get("/v1/site-requests", params={"only": "nothing"}).json() == []


def suggested(client: TestClient, text: str) -> list[dict[str, Any]]:
    return client.get("/v1/locations/suggest", params={"q": text}).json()


def test_suggestions_of_every_kind(client: TestClient) -> None:
    cell = client.get("/v1/cells", params={"bbox": "117.5,29.5,119,31", "limit": 1}).json()[0]["cgi"]
    assert cell in [one["name"] for one in suggested(client, cell[:-1]) if one["kind"] == "cell"]
    point = suggested(client, "30.2044,117.9421")[0]
    assert (point["kind"], point["exact"], point["lat"]) == ("point", True, 30.2044)
    assert all(one["kind"] == "ticket" for one in suggested(client, "TS2026") if one["lat"] is None)


@pytest.mark.parametrize("text", ["%", "_", "'; drop table cells", "460-%", "\u0000a", "🙂" * 40, "信号"])
def test_odd_texts_are_suggested_for_or_refused(client: TestClient, text: str) -> None:
    assert client.get("/v1/locations/suggest", params={"q": text}).status_code in {200, 422}


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "1e9", "x"])
def test_senseless_budgets_are_refused(client: TestClient, budget: str) -> None:
    assert client.get("/v1/site-plan", params={"budget": budget}).status_code == 422


def test_a_view_speaks_the_language_asked_for(client: TestClient) -> None:
    from openpyxl import load_workbook

    def headings(language: str) -> str:
        answer = client.get("/v1/view", params={**SEEN, "format": "xlsx", "lang": language})
        sheets = load_workbook(io.BytesIO(answer.content), read_only=True)
        return " ".join(
            str(cell) for row in sheets.worksheets[0].iter_rows(max_row=1, values_only=True) for cell in row
        )

    assert re.search(r"[\u4e00-\u9fff]", headings("zh"))
    assert not re.search(r"[\u4e00-\u9fff]", headings("en"))
