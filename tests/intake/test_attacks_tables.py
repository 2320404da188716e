"""Tables whose meaning is lost quietly: attacks 20–29. Every record is taken or named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoservice.errors import FileError
from geoservice.intake import RejectFile, file_sha256
from geoservice.intake.privacy import customer_keys
from geoservice.records import ImportOptions
from tests.intake.helpers import HEADER, SECRET, intake, read, row, write


def texts(path: Path) -> list[str]:
    return intake(path).complaints["text"].tolist()


def as_file(rejects: pd.DataFrame, path: Path) -> Path:
    """Rejects in a file, in two parts as two chunks bring them."""
    with RejectFile(path) as file:
        for part in (rejects.iloc[:1], rejects.iloc[1:]):
            file.add(part)
        assert not path.exists()
        found = file.publish()
    assert found == path
    return path


def test_20_quote_closed_rows_later_loses_one_row_not_two(tmp_path: Path) -> None:
    body = row(1) + row(2, text='"没信号') + row(3) + row(4, text='家里"')
    frame, rejects, count = read(write(tmp_path / "a.csv", HEADER + body))
    assert count == 4
    assert frame["ticket_no"].tolist() == ["T1", "T3", "T4"]
    assert rejects[["line", "code"]].to_numpy().tolist() == [[3, "unclosed-quote"]]


def test_20_two_columns_only(tmp_path: Path) -> None:
    from geoservice.tables import NEIGHBOURS

    frame, rejects, count = read(write(tmp_path / "a.csv", 'src_cgi,dst_cgi\n1,"x\n2,y\n3,z"\n4,w\n'), NEIGHBOURS)
    assert count == len(frame) + len(rejects) == 4


def test_20_quote_never_closed(tmp_path: Path) -> None:
    frame, rejects, count = read(write(tmp_path / "a.csv", HEADER + row(1, text='"没信号') + row(2) + row(3)))
    assert (len(frame), rejects["line"].tolist(), count) == (2, [2], 3)


def test_20_text_over_several_lines_is_one_record(tmp_path: Path) -> None:
    body = row(1, text='"第一行\n第二行, 有逗号\r\n第三行"') + row(2)
    done = intake(write(tmp_path / "a.csv", HEADER + body))
    assert done.complaints["text"].tolist() == ["第一行\n第二行, 有逗号\r\n第三行", "没信号"]
    assert not len(done.rejects)


def test_20_many_lines_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from geoservice.intake.readers import encoding

    body = "".join(row(i, text=f'"甲{i}\n乙 ""{i}"""') if i % 3 else row(i) for i in range(90))
    path = write(tmp_path / "a.csv", HEADER + body)
    whole = read(path)[0]
    original = encoding._raw_blocks
    monkeypatch.setattr(encoding, "_raw_blocks", lambda p, s, size: original(p, s, 211))
    small = read(path)[0]
    assert whole["text"].tolist()[1] == '甲1\n乙 "1"'
    pd.testing.assert_frame_equal(whole, small)


@pytest.mark.parametrize("text", ['他说"没信号"', '6" 屏幕'])
def test_20_quotes_inside_unquoted_text_are_text(tmp_path: Path, text: str) -> None:
    assert texts(write(tmp_path / "a.csv", HEADER + row(1, text=text) + row(2))) == [text, "没信号"]


def test_20_text_after_a_closing_quote_is_named(tmp_path: Path) -> None:
    _, rejects, count = read(write(tmp_path / "a.csv", HEADER + row(1, text='"没"信号') + row(2)))
    assert (rejects["code"].tolist(), count) == (["stray-quote"], 2)


def test_21_equal_phones_have_one_key(tmp_path: Path) -> None:
    spellings = [
        "13800138000",
        "08613800138000",
        "+86 138-0013-8000",
        "１３８００１３８０００",
        "13800138000.0",
        "8613800138000",
    ]
    body = "".join(row(i, customer_no=spelling) for i, spelling in enumerate(spellings)) + row(9, customer_no="")
    done = intake(write(tmp_path / "a.csv", HEADER + body))
    keys = done.complaints["customer_key"]
    assert keys[:-1].nunique() == 1
    assert keys.iloc[-1:].isna().all()
    assert keys.iloc[0] == customer_keys(pd.Series(["+8613800138000"], dtype="str"), SECRET)[0]


@pytest.mark.parametrize("number", ["1.38E+10", "abc", "12"])
def test_21_a_bad_phone_is_named_and_not_shown(tmp_path: Path, number: str) -> None:
    done = intake(write(tmp_path / "a.csv", HEADER + row(1, customer_no=number) + row(2)))
    assert done.rejects[["line", "field", "code"]].to_numpy().tolist() == [[2, "customer_no", "bad-phone"]]
    assert done.rejects["value"].isna().all()


