"""The confidence formula of the handbook, and the decision table's own order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.config import default_config
from geoservice.diagnosis.causes import causes, labels, missing
from geoservice.diagnosis.decision import BY_BASIS, decision, parse
from geoservice.diagnosis.score import combine, location_factor, membership
from geoservice.errors import ConfigError


def test_the_handbooks_example() -> None:
    """MR + prediction + rule at L 0.9: 0.9 * (1 - 0.4 * 0.65 * 0.7) = 0.74."""
    w = decision().weights
    parts = [(np.array([w[kind]]), np.ones(1)) for kind in ("measured", "prediction", "class")]
    assert 0.9 * combine(parts)[0] == pytest.approx(0.7362)


def test_weights_and_location_are_the_handbooks() -> None:
    w = decision().weights
    known = {
        "alarm": 0.8,
        "drive_test": 0.8,
        "measured": 0.6,
        "prediction": 0.35,
        "kpi": 0.5,
        "class": 0.3,
        "cluster": 0.3,
    }
    assert {k: w[k] for k in known} == known
    radii = np.array([50.0, 51, 200, 500, 2000, 2001, np.nan])
    assert location_factor(radii, decision()).tolist() == [1, 0.9, 0.9, 0.7, 0.5, 0.2, 0.2]
    assert decision().numbers["cap"] == 0.95


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
def test_more_evidence_never_lowers_support(parts: list[tuple[float, float]]) -> None:
    arrays = [(np.array([w]), np.array([q])) for w, q in parts]
    whole = combine(arrays)[0]
    assert 0 <= whole <= 1
    assert whole >= combine(arrays[:1])[0] - 1e-12


@given(st.floats(-160, -40), st.floats(0.1, 10))
def test_bands_share_the_probability(value: float, soft: float) -> None:
    """Below -120, between and above -110 exclude one another and exhaust the line."""
    rules = {r.cause: r for r in decision().causes}
    items = [rules[c].evidence[0] for c in ("K_HOLE", "K_WEAK", "K_LOCAL")]
    total = sum(membership(np.array([value]), i, np.array([soft]), default_config())[0] for i in items)
    assert total == pytest.approx(1, abs=1e-9)


def test_unknown_stays_unknown() -> None:
    item = decision().causes[0].evidence[0]
    assert np.isnan(membership(np.array([np.nan]), item, np.zeros(1), default_config())[0])


def test_the_table_is_complete_and_well_formed() -> None:
    table = decision()
    assert [g.cause for g in table.gates[:3]] == ["K_NONNET", "K_PROV", "K_ROAM"]
    for rule in (*table.gates, *table.causes):
        assert rule.cause in causes()
        for item in (*rule.evidence, *rule.against):
            assert item.what in labels(), item.what
            assert not item.table or item.table in missing()
    for rule in table.causes:
        assert any(i.decisive for i in rule.evidence), rule.cause
        for item in rule.evidence:
            assert item.kind in table.weights or item.kind in BY_BASIS


def test_a_wrong_table_is_refused() -> None:
    raw = {"gate": [{"cause": "K", "evidence": [{"what": "w", "kind": "magic"}]}], "cause": [], "weights": {}}
    with pytest.raises(ConfigError, match="magic"):
        parse(raw | {"location": [], "limit": "cause_min", "gap": "cause_gap"})
    with pytest.raises(ConfigError, match="location"):
        parse(raw)
