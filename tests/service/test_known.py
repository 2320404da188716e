"""Cells, sites, plans, tickets and beginnings of names in the search box."""

from __future__ import annotations

from geoservice.service import Service
from geoservice.service.candidates import Candidate
from geoservice.service.known import several, tied


def place(name: str) -> dict[str, object]:
    return {"name": name, "label": name, "lat": 30.0, "lon": 118.0, "kind": "estate"}


def test_a_beginning_of_several_names_is_a_question() -> None:
    found = several("春江", [place("春江小区"), place("春江公馆"), place("望江路")])
    assert [one.label for one in found] == ["春江小区", "春江公馆"]
    assert sum(one.probability for one in found) == 1.0


def test_a_whole_name_is_an_answer_even_when_others_begin_with_it() -> None:
    assert not several("春江路", [place("春江路"), place("春江路中山街路口"), place("春江路小学")])


def test_a_single_beginning_is_an_answer() -> None:
    assert not several("春江公", [place("春江公馆")])


def test_cells_sites_tickets_and_plans_are_found(town: Service) -> None:
    cell = town.store.read("cells", limit=1).iloc[0]
    plan = town.store.read("planned_sites", limit=1).iloc[0]
    located = town.store.read("fixes", where=[town.store.column("fixes", "precision") == "gnss"], limit=1).iloc[0]
    mine = town.store.column("complaints", "complaint_id") == located["complaint_id"]
    ticket = town.store.read("complaints", where=[mine]).iloc[0]["ticket_no"]
    for query, row in ((cell["cgi"], cell), (plan["plan_no"], plan), (ticket, located)):
        best = town.lookup(str(query))["fixes"][0]
        assert (best["lat"], best["lon"]) == (round(row["lat"], 6), round(row["lon"], 6))


def test_an_old_import_keeps_its_moment_after_a_ticket_of_today(town: Service) -> None:
    before = town.as_of()
    assert before.year == 2026
    assert before <= town.as_of()


def candidates(*rows: tuple[float, float, float]) -> list[Candidate]:
    """Candidates at latitude 30: (longitude, radius in metres, probability)."""
    return [
        Candidate("query", rank, 30.0, lon, radius_m, "building", "gazetteer", probability, None, None)
        for rank, (lon, radius_m, probability) in enumerate(rows)
    ]


def test_two_equally_likely_places_far_apart_are_a_question() -> None:
    assert tied(candidates((118.0, 100.0, 0.5), (118.1, 100.0, 0.5)))
    assert not tied(candidates((118.0, 100.0, 0.8), (118.1, 100.0, 0.2)))


def test_the_same_spot_found_twice_is_an_answer() -> None:
    assert not tied(candidates((118.0, 100.0, 0.5), (118.001, 100.0, 0.5)))
    assert not tied(candidates((118.0, 100.0, 1.0)))
