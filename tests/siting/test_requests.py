from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoservice import geodesy, grid, tables
from geoservice.config import default_config
from geoservice.siting import Considered, consider

sys.path.insert(0, str(Path(__file__).parent))
import siting_factories as factories

NO_PLANS = tables.empty(tables.PLANNED_SITES)


def run(**changes: object) -> Considered:
    coverage = changes.pop("coverage", None)
    coverage = factories.coverage() if coverage is None else coverage
    given = {
        "hotspots": factories.hotspots(), "diagnoses": factories.diagnoses(), "actions": factories.actions(),
        "cells": factories.cells(), "planned_sites": NO_PLANS, "gazetteer": None,
        "what_if": factories.Circle(coverage), **changes,
    }  # fmt: skip
    return consider(coverage=coverage, config=default_config(), run_id="R1", **given)  # type: ignore[arg-type]


def codes(result: Considered) -> list[str]:
    return [refusal.code for refusal in result.refused]


def test_a_hole_becomes_one_request_with_every_field_of_the_form() -> None:
    result = run()
    assert codes(result) == []
    (row,) = result.requests.to_dict("records")
    tables.check(result.requests, tables.SITE_REQUESTS)
    assert row["request_no"] == "SR-H0001"
    assert row["state"] == "draft"
    assert row["type"] == "macro", "the micro's 150 m do not lift seven hexes"
    assert row["lifted_share"] == 1.0
    assert row["predicted_gain_customers"] == 70.0
    assert sorted(row["hexes"]) == sorted(grid.hex_to_text(factories.hole_hexes(1)))
    assert row["uncovered_km2"] == pytest.approx(7 * 0.1028, rel=0.01)
    assert row["height_m"] == 28.0, "height of the neighbouring macro"
    assert row["band_mhz"] == 1815.0
    assert 50 <= row["search_ring_m"] <= 500
    missing = [n for n, v in row.items() if v is None or v is pd.NA or (isinstance(v, float) and np.isnan(v))]
    unknown = {"complaints_avoided", "avoided_low", "avoided_high"}  # no response curve was given
    assert set(missing) <= {"scene", "district", "place", "approver", "reason"} | unknown


def test_the_site_stands_in_the_middle_of_the_hole() -> None:
    row = run().requests.iloc[0]
    lat, lon = grid.hex_to_latlon(grid.to_hex(*factories.CENTRE, 9))
    assert geodesy.distance_m(row["lat"], row["lon"], lat, lon)[0] < 20


def test_the_customers_pull_the_site() -> None:
    hexes = grid.hex_to_text(factories.hole_hexes(1))
    hotspot = factories.hotspots(hexes=[[[text, 30.0 if text == hexes[0] else 1.0] for text in hexes]])
    row = run(hotspots=hotspot).requests.iloc[0]
    lat, lon = grid.hex_to_latlon(grid.text_to_hex(hexes[:1]))
    assert geodesy.distance_m(row["lat"], row["lon"], lat, lon)[0] < 20


def test_a_small_hole_gets_the_cheap_site() -> None:
    coverage = factories.coverage(hole_k=0)
    row = run(coverage=coverage, what_if=factories.Circle(coverage)).requests.iloc[0]
    assert row["type"] == "micro"
    assert row["azimuths"] == []
    assert row["cost"] == 1.0


def test_a_hole_too_wide_for_one_site_gets_several() -> None:
    coverage = factories.coverage(hole_k=3)
    result = run(coverage=coverage, hotspots=factories.hotspots(3), what_if=factories.Circle(coverage, macro_m=700.0))
    names = sorted(result.requests["request_no"])
    assert names == [f"SR-H0001-{i}" for i in range(1, len(names) + 1)]
    assert len(names) > 1
    parts = [text for hexes in result.requests["hexes"] for text in hexes]
    assert sorted(parts) == sorted(grid.hex_to_text(factories.hole_hexes(3))), "every hex in exactly one request"
    assert (result.requests["lifted_share"] >= 0.8).all()


