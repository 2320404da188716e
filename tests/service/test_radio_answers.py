"""Coverage of a point and footprint of a cell, as answers."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from geoservice import grid, tables
from geoservice.config import default_config
from geoservice.errors import InputError, NotFound
from geoservice.pipeline import RadioWorld
from geoservice.radio.tr38901 import o2i_db
from geoservice.service.radio_answers import MAX_HEXES, coverage_answer, footprint_answer

LAT, LON = 30.6, 104.1


def world(**columns: object) -> RadioWorld:
    """Two masts two kilometres apart, three sectors each."""
    frame = pd.DataFrame(
        {
            "cgi": [f"{site}-{sector}" for site in "ab" for sector in range(3)],
            "lat": LAT,
            "lon": np.repeat([LON, LON + 0.02], 3),
            "rat": "LTE",
            "frequency_mhz": 1845.0,
            "height_m": 30.0,
            "azimuth_deg": [0.0, 120.0, 240.0] * 2,
            "elec_tilt_deg": 6.0,
            "mech_tilt_deg": 0.0,
            "hbw_deg": 65.0,
            "vbw_deg": 7.0,
            "gain_dbi": 15.0,
            "rs_power_dbm": 15.2,
            "status": "active",
        }
    ).assign(**columns)
    cells = tables.conform(frame, tables.CELLS)
    return RadioWorld.build(
        cells, tables.empty(tables.MEASUREMENTS), default_config(), datetime(2026, 4, 1, tzinfo=UTC)
    )


@pytest.fixture(scope="module")
def two() -> RadioWorld:
    return world()


def test_a_point_says_level_spread_source_and_the_indoor_variant(two: RadioWorld) -> None:
    config = default_config()
    answer = coverage_answer(two.at(LAT + 0.003, LON)[0], config)
    assert (answer["basis"], answer["parameters"], answer["missing"], answer["model"]) == (
        "predicted", "full", None, "uma"
    )  # fmt: skip
    assert answer["outside_range"] == "height"  # UMa was made for masts of 25 m
    assert answer["rsrp_dbm"] - answer["indoor"]["rsrp_dbm"] == pytest.approx(float(o2i_db(1.845)), abs=0.02)
    assert answer["indoor"]["sigma_db"] == pytest.approx(np.hypot(answer["sigma_db"], 4.4), abs=0.02)
    assert answer["indoor"]["probability"] < answer["probability"]


@pytest.mark.parametrize(
    ("columns", "parameters", "missing", "basis"),
    [
        ({"height_m": np.nan}, "usual", "height", "predicted"),
        ({"azimuth_deg": np.nan}, "assumed", "azimuth", "assumed"),
        ({"rs_power_dbm": np.nan, "gain_dbi": np.nan}, "assumed", "power|gain", "assumed"),
    ],
)
def test_what_is_missing_is_said_for_the_place_and_for_the_cell(
    columns: dict[str, object], parameters: str, missing: str, basis: str
) -> None:
    poor = world(**columns)
    answer, cell = coverage_answer(poor.at(LAT, LON)[0], default_config()), footprint_answer(poor, "a-0", 9)
    for told in (answer, cell):
        assert (told["parameters"], told["missing"], told["basis"]) == (parameters, missing, basis)


def test_a_footprint_holds_the_hexes_where_the_cell_serves(two: RadioWorld) -> None:
    answer = footprint_answer(two, "a-0", 9)
    lists = [answer[name] for name in ("hexes", "rsrp_dbm", "is_best", "behind_db", "distance_m")]
    assert len({len(values) for values in lists}) == 1
    assert answer["rsrp_dbm"] == sorted(answer["rsrp_dbm"], reverse=True)
    hexes = grid.text_to_hex(answer["hexes"])
    told = two.hexes(hexes).set_index("hex").loc[hexes, "best_cgi"].to_numpy(object)
    assert np.array_equal(told == "a-0", answer["is_best"])
    lat, _ = grid.hex_to_latlon(hexes[np.array(answer["is_best"])])
    assert np.mean(lat > LAT) > 0.9  # it looks north
    assert answer["served_hexes"] == sum(answer["is_best"])


def test_a_wide_footprint_is_told_in_coarser_hexes(two: RadioWorld) -> None:
    answer = footprint_answer(two, "a-0")
    assert answer["resolution"] <= 9
    assert len(answer["hexes"]) <= MAX_HEXES


def test_a_small_footprint_is_told_in_finer_hexes() -> None:
    quiet = world(rs_power_dbm=[-60.0, *[15.2] * 5])
    answer = footprint_answer(quiet, "a-0")
    assert answer["resolution"] == 11
    assert len(answer["hexes"]) < 200


def test_unknown_cells_and_resolutions_are_refused(two: RadioWorld) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        footprint_answer(two, "nowhere")
    with pytest.raises(InputError, match="resolution"):
        footprint_answer(two, "a-0", 3)
