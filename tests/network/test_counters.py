"""KPIs, alarms, shutdown windows, neighbours."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.network.helpers import clean

KPI = {"cgi": ["1"], "start": ["2026-03-04 10:00"], "granularity": ["小时"]}


@pytest.mark.parametrize(
    ("part", "whole"), [("rrc_succ", "rrc_att"), ("abn_rel", "all_rel"), ("qci1_ul_lost", "qci1_ul_pkt")]
)
def test_a_part_above_its_whole_is_named(part: str, whole: str) -> None:
    done = clean("kpis", **KPI, **{part: ["11"], whole: ["10"]})
    assert done.rejects[["field", "code"]].to_numpy().tolist() == [[part, "part-exceeds-whole"]]


@pytest.mark.parametrize(
    ("written", "share"), [("0.8", 0.8), ("80%", 0.8), ("80", 0.8), ("1.0004", 1.0), ("100%", 1.0)]
)
def test_shares(written: str, share: float) -> None:
    assert clean("kpis", **KPI, prb_dl=[written]).frame["prb_dl"].tolist() == pytest.approx([share])


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("rrc_att", "-1", "out-of-range"),
        ("rrc_att", "x", "not-a-number"),
        ("granularity", "week", "unknown-value"),
        ("start", "", "missing"),
        ("prb_dl", "-0.1", "out-of-range"),
    ],
)
def test_bad_counters_are_named(column: str, written: str, code: str) -> None:
    done = clean("kpis", **{**KPI, column: [written]})
    assert done.rejects[["field", "code"]].to_numpy().tolist() == [[column, code]]


def test_alarms() -> None:
    done = clean(
        "alarms", object_key=["1", "2", "3"], code=["a", "b", "c"], severity=["紧急", "major", "odd"],
        raised_at=["2026-03-04 10:00"] * 3, cleared_at=["", "2026-03-04 09:00", ""],
        service_affecting=["是", "1", "yes"],
    )  # fmt: skip
    assert done.frame[["object_key", "severity"]].to_numpy().tolist() == [["1", "critical"]]
    assert pd.isna(done.frame["cleared_at"][0])
    assert sorted(done.rejects["code"]) == ["time-order", "unknown-value"]


@pytest.mark.parametrize(
    ("severity", "name", "affecting"),
    [
        ("紧急", "射频单元故障", True),
        ("重要", "驻波告警", True),
        ("次要", "风扇告警", False),
        ("提示", "时钟参考源异常", False),
        ("次要", "基站退服", True),
        ("warning", "Link Failure", True),
        ("三级", "小区不可用", True),
    ],
)
def test_alarms_without_service_affecting_get_it_from_severity_and_name(
    severity: str, name: str, affecting: bool
) -> None:
    done = clean(
        "alarms", object_key=["1"], code=[name], severity=[severity], raised_at=["2026-03-04 10:00"], cleared_at=[""]
    )
    assert done.frame["service_affecting"].tolist() == [affecting]
    assert [note for note in done.notes if "service_affecting" in note and "severity" in note]


def test_a_gap_in_a_given_service_affecting_is_still_refused() -> None:
    done = clean(
        "alarms", object_key=["1", "2"], code=["a", "b"], severity=["紧急"] * 2,
        raised_at=["2026-03-04 10:00"] * 2, service_affecting=["否", ""],
    )  # fmt: skip
    assert done.frame["service_affecting"].tolist() == [False]
    assert done.rejects["field"].tolist() == ["service_affecting"]


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("23:00", "23:00"),
        ("7:5", None),
        ("7:05", "07:05"),
        ("24:00", "00:00"),
        ("23:00:00", "23:00"),
        ("1", "01:00"),
        ("25:00", None),
        ("23点30分", "23:30"),
    ],
)
def test_clocks(written: str, clock: str | None) -> None:
    done = clean("energy_windows", cgi=["1"], from_local=[written], to_local=["06:00"], mode=["载波关断"])
    assert done.frame["from_local"].tolist() == ([clock] if clock else [])


def test_neighbours() -> None:
    done = clean(
        "neighbours",
        src_cgi=["1", "1", "1"],
        dst_cgi=["2", "1", "3"],
        ho_att=["10", "1", "5"],
        ho_succ=["9", "1", "6"],
        defined=["1", "1", "否"],
    )
    assert done.frame["dst_cgi"].tolist() == ["2"]
    assert done.rejects["code"].tolist() == ["same-cell", "part-exceeds-whole"]


def test_an_alarm_with_code_and_name_keeps_both() -> None:
    found = clean(
        "alarms", object_key=["1", "2"], code=["29240", ""], name=["小区退服", "Fan fault"], severity=["minor"] * 2,
        raised_at=["2026-03-04 10:00"] * 2, cleared_at=["", ""],
    ).frame  # fmt: skip
    assert found["code"].tolist() == ["29240", "Fan fault"]
    assert found["name"].tolist() == ["小区退服", "Fan fault"]
    assert found["service_affecting"].tolist() == [True, False]  # an outage by its name, whatever the severity
