"""Words that announce an escalation: found where they threaten, not where they are a place or a number."""

from __future__ import annotations

import pytest

from geoservice.cases import mentions
from geoservice.names import catalogue
from tests.growth import assert_linear


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("再不解决我就去工信部投诉", ["regulator"]),
        ("已经打了12300申诉", ["regulator", "regulator"]),
        ("我要找律师，还要告到法院，让电视台曝光", ["court", "court", "media"]),
        ("I will write to the Regulator and my lawyer", ["regulator", "court"]),
        ("The OMBUDSMAN will hear of this.", ["regulator"]),
        ("我去消协和12315投诉你们", ["consumer_council", "consumer_council"]),
        # Places, trades and numbers that hold the same characters.
        ("盈科律师事务所三楼没信号", []),
        ("家住中级法院宿舍，电视台对面，通话断续", []),
        ("我的号码是13812300456", []),
        ("报错代码 912300，流量不能用", []),
        ("lawyers' office has no signal", []),
        ("pursue your fault", []),
        ("家里没有信号", []),
        ("", []),
    ],
)
def test_who_is_named(text: str, bodies: list[str]) -> None:
    assert [mention.body for mention in mentions(text)] == bodies


def test_what_is_told_stands_in_the_text_and_has_both_names() -> None:
    text = "工信部、工业和信息化部和通管局我都去过了"
    found = mentions(text)
    assert [mention.name_zh for mention in found] == ["工信部", "通信管理局"], "one body once"
    for mention in found:
        assert mention.words in text
        assert mention.name_en.isascii()


def test_every_body_has_both_names() -> None:
    rows = catalogue("escalation_words").values()
    assert all(row["zh"] and row["en"] and row["body"] for row in rows)
    assert {row["body"] for row in rows} >= {"regulator", "consumer_council", "court", "media"}


def test_a_long_text_is_read_in_linear_time() -> None:
    assert_linear(mentions, "工信" * 2000)
