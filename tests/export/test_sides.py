"""Our own notes in one language, in every format."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from geoservice import export
from geoservice.export.words import side, support, term

sys.path.insert(0, str(Path(__file__).parent))
import export_factories as factories

NOTES = {
    "tests_done": ["273 个采样 / 273 samples"] * 2,
    "competitor": ["未知 / unknown"] * 2,
    "site_notes": ["依托 莲花 / 山；需勘察 / on 莲花 / 山; to be surveyed"] * 2,
    "risk_notes": ["未见特殊风险 / none known"] * 2,
    "alternatives": [[{"option": "A08", "reason": "净受益不为正 / no net gain"}]] * 2,
}
ZH = ("273 个采样", "未知", "依托 莲花 / 山；需勘察", "未见特殊风险", "净受益不为正")
EN = ("273 samples", "unknown", "on 莲花 / 山; to be surveyed", "none known", "no net gain")


def read(path: Path) -> pd.DataFrame:
    """The rows of an export for programs."""
    if path.suffix == ".csv":
        return pd.read_csv(path)
    if path.suffix == ".geojson":
        return pd.DataFrame([feature["properties"] for feature in json.loads(path.read_text("utf-8"))["features"]])
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    import pyogrio

    return pyogrio.read_dataframe(path, read_geometry=False)


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".gpkg", ".parquet"])
@pytest.mark.parametrize(("language", "told", "other"), [("zh", ZH, EN), ("en", EN, ZH)])
def test_notes_are_in_the_language_asked_for(
    tmp_path: Path, suffix: str, language: str, told: tuple[str, ...], other: tuple[str, ...]
) -> None:
    path = tmp_path / f"requests{suffix}"
    export.write(factories.site_requests(**NOTES), path, layer="site_requests", language=language)  # type: ignore[arg-type]
    row = read(path).iloc[0]
    assert tuple(row[name] for name in list(NOTES)[:4]) == told[:4]
    text = str(row["alternatives"])
    assert told[4] in text
    assert other[4] not in text
    assert row["request_no"] == "SR-H0000"
    assert row["place"] == "深圳市莲花山"


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("依托 春江公馆；未知 / on 春江公馆; unknown", "依托 春江公馆；未知", "on 春江公馆; unknown"),
        ("a / b", "a / b", "a / b"),
        ("甲 / 乙 / 丙", "甲 / 乙 / 丙", "甲 / 乙 / 丙"),
        ("没有斜杠", "没有斜杠", "没有斜杠"),
        ("", "", ""),
    ],
)
def test_the_middle_slash_parts_the_languages(text: str, zh: str, en: str) -> None:
    assert (side(text, "zh"), side(text, "en")) == (zh, en)


def test_yes_or_no_evidence_and_full_terms_read_as_sentences() -> None:
    assert support({"what": "cluster", "value": 1, "unit": ""}, "en").endswith("beyond chance")
    assert support({"what": "rsrp", "value": 1.0, "unit": "dBm"}, "en").endswith("1 dBm")
    full = {"item": "customers", "points": 30.0, "input": 32.0, "unit": "customers", "full_at": 10.0}
    assert term(full, "en").endswith("(32 customers, full from 10 customers)")
    assert term(full | {"input": 6.0, "points": 18.0}, "en").endswith("(6 customers)")