@pytest.mark.parametrize("word", ["NA", "None", "null", "nan", "N/A", "NULL"])
def test_22_words_that_look_like_nothing_stay(tmp_path: Path, word: str) -> None:
    assert texts(write(tmp_path / "a.csv", HEADER + row(1, text=word))) == [word]


def test_23_ragged_rows_are_named(tmp_path: Path) -> None:
    longer = row(1).rstrip("\n") + ",extra\n"
    frame, rejects, count = read(write(tmp_path / "a.csv", HEADER + longer + row(2) + "T3,2026-03-04\n"))
    assert frame["ticket_no"].tolist() == ["T2"]
    assert rejects[["line", "code"]].to_numpy().tolist() == [[2, "ragged"], [4, "ragged"]]
    assert count == 3


def test_23_duplicate_headings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="'text' stands twice"):
        read(write(tmp_path / "a.csv", "ticket_no,accepted_at,text,text,lat,lon\n"))


def test_23_ambiguous_headings_name_the_choices(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="'投诉时间' and '受理时间' both mean"):
        read(write(tmp_path / "a.csv", "工单号,投诉时间,受理时间,投诉内容,地址\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_24_encodings_are_proven(tmp_path: Path, encoding: str) -> None:
    body = HEADER + row(1, text="手机信号很差，在家里打不了电话") + row(2, text="通话断断续续")
    assert texts(write(tmp_path / "a.csv", body.encode(encoding))) == ["手机信号很差，在家里打不了电话", "通话断断续续"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "big5"])
def test_24_a_declared_encoding_is_kept_to(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "a.csv", (HEADER + row(1, text="信號差")).encode(encoding))
    assert intake(path, ImportOptions(encoding=encoding)).complaints["text"].tolist() == ["信號差"]
    with pytest.raises(FileError, match=r"byte [\d,]+ does not fit ascii|byte [\d,]+ does not fit utf-8"):
        intake(write(tmp_path / "b.csv", HEADER.encode() + b"\xff\xff,\n"), ImportOptions(encoding="utf-8"))


@pytest.mark.parametrize(
    "body",
    [
        "café très gêné, Müller naïve".encode("latin-1"),
        "没信号".encode() + "打不通".encode("gb18030"),
        b"\x81\x20 half",
    ],
)
def test_24_never_mojibake(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(FileError, match=r"byte [\d,]+ does not fit"):
        read(write(tmp_path / "a.csv", HEADER.encode() + row(1).encode() + b"T2,2026-03-04,," + body + b",30,104\n"))


def test_24_utf16_without_mark_asks_for_a_declaration(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="declare --encoding"):
        read(write(tmp_path / "a.csv", (HEADER + row(1)).encode("utf-16-le")))


def test_24_carriage_return_only(tmp_path: Path) -> None:
    assert len(intake(write(tmp_path / "a.csv", (HEADER + row(1) + row(2)).replace("\n", "\r"))).complaints) == 2


@pytest.mark.parametrize("text", ["a\x1b[31mb", "abc\u202edef", "a\u200bb", "tag\U000e0041", "non\ufffe", "😀𠮷野家"])
def test_25_odd_characters_stay_verbatim(tmp_path: Path, text: str) -> None:
    assert texts(write(tmp_path / "a.csv", HEADER + row(1, text=text))) == [text]


@pytest.mark.parametrize(("raw", "code"), [(b"a\0b", "nul"), (b"a\xed\xa0\x80b", "surrogate")])
def test_25_nul_and_half_characters_cost_their_row(tmp_path: Path, raw: bytes, code: str) -> None:
    body = HEADER.encode() + row(1).encode() + row(2, text="@").encode().replace(b"@", raw) + row(3).encode()
    done = intake(write(tmp_path / "a.csv", body))
    assert done.complaints["ticket_no"].tolist() == ["T1", "T3"]
    assert done.rejects[["line", "code"]].to_numpy().tolist() == [[3, code]]


def test_25_surrogate_and_nul_escapes_in_json(tmp_path: Path) -> None:
    good = '{"ticket_no":"T%d","accepted_at":"2026-03-04","text":"%s","lat":30,"lon":104}\n'
    _, rejects, count = read(
        write(tmp_path / "a.jsonl", good % (1, "ok") + good % (2, "\\ud800") + good % (3, "\\u0000"))
    )
    assert (rejects["code"].tolist(), rejects["line"].tolist(), count) == (["surrogate", "nul"], [2, 3], 3)


def test_26_absurd_width_and_length_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="columns"):
        read(write(tmp_path / "a.csv", "a," * 200_000 + "\n1\n"))
    with pytest.raises(FileError, match="longer than"):
        read(write(tmp_path / "b.csv", HEADER + row(1, text="x" * 50_000_000)))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("03/04/2026", "ambiguous-date"),
        ("45000.5", "bare-number"),
        ("1772600000000", "bare-number"),
        ("2026-02-30", "no-such-time"),
        ("9999-01-01", "year-out-of-range"),
        ("tomorrow", "not-a-time"),
        ("", "missing"),
    ],
)
def test_27_times_are_never_guessed(tmp_path: Path, written: str, code: str) -> None:
    done = intake(write(tmp_path / "a.csv", HEADER + row(1, accepted_at=written) + row(2)))
    assert done.rejects[["line", "field", "code"]].to_numpy().tolist() == [[2, "accepted_at", code]]


