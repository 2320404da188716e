from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

from geoservice import tables
from geoservice.export import write_dossier

sys.path.insert(0, str(Path(__file__).parent))
import export_factories as factories

EVIL = "<img src=x onerror=alert(1)>\"'`${1}"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def _dossier(path: Path, language: str, **changes: object) -> str:
    diagnoses = pd.DataFrame(
        {
            "subject_id": ["H0000"], "rank": [1], "cause": ["K_HOLE"], "confidence": [0.8], "is_gate": [False],
            "shown": [True], "evidence": [[{"what": EVIL, "value": -118.0}]], "contradictions": [[]], "missing": [[]],
        }
    )  # fmt: skip
    request = factories.site_requests(1, **changes).iloc[0]
    write_dossier(
        request, factories.hotspots(1).iloc[0], tables.conform(diagnoses, tables.DIAGNOSES),
        tables.empty(tables.ACTIONS), factories.coverage(19), path, language,
    )  # fmt: skip
    return path.read_text("utf-8")


def test_the_page_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    text = _dossier(tmp_path / "d.html", "zh", place=[EVIL], sentence_zh=[EVIL], classes=[{EVIL: 3}])
    tags = _Tags()
    tags.feed(text)
    assert not set(tags.tags) & {"script", "img", "link", "iframe", "object", "embed", "base", "form"}
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href")]
    addresses = re.findall(r"(?:https?:)?//[^\"' <]+", text)
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


def test_the_page_shows_map_charts_form_and_evidence_in_both_languages(tmp_path: Path) -> None:
    for language, words in {
        "zh": ("建站需求单", "位置图", "证据"),
        "en": ("Site-build request", "Map", "Evidence"),
    }.items():
        text = _dossier(tmp_path / "d.html", language)
        assert all(word in text for word in words)
        assert text.count("<svg") == 5, "map, its legend, priority, classes, trend"
        assert "福田1" in text
        assert ("覆盖空洞" if language == "zh" else "Coverage hole") in text
        assert "K_HOLE" not in text
        assert text.count("<path") >= 19 + 3 + 3 + 1, "hexes, uncovered hexes, sectors, ring"


def test_a_request_without_evidence_still_prints(tmp_path: Path) -> None:
    request = tables.conform(
        pd.DataFrame(
            {
                "request_no": ["SR-1"], "run_id": ["R"], "state": ["draft"], "customers": [1], "lat": [1.0],
                "lon": [2.0],
                "type": ["DAS"], "priority": [0.0], "priority_terms": [[]],
            }
        ),
        tables.SITE_REQUESTS,
    ).iloc[0]  # fmt: skip
    write_dossier(request, None, None, None, None, tmp_path / "d.html", "en")
    assert "SR-1" in (tmp_path / "d.html").read_text("utf-8")


def test_with_a_what_if_the_page_shows_before_and_after_and_the_curve(tmp_path: Path) -> None:
    coverage = factories.coverage(19)
    what_if = pd.DataFrame({"hex": coverage["hex"], "customers": 10.0, "rsrp_before_dbm": -125.0})
    what_if["rsrp_after_dbm"] = [-80.0] * 12 + [-125.0] * 7
    curve = pd.DataFrame({"rsrp_dbm": [-130.0, -85.0], "rate": [9.0, 1.0], "low": [7.0, 0.8], "high": [12.0, 1.3]})
    request = factories.site_requests(1).iloc[0]
    path = write_dossier(
        request, None, None, None, coverage, tmp_path / "d.html", "en", what_if=what_if, curve=curve
    )  # fmt: skip
    text = path.read_text("utf-8")
    assert text.count("<svg") == 7, "two maps, their legend, levels, priority, classes, curve"
    assert "Before" in text
    assert ">190<" in text, "all customers under -120 dBm before"
    assert ">120<" in text, "those of twelve hexes above -85 dBm after"
    assert text.count('fill="#2c4f9e"') == 12 + 1, "twelve blue hexes after, and the legend"
