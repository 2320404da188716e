"""Work order, request and what-if tell one figure for the same action."""

from __future__ import annotations

import pytest

from geoservice import actions
from geoservice.actions.masts import responsible
from geoservice.actions.search import search
from geoservice.records import CellChange
from geoservice.service import Service


def test_a_what_if_near_a_hotspot_answers_with_the_figures_of_a_trial(town: Service) -> None:
    """The search that fills work orders and the answer to a what-if weigh one change alike."""
    view, cells = town.view(), town.store.read("cells")
    radio, people = town._radio_of(view), view.coverage[["hex", "customers"]]
    rows = view.evidence.set_index("subject_id", drop=False)
    moved = 0.0
    for spot in town.hotspots():
        evidence = rows.loc[spot["id"]].to_dict()
        near = actions.surroundings(evidence, view.coverage)
        found = search(
            ("A09",), responsible(evidence, cells), lambda changes: radio.what_if(changes, people), town.config, near
        )
        for trial in found["A09"][:3]:
            answer = town.what_if_answer(list(trial.changes), hotspot_id=spot["id"])
            told = [trial.effect.gain, trial.effect.harm, trial.net]
            assert [answer[f"customers_{name}"] for name in ("gained", "lost", "net")] == pytest.approx(told, abs=0.06)
            assert answer["customers_newly_overlapped"] <= answer["customers_lost"]
            moved += trial.effect.gain + trial.effect.harm
    assert moved > 0, "the scene: some change helps or harms somebody"


def test_a_what_if_of_a_request_answers_with_its_figures(town: Service) -> None:
    """Requests of one hotspot are weighed on top of one another: only a lone one stands for itself."""
    requests = [one for one in town.site_requests() if one["new_cells"]]
    hotspots = [one["hotspot_id"] for one in requests]
    for request in (one for one in requests if hotspots.count(one["hotspot_id"]) == 1):
        changes = [CellChange(cell["cgi"], "new", None, dict(cell)) for cell in request["new_cells"]]
        found = town.what_if_answer(changes, hotspot_id=request["hotspot_id"])
        told = [request[f"predicted_{name}_customers"] for name in ("gain", "harm", "net")]
        assert [found[f"customers_{name}"] for name in ("gained", "lost", "net")] == pytest.approx(told, abs=0.06)
