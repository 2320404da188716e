"""Thresholds: the shipped ones, a deployment's overrides, and where both are looked for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import geoservice
from geoservice.config import DECIDE_NOTHING, DEFAULT_TIMEZONE, default_config, load_config
from geoservice.errors import ConfigError
from geoservice.service import open_service


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GEOSERVICE_THRESHOLDS", "GEOSERVICE_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def overrides(tmp_path: Path) -> Path:
    path = tmp_path / "ours.json"
    path.write_text(json.dumps({"rsrp_weak": {"value": -105, "unit": "dBm", "source": "ours"}}), "utf-8")
    return path


def test_every_threshold_has_a_unit_and_a_source() -> None:
    for name in default_config():
        entry = default_config().entry(name)
        assert entry.source, name
        assert isinstance(entry.unit, str)


def test_the_defaults_are_the_reference_values(shared: Path) -> None:
    told = json.loads((shared / "domain" / "thresholds.json").read_text("utf-8"))
    ours = default_config()
    for name in set(told) & set(ours):
        assert ours[name] == pytest.approx(float(told[name]["value"])), name
    assert len(set(told) & set(ours)) > 20


def test_overrides_are_laid_over_the_defaults(overrides: Path) -> None:
    ours, shipped = load_config(overrides), default_config()
    assert ours["rsrp_weak"] == -105
    assert ours.entry("rsrp_weak").source == "ours"
    assert {name for name in ours if ours[name] != shipped[name]} == {"rsrp_weak"}
    assert shipped["rsrp_weak"] == -110


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "JSON"),
        ("[]", "object"),
        ('{"rsrp_week": {"value": 1}}', "unknown threshold"),
        ('{"mos_ok": {"value": 3.2}}', "no rule decides"),
        ('{"rsrp_weak": -105}', "value"),
        ('{"rsrp_weak": {"value": "-105"}}', "value"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=why):
        load_config(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "absent.json")


def test_every_way_in_reads_the_environment(tmp_path: Path, overrides: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(load_config().timezone) == DEFAULT_TIMEZONE
    monkeypatch.setenv("GEOSERVICE_THRESHOLDS", str(overrides))
    monkeypatch.setenv("GEOSERVICE_TIMEZONE", "Asia/Kolkata")
    service = open_service(f"sqlite:///{tmp_path}/geo.db")
    assert service.config["rsrp_weak"] == -105
    assert str(service.config.timezone) == "Asia/Kolkata"
    service.close()
    assert str(load_config(timezone="Europe/Berlin").timezone) == "Europe/Berlin"
    with pytest.raises(ConfigError, match="time zone"):
        load_config(timezone="Mars/Olympus")


def test_every_threshold_decides_something_or_is_known_to_decide_nothing() -> None:
    """A deployment that sets a threshold must see it obeyed."""
    root = Path(geoservice.__file__).parent
    files = [path for kind in ("*.py", "*.json", "*.csv", "*.toml") for path in root.rglob(kind)]
    read = [path.read_text("utf-8") for path in files if path.name not in ("thresholds.json", "config.py")]
    words = set().union(*(re.findall(r"\w+", text) for text in read))
    assert {name for name in default_config() if name not in words} == DECIDE_NOTHING
