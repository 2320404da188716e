"""What the commands print for people: one language, whole sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from geoservice.cli import common
from geoservice.cli.app import app


class _Service:
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