def test_sites_of_one_hotspot_count_no_customer_twice() -> None:
    """Circles overlap, yet what the requests gain together is ten customers for each hex inside either."""
    coverage = factories.coverage(hole_k=3)
    result = run(coverage=coverage, hotspots=factories.hotspots(3), what_if=factories.Circle(coverage, macro_m=900.0))
    assert len(result.requests) > 1
    lat, lon = grid.hex_to_latlon(factories.hole_hexes(3))
    sites = result.requests[["lat", "lon"]].to_numpy(float)
    inside = np.array([geodesy.distance_m(*site, lat, lon) <= 900.0 for site in sites])
    assert inside.all(axis=0).any(), "the circles overlap"
    assert result.requests["predicted_net_customers"].sum() == 10.0 * inside.any(axis=0).sum()


def test_a_site_that_lifts_too_little_is_refused() -> None:
    coverage = factories.coverage()
    result = run(what_if=factories.Circle(coverage, macro_m=1.0, micro_m=1.0))
    assert result.requests.empty
    assert set(codes(result)) == {"too-little"}


def test_a_weak_place_needs_cheaper_means_to_have_failed() -> None:
    weak = factories.diagnoses("K_WEAK")
    assert codes(run(diagnoses=weak)) == ["not-tried"]
    assert codes(run(diagnoses=weak, actions=factories.actions(("A07", 12.0)))) == ["cheaper-works"]
    tried = [{"action": "A08", "net_customers": -1.0, "reason": "harms 9 customers"}]
    result = run(diagnoses=weak, actions=factories.actions(("A07", -3.0), tried=tried))
    alternatives = {entry["option"]: entry["reason"] for entry in result.requests.iloc[0]["alternatives"]}
    assert alternatives["A08"] == "harms 9 customers"
    assert "no net gain" in alternatives["A07"]
    micro = next(reason for option, reason in alternatives.items() if option.startswith("micro"))
    assert "80 % needed" in micro


def test_trials_as_the_actions_room_writes_them_keep_their_reasons() -> None:
    tried = [{"action": "A07", "changes": [{"cgi": "A-0"}], "net": -2.0, "why_zh": "受损", "why_en": "harm"}]
    row = run(actions=factories.actions(("A16", 40.0), tried=tried)).requests.iloc[0]
    (entry,) = [e for e in row["alternatives"] if e["option"] == "A07"]
    assert entry == {"option": "A07", "changes": [{"cgi": "A-0"}], "net_customers": -2.0, "reason": "受损 / harm"}


def test_a_planned_site_within_one_radius_is_waited_for() -> None:
    assert codes(run(planned_sites=factories.planned())) == ["planned-site"]
    (wait,) = run(planned_sites=factories.planned()).waits
    assert (wait.lifted_customers, wait.of_customers, wait.gain) == (70.0, 70.0, 70.0)
    for far_or_dead in (factories.planned(5000.0), factories.planned(status="cancelled")):
        assert codes(run(planned_sites=far_or_dead)) == []


def test_a_planned_site_that_lifts_too_little_is_an_alternative_with_its_figures() -> None:
    """900 m away its circle reaches part of the hole only: the request stands and says what waiting would bring."""
    plan = factories.planned(900.0).assign(expected_on_air=pd.Timestamp("2027-01-22"))
    result = run(planned_sites=plan)
    (wait,) = result.waits
    assert 0 < wait.lifted_share < 0.8
    (entry,) = [e for e in result.requests.iloc[0]["alternatives"] if e.get("plan_no") == "P1"]
    lifts = f"by prediction lifts {wait.lifted_customers:.0f} of the 70 uncovered customers here"
    assert entry["reason"].endswith(f"on air 2027-01-22): {lifts}")
    assert "预计2027-01-22入网" in entry["reason"]
    request = result.requests.iloc[0]
    apart = geodesy.distance_m(request["lat"], request["lon"], plan["lat"].iloc[0], plan["lon"].iloc[0])
    assert entry["distance_m"] == pytest.approx(float(apart), abs=1.0)
    assert f"距建议站址 {entry['distance_m']} m" in entry["reason"]
    assert f"{entry['distance_m']} m from the proposed position" in entry["reason"]
    assert "m from the middle of the uncovered area" in wait.words()[1]


