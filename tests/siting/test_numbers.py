"""Request numbers last from run to run."""

from __future__ import annotations

import pandas as pd

from geoservice.siting.numbers import Wanted, numbers

RING_M = 200.0


def site(north_m: float, kind: str = "macro") -> Wanted:
    return Wanted(kind, 30.0 + north_m / 111_195.0, 117.0, RING_M)


def ledger(**sites: Wanted) -> pd.DataFrame:
    rows = [
        {"request_no": name.replace("_", "-"), "hotspot_id": "H1", "type": one.type, "lat": one.lat, "lon": one.lon,
         "search_ring_m": one.ring_m}
        for name, one in sites.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_one_site_has_no_tail_and_several_are_counted() -> None:
    assert numbers("H1", [site(0)], None) == ["SR-H1"]
    assert numbers("H1", [site(0), site(1000)], None) == ["SR-H1-1", "SR-H1-2"]


def test_a_site_keeps_its_number_when_another_joins_or_leaves() -> None:
    one = ledger(SR_H1=site(0))
    assert numbers("H1", [site(1000), site(30)], one) == ["SR-H1-2", "SR-H1"]
    two = ledger(SR_H1_1=site(0), SR_H1_2=site(1000))
    assert numbers("H1", [site(990)], two) == ["SR-H1-2"]
    assert numbers("H1", [site(990), site(10)], two) == ["SR-H1-2", "SR-H1-1"]


def test_a_number_is_never_used_for_another_place() -> None:
    assert numbers("H1", [site(5000)], ledger(SR_H1=site(0))) == ["SR-H1-2"]
    assert numbers("H1", [site(5000)], ledger(SR_H1_1=site(0), SR_H1_2=site(900))) == ["SR-H1"]


def test_the_nearest_takes_the_number_and_each_is_taken_once() -> None:
    assert numbers("H1", [site(150), site(10)], ledger(SR_H1=site(0))) == ["SR-H1-2", "SR-H1"]


def test_an_indoor_system_is_not_the_mast_beside_it() -> None:
    assert numbers("H1", [site(0, "DAS")], ledger(SR_H1=site(0))) == ["SR-H1-2"]


def test_other_hotspots_do_not_matter() -> None:
    assert numbers("H2", [site(0)], ledger(SR_H1=site(0))) == ["SR-H2"]
