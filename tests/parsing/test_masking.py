"""Personal data in texts: masked; what only looks like it: kept. Linear time on hostile texts."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from geoservice.parsing.masking import mask, mask_text


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
        "116.13974961234,39.90872201",
        "2026-03-04 15:04:05",
        "460-00-12345-1",
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
    "text", ["a" * 26 + "!", "1" * 50_000 + "x", "信" * 50_000, "a@" * 20_000, "Mr " * 10_000, "1 " * 20_000]
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    mask_text("13800138000")
    started = time.process_time()
    mask_text(text[:4000])
    assert time.process_time() - started < 0.1
