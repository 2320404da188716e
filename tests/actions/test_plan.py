"""The seed's bold rules, cheaper before dearer, and computed effects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from geoservice.actions import actions, effect, plan, scripts
from geoservice.actions.catalogue import steps
from geoservice.actions.sentences import action_sentences
from geoservice.config import default_config

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def run(
    case: Any, cells: pd.DataFrame, coverage: pd.DataFrame, what_if: Any, cause: str, *args: Any, **more: Any
) -> pd.DataFrame:
    anonymous = more.pop("anonymous", ())
    diagnoses, evidence, hotspots = case(cause, *args, **more)
    return plan(diagnoses, evidence, hotspots, coverage, cells, what_if, default_config(), NOW, anonymous=anonymous)


BOLD = {
    "K_HOLE": ["A15", "A16"], "K_LOCAL": ["A15", "A16"], "K_WEAK": ["A06", "A07", "A09", "A08"],
    "K_NODOM": ["A06", "A07", "A08"], "K_ACCESS": ["A17", "A04"], "K_UL": ["A17"], "K_VOICE": ["A17"],
    "K_ECHO": ["A17"], "K_TERM": ["A01"], "K_OUTAGE": ["A04"], "K_ENERGY": ["A05"], "K_NONNET": ["A19"],
    "K_PROV": ["A03"],
    "K_ROAM_PRL": ["A18"], "K_INDOOR": ["A14"], "K_NBR": ["A10"], "K_ULINTF": ["A12"], "K_PCI": ["A11"],
    "K_CONG": ["A13"],
}  # fmt: skip


@pytest.mark.parametrize("cause", BOLD)
def test_the_seeds_rules(cause: str) -> None:
    assert [s.action for s in steps(cause)] == BOLD[cause]


def test_where_nobody_can_be_called_back_somebody_goes_there(case: Any, cells: Any, coverage: Any, field: Any) -> None:
    subject = str(case("K_UNKNOWN")[0]["subject_id"].iloc[0])
    asked = run(case, cells, coverage, field, "K_UNKNOWN")
    assert "A02" in set(asked["action"])
    alone = run(case, cells, coverage, field, "K_UNKNOWN", anonymous={subject})
    assert "A02" not in set(alone["action"])
    assert "A15" in set(alone["action"])


def test_every_action_and_script_is_in_the_catalogue() -> None:
    assert list(actions()) == [f"A{n:02d}" for n in range(1, 21)]
    assert list(scripts()) == [f"T{n}" for n in range(1, 9)]
    assert "承诺" not in scripts()["T3"].zh  # never promise a date


def test_uptilt_is_found_and_its_gain_is_right(case: Any, cells: Any, coverage: Any, field: Any) -> None:
    """Two degrees up lift the far half to -110: half of 61 hexes gain, none is harmed; four degrees do no more."""
    found = run(case, cells, coverage, field, "K_WEAK").set_index("action")
    tilt = found.loc["A07"]
    assert tilt["changes"] == [{"cgi": "A", "field": "elec_tilt_deg", "from": 6.0, "to": 4.0}]
    assert tilt["gain_customers"] == 10 * field.far.sum()
    assert (tilt["harm_customers"], tilt["gain_basis"]) == (0, "computed")
    assert "A 电下倾 6° → 4°" in tilt["sentence_zh"]


def test_what_brings_nothing_is_not_proposed_but_told(case: Any, cells: Any, coverage: Any, field: Any) -> None:
    found = run(case, cells, coverage, field, "K_WEAK")
    assert list(found["action"]) == ["A06", "A07"]  # power does nothing in this field; azimuth is dearer
    tried = found["tried"].iloc[0]
    assert {t["action"] for t in tried} >= {"A09"}
    assert all(t["net"] <= 0 and t["why_en"] for t in tried)


def test_a_site_only_when_antennas_fail(case: Any, cells: Any, coverage: Any, field: Any) -> None:
    stuck = cells.assign(elec_tilt_deg=float("nan"))
    found = run(case, stuck, coverage, field, "K_WEAK")
    assert list(found["action"]) == ["A06", "A16"]
    assert found["cost_class"].is_monotonic_increasing
    site = found.set_index("action").loc["A16"]
    assert site["gain_basis"] == "catalogue", "what a site brings is computed where it is sited"
    assert {t["action"] for t in site["tried"]} >= {"A08", "A09"}


def test_a_hole_is_surveyed_and_a_planned_site_waited_for(case: Any, cells: Any, coverage: Any, field: Any) -> None:
    found = run(case, cells, coverage, field, "K_HOLE", planned_site="P1", planned_site_m=400.0)
    assert list(found["action"]) == ["A15", "A20", "A16"]
    assert "P1" in found["sentence_en"].iloc[1]
    far = run(case, cells, coverage, field, "K_HOLE", planned_site="P1", planned_site_m=4000.0)
    assert list(far["action"]) == ["A15", "A16"]


UNKNOWN = {
    "NO_COVERAGE": "A15", "ACCESS_FAILURE": "A17", "ONE_WAY_AUDIO": "A17", "ECHO": "A17", "TERMINAL_SIM": "A01",
    "SLOW_DATA": "A17",
}  # fmt: skip


@pytest.mark.parametrize("code", UNKNOWN)
def test_bold_rules_hold_without_a_cause(code: str, case: Any, cells: Any, coverage: Any) -> None:
    """Clusters go to statistics from cell to area; one caller is called back."""
    found = run(case, cells, coverage, None, "K_UNKNOWN", {code: 20})
    assert list(found["action"])[:2] == [UNKNOWN[code], "A02"]
    single = run(case, cells, coverage, None, "K_UNKNOWN", {"SLOW_DATA": 1}, is_cluster=False)
    assert list(single["action"]) == ["A02"]


def test_a_call_back_asks_what_a_customer_can_tell_and_the_field_test_measures() -> None:
    """The missing drive test is an order for the field (A17); the customer tells place, time, handset and tests."""
    evidence = {"serving": [{"cgi": "A"}]}
    asked = [
        {"what": "drive_test", "table": "measurements", "zh": "实测此处的 RSRP（路测）", "en": "RSRP (drive test)"},
        {"what": "call_back", "table": "complaints", "zh": "回访补充地点", "en": "a call back for place"},
    ]
    zh, en = action_sentences("A02", evidence, {"missing": asked}, None)
    assert "路测" not in zh
    assert "drive test" not in en
    assert all(word in zh for word in ("地点", "时间", "机型", "换机", "换卡", "室内"))
    assert all(word in en for word in ("place", "time", "handset", "another phone", "another SIM", "indoors"))
    zh, en = action_sentences("A17", evidence, {"missing": asked}, None)
    assert zh.endswith("不少于 20 次；补充：实测此处的 RSRP（路测）。")
    assert en.endswith("at least 20 test calls; also obtain: RSRP (drive test).")
    assert action_sentences("A17", evidence, {"missing": []}, None)[0].endswith("不少于 20 次。")


def test_clocks_and_departments(case: Any, cells: Any, coverage: Any) -> None:
    fault = run(case, cells, coverage, None, "K_OUTAGE").iloc[0]
    assert (fault["department"], fault["script"], fault["sla"]) == ("网络维护中心", "T1", "48 h")
    assert fault["due"] == pd.Timestamp("2026-06-03T02:00Z")
    weak = run(case, cells, coverage, None, "K_WEAK").iloc[0]
    assert weak["due"] == pd.Timestamp("2026-06-03T15:59:59Z")  # end of the second working day in Shanghai
    assert weak["gain_basis"] == "catalogue"


def test_gain_counts_near_harm_counts_everywhere(field: Any) -> None:
    from geoservice.records import CellChange

    outcome = field([CellChange("A", "elec_tilt_deg", -20.0)])
    whole = effect(outcome, default_config())
    none_near = effect(outcome, default_config(), near=field.hexes[:0])
    assert whole.gain == 10 * field.far.sum()
    assert (none_near.gain, none_near.harm) == (0, whole.harm)
    assert whole.harm == 10 * (~field.far).sum()
