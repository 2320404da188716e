"""Sentences carry numbers with units in both languages; the roaming flows ask the next question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from geoservice.config import default_config
from geoservice.diagnosis import cause_sentences, causes, diagnose, label, roaming_step
from geoservice.errors import InputError


def test_weak_coverage_in_a_sentence(row: Callable[..., Any]) -> None:
    evidence = row({"WEAK_SIGNAL": 30}, rsrp_p50_dbm=-114.4, rsrp_p10_dbm=-118.0)
    found = diagnose(evidence, default_config())
    zh, en = cause_sentences(found.iloc[0].to_dict(), evidence.iloc[0].to_dict())
    assert zh == "室外电平 −114 dBm，低于 −110 dBm，属弱覆盖。"
    assert en == "The outdoor level is −114 dBm, below −110 dBm: weak coverage."


@pytest.mark.parametrize("code", list(causes()))
def test_no_sentence_breaks_on_empty_evidence(code: str) -> None:
    for text in cause_sentences({"cause": code, "missing": []}, {}):
        assert text
        assert "None" not in text
        assert "nan" not in text


def test_insufficient_evidence_names_what_to_measure(
    row: Callable[..., Any], withheld: dict[str, dict[str, Any]]
) -> None:
    evidence = row({"SLOW_DATA": 30}, **withheld["kpis"])
    found = diagnose(evidence, default_config())
    zh, en = cause_sentences(found.iloc[0].to_dict(), evidence.iloc[0].to_dict())
    assert "PRB" in zh
    assert "counters of the serving cells" in en


def test_labels_know_both_languages() -> None:
    assert label("interference") == "uplink interference"
    assert label("interference", "zh") == "上行干扰电平"
    assert label("no such thing") == "no such thing"


def test_roaming_flow_asks_until_it_stops() -> None:
    first = roaming_step("single_mode", {})
    assert (first.cause, first.open) == ("K_ROAM_COVERAGE", True)
    answers = {"partner_coverage": "yes", "works_at_home": "yes", "prl_updated": "no"}
    stopped = roaming_step("single_mode", answers, country="KR")
    assert (stopped.cause, stopped.open, stopped.en) == ("K_ROAM_PRL", False, "update the PRL")
    assert any("SKT" in p for p in stopped.pitfalls_en)
    everything = answers | {
        "prl_updated": "yes",
        "international_service": "yes",
        "home_configuration": "yes",
        "vpn_service": "no",
    }
    assert roaming_step("single_mode", everything).cause == "K_ROAM_FOREIGN"
    with pytest.raises(InputError, match="dual_mode"):
        roaming_step("no card", {})
