"""The causes of single places: planted truth of the small town, and what a customer's words change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geoservice.errors import InputError
from geoservice.service import place_causes


def _why(town: Any, problem: dict[str, Any], said: dict[str, Any] | None = None, shift_deg: float = 0.0) -> dict:
    fix = {"lat": problem["lat"] + shift_deg, "lon": problem["lon"], "radius_m": 100.0}
    at = pd.Timestamp(problem["to"]).to_pydatetime()
    return place_causes.why(town._place, town._radio_world(), fix, at, said)


@pytest.fixture(scope="module")
def planted(town_files: Path) -> list[dict[str, Any]]:
    return json.loads((town_files / "truth.json").read_text("utf-8"))


def test_the_centre_of_each_planted_problem_tells_its_cause(town: Any, planted: list[dict[str, Any]]) -> None:
    found = {problem["id"]: _why(town, problem)["cause"] for problem in planted}
    right = sum(found[problem["id"]] == problem["cause"] for problem in planted)
    assert right >= 0.8 * len(planted), found


def test_a_healthy_place_is_not_given_a_cause_but_a_measurement(town: Any, planted: list[dict[str, Any]]) -> None:
    answer = _why(town, planted[-1], shift_deg=0.01)
    assert not answer["sufficient"]
    assert answer["cause"] == "K_UNKNOWN"


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"class": "ROAMING", "roaming_country": "KR"}, "K_ROAM"),
        ({"text": "欠费停机了", "account_status": "arrears"}, "K_NONNET"),
        ({"text": "my phone only, another phone works here", "other_phone_ok": True}, "K_TERM"),
    ],
)
def test_what_the_customer_says_opens_the_gate(
    town: Any, planted: list[dict[str, Any]], said: dict[str, Any], cause: str
) -> None:
    assert _why(town, planted[-1], said, shift_deg=0.01)["cause"] == cause


def test_one_way_audio_without_counters_names_the_measurement(town: Any, planted: list[dict[str, Any]]) -> None:
    answer = _why(town, planted[-1], {"text": "对方听不到我说话"}, shift_deg=0.01)
    assert answer["class"] == "ONE_WAY_AUDIO"
    assert answer["causes"][0]["missing"]


def test_nothing_is_stored_by_asking(town: Any, planted: list[dict[str, Any]]) -> None:
    before = town.store.table_counts()
    _why(town, planted[0], {"text": "家里只有一格信号"})
    assert town.store.table_counts() == before


def test_an_unclear_place_is_a_question_not_the_causes_of_the_first(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = town._find("30.2,117.94")[0]
    monkeypatch.setattr(town, "_find", lambda text: ([one, one], True))
    with pytest.raises(InputError, match="say which one"):
        town.why("anywhere")
