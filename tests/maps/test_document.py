"""The exported map: one file, nothing from outside, nothing that runs out of data."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from maps.escaping import esc, json_block
from maps.pages import MapData, exported_page
from maps.style import SCALES, scales
from maps.texts import TEXTS

HOSTILE = [
    "<script>document.body.dataset.pwn=1</script>",
    "</script><script>document.body.dataset.pwn=1</script>",
    "${document.body.dataset.pwn=1}",
    "`+(document.body.dataset.pwn=1)+`",
    '"><img src=x onerror="document.body.dataset.pwn=1">',
    "{{ 7*7 }}{% endraw %}{{ 7*7 }}",
    "\u2028\u2029",
    "<!--<script>",
]


def data(text: str = "plain") -> MapData:
    spot: dict[str, Any] = {
        "id": "H0001", "rank": 1, "lat": 30.3, "lon": 118.1, "customers": 12, "expected": 2.0, "relative_risk": 6.0,
        "risk_low": 3.0, "risk_high": 9.0, "p_value": 0.001,
        "from": "2026-03-01T00:00:00Z", "to": "2026-03-09T00:00:00Z",
        "classes": {text: 12}, "class_names": {text: {"name_zh": text, "name_en": text}}, "precise_share": 1.0,
        "cause_name_zh": text, "cause_name_en": text, "confidence": 0.9, "sentence_zh": text, "sentence_en": text,
        "actions": [{"action": "A07", "name_zh": text, "name_en": text}], "outline": None,
    }  # fmt: skip
    cell = {
        "cgi": text,
        "lat": 30.3,
        "lon": 118.1,
        "rat": "LTE",
        "azimuth_deg": 30.0,
        "hbw_deg": 65.0,
        "cell_name": text,
    }
    request = {"request_no": text, "lat": 30.3, "lon": 118.1, "search_ring_m": 100, "type": text, "priority": 50.0}
    hexes = [{"resolution": 9, "hexes": ["89411caa05bffff"], "values": [4.0], "few": [False]}]
    place = {"name": text, "lat": 30.31, "lon": 118.11, "size": 2}
    return MapData(hexes, [spot], [cell], [request], [place])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_loaded_from_outside(language: str) -> None:
    page = exported_page(data(), language)
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=", page)
    assert not re.search(r"url\(\s*['\"]?https?:", page)
    assert "cdn" not in page.lower()


@pytest.mark.parametrize("text", HOSTILE)
def test_data_cannot_end_their_block_or_become_script(text: str) -> None:
    plain, hostile = exported_page(data(), "en", "x"), exported_page(data(text), "en", text)
    assert hostile.count("<script") == plain.count("<script")
    assert hostile.count("</script") == plain.count("</script")
    block = re.search(r'<script type="application/json" id="geomap-data">(.*?)</script>', hostile, re.S)
    assert block is not None
    assert json.loads(block[1])["hotspots"][0]["sentence_en"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_inert(text: str) -> None:
    escaped = esc(text)
    assert not set(escaped) & set("<>\"'`$\\{}")


def test_json_blocks_round_trip() -> None:
    value = {"a": HOSTILE, "n": [1.5, None, True]}
    assert json.loads(json_block(value)) == value
    assert "<" not in json_block(value)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_scale_has_a_colour_for_every_class(language: str) -> None:
    for name, scale in scales(language).items():
        assert scale["title"], name
        if scale["breaks"]:
            assert len(scale["colours"]) == len(scale["breaks"]) + 1, name
            assert list(scale["breaks"]) == sorted(scale["breaks"]), name
            assert scale["unit"], name
        if scale["categories"]:
            assert len(scale["colours"]) == len(scale["categories"]), name


def test_both_languages_have_the_same_words() -> None:
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()
    assert all(text for texts in TEXTS.values() for text in texts.values())


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_heat_scale_darkens_step_by_step() -> None:
    """Order survives any colour-vision deficiency when lightness alone tells it."""
    lightness = [luminance(colour) for colour in SCALES["customers"].colours]
    assert lightness == sorted(lightness, reverse=True)
