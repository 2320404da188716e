"""One sentence about a place, and what to tell the customer; nothing is promised that is not on file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from geoservice import names
from geoservice.config import Config

Answer = dict[str, Any]
# A hotspot whose last step lies further back than this is told as history.
_OVER_AFTER = timedelta(days=7)
# Causes that end with their event: once no alarm is active and the window is over, nothing is being repaired.
_EVENTS = frozenset({"K_OUTAGE", "K_ENERGY"})
_OVER_AFTER_EVENT = timedelta(hours=12)
# A site is only spoken of to customers once its request has been submitted.
_PROMISED = frozenset({"submitted", "approved"})
_BUILD_SCRIPT = "T3"
_BASIS = {
    "zh": {"measured": "实测", "blended": "实测与预测综合", "predicted": "预测", "assumed": "假设"},
    "en": {"measured": "measured", "blended": "measured and predicted", "predicted": "predicted", "assumed": "assumed"},
}


def judge(config: Config, answer: Answer, as_of: datetime, language: str) -> Answer:
    """The verdict on an answer card: what explains trouble here best, in the order a handler needs it."""
    outage, hotspot, coverage = answer["outage"], answer["hotspot"], answer["coverage"]
    best = answer["fixes"][0]
    if outage is not None:
        values = {"cell": outage["object"], "code": outage["code"], "since": day(config, outage["from"])}
        return told("planned_work" if outage["planned"] else "outage", values, language)
    if hotspot is not None:
        return _of_hotspot(config, hotspot, as_of, best["radius_m"], language)
    if answer["too_coarse"]:
        return told("too_coarse", {"radius": f"{best['radius_m']:.0f}"}, language)
    if coverage is None or (coverage["basis"] == "assumed" and coverage["level"] == "hole"):
        return told("unknown", {}, language)
    basis = {f"basis_{lang}": _BASIS[lang][coverage["basis"]] for lang in ("zh", "en")}
    numbers = {"rsrp": f"{coverage['rsrp_dbm']:.0f}", "indoor": f"{coverage['rsrp_indoor_dbm'] or np.nan:.0f}"}
    return told(coverage["level"], numbers | basis, language)


def _of_hotspot(config: Config, hotspot: Answer, as_of: datetime, radius_m: float, language: str) -> Answer:
    values = {
        "rank": hotspot["rank"],
        "customers": hotspot["customers"],
        "since": day(config, hotspot["since"]),
        "to": day(config, hotspot["to"]),
        "radius": f"{radius_m:.0f}",
        "due": day(config, hotspot["due"]) if hotspot["due"] else "?",
        "request": hotspot["request"],
    }
    values |= {f"cause_{lang}": hotspot[f"cause_name_{lang}"] or "?" for lang in ("zh", "en")}
    return told(_hotspot_code(hotspot, as_of), values, language, hotspot["script"])


def _hotspot_code(hotspot: Answer, as_of: datetime) -> str:
    if not hotspot["inside"]:
        return "hotspot_near"
    patience = _OVER_AFTER_EVENT if hotspot["cause"] in _EVENTS else _OVER_AFTER
    if pd.Timestamp(hotspot["to"]) < pd.Timestamp(as_of) - patience:
        return "hotspot_over"
    if hotspot["script"] == _BUILD_SCRIPT:
        return "hotspot_build" if hotspot["request_state"] in _PROMISED else "hotspot_survey"
    return "hotspot"


def told(code: str, values: Mapping[str, Any], language: str, script: str | None = None) -> Answer:
    """A verdict in both languages with what to say."""
    row = names.catalogue("verdicts")[code]
    texts = {lang: row[f"text_{lang}"].format(**_in_language(values, lang)) for lang in ("zh", "en")}
    said = {lang: _said(row, script, values, lang) for lang in ("zh", "en")}
    return {
        "verdict": texts[language],
        "verdict_code": code,
        "verdict_zh": texts["zh"],
        "verdict_en": texts["en"],
        "say": said[language],
        "say_zh": said["zh"],
        "say_en": said["en"],
    }


def _said(row: Mapping[str, str], script: str | None, values: Mapping[str, Any], language: str) -> str:
    own = row[f"say_{language}"]
    # A hotspot without a due date has its script; one with a date is told the date.
    if own and not ("{due}" in own and values.get("due") == "?"):
        return own.format(**_in_language(values, language))
    return names.catalogue("scripts")[script or row["script"]][language]


def _in_language(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    suffix = f"_{language}"
    return dict(values) | {key.removesuffix(suffix): value for key, value in values.items() if key.endswith(suffix)}


def day(config: Config, moment: str) -> str:
    """A time as people say it: the local day."""
    return pd.Timestamp(moment).tz_convert(config.timezone).strftime("%Y-%m-%d")