def test_a_planned_site_beyond_one_radius_is_told_of_but_not_waited_for() -> None:
    """Handbook, A20: within one radius. Farther away "it will reach" is a prediction, not a ground for waiting."""
    coverage = factories.coverage()
    what_if = factories.Circle(coverage, macro_m=1600.0)
    result = run(planned_sites=factories.planned(800.0), coverage=coverage, what_if=what_if)
    (wait,) = result.waits
    assert (wait.lifts, wait.near, wait.enough) == (True, False, False)
    (entry,) = [e for e in result.requests.iloc[0]["alternatives"] if e.get("plan_no") == "P1"]
    assert entry["reason"].endswith("beyond one radius, to be measured once it is on air, no ground for waiting")
    assert "超出一个覆盖半径" in entry["reason"]


def test_a_local_cause_needs_the_survey_first() -> None:
    assert codes(run(diagnoses=factories.diagnoses("K_LOCAL"))) == ["survey-first"]
    measured = factories.coverage(basis="measured", samples=40, devices=5, age_days=3.0)
    result = run(diagnoses=factories.diagnoses("K_LOCAL"), coverage=measured)
    assert len(result.requests) == 1
    assert "40 台" not in result.requests["tests_done"].iloc[0]
    assert "280" in result.requests["tests_done"].iloc[0]


def test_an_indoor_cause_leads_to_a_das_without_invented_effect() -> None:
    row = run(diagnoses=factories.diagnoses("K_INDOOR")).requests.iloc[0]
    assert row["type"] == "DAS"
    assert np.isnan(row["lifted_share"])
    assert np.isnan(row["predicted_gain_customers"])


@pytest.mark.parametrize("cause", ["K_CONG", "K_TERM", "K_OUTAGE", "K_UNKNOWN"])
def test_other_causes_build_nothing(cause: str) -> None:
    assert codes(run(diagnoses=factories.diagnoses(cause))) == ["other-cause"]


def test_a_covered_hotspot_builds_nothing() -> None:
    assert codes(run(coverage=factories.coverage(level=-80.0))) == ["covered"]


def test_no_request_is_nearer_than_100_m_to_a_site() -> None:
    cells = factories.cells((0.0, 0.0), (2000.0, 0.0))
    row = run(cells=cells).requests.iloc[0]
    assert row["nearest_sites"][0]["distance_m"] >= 100.0


def test_places_scenes_and_risks_come_from_the_gazetteer() -> None:
    lat, lon = factories.CENTRE
    gazetteer = tables.conform(
        pd.DataFrame(
            {"name": ["深圳市第三人民医院"], "lat": [lat + 0.004], "lon": [lon], "kind": ["poi"], "admin": ["福田区"]}
        ),
        tables.GAZETTEER,
    )  # fmt: skip
    row = run(gazetteer=gazetteer).requests.iloc[0]
    assert (row["place"], row["district"], row["scene"]) == ("深圳市第三人民医院", "福田区", "hospital")
    assert "环评" in row["risk_notes"]
    assert "深圳市第三人民医院" in row["sentence_zh"]


def test_a_finer_coverage_than_the_hotspot_is_understood() -> None:
    lat, lon = factories.CENTRE
    hexes = grid.disk(grid.to_hex(lat, lon, 10), 8)
    centre_lat, centre_lon = grid.hex_to_latlon(hexes)
    inside = np.isin(grid.parents(hexes, 9), factories.hole_hexes(0))
    frame = pd.DataFrame({"hex": hexes, "lat": centre_lat, "lon": centre_lon, "customers": 1.0})
    frame["rsrp_dbm"] = np.where(inside, -125.0, -90.0)
    frame["basis"] = "predicted"
    coverage = tables.conform(frame, tables.COVERAGE)
    row = run(coverage=coverage, hotspots=factories.hotspots(0)).requests.iloc[0]
    assert len(row["hexes"]) == inside.sum() == 7


