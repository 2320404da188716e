"""Personal data in texts: masked; what only looks like it: kept. Linear time on hostile texts."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.parsing import masking
from geoservice.parsing.masking import mask, mask_text
from tests.growth import assert_linear


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13800138000打不通", "电话[phone]打不通"),
        ("13800138000,13900139000", "[phone],[phone]"),
        ("１３８００１３８０００。", "[phone]。"),
        ("+86 138-0013-8000", "[phone]"),
        ("打020-87654321没人接", "打[phone]没人接"),
        ("call (555) 123-4567", "call [phone]"),
        ("my number is 98765 43210", "my number is [phone]"),
        ("+44 20 7946 0958 please", "[phone] please"),
        ("身份证11010519491231002X", "身份证[id]"),
        ("卡号6222 0202 0011 2233 445", "卡号[number]"),
        ("发到a.b+c@mail.example.cn", "发到[email]"),
        ("张先生说没信号", "[name]先生说没信号"),
        ("欧阳娜娜女士来电", "[name]女士来电"),
        ("联系人：李四 没信号", "联系人：[name] 没信号"),
        ("Mr. Smith can't call", "Mr. [name] can't call"),
        ("电话1 3 9 9 9 9 9 9 9 9 9谢谢", "电话[phone]谢谢"),
        ("139.9999.9999", "[phone]"),
        ("139/9999/9999或139_9999_9999", "[phone]或[phone]"),
        ("139/99999999", "[phone]"),
        ("139 9999 9999", "[phone]"),
        ("+86 139 9999 9999", "[phone]"),
        ("0086 1 3 9 9 9 9 9 9 9 9 9", "[phone]"),
        ("13\u200b99\u200d999\u20609999", "[phone]"),
        (
            "1\ufe0f\u20e33\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e3",
            "[phone]",
        ),
        ("打一三九九九九九九九九九找我", "打[phone]找我"),
        ("壹叁玖玖玖玖玖玖玖玖玖", "[phone]"),
        ("幺三九 九九九九 九九九九", "[phone]"),
        ("①③⑨⑨⑨⑨⑨⑨⑨⑨⑨", "[phone]"),
        ("١٣٩٩٩٩٩٩٩٩٩", "[number]"),
        ("1-3-9-9-9-9-9-9-9-9-9", "[phone]"),
        ("0 7 5 5 8 6 5 4 3 2 1 0", "[phone]"),
        ("010/6552 1234", "[phone]"),
        ("〇一〇 六五五二一二三四", "[phone]"),
        ("110101 1949 1231 002X", "[id]"),
        ("1 1 0 1 0 1 1 9 4 9 1 2 3 1 0 0 2 1", "[id]"),
        ("110101.19491231.0021", "[id]"),
        ("6222.0202.0011.2233", "[number]"),
        ("a.b@mail . example . com", "[email]"),
        ("a.b (at) qq.com", "[email]"),
        ("zhang at qq dot com", "[email]"),
        ("zh\u200bang@qq.c\u200bom", "[email]"),
        ("mrs jones has no signal", "mrs [name] has no signal"),
        ("Ms Li Na called", "Ms [name] called"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "坐标116.397496,39.908722",
        "116.397496 39.908722",
        "131.551234 45.6789",
        "131.55123456",
        "频点1300 3784900",
        "三档套餐139 1299 1999元",
        "扣了131 5512 3456块钱",
        "$139 1299 1599",
        "PCI 131 5512 3456",
        "eNB ID: 159 2043 1001",
        "小区号 131 5512 3456",
        "测速 131 5512 3456 kbps",
        "22.600131 114.055512",
        "131.5512 34.5612",
        "PCI 101 102 1300",
        "锁频38400 40936 EARFCN 1300 100 18250",
        "13 14 15 16 17 18 号楼",
        "2026/03/04 13:45 1500",
        "139.134.121.34",
        "15.30 45.60 75.30",
        "一二三四五六七八九",
        "二零二六年三月",
        "me @ home. Please help",
        "look at this dot",
        "zero\u200bwidth words",
        "116.13974961234,39.90872201",
        "2026-03-04 15:04:05",
        "460-00-12345-1",
        "460-00-139012-34012",
        "小区460-00-138001-38001掉线",
        "delay 20 ms, I miss calls",
        "5G 100M 3.5GHz RSRP -110dBm",
        "一位先生说没信号",
        "建设路120号3栋501",
        "没信号" * 100,
    ],
)
def test_kept(text: str) -> None:
    assert mask_text(text) == text


def test_missing_and_index_stay() -> None:
    found = mask(pd.Series(["13800138000", None], dtype="str", index=[7, 9]))
    assert found[7] == "[phone]"
    assert pd.isna(found[9])


@pytest.mark.parametrize(
    "text",
    [
        "a" * 26 + "!",
        "1" * 50_000 + "x",
        "信" * 50_000,
        "a@" * 20_000,
        "Mr " * 10_000,
        "1 " * 20_000,
        "13 " * 10_000,
        "九" * 9_000,
        "1\u200b" * 9_000,
    ],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    assert_linear(mask_text, text[:4000])


@pytest.mark.parametrize(
    "text",
    [
        "131 5512 3456",
        "电话131 5512 3456元旦后打",
        "ring me on 131 5512 3456 please",
        "用户 131  5512  3456 反映",
        "号码:131-5512-3456",
    ],
)
def test_three_groups_of_a_mobile_number_are_one(text: str) -> None:
    assert "5512" not in mask_text(text)
    assert "[phone]" in mask_text(text)


PARTS = (
    "张先生", "没信号", "13800138000", " ", "a.b@c.cn", "me (at) mail (dot) com", "+44 20 7946 0958", "，", "1", ".",
    "-", "6222 0200 1234 5678",
    "11010519491231002X", "Mr Brown", "my name is Ann", "021-55551234", "call (415) 555-2671",
    "9876543210", "at home", "联系人：王小明", "1 3 9 0 0 1 3 9 0 0 0", "1390013\u200b9000", "104.0657 30.6598", "元",
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=6).map("".join), min_size=1, max_size=5))
def test_what_a_pattern_needs_is_never_asked_of_too_much(texts: list[str]) -> None:
    """The quick looks that spare most texts the patterns hide nothing from them; repeated texts are no different."""
    array = masking.arrow(pd.Series(texts, dtype="str"))
    array = masking._where(array, masking.HIDDEN, masking._unhidden, bool)
    for change in (masking._without_emails, masking._without_numbers, masking._without_names):
        array = change(array)
    expected = masking._unspelled(array).to_pylist()
    assert mask(pd.Series(texts, dtype="str")).tolist() == expected
    assert mask(pd.Series(texts * 5, dtype="str")).tolist() == expected * 5
