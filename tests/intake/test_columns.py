"""Headings: canonical names, real-world aliases, the mapping file; ambiguity is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from geoservice.errors import ConfigError, FileError
from geoservice.intake import preview, read_rows
from geoservice.intake.columns import aliases, recognise
from geoservice.network import CLEANERS
from geoservice.parsing.mapping import ColumnMapping, load_mapping
from geoservice.parsing.text import lookup_key
from geoservice.records import ImportOptions
from geoservice.tables import CELLS, COMPLAINTS, TABLES
from tests.intake.helpers import HEADER, intake, row, write


def found(headings: list[str], table: str = "complaints", mapping: ColumnMapping | None = None) -> dict[str, str]:
    recognised = recognise(headings, TABLES[table], mapping or ColumnMapping(), {}, "file.csv")
    return recognised.by_heading(headings)


def test_chinese_complaint_export() -> None:
    line = "工单流水号 受理时间 用户号码 投诉内容 故障地址 经度 纬度 投诉类别 手机型号 服务小区 坐标系 备用"
    headings = line.split()
    assert found(headings) == {
        "工单流水号": "ticket_no", "受理时间": "accepted_at", "用户号码": "customer_no", "投诉内容": "text",
        "故障地址": "place_text", "经度": "lon", "纬度": "lat", "投诉类别": "class", "手机型号": "terminal_model",
        "服务小区": "serving_cgi", "坐标系": "crs",
    }  # fmt: skip


def test_an_alarm_export_without_a_word_on_service() -> None:
    assert found(["网元", "告警名称", "级别", "发生时间", "清除时间"], "alarms") == {
        "网元": "object_key", "告警名称": "name", "级别": "severity", "发生时间": "raised_at", "清除时间": "cleared_at",
    }  # fmt: skip


@pytest.mark.parametrize("spelling", ["Ticket No", "ticket-no", "TICKET_NO", "ｔｉｃｋｅｔ＿ｎｏ", " ticket no. "])
def test_headings_compare_without_case_width_and_punctuation(spelling: str) -> None:
    assert found([spelling, "accepted_at", "text", "lat", "lon"])[spelling] == "ticket_no"


def test_every_alias_of_the_engineering_table_is_known(shared: Path) -> None:
    with (shared / "domain" / "columns.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    known = aliases("cells")
    for entry in rows:
        listed = f"{entry['canonical']}|{entry['aliases_seen_in_real_tables_and_code']}|{entry['aliases_assumed']}"
        unknown = [a for a in listed.split("|") if a and lookup_key(a) not in known and a != "BAND"]
        assert not unknown, entry["canonical"]


def test_aliases_name_columns_that_exist_and_never_two() -> None:
    for name in TABLES:
        for column in aliases(name).values():
            assert column in TABLES[name].by_name


def test_unit_and_datum_in_brackets() -> None:
    headings = ["CGI", "经度(GCJ02)", "纬度（GCJ02）", "方位角(度)", "天线挂高（米）", "制式"]
    recognised = recognise(headings, CELLS, ColumnMapping(), {}, "f")
    assert recognised.constants == {"crs": "GCJ02"}
    assert recognised.by_heading(headings)["方位角(度)"] == "azimuth_deg"


def test_a_missing_column_is_named_with_what_was_found() -> None:
    with pytest.raises(
        FileError, match=r"no column for lat\+lon or place_text or serving_cgi.*headings found: ticket_no"
    ):
        found(["ticket_no", "accepted_at", "text"])


def test_mapping_file_decides(tmp_path: Path) -> None:
    mapping = write(
        tmp_path / "m.toml",
        '[columns]\n"单子" = "ticket_no"\n"受理时间" = ""\n[constants]\ncrs = "GCJ02"\nsource = "crm"\n'
        '[values.class]\n"弱覆盖类" = "WEAK_SIGNAL"\n',
    )
    text = "单子,投诉时间,受理时间,问题类型,lat,lon\n1,2026-03-04,x,弱覆盖类,22.540383,114.063014\n"
    done = intake(write(tmp_path / "a.csv", text), ImportOptions(mapping=mapping)).complaints.iloc[0]
    assert (done["class"], done["source"], done["crs"]) == ("WEAK_SIGNAL", "crm", "GCJ02")
    assert done["lat"] == pytest.approx(22.5431, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[colums]\n", "knows"),
        ("[file]\nsheeet = 1\n", "sheeet"),
        ('[coordinates]\nswapped = "maybe"\n', "swapped"),
        ("x = ", "TOML"),
        ('[columns]\n"a" = ["b"]\n', "columns"),
    ],
)
def test_a_wrong_mapping_file_is_refused(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        load_mapping(write(tmp_path / "m.toml", text))


def test_mapping_to_a_column_that_does_not_exist() -> None:
    with pytest.raises(FileError, match="sends 'a' to 'nonsense'"):
        found(["a"], mapping=ColumnMapping(columns={"a": "nonsense"}))


def test_rows_without_number_are_identified_by_content_if_declared(tmp_path: Path) -> None:
    mapping = write(tmp_path / "m.toml", '[file]\nrow_identity = "content"\n')
    text = "accepted_at,text,lat,lon\n" + "2026-03-04,没信号,30,104\n" * 2 + "2026-03-05,没信号,30,104\n"
    text += "2026-03-05,没信号,30.1,104\n"
    done = intake(write(tmp_path / "a.csv", text), ImportOptions(mapping=mapping))
    assert (len(done.complaints), done.duplicates) == (3, 1)
    assert done.complaints["ticket_no"].str.fullmatch("row-[a-p]{24}").all()  # never the digits of a telephone number
    # Nobody is named: what comes from one place is one reporter's, another place another's (decision 0015).
    assert done.complaints["customer_key"].nunique() == 2


def test_lines_above_the_heading_can_be_skipped(tmp_path: Path) -> None:
    mapping = write(tmp_path / "m.toml", "[file]\nheader_line = 3\n")
    path = write(tmp_path / "a.csv", "投诉明细\n\n" + HEADER + row(1, lat="x"))
    assert intake(path, ImportOptions(mapping=mapping)).rejects["line"].tolist() == [4]


def test_preview_shows_the_mapping_and_hides_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER + "".join(row(i) for i in range(30)) + "short\n")
    shown = preview(path, COMPLAINTS, ImportOptions())
    assert (shown.format, shown.encoding, shown.read, shown.unreadable) == ("csv", "utf-8", 31, 1)
    assert shown.mapping["customer_no"] == "customer_no"
    assert len(shown.rows) == 10
    assert set(shown.rows["customer_no"]) == {"[private]"}
    assert (shown.taken, len(shown.typed), shown.typed[0]["class"]) == (30, 10, "NO_COVERAGE")
    assert "1380013" not in str(shown)


def test_preview_of_a_network_table_takes_its_cleaner(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "cgi,lat,lon,rat\n1,30,104,LTE\n2,99,104,LTE\n")
    plain = preview(path, CELLS, ImportOptions())
    assert (plain.read, plain.taken, plain.typed) == (2, None, ())
    shown = preview(path, CELLS, ImportOptions(), CLEANERS["cells"])
    assert (shown.taken, shown.rejects["line"].tolist(), shown.typed[0]["cgi"]) == (1, [3], "1")


TITLED = "2026年3月投诉日报\n导出：2026-03-31 18:00\n工单号,受理时间,投诉内容,投诉地址\nGD1,2026-03-04,没信号,人民路\n"


def test_headings_below_titles_are_pointed_at(tmp_path: Path) -> None:
    """Exports of ticket systems begin with a title and the time of the export."""
    book = openpyxl.Workbook()
    for line in TITLED.splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_text(TITLED, "utf-8")
    (tmp_path / "m.toml").write_text("[file]\nheader_line = 3\n", "utf-8")
    for name in ("a.xlsx", "b.csv"):
        with pytest.raises(FileError, match="line 3 reads like the headings: put header_line = 3"):
            list(read_rows(tmp_path / name, COMPLAINTS, ImportOptions()))
        (chunk,) = read_rows(tmp_path / name, COMPLAINTS, ImportOptions(mapping=tmp_path / "m.toml"))
        assert chunk.frame["ticket_no"].tolist() == ["GD1"]


def test_headings_that_are_nowhere_get_no_hint(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n3,4\n", "utf-8")
    with pytest.raises(FileError) as refused:
        list(read_rows(path, COMPLAINTS, ImportOptions()))
    assert "reads like the headings" not in refused.value.message
