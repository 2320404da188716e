"""The sector table: keys, tilts, power, azimuth, datums, masts, the watch list."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoservice.network import CLEANERS
from geoservice.records import ImportOptions
from geoservice.tables import CELLS, check
from tests.network.helpers import chunk, clean

HERE = {"lat": ["30.66"], "lon": ["104.06"]}
LTE = {**HERE, "rat": ["LTE"], "cgi": ["460-00-1-1"]}


def cell(**columns: str | None) -> pd.Series:
    done = clean("cells", **{**LTE, **{name: [value] for name, value in columns.items()}})
    assert len(done.frame) == 1, done.rejects
    check(done.frame, CELLS)
    return done.frame.iloc[0]


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"cgi": "460-00-12345-1"}, "460-00-12345-1"),
        ({"cgi": "12345.0"}, "12345"),
        ({"enb_id": "12345", "cell_id": "1"}, "12345-1"),
        ({"enb_id": "12345.0", "cell_id": "1.0", "mcc": "460", "mnc": "0"}, "460-00-12345-1"),
        ({"enb_id": "12345", "ci": "7"}, "12345-7"),
        ({"eci": str(12345 * 256 + 7), "mcc": "460", "mnc": "11"}, "460-11-12345-7"),
        ({"nci": str(1234567 * 4096 + 65), "mcc": "460", "mnc": "00"}, "460-00-1234567-65"),
        ({"nci": str(99 * 16384 + 5), "gnb_id_bits": "22"}, "99-5"),
        ({"mcc": "404", "mnc": "9", "lac": "51811", "ci": "273106"}, "404-09-51811-273106"),
        ({"mcc": "310", "mnc": "26", "lac": "1", "ci": "2"}, "310-026-1-2"),
    ],
)
def test_keys_are_text_and_composed(parts: dict[str, str], key: str) -> None:
    columns = {**HERE, "rat": ["LTE"], **{name: [value] for name, value in parts.items()}}
    assert clean("cells", **columns).frame["cgi"].tolist() == [key]


def test_keys_that_lost_digits_and_cells_without_key() -> None:
    done = clean("cells", cgi=["4.6E+14", None], lat=["30", "30"], lon=["104", "104"], rat=["LTE", "LTE"])
    assert done.rejects["code"].tolist() == ["lost-digits", "missing"]


@pytest.mark.parametrize(
    ("columns", "rat"),
    [
        ({"rat": "TD-LTE"}, "LTE"), ({"rat": "5G"}, "NR"), ({"rat": "WCDMA"}, "UMTS"),
        ({"rat": None, "enb_id": "5", "cell_id": "1"}, "LTE"),
        ({"rat": None, "nci": "5000000"}, "NR"), ({"rat": None, "arfcn": "504990"}, "NR"),
    ],
)  # fmt: skip
def test_technology(columns: dict[str, str | None], rat: str) -> None:
    assert cell(**columns)["rat"] == rat


def test_unknown_technology_is_named() -> None:
    done = clean("cells", **{**LTE, "rat": ["6G"]})
    assert done.rejects["field"].tolist() == ["rat"]


@pytest.mark.parametrize(
    ("columns", "azimuth"),
    [
        ({"azimuth_deg": "360"}, 0.0), ({"azimuth_deg": "0"}, 0.0), ({"azimuth_deg": "120°"}, 120.0),
        ({"azimuth_deg": "全向"}, None),
        ({"azimuth_deg": "120", "indoor": "室内"}, None), ({"azimuth_deg": "120", "sector_type": "1"}, None),
        ({"azimuth_deg": "400"}, None),
        ({"azimuth_deg": "10", "hbw_deg": "360"}, None),
    ],
)  # fmt: skip
def test_azimuth(columns: dict[str, str], azimuth: float | None) -> None:
    found = cell(**columns)["azimuth_deg"]
    assert pd.isna(found) if azimuth is None else found == azimuth


@pytest.mark.parametrize(
    ("columns", "mech", "elec"),
    [
        ({"mech_tilt_deg": "2", "elec_tilt_deg": "4"}, 2, 4),
        ({"total_tilt_deg": "9", "elec_tilt_deg": "4"}, 5, 4),
        ({"total_tilt_deg": "9", "mech_tilt_deg": "2"}, 2, 7),
        ({"preset_tilt_deg": "3", "ret_tilt_deg": "4", "mech_tilt_deg": "1"}, 1, 7),
        ({"preset_tilt_deg": "3", "ret_tilt_deg": None}, None, 3),
        ({"tilt_deg": "6"}, None, 6),
        ({"mech_tilt_deg": "45", "elec_tilt_deg": "4"}, None, 4),
    ],
)
def test_tilts(columns: dict[str, str | None], mech: float | None, elec: float) -> None:
    found = cell(**columns)
    assert pd.isna(found["mech_tilt_deg"]) if mech is None else found["mech_tilt_deg"] == mech
    assert found["elec_tilt_deg"] == elec


@pytest.mark.parametrize(
    ("columns", "power", "gain"),
    [
        ({"rs_power_dbm": "152"}, 15.2, None),
        ({"rs_power_dbm": "15.2", "gain_dbi": "17"}, 15.2, 17),
        ({"eirp_dbm": "32.2", "gain_dbi": "17"}, 15.2, 17),
        ({"eirp_dbm": "32.2"}, 32.2, 0),
        ({"max_power_dbm": "43", "bandwidth_mhz": "20"}, 12.2082, None),
        ({"max_power_w": "19.9526", "bandwidth_mhz": "100", "ports": "1T1R"}, 12.2082, None),
    ],
)
def test_power(columns: dict[str, str], power: float, gain: float | None) -> None:
    found = cell(**columns)
    assert found["rs_power_dbm"] == pytest.approx(power, abs=1e-4)
    assert pd.isna(found["gain_dbi"]) if gain is None else found["gain_dbi"] == gain


def test_a_column_in_tenths_is_divided_as_a_whole() -> None:
    columns = {name: values * 4 for name, values in LTE.items()} | {"cgi": ["1", "2", "3", "4"]}
    done = clean("cells", **columns, rs_power_dbm=["152", "122", "92", "52"])
    assert done.frame["rs_power_dbm"].tolist() == [15.2, 12.2, 9.2, 5.2]
    assert any("0.1 dBm" in note for note in done.notes)
    single = clean("cells", **columns, rs_power_dbm=["152", "12", "9", "5"])
    assert single.frame["rs_power_dbm"].tolist() == [15.2, 12, 9, 5]


@pytest.mark.parametrize(
    ("columns", "mhz"),
    [
        ({"arfcn": "1300"}, 1815.0), ({"arfcn": "504990", "rat": "NR"}, 2524.95), ({"frequency_mhz": "2.6"}, 2600.0),
        ({"frequency_mhz": "1815"}, 1815.0), ({"arfcn": "99999999"}, None),
    ],
)  # fmt: skip
def test_frequency(columns: dict[str, str], mhz: float | None) -> None:
    found = cell(**columns)["frequency_mhz"]
    assert pd.isna(found) if mhz is None else found == pytest.approx(mhz)


@pytest.mark.parametrize(("written", "mhz"), [("20M", 20), ("20MHz", 20), ("100", 20), ("15000", 15), ("1.4", 1.4)])
def test_bandwidth(written: str, mhz: float) -> None:
    assert cell(bandwidth_mhz=written)["bandwidth_mhz"] == mhz


def test_band_column_that_holds_widths() -> None:
    columns = {name: values * 2 for name, values in LTE.items()} | {"cgi": ["1", "2"]}
    assert clean("cells", **columns, band=["20", "10"]).frame["bandwidth_mhz"].tolist() == [20, 10]
    assert clean("cells", **columns, band=["3", "20"]).frame["bandwidth_mhz"].isna().all()


def test_indoor_by_door_type_and_by_site_type() -> None:
    columns = {name: values * 3 for name, values in LTE.items()} | {"cgi": ["1", "2", "3"]}
    assert clean("cells", **columns, indoor=["1", "2", "1"]).frame["indoor"].tolist() == [False, True, False]
    assert clean("cells", **columns, indoor=["1", "0", "1"]).frame["indoor"].tolist() == [True, False, True]
    assert clean("cells", **columns, site_type=["室分", "宏站", "DAS"]).frame["indoor"].fillna(False).tolist() == [
        True,
        False,
        True,
    ]


def test_baidu_pair_fills_gaps_and_contradictions_are_said() -> None:
    done = clean(
        "cells", cgi=["1", "2"], rat=["LTE", "LTE"], lat=["22.5431", None], lon=["114.0579", None],
        lat_bd=["22.546042", "22.546042"], lon_bd=["114.069564", "114.069564"],
    )  # fmt: skip
    assert done.frame["lat"].tolist() == pytest.approx([22.5431, 22.5431], abs=2e-6)
    assert done.frame["crs"].tolist() == ["WGS84", "BD09"]
    assert not any("apart" in note for note in done.notes)
    gcj = clean(
        "cells",
        cgi=["1"],
        rat=["LTE"],
        lat=["22.540383"],
        lon=["114.063014"],
        lat_bd=["22.546042"],
        lon_bd=["114.069564"],
    )
    assert any("606 m apart" in note for note in gcj.notes)
    assert gcj.frame["lat"].tolist() == [22.540383]
    assert "position-pairs-differ" in gcj.frame["watch"][0]


def test_cells_within_thirty_metres_share_a_mast() -> None:
    done = clean(
        "cells", cgi=list("abcd"), rat=["LTE"] * 4,
        lat=["30.66", "30.6601", "30.6602", "30.67"], lon=["104.06"] * 4, site_id=[None, None, None, "X"],
    )  # fmt: skip
    sites = done.frame["site_id"].tolist()
    assert sites[0] == sites[1] == sites[2] != sites[3] == "X"


def test_watch_list_reports_and_rejects_nothing() -> None:
    columns = {name: values * 4 for name, values in LTE.items()} | {"cgi": ["1", "2", "3", "4"], "site_id": ["S"] * 4}
    done = clean(
        "cells", **columns, height_m=["60", "5", "30", "30"], mech_tilt_deg=["2", "0", "10", "3"],
        elec_tilt_deg=["2", "0", "8", "3"], azimuth_deg=["0", "40", "180", "180"],
    )  # fmt: skip
    assert not len(done.rejects)
    watch = [set(w.split("|")) if isinstance(w, str) else set() for w in done.frame["watch"]]
    assert watch == [
        {"height-high", "high-and-flat", "azimuth-gap"},
        {"height-low", "tilt-low", "azimuth-gap"},
        {"tilt-high"},
        set(),
    ]
    assert any("higher than 50 m" in note for note in done.notes)


def test_impossible_parameters_are_left_out_with_a_remark() -> None:
    done = clean("cells", **LTE, height_m=["300"], pci=["5000"], gain_dbi=["abc"])
    assert done.frame[["height_m", "pci", "gain_dbi"]].isna().all(axis=None)
    assert len(done.notes) == 3


def test_per_cell_and_per_file_datum() -> None:
    options = ImportOptions(crs="BD09")
    done = CLEANERS["cells"](
        chunk(
            cgi=["1", "2"],
            rat=["LTE", "LTE"],
            lat=["22.546042", "22.5431"],
            lon=["114.069564", "114.0579"],
            crs=[None, "GPS"],
        ),
        options,
    )
    assert done.frame["lat"].tolist() == pytest.approx([22.5431, 22.5431], abs=2e-6)


def test_chinese_sector_table_end_to_end(tmp_path: Path) -> None:
    from geoservice.intake import read_rows

    path = tmp_path / "工参.csv"
    headings = "eNodeB ID,CELL_ID,小区名称,经度,纬度,方位角,机械下倾角,预制电下倾,天线挂高,"
    text = headings + "参考信号功率,频点,PCI,TAC,厂家,是否接室分\n"
    path.write_bytes(
        (text + "12345,1,城南一扇区,104.06,30.66,360,2,3,25,152,1300,100,28672,华为,否\n").encode("gb18030")
    )
    (raw,) = read_rows(path, CELLS, ImportOptions())
    found = CLEANERS["cells"](raw, ImportOptions()).frame.iloc[0]
    expected = {
        "cgi": "12345-1",
        "rat": "LTE",
        "azimuth_deg": 0,
        "elec_tilt_deg": 3,
        "rs_power_dbm": 15.2,
        "frequency_mhz": 1815.0,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert (found["indoor"], found["vendor"], found["position_source"]) == (False, "华为", "engineering")
