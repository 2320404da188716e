"""Codes, shares and nested values as a planner says them."""

from __future__ import annotations

import csv
import sys
from importlib.resources import files
from pathlib import Path

import openpyxl
import pytest

from geoservice import tables
from geoservice.export import write
from geoservice.export.formats import rounded, shape_of
from geoservice.export.words import moved, option, quantity, side, told, tried, word
from tests.growth import assert_linear

sys.path.insert(0, str(Path(__file__).parent))
import export_factories as factories

CODED = {
    "site_requests": ("state", "type"), "hotspots": ("state", "class_group", "expectation"), "actions": ("gain_basis",),
    "cells": ("type",),
}  # fmt: skip


@pytest.mark.parametrize("table", CODED)
def test_every_code_a_table_allows_has_words(table: str) -> None:
    for name in CODED[table]:
        column = tables.TABLES[table].by_name.get(name)
        for code in column.values if column else ():
            zh, en = (word(name, code, language) for language in ("zh", "en"))
            assert any("\u4e00" <= c <= "\u9fff" for c in zh), (name, code)
            assert en != code, (name, code)


def test_scenes_have_words() -> None:
    text = (files("geoservice") / "reference" / "scenes.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        assert word("scene", row["scene"], "zh") != row["scene"]


def test_codes_become_names() -> None:
    assert told("cause", "K_WEAK", "en") == "Weak coverage"
    assert told("action", "A07", "zh") == "远程电下倾"
    assert told("sla", "5 WD", "en") == "5 working days"
    assert str(told("script", "T4", "zh")).startswith("此处网络正常")
    assert told("classes", {"ECHO": 1, "WEAK_SIGNAL": 9}, "en") == "Weak signal 9; Echo 1"
    assert told("survives_precise", True, "zh") == "是"


def test_peoples_texts_are_never_cut() -> None:
    assert told("place", "甲 / abc", "en") == "甲 / abc"
    assert told("tests_done", "无实测 / none", "en") == "none"
    assert side("A / B", "zh") == "A / B"


def test_shares_and_units() -> None:
    assert quantity(0.834, "share", "en") == "83 %"
    assert quantity(0.012, "share", "en") == "1.2 %"
    assert quantity(1.0, "yes/no", "zh") == "是"
    assert quantity(-114.6, "dBm", "en") == "-115 dBm"


def test_an_alternative_is_a_sentence() -> None:
    move = {"cgi": "X-1", "field": "elec_tilt_deg", "from": 6.0, "to": 4.0}
    assert moved(move, "en") == "X-1 electrical tilt 6° → 4°"
    entry = {"option": "A07", "changes": [move], "net_customers": -2.0, "reason": "受损 / harms"}
    assert tried(entry, "en") == "Remote tilt: X-1 electrical tilt 6° → 4°, -2 customers better off, net, harms"
    assert option("planned-site P1", "zh") == "等待规划站 P1"
    assert option("micro (1.0, 2.0)", "en") == "Micro site (1.0, 2.0)"


def test_numbers_keep_the_digits_their_unit_deserves() -> None:
    assert rounded(699.4, shape_of("site_requests", "predicted_gain_customers")) == 699
    assert rounded(-127.849, shape_of("site_requests", "rsrp_p50_dbm")) == -127.8
    assert rounded(30.2169234, shape_of("site_requests", "lat")) == 30.21692
    assert shape_of("site_requests", "lifted_share").excel == "0%"


def test_a_workbook_shows_words_not_codes(tmp_path: Path) -> None:
    write(factories.site_requests(1), tmp_path / "a.xlsx", layer="x", language="zh")
    cells = [str(c.value) for sheet in openpyxl.load_workbook(tmp_path / "a.xlsx") for row in sheet for c in row]
    assert {"草稿", "宏站", "0° / 120° / 240°"} <= set(cells)
    whole = "\n".join(cells)
    for code in ("draft", "macro", "A07", "A08", "NO_COVERAGE", "net_customers", "Coverage is short here"):
        assert code not in whole


def test_a_long_note_is_cut_in_linear_time() -> None:
    for text in ("信" * 40_000, "信 / " * 10_000 + "信", " / " * 13_000 + "a"):
        assert_linear(lambda part: side(part, "zh"), text)
    assert side("未知 / 无 / unknown / none", "zh") == "未知 / 无"
    assert side("unknown / 未知", "en") == "unknown / 未知"