def test_numbers_are_stable_and_order_is_by_priority() -> None:
    two = factories.hotspots()
    second = two.assign(hotspot_id="H0002", customers=60, contacts=70, rank=2)
    diagnoses = pd.concat([factories.diagnoses(), factories.diagnoses().assign(subject_id="H0002")])
    # Voice of the one, data of the other, a kilometre apart: each needs its own site.
    level = factories.coverage(level=-90.0)
    here, there = (
        factories.hole_hexes(1),
        grid.disk(grid.to_hex(factories.CENTRE[0] + 0.018, factories.CENTRE[1], 9), 1),
    )
    weak = np.isin(level["hex"].to_numpy(np.int64), np.concatenate([here, there]))
    level = level.assign(rsrp_dbm=np.where(weak, -118.0, level["rsrp_dbm"]))
    second = second.assign(hexes=[[[text, 1.0] for text in grid.hex_to_text(there)]], lat=factories.CENTRE[0] + 0.018)
    found = [
        run(hotspots=pd.concat(order), diagnoses=diagnoses, coverage=level).requests
        for order in ([two, second], [second, two])
    ]
    assert found[0]["request_no"].tolist() == ["SR-H0002", "SR-H0001"]
    pd.testing.assert_frame_equal(*found)


def test_no_hotspots_no_requests() -> None:
    empty = consider(
        tables.empty(tables.HOTSPOTS), tables.empty(tables.DIAGNOSES), tables.empty(tables.ACTIONS),
        tables.empty(tables.COVERAGE), tables.empty(tables.CELLS), NO_PLANS, None, lambda changes: changes,  # type: ignore[arg-type,return-value]
        default_config(), "R1",
    ).requests  # fmt: skip
    tables.check(empty, tables.SITE_REQUESTS)
    assert len(empty) == 0


def test_one_site_is_requested_once_though_two_hotspots_need_it() -> None:
    """Voice and data complain of one hole: the second request would promise the same customers again."""
    both = pd.concat([factories.hotspots(), factories.hotspots(hotspot_id=["H0002"], rank=[2])], ignore_index=True)
    causes = pd.concat([factories.diagnoses(), factories.diagnoses().assign(subject_id="H0002")], ignore_index=True)
    result = run(hotspots=tables.conform(both, tables.HOTSPOTS), diagnoses=tables.conform(causes, tables.DIAGNOSES))
    assert result.requests["request_no"].tolist() == ["SR-H0001"]
    assert codes(result) == ["asked-before"]
    assert "SR-H0001" in result.refused[0].reason_en
    assert "100%" in result.refused[0].reason_zh


def test_equal_points_are_ordered_by_customers() -> None:
    """Points are full at ten customers; twenty and sixty score alike and are not alike."""
    level = factories.coverage(level=-90.0)
    here = factories.hole_hexes(1)
    there = grid.disk(grid.to_hex(factories.CENTRE[0] + 0.018, factories.CENTRE[1], 9), 1)
    weak = np.isin(level["hex"].to_numpy(np.int64), np.concatenate([here, there]))
    level = level.assign(rsrp_dbm=np.where(weak, -118.0, level["rsrp_dbm"]))
    few = factories.hotspots(customers=[20], contacts=[30])
    many = factories.hotspots(
        hotspot_id=["H0002"], customers=[60], contacts=[70], rank=[2], lat=[factories.CENTRE[0] + 0.018],
        hexes=[[[text, 1.0] for text in grid.hex_to_text(there)]],
    )  # fmt: skip
    causes = pd.concat([factories.diagnoses(), factories.diagnoses().assign(subject_id="H0002")], ignore_index=True)
    found = run(hotspots=pd.concat([few, many], ignore_index=True), diagnoses=causes, coverage=level).requests
    assert found["priority"].nunique() == 1, "the scene: equal points"
    assert found["customers"].tolist() == [60, 20]


@pytest.mark.parametrize(("declared", "points"), [("suburb", 0.0), ("core", 0.0), ("hospital", 10.0), ("rural", 10.0)])
def test_only_the_handbooks_scenes_score(declared: str, points: float) -> None:
    """Every cell declares some district; that alone is no important scene."""
    row = run(cells=factories.cells().assign(scene=declared)).requests.iloc[0]
    (term,) = [term for term in row["priority_terms"] if term["item"] == "scene"]
    assert row["scene"] == declared
    assert term["points"] == points
