"""From files to findings on a simulated town, against its planted truth."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from geoservice.errors import InputError, NotFound, StateError
from geoservice.records import CellChange, ImportOptions
from geoservice.service import HexQuestion, Service, open_service, window_of


def test_planted_problems_are_found_and_explained(town: Service, town_files: Path) -> None:
    score = town.evaluate(town_files / "truth.json")
    assert score["planted"] >= 4
    assert score["found"] >= 0.8 * score["planted"]
    assert score["cause_right"] >= 0.6 * score["planted"]
    assert score["false_hotspots"] <= 1


def test_every_record_is_accounted_for(town: Service, town_files: Path) -> None:
    lines = len((town_files / "complaints.csv").read_text("utf-8").splitlines()) - 1
    ledger = next(entry for entry in town.store.imports() if entry["table"] == "complaints")
    assert ledger["read"] == lines
    assert ledger["taken"] + ledger["rejected"] + ledger["duplicates"] == lines
    assert town.store.count("complaints") == ledger["taken"]


def test_no_number_reaches_the_database(town: Service, town_files: Path) -> None:
    numbers = pd.read_csv(town_files / "complaints.csv", dtype=str)["customer_no"].dropna()
    digits = {"".join(filter(str.isdigit, number))[-11:] for number in numbers} - {""}
    assert digits
    folder = town.folder
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    leaked = [number for number in digits if len(number) == 11 and number.encode() in stored]
    assert leaked == []


def test_the_same_file_again_changes_nothing(town_files: Path, tmp_path: Path) -> None:
    service = open_service(f"sqlite:///{tmp_path}/geo.db")
    first = service.import_file("cells", town_files / "cells.csv")
    version = service.store.data_version()
    again = service.import_file("cells", town_files / "cells.csv")
    assert (first.taken, again.taken, again.duplicates) == (first.read, 0, first.read)
    assert service.store.data_version() == version
    service.close()


def test_the_same_rows_in_another_file_are_known(town_files: Path, tmp_path: Path) -> None:
    service = open_service(f"sqlite:///{tmp_path}/geo.db")
    service.import_file("complaints", town_files / "complaints.csv")
    copy = tmp_path / "copy.csv"
    lines = (town_files / "complaints.csv").read_text("utf-8").splitlines()
    copy.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", "utf-8")
    again = service.import_file("complaints", copy)
    assert again.taken == 0
    assert again.duplicates + again.rejected == again.read
    service.close()


def test_strict_takes_nothing_when_a_row_is_bad(town_files: Path, tmp_path: Path) -> None:
    service = open_service(f"sqlite:///{tmp_path}/geo.db")
    with pytest.raises(InputError, match="strict"):
        service.import_file("complaints", town_files / "complaints.csv", ImportOptions(strict=True))
    assert service.store.count("complaints") == 0
    service.close()


def test_nothing_analysed_is_said(tmp_path: Path) -> None:
    service = open_service(f"sqlite:///{tmp_path}/geo.db")
    with pytest.raises(NotFound, match="analyse"):
        service.hotspots()
    with pytest.raises(InputError, match="no complaints"):
        service.analyse()
    assert service.runs()[0].state == "failed"
    service.close()


def test_hotspot_answers_have_the_documented_fields(town: Service) -> None:
    fields = {
        "id", "rank", "lat", "lon", "hexes", "resolution", "customers", "contacts", "expected", "relative_risk",
        "p_value", "from", "to", "classes", "precise_share", "cause", "confidence", "causes", "actions",
    }  # fmt: skip
    spots = town.hotspots()
    assert spots
    assert [spot["rank"] for spot in spots] == list(range(1, len(spots) + 1))
    for spot in spots:
        assert fields <= spot.keys()
        assert spot["p_value"] <= 0.05
        assert {"action", "department", "gain", "cost_class"} <= spot["actions"][0].keys()
        json.dumps(spot, allow_nan=False)


def test_lookup_inside_a_hotspot_says_so(town: Service) -> None:
    spot = town.hotspots()[0]
    answer = town.lookup(f"{spot['lat']},{spot['lon']}", "en")
    assert answer["verdict_code"] in {
        "hotspot",
        "hotspot_over",
        "hotspot_quiet",
        "hotspot_survey",
        "outage",
        "planned_work",
    }
    assert answer["hotspot"]["id"] in {one["id"] for one in town.hotspots()}
    assert answer["complaints_nearby"]["customers"] > 0
    assert {
        "query",
        "fixes",
        "verdict",
        "coverage",
        "outage",
        "hotspot",
        "complaints_nearby",
        "planned_sites",
        "say",
    } <= (answer.keys())


def test_lookup_by_name_finds_the_place(town: Service, town_files: Path) -> None:
    places = pd.read_csv(town_files / "gazetteer.csv")
    unique = places[~places["name"].duplicated(keep=False)].iloc[0]
    best = town.lookup(unique["name"], "zh")["fixes"][0]
    # The gazetteer's file may be in another datum; the answer must lie within the offset of one.
    assert abs(best["lat"] - unique["lat"]) < 0.01
    assert abs(best["lon"] - unique["lon"]) < 0.01


def test_an_unknown_place_is_not_guessed(town: Service) -> None:
    answer = town.lookup("qqqq zzzz 9999", "en")
    assert answer["fixes"] == []
    assert answer["verdict_code"] == "not_found"


def test_no_view_exceeds_its_hexes(town: Service) -> None:
    box = window_of([117.0, 29.0, 120.0, 31.5])
    for zoom in (3, 8, 12, 16):
        answer = town.hexes(HexQuestion(box, zoom))
        assert len(answer["hexes"]) == len(answer["values"]) == len(answer["few"]) <= 3000


def test_small_counts_are_hidden_on_the_map_and_in_exports(town: Service) -> None:
    for level in town.hex_levels():
        for value, few in zip(level["values"], level["few"], strict=True):
            assert (value is None) if few else (value is None or value >= 2.5)
    assert (town.frame("hexes")["customers"] >= 2.5).all()


def test_a_what_if_that_switches_a_server_off_loses_signal(town: Service) -> None:
    spot = town.hotspots()[0]
    server = town.coverage(spot["lat"], spot["lon"])["serving"][0]["cgi"]
    answer = town.what_if_answer([CellChange(server, "status", "off")])
    assert answer["hexes"]
    assert all((row["rsrp_after_dbm"] or -999) <= (row["rsrp_before_dbm"] or 999) + 1e-6 for row in answer["hexes"])


def test_runs_give_the_same_findings_again(town_files: Path, tmp_path: Path) -> None:
    from api.command import load_sample

    service = open_service(f"sqlite:///{tmp_path}/geo.db")
    load_sample(service, town_files)
    first, asked = service.hotspots(), service.site_requests()
    service.decide(asked[0]["request_no"], "submitted")
    service.decide(asked[0]["request_no"], "approved", by="Wang")
    service.analyse()
    second = service.hotspots()
    kept = ("id", "rank", "customers", "expected", "llr", "p_value", "cause", "hexes")
    assert [[spot[key] for key in kept] for spot in first] == [[spot[key] for key in kept] for spot in second]
    assert {spot["state"] for spot in second} <= {"steady"}
    decided = {row["request_no"]: (row["state"], row["approver"]) for row in service.site_requests()}
    assert decided == {row["request_no"]: ("draft", None) for row in asked} | {
        asked[0]["request_no"]: ("approved", "Wang")
    }
    service.close()


def test_a_decision_follows_the_states(town_files: Path, town: Service) -> None:
    requests = town.site_requests()
    assert requests, "the town of this seed has a planted hole that needs a site"
    with pytest.raises(StateError):
        town.decide(requests[0]["request_no"], "built")
