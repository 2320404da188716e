"""What the commands print for people: one language, whole sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from geoservice.cli import common
from geoservice.cli.app import app

_AMBIGUOUS = {
    "fixes": [
        {"lat": 30.6, "lon": 104.0, "radius_m": 400.0, "probability": 0.5, "label": label, "precision": "poi",
         "source": "gazetteer"} for label in ("和平医院 [东区]", "和平路")
    ],
    "verdict": "有 2 个地点都符合，请问是哪一个？", "say": "请问是哪一个？", "complaints_nearby": None,
    "planned_sites": [], "as_of": "2026-03-04T00:00:00+00:00",
}  # fmt: skip


class _Service:
    def lookup(self, query: str, language: str) -> dict[str, Any]:
        return _AMBIGUOUS

    def actions(self, run: str | None) -> list[dict[str, Any]]:
        return [{
            "subject_id": "H0001", "action": "A07", "name_zh": "调整下倾角", "department_zh": "优化", "cost_class": 1,
            "gain": 3.0, "due": "2026-03-09T16:30:00+00:00",
        }]  # fmt: skip

    def hotspots(self, run: str | None) -> list[dict[str, Any]]:
        return []

    def verify(self, action: str, done: datetime, run: str | None) -> dict[str, Any]:
        return {
            "action_id": action, "verdict": "not enough data", "sentence_zh": "数据不足：投诉用户由 3 名变为 1 名。",
            "sentence_en": "Not enough data: complaining customers went from 3 to 1.",
            "lacking": [{"zh": "没有可比的对照区域", "en": "no comparable control hexes"}],
        }  # fmt: skip


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def service(*_: object, **__: object) -> Iterator[_Service]:
        yield _Service()

    monkeypatch.setattr(common, "service", service)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    return run


def test_no_hotspots_is_a_sentence(shown: Any) -> None:
    assert shown("hotspots", "--language", "en").startswith("No significant hotspots")
    assert shown("hotspots", "--language", "zh").startswith("没有显著的投诉热点")
    assert shown("hotspots", "--json") == "[]"


def test_verify_speaks_one_language(shown: Any) -> None:
    zh = shown("verify", "H0001-A07", "--done", "2026-03-20", "--language", "zh")
    assert zh == "H0001-A07: 数据不足：投诉用户由 3 名变为 1 名。 还缺: 没有可比的对照区域"
    en = shown("verify", "H0001-A07", "--done", "2026-03-20", "--language", "en")
    assert en.endswith("went from 3 to 1. lacking: no comparable control hexes")


def test_the_help_of_export_names_the_dossier(shown: Any) -> None:
    words = shown("export", "--help")
    assert "dossier" in words
    assert ".html" in words


@pytest.mark.parametrize("name", ["[/red] 小区", "[bold]", "a[/]b", "[link=x]"])
def test_brackets_in_names_are_not_markup(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    common.say(f" {name}", head=name, to=Console(force_terminal=False))
    Console(width=200).print(common.table(("name",), [(name,)]))
    assert capsys.readouterr().out.count(name) == 3


def test_control_characters_do_not_steer_the_terminal() -> None:
    assert common.plain("a\x1b[31mb\x07") == "a\\x1b[31mb\\x07"


def test_an_ambiguous_place_is_asked_about(shown: Any) -> None:
    told = shown("lookup", "和平", "-l", "zh")
    assert "和平医院 [东区]" in told
    assert "有 2 个地点都符合" in told


def test_due_days_are_local_days(shown: Any) -> None:
    told = shown("actions", "-l", "zh", "--timezone", "Asia/Shanghai")
    assert "2026-03-10" in told
    assert "责任部门" in told
