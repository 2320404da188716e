"""Measurements, planned sites, exposure, gazetteers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoservice.grid import hex_to_text, to_hex
from geoservice.network import CLEANERS, clean_exposure
from geoservice.records import ImportOptions
from geoservice.tables import GAZETTEER
from tests.network.helpers import chunk, clean

POINT = {"lat": ["30.66"], "lon": ["104.06"]}
SAMPLE = {**POINT, "time": ["2026-03-04 10:00"]}


def test_a_positive_level_beside_negative_ones_is_refused_not_an_index() -> None:
    columns = {name: value * 3 for name, value in SAMPLE.items()}
    done = clean("measurements", **columns, rsrp_dbm=["-118", "18", "-95"], rat=["LTE"] * 3)
    assert done.frame["rsrp_dbm"].tolist() == [-118, -95]
    assert done.rejects[["field", "code"]].to_numpy().tolist() == [["rsrp_dbm", "out-of-range"]]
    assert not done.notes


def test_a_column_of_indices_only_is_converted() -> None:
    columns = {name: value * 2 for name, value in SAMPLE.items()}
    assert clean("measurements", **columns, rsrp_dbm=["30", "0"]).frame["rsrp_dbm"].tolist() == [-111, -141]


@pytest.mark.parametrize(
    ("columns", "dbm"),
    [
        ({"rsrp_dbm": "-105.5"}, -105.5),
        ({"rsrp_index": "30", "rat": "LTE"}, -111.0),
        ({"rsrp_index": "50", "rat": "NR"}, -107.0),
        ({"rsrp_dbm": "30"}, -111.0),
    ],
)
def test_levels_and_report_indices(columns: dict[str, str], dbm: float) -> None:
    done = clean("measurements", **SAMPLE, **{name: [value] for name, value in columns.items()})
    assert done.frame["rsrp_dbm"].tolist() == [dbm]


@pytest.mark.parametrize("written", ["-200", "x", "", "-10"])
def test_bad_levels_are_named(written: str) -> None:
    assert clean("measurements", **SAMPLE, rsrp_dbm=[written]).rejects["field"].tolist() == ["rsrp_dbm"]


def test_measurement_extras() -> None:
    done = clean(
        "measurements", **SAMPLE, rsrp_dbm=["-100"], indoor=["0.8"], ta_steps=["10"], source=["路测"], sinr_db=["99"]
    )
    found = done.frame.iloc[0]
    assert (found["indoor"], found["source"]) == (True, "DT")
    assert found["ta_m"] == pytest.approx(780.7, rel=1e-4)
    assert pd.isna(found["sinr_db"])


def test_planned_sites() -> None:
    done = clean(
        "planned_sites",
        **POINT,
        plan_no=["P1"],
        status=["在建"],
        type=["室分"],
        azimuths=["0/120、240"],
        expected_on_air=["2026年9月"],
    )
    found = done.frame.iloc[0]
    assert (found["status"], found["type"], found["azimuths"]) == ("building", "DAS", "0|120|240")


def test_exposure_by_point_hex_and_population() -> None:
    hex_ = hex_to_text(to_hex(30.66, 104.06, 9))[0]
    done = clean(
        "exposure", lat=["30.6", "", ""], lon=["104", "", ""], hex=["", hex_, "zzz"], customers=["10", "20", "30"]
    )
    assert done.frame["customers"].tolist() == [10, 20]
    assert to_hex(done.frame["lat"], done.frame["lon"], 9)[1] == to_hex(30.66, 104.06, 9)[0]
    assert done.rejects["code"].tolist() == ["not-a-hex"]
    people = clean("exposure", **POINT, population=["1000"])
    assert people.frame[["customers", "kind"]].to_numpy().tolist() == [[1000, "population"]]


def test_exposure_by_name_needs_one_place_of_that_name() -> None:
    towns = CLEANERS["gazetteer"](
        chunk(
            name=["Pune", "Rampur", "Rampur", "Nagpur"],
            lat=["18.5", "28.8", "29.8", "21.1"],
            lon=["73.9", "79.0", "77.5", "79.1"],
        ),
        ImportOptions(),
    ).frame
    raw = chunk(name=["PUNE", "Rampur", "Atlantis", "Nagpur", "nagpur"], population=["5", "6", "7", "8", "9"])
    done = clean_exposure(raw, ImportOptions(), gazetteer=towns)
    assert done.frame[["lat", "customers"]].to_numpy().tolist() == [[18.5, 5.0]]
    assert sorted(done.rejects["code"]) == ["ambiguous-name"] * 3 + ["no-coordinates"]


def test_totals_are_not_counted_beside_their_parts() -> None:
    done = clean(
        "exposure", lat=["1"] * 3, lon=["100"] * 3, part=["Total", "Rural", "Urban"], population=["10", "6", "4"]
    )
    assert done.frame["customers"].sum() == 10


def test_gazetteer_of_geonames(tmp_path: Path) -> None:
    from geoservice.intake import read_rows

    line = (
        "1\tPūnch\tPunch\tPoonch,Punch\t33.77\t74.09\tP\tPPL\tIN\t\t12\t\t\t\t28197\t\t999\tAsia/Kolkata\t2012-09-06\n"
    )
    path = tmp_path / "IN.txt"
    path.write_text(line + line.replace("Pūnch", '6" odd "quote'), "utf-8")
    (raw,) = read_rows(path, GAZETTEER, ImportOptions())
    found = CLEANERS["gazetteer"](raw, ImportOptions()).frame
    assert found["name"].tolist() == ["Pūnch", '6" odd "quote']
    assert found["alt_names"][0] == "Punch|Poonch|Punch"
    assert (found["kind"][0], found["admin"][0], found["population"][0]) == ("city", "12, IN", 28197)
    assert found["radius_m"][0] == pytest.approx(np.sqrt(28197 / 8000 / np.pi) * 1000, rel=1e-6)
