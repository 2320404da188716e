"""Nested JSON is refused where one value is expected; what our CSV export adds, the import takes off."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice import export
from geoservice.tables import COMPLAINTS, GAZETTEER
from tests.intake.helpers import intake, read, write

ROW = {"ticket_no": "T1", "accepted_at": "2026-03-04", "text": "没信号", "place_text": "建设路"}


def lines(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", {"a": "没信号"}), ("text", ["没信号", "掉话"]), ("place_text", [["x"]]), ("lat", [30.1]),
        ("lat", {"v": 30.1}), ("ticket_no", ["T1"]), ("accepted_at", {"$date": "2026-03-04"}),
        ("customer_no", ["13800138000"]),
    ],
)  # fmt: skip
def test_a_nested_value_refuses_its_row_and_no_other(tmp_path: Path, field: str, value: object) -> None:
    path = write(
        tmp_path / "a.jsonl", lines({**ROW, "lat": 30.1, "lon": 104.1}, {**ROW, "ticket_no": "T2", field: value})
    )
    done = intake(path)
    assert done.complaints["ticket_no"].tolist() == ["T1"]
    found = done.rejects[["line", "field", "code"]].to_numpy().tolist()
    assert found == [[2, field, "nested"]]


def test_columns_of_lists_take_lists(tmp_path: Path) -> None:
    items = [{"class": "WEAK_SIGNAL"}, {"class": "SLOW_DATA"}]
    done = intake(write(tmp_path / "a.jsonl", lines({**ROW, "items": items, "time_pattern": [19, 20]})))
    row = done.complaints.iloc[0]
    assert [item["class"] for item in row["items"]] == ["WEAK_SIGNAL", "SLOW_DATA"]
    assert row["time_pattern"] == "19|20"


def test_an_ignored_column_may_hold_anything(tmp_path: Path) -> None:
    assert len(intake(write(tmp_path / "a.jsonl", lines({**ROW, "我们不认识": {"x": [1]}}))).complaints) == 1


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": {**ROW, **properties}}


def test_features_without_geometry_are_rejected_rows(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [104.1, 30.1]}
    features = [feature(point), feature(None, ticket_no="T2"), feature(point, ticket_no="T3", text={"deep": 1})]
    path = write(tmp_path / "a.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    done = intake(path)
    assert done.complaints["ticket_no"].tolist() == ["T1"]
    assert done.rejects[["line", "code"]].to_numpy().tolist() == [[2, "geometry"], [3, "nested"]]


TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), min_size=1, max_size=12
)
LEADS = st.sampled_from(["", "=", "+", "-", "@", "＝", "'", "''=", "'@", "'+", "'a"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.builds(lambda lead, text: lead + text.strip() + "x", LEADS, TEXTS), min_size=1, max_size=6))
def test_what_our_csv_export_writes_comes_back_as_it_was(texts: list[str]) -> None:
    frame = pd.DataFrame({"name": pd.Series(texts, dtype="str"), "lat": 30.0, "lon": 104.0})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "places.csv"
        export.write(frame, path, layer="gazetteer", language="en")
        found, rejects, _ = read(path, GAZETTEER)
    assert rejects.empty
    assert [text.strip() for text in found["name"]] == [text.strip() for text in texts]


def test_an_apostrophe_of_a_spreadsheet_leaves_a_number_a_number(tmp_path: Path) -> None:
    heading = "ticket_no,accepted_at,text,place_text,customer_no\n"
    path = write(
        tmp_path / "a.csv",
        heading + "T1,2026-03-04,没信号,建设路,'+8613800138000\nT2,2026-03-04,没信号,建设路,13800138000\n",
    )
    keys = intake(path).complaints["customer_key"]
    assert keys[0] == keys[1]
    assert "customer_no" not in COMPLAINTS.names