@pytest.mark.parametrize(
    ("written", "zone", "utc"),
    [
        ("2026年3月4日", "Asia/Shanghai", "2026-03-03 16:00:00+00:00"),
        ("1990-07-01 12:00", "Asia/Shanghai", "1990-07-01 03:00:00+00:00"),
        ("2026-03-04 15:04", "Asia/Kolkata", "2026-03-04 09:34:00+00:00"),
        ("2026-03-04T15:04:00-05:00", "Asia/Shanghai", "2026-03-04 20:04:00+00:00"),
    ],
)
def test_27_naive_times_are_local(tmp_path: Path, written: str, zone: str, utc: str) -> None:
    done = intake(write(tmp_path / "a.csv", HEADER + row(1, accepted_at=written)), ImportOptions(timezone=zone))
    assert done.complaints["accepted_at"].astype(str).tolist() == [utc]


@pytest.mark.parametrize(
    ("written", "code"), [("2025-11-02 01:30", "ambiguous-local-time"), ("2025-03-09 02:30", "nonexistent-local-time")]
)
def test_27_clock_changes(tmp_path: Path, written: str, code: str) -> None:
    path = write(tmp_path / "a.csv", HEADER + row(1, accepted_at=written))
    assert intake(path, ImportOptions(timezone="America/New_York")).rejects["code"].tolist() == [code]


def test_27_a_declared_format_is_used(tmp_path: Path) -> None:
    mapping = write(tmp_path / "m.toml", '[formats]\naccepted_at = "%d/%m/%Y"\n')
    done = intake(write(tmp_path / "a.csv", HEADER + row(1, accepted_at="03/04/2026")), ImportOptions(mapping=mapping))
    assert done.complaints["accepted_at"].astype(str).tolist() == ["2026-04-02 16:00:00+00:00"]
    assert done.complaints["time_step"].tolist() == ["day"]


def test_28_the_same_file_and_row_have_the_same_identity(tmp_path: Path) -> None:
    one, two = (write(tmp_path / name, HEADER + row(1) + row(1)) for name in ("a.csv", "b.csv"))
    assert file_sha256(one) == file_sha256(two)
    first, second = intake(one), intake(two)
    assert first.duplicates == 1
    assert first.complaints["complaint_id"].tolist() == second.complaints["complaint_id"].tolist()
    other = intake(one, ImportOptions(source="crm"))
    assert set(other.complaints["complaint_id"]).isdisjoint(first.complaints["complaint_id"])
    assert set(intake(one, secret=b"x" * 8 + SECRET).complaints["complaint_id"]).isdisjoint(
        first.complaints["complaint_id"]
    )


def test_29_thirty_seven_bad_rows_of_a_hundred_thousand(tmp_path: Path) -> None:
    bad = sorted({0, 49_999, 99_999, *range(1000, 1000 + 34 * 2000, 2000)})
    assert len(bad) == 37
    rows = [row(i, lat="13999999999", lon="x") if i in set(bad) else row(i) for i in range(100_000)]
    done = intake(write(tmp_path / "a.csv", HEADER + "".join(rows)))
    assert len(done.complaints) == 99_963
    assert done.rejects["line"].tolist() == [b + 2 for b in bad]
    path = as_file(done.rejects, tmp_path / "rejects" / "a.csv")
    written = path.read_text("utf-8-sig")
    assert written.count("\n") == 38
    assert "13999999999" not in written
    assert [p.name for p in path.parent.iterdir()] == ["a.csv"]


def test_rejects_file_carries_no_formula(tmp_path: Path) -> None:
    done = intake(write(tmp_path / "a.csv", HEADER + row(1, lat="=1+1")))
    assert "'=1+1" in as_file(done.rejects, tmp_path / "r.csv").read_text("utf-8-sig")
