"""Rows to complaints: places, times, classes, odd values, identity."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoservice.errors import ConfigError
from geoservice.records import ImportOptions
from geoservice.tables import COMPLAINTS, check
from tests.intake.helpers import HEADER, intake, row, write


def one(tmp_path: Path, header: str, values: str, **options: object) -> pd.Series:
    done = intake(write(tmp_path / "a.csv", f"{header}\n{values}\n"), ImportOptions(**options))  # type: ignore[arg-type]
    assert len(done.complaints) == 1, done.rejects
    return done.complaints.iloc[0]


BASE = "ticket_no,accepted_at,text,place_text"


@pytest.mark.parametrize(
    ("crs", "lat", "lon"),
    [
        ("WGS84", 22.5431, 114.0579),
        ("GCJ-02", 22.540383, 114.063014),
        ("百度", 22.546042, 114.069564),
        ("", 22.5431, 114.0579),
    ],
)
def test_each_row_may_have_its_own_datum(tmp_path: Path, crs: str, lat: float, lon: float) -> None:
    done = one(tmp_path, "ticket_no,accepted_at,text,lat,lon,crs", f"1,2026-03-04,没信号,{lat},{lon},{crs}")
    assert (done["lat"], done["lon"]) == (pytest.approx(22.5431, abs=2e-6), pytest.approx(114.0579, abs=2e-6))


def test_the_datum_of_the_file_is_the_default(tmp_path: Path) -> None:
    done = one(tmp_path, "ticket_no,accepted_at,text,lat,lon", "1,2026-03-04,没信号,22.540383,114.063014", crs="GCJ02")
    assert done["lat"] == pytest.approx(22.5431, abs=2e-6)
    assert done["crs"] == "GCJ02"


def test_an_unknown_datum_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "ticket_no,accepted_at,text,lat,lon,crs\n1,2026-03-04,没信号,30,104,mars\n")
    assert intake(path).rejects["code"].tolist() == ["unknown-datum"]


def test_swapped_points_are_exchanged_only_where_declared(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER + row(1, lat="104.06", lon="30.66"))
    assert intake(path).rejects["code"].tolist() == ["swapped"]
    mapping = write(tmp_path / "m.toml", '[coordinates]\nswapped = "correct"\n')
    done = intake(path, ImportOptions(mapping=mapping))
    assert done.complaints[["lat", "lon"]].to_numpy().tolist() == [[30.66, 104.06]]
    assert any("exchanged" in note for note in done.notes)


@pytest.mark.parametrize(("lat", "lon"), [("0", "0"), ("-1", "-1"), ("-1", "-1.1")])
def test_placeholder_points_are_no_places(tmp_path: Path, lat: str, lon: str) -> None:
    assert intake(write(tmp_path / "a.csv", HEADER + row(1, lat=lat, lon=lon))).rejects["code"].tolist() == [
        "unlocated"
    ]
    done = one(tmp_path, BASE + ",lat,lon", f"1,2026-03-04,没信号,建设路1号,{lat},{lon}")
    assert pd.isna(done["lat"])


def test_something_must_be_said_and_somewhere(tmp_path: Path) -> None:
    text = f"{BASE},class\n1,2026-03-04,,建设路,\n2,2026-03-04,没信号,,\n3,2026-03-04,,建设路,掉话\n"
    done = intake(write(tmp_path / "a.csv", text))
    assert done.rejects["code"].tolist() == ["nothing-said", "unlocated"]
    assert done.complaints["class"].tolist() == ["DROPPED_CALL"]


def test_given_class_decides_and_the_text_adds(tmp_path: Path) -> None:
    done = one(tmp_path, BASE + ",class", "1,2026-03-04,电梯里打着打着就断了,建设路,弱覆盖")
    assert (done["class"], done["class_source"], done["class_confidence"]) == ("WEAK_SIGNAL", "given", 1.0)
    assert "DROPPED_CALL" in done["secondary"]
    text = one(tmp_path, BASE + ",class", "1,2026-03-04,电梯里打着打着就断了,建设路,移动业务")
    assert (text["class"], text["class_source"]) == ("DROPPED_CALL", "text")
    assert "断" in text["phrase"]


def test_nothing_decides_means_unclear(tmp_path: Path) -> None:
    done = one(tmp_path, BASE, "1,2026-03-04,你好,建设路")
    assert (done["class"], done["class_source"]) == ("UNCLEAR", "none")


@pytest.mark.parametrize(
    ("column", "written", "expected"),
    [
        ("室内外", "室内", True), ("室内外", "否", False), ("室内外", "Travelling", None),
        ("换机正常", "Y", True), ("换机正常", "1", True), ("楼层", "B2", -2), ("楼层", "12F", 12),
        ("楼层", "负1楼", -1), ("楼层", "高层", None), ("渠道", "10086", "hotline"), ("渠道", "飞鸽", "other"),
        ("网络制式", "LTE", "4G"), ("网络制式", "Unknown", None), ("账户状态", "欠费", "arrears"),
        ("紧急程度", "加急", "urgent"), ("精度", "50米", 50.0), ("精度", "-5", None),
        ("服务小区", "4.6E+14", None), ("服务小区", "46000123.0", "46000123"),
    ],
)  # fmt: skip
def test_optional_fields(tmp_path: Path, column: str, written: str, expected: object) -> None:
    names = {
        "室内外": "indoor",
        "换机正常": "other_phone_ok",
        "楼层": "floor",
        "渠道": "channel",
        "网络制式": "rat_shown",
    }
    names |= {"账户状态": "account_status", "紧急程度": "level", "精度": "radius_m", "服务小区": "serving_cgi"}
    value = one(tmp_path, f"{BASE},{column}", f"1,2026-03-04,没信号,建设路,{written}")[names[column]]
    assert pd.isna(value) if expected is None else value == expected


def test_odd_optional_values_are_remarked(tmp_path: Path) -> None:
    done = intake(write(tmp_path / "a.csv", f"{BASE},floor\n1,2026-03-04,没信号,建设路,高层\n"))
    assert any(note.startswith("1 value of floor") for note in done.notes)


def test_times_out_of_order_are_named(tmp_path: Path) -> None:
    header = BASE + ",occurred_from,occurred_to\n"
    rows = "1,2026-03-04 10:00,没信号,路,2026-03-04 11:00,\n"
    rows += "2,2026-03-04 10:00,没信号,路,2026-03-04 09:00,2026-03-04 08:00\n"
    rows += "3,2026-03-04,没信号,路,2026-03-04 11:00,\n"
    done = intake(write(tmp_path / "a.csv", header + rows))
    assert done.rejects[["line", "field"]].to_numpy().tolist() == [[2, "occurred_from"], [3, "occurred_to"]]


def test_numbers_and_names_never_reach_a_complaint(tmp_path: Path) -> None:
    text = "张先生13800138000说在家没信号，身份证11010519491231002X，a.b@c.cn"
    header = BASE + ",customer_no,备注,处理结果"
    path = write(
        tmp_path / "a.csv", f"{header}\n1,2026-03-04,{text},建设路13900139000,13800138000,找13700137000,回李女士\n"
    )
    written = intake(path).complaints.to_csv()
    for secret in ("13800138000", "13900139000", "13700137000", "11010519491231002X", "a.b@c.cn", "张先生", "李女士"):
        assert secret not in written
    assert "[name]先生[phone]说在家没信号" in written


def test_ticket_numbers_are_identifiers_and_stay(tmp_path: Path) -> None:
    for number in ("20260304123456789", "WO-2026-0013800", "460-00-1390123-4012"):
        assert one(tmp_path, BASE, f"{number},2026-03-04,没信号,建设路")["ticket_no"] == number


@pytest.mark.parametrize("number", ["13800138000", "WO-13800138000", "+8613800138000", "11010519491231002X"])
def test_a_ticket_that_is_somebodys_number_is_kept_as_a_key(tmp_path: Path, number: str) -> None:
    first, again = (one(tmp_path, BASE, f"{number},2026-03-04,没信号,建设路") for _ in range(2))
    assert str(first["ticket_no"]).startswith("key-")
    assert (first["ticket_no"], first["complaint_id"]) == (again["ticket_no"], again["complaint_id"])
    other = one(tmp_path, BASE, "13800138001,2026-03-04,没信号,建设路")
    assert other["ticket_no"] != first["ticket_no"]


def test_the_last_row_of_a_ticket_stands(tmp_path: Path) -> None:
    done = intake(write(tmp_path / "a.csv", HEADER + row(1) + row(1, text="通话断断续续") + row(2) + row(2)))
    assert done.complaints["text"].tolist() == ["通话断断续续", "没信号"]
    assert done.duplicates == 2
    assert [note for note in done.notes if note.startswith("1 row repeats a ticket")]


def test_an_unknown_zone_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Mars/Base"):
        intake(write(tmp_path / "a.csv", HEADER + row(1)), ImportOptions(timezone="Mars/Base"))


def test_words_for_an_optional_time_are_left_out(tmp_path: Path) -> None:
    done = intake(
        write(
            tmp_path / "a.csv", f"{BASE},故障时间\n1,2026-03-04,没信号,路,昨天晚上\n2,2026-03-04,没信号,路,03/04/2026\n"
        )
    )
    assert done.complaints["ticket_no"].tolist() == ["1"]
    assert done.rejects["code"].tolist() == ["ambiguous-date"]
    assert any("occurred_from is a word" in note for note in done.notes)


def test_long_texts_are_cut_at_the_cap(tmp_path: Path) -> None:
    done = one(tmp_path, BASE, f"1,2026-03-04,没信号{'啊' * 5000},{'路' * 400}")
    assert (len(done["text"]), len(done["place_text"])) == (4000, 300)


@pytest.mark.parametrize("before", range(285, 300))
def test_a_number_across_the_cap_is_masked_before_it_is_cut(tmp_path: Path, before: int) -> None:
    """Half of a telephone number is known for none, and with the other half elsewhere it is one."""
    long = "路" * before
    done = one(tmp_path, BASE, f"1,2026-03-04,没信号{'啊' * (before + 3697)}13812345678,{long}13812345678")
    for text in (done["text"], done["place_text"]):
        assert not any(character.isdigit() for character in text)


def test_an_empty_table_is_no_error(tmp_path: Path) -> None:
    done = intake(write(tmp_path / "a.csv", HEADER))
    assert len(done.complaints) == len(done.rejects) == 0
    check(done.complaints, COMPLAINTS)


def test_without_numbers_an_operator_and_a_place_are_one_customer(tmp_path: Path) -> None:
    rows = ["A,28.66931,77.28471,1", "A,28.66934,77.28474,2", "B,28.66931,77.28471,3", "A,28.68931,77.28471,4"]
    text = "ticket_no,operator,lat,lon,text,accepted_at\n" + "".join(
        f",{o},{lat},{lon},没信号 {n},2026-03-04\n" for o, lat, lon, n in (r.split(",") for r in rows)
    )
    done = intake(write(tmp_path / "a.csv", text), ImportOptions(source="mycall")).complaints
    keys = done["customer_key"].tolist()
    assert len(done) == 4
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


_TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85"), min_size=1, max_size=40
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_TEXT.filter(lambda t: t.strip() == t and t), min_size=1, max_size=6))
def test_import_of_an_export_is_the_identity(tmp_path: Path, texts: list[str]) -> None:
    """What we took once, written out and read again, is the same (property, handbook of the store)."""
    first = intake(write(tmp_path / "a.csv", _csv([{**_row(i), "text": t} for i, t in enumerate(texts)])))
    exported = first.complaints.assign(
        accepted_at=first.complaints["accepted_at"].map(pd.Timestamp.isoformat), crs="WGS84"
    )
    columns = [c for c in COMPLAINTS.file_names if c in exported and exported[c].notna().any()]
    again = intake(write(tmp_path / "b.csv", exported[columns].to_csv(index=False)))
    same = ["ticket_no", "text", "lat", "lon", "accepted_at", "class"]
    pd.testing.assert_frame_equal(again.complaints[same], first.complaints[same])
    assert again.complaints["complaint_id"].tolist() == first.complaints["complaint_id"].tolist()


def _row(i: int) -> dict[str, object]:
    return {"ticket_no": f"T{i}", "accepted_at": "2026-03-04 15:04:05", "lat": 30.66, "lon": 104.06}


def _csv(rows: list[dict[str, object]]) -> str:
    return pd.DataFrame(rows).to_csv(index=False)
