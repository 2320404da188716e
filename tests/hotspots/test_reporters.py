"""Reporters without a name: one square, one reporter; a frequent one is met in the squares around."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoservice.hotspots.reporters import OFTEN, by_reporter, customers_are_places
from geoservice.records import reporters


def reports(lat, lon, operator="A") -> pd.DataFrame:
    frame = pd.DataFrame({"lat": lat, "lon": lon})
    frame["operator"] = operator
    frame["customer_key"] = reporters(frame["operator"], frame["lat"], frame["lon"])
    return frame


def test_a_square_of_an_operator_is_one_reporter():
    frame = reports([28.66931, 28.66934, 28.66931, 28.70931], [77.2847] * 4, ["A", "A", "B", "A"])
    assert frame["customer_key"].nunique() == 3
    assert frame["customer_key"].iloc[0] == frame["customer_key"].iloc[1]


def test_reports_near_a_frequent_reporter_of_the_operator_are_his():
    home = reports([28.6] * OFTEN, [77.2] * OFTEN)
    around = reports([28.603, 28.597, 28.62, 28.603], [77.201, 77.202, 77.2, 77.201], ["A", "A", "A", "B"])
    complaints, satisfied = by_reporter(home, around)
    assert complaints["customer_key"].nunique() == 1
    him = complaints["customer_key"].iloc[0]
    assert (satisfied["reporter"] == him).tolist() == [True, True, False, False]


def test_the_more_frequent_of_two_neighbours_owns_both_and_no_chain_forms():
    lat = np.repeat([28.600, 28.605, 28.610], [OFTEN + 5, OFTEN + 3, OFTEN])
    complaints, _ = by_reporter(reports(lat, 77.2), reports([], []))
    owners = complaints["customer_key"].groupby(lat.round(3)).first()
    assert owners.loc[28.605] == owners.loc[28.600]
    assert owners.loc[28.610] != owners.loc[28.600]


def test_occasional_neighbours_stay_two_people():
    complaints, _ = by_reporter(reports([28.600, 28.603], 77.2), reports([], []))
    assert complaints["customer_key"].nunique() == 2


def test_sources_that_name_customers_are_left_alone():
    named = reports([28.6] * 10, 77.2).assign(customer_key=[f"k{i}" for i in range(10)])
    assert not customers_are_places(named)
    roaming = reports([28.6, 28.7, 28.8, 28.9], 77.2).assign(customer_key=["k1", "k1", "k2", "k3"])
    assert not customers_are_places(roaming)
    assert customers_are_places(reports([28.6, 28.6, 28.7], 77.2))


def test_a_report_without_a_point_keeps_its_key():
    frame = reports([28.6, np.nan], [77.2, np.nan]).assign(customer_key=["x", "own"])
    complaints, _ = by_reporter(frame, reports([], []))
    assert complaints["customer_key"].iloc[1] == "own"


def test_who_reports_more_wanders_over_an_area_in_proportion_but_not_out_of_town():
    def swallowed(count: int, away_m: float) -> bool:
        beside = reports([28.6 + away_m / 111_195.0], [77.2])
        _, satisfied = by_reporter(reports([28.6] * count, 77.2), beside)
        return bool(satisfied["reporter"].iloc[0] == reports([28.6], [77.2])["customer_key"].iloc[0])

    assert not swallowed(OFTEN, 700.0)
    assert swallowed(4 * OFTEN, 1100.0)
    assert not swallowed(4 * OFTEN, 1300.0)
    assert swallowed(100 * OFTEN, 2400.0)
    assert not swallowed(100 * OFTEN, 2700.0)
