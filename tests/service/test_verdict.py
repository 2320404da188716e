"""What a handler is told: nothing false, nothing promised that is not on file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from geoservice.config import default_config
from geoservice.service.verdict import judge, told

AS_OF = datetime(2026, 5, 30, 16, tzinfo=UTC)


def card(**changes: Any) -> dict[str, Any]:
    coverage = {"rsrp_dbm": -90.0, "rsrp_indoor_dbm": -105.0, "basis": "measured", "level": "fine"}
    base = {"outage": None, "hotspot": None, "coverage": coverage, "too_coarse": False, "fixes": [{"radius_m": 100.0}]}
    return {**base, **changes}


def spot(**changes: Any) -> dict[str, Any]:
    base = {
        "rank": 2, "customers": 50, "since": "2026-05-28T16:00:00Z", "to": "2026-05-30T16:00:00Z", "cause": "K_WEAK",
        "cause_name_zh": "弱覆盖", "cause_name_en": "Weak coverage", "script": "T2", "due": "2026-06-05T15:00:00Z",
        "request": None, "request_state": None, "inside": True,
    }  # fmt: skip
    return {**base, **changes}


def code(answer: dict[str, Any]) -> str:
    return str(judge(default_config(), answer, AS_OF, "zh")["verdict_code"])


def test_an_active_outage_comes_before_everything() -> None:
    outage = {"object": "C1", "code": "LINK", "from": "2026-05-30T01:00:00Z", "planned": False}
    assert code(card(outage=outage, hotspot=spot())) == "outage"
    assert code(card(outage={**outage, "planned": True})) == "planned_work"


def test_a_repaired_outage_is_not_still_being_repaired() -> None:
    over = spot(cause="K_OUTAGE", script="T1", to="2026-05-29T16:00:00Z")
    said = judge(default_config(), card(hotspot=over), AS_OF, "zh")
    assert said["verdict_code"] == "hotspot_over"
    assert "抢修" not in said["say"]


def test_an_outage_of_this_hour_is() -> None:
    assert code(card(hotspot=spot(cause="K_OUTAGE", script="T1"))) == "hotspot"


@pytest.mark.parametrize(
    ("state", "expected"), [(None, "hotspot_survey"), ("draft", "hotspot_survey"), ("submitted", "hotspot_build")]
)
def test_a_site_is_spoken_of_only_when_its_request_is_submitted(state: str | None, expected: str) -> None:
    said = judge(default_config(), card(hotspot=spot(script="T3", request="SR-1", request_state=state)), AS_OF, "zh")
    assert said["verdict_code"] == expected
    assert ("已提建站需求" in said["say"]) == (expected == "hotspot_build")


def test_the_promised_day_is_the_planned_one() -> None:
    said = judge(default_config(), card(hotspot=spot()), AS_OF, "en")
    assert "2026-06-05" in said["say"]
    assert "2 working days" not in said["say"]


def test_a_vague_place_is_asked_about_instead_of_judged() -> None:
    assert code(card(too_coarse=True, fixes=[{"radius_m": 9000.0}])) == "too_coarse"


def test_a_hotspot_beside_the_point_is_mentioned() -> None:
    assert code(card(hotspot=spot(inside=False))) == "hotspot_near"


def test_ground_without_network_is_unknown_not_a_hole_with_a_promise() -> None:
    nothing = {"rsrp_dbm": -140.0, "rsrp_indoor_dbm": None, "basis": "assumed", "level": "hole"}
    assert code(card(coverage=nothing)) == "unknown"
    assert code(card(coverage=None)) == "unknown"


@pytest.mark.parametrize("level", ["fine", "weak", "weak_indoors", "hole"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_level_has_its_sentence(level: str, language: str) -> None:
    coverage = {"rsrp_dbm": -115.0, "rsrp_indoor_dbm": -125.0, "basis": "measured", "level": level}
    said = judge(default_config(), card(coverage=coverage), AS_OF, language)
    assert said["verdict_code"] == level
    assert "{" not in said["verdict"] + said["say"]


OVER = {"since": "2026-05-01T16:00:00Z", "to": "2026-05-15T16:00:00Z"}


def test_fewer_complaints_are_not_called_recovery() -> None:
    said = judge(default_config(), card(hotspot=spot(cause="K_PCI", **OVER)), AS_OF, "zh")
    assert said["verdict_code"] == "hotspot_quiet"
    assert "恢复" not in said["say"]
    assert "2026-05-15" in said["verdict"], "the end is excluded: its last day is the 15th of local time"


@pytest.mark.parametrize("level", ["hole", "weak"])
def test_poor_coverage_does_not_end_with_the_complaints(level: str) -> None:
    coverage = {"rsrp_dbm": -116.0, "rsrp_indoor_dbm": -128.0, "basis": "measured", "level": level}
    assert code(card(hotspot=spot(**OVER), coverage=coverage)) == "hotspot"


def test_a_day_that_has_passed_is_not_promised() -> None:
    said = judge(default_config(), card(hotspot=spot(due="2026-05-20T15:00:00Z")), AS_OF, "en")
    assert "2026-05-20" not in said["say"]


def test_many_complaints_nearby_forbid_to_say_that_all_is_well() -> None:
    near = {"customers": 285, "radius_m": 500.0, "days": 90, "classes": {"SLOW_DATA": 80, "INDOOR_COVERAGE": 54}}
    said = judge(default_config(), card(complaints_nearby=near), AS_OF, "zh")
    assert said["verdict_code"] == "fine_but_complaints"
    assert "285" in said["verdict"]
    assert "上网慢" in said["verdict"]
    assert "换机" not in said["say"]
    assert code(card(complaints_nearby={**near, "customers": 2})) == "fine"


def test_a_disturbed_signal_is_not_fine_however_strong() -> None:
    coverage = {"rsrp_dbm": -85.0, "rsrp_indoor_dbm": -100.0, "basis": "measured", "level": "fine", "sinr_db": -3.2}
    said = judge(default_config(), card(coverage=coverage), AS_OF, "en")
    assert said["verdict_code"] == "poor_quality"
    assert "SINR -3 dB" in said["verdict"]


@pytest.mark.parametrize("code", ["hotspot", "hotspot_quiet"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_customer_is_not_told_of_insufficient_evidence(code: str, language: str) -> None:
    values = {
        "rank": 1,
        "customers": 9,
        "since": "2026-03-01",
        "to": "2026-03-09",
        "due": "2026-03-20",
        "request": None,
    }
    values |= {"cause_zh": "证据不足", "cause_en": "Insufficient evidence", "radius": "100"}
    known, unclear = (told(code, {**values, "is_unclear": one}, language) for one in (False, True))
    assert values[f"cause_{language}"] in known["say"]
    assert values[f"cause_{language}"] not in unclear["say"]
    assert values[f"cause_{language}"] in unclear["verdict"]
    assert "{" not in unclear["say"]
