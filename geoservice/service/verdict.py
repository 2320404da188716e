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
# Of every other cause fewer complaints say only that people stopped calling.
_EVENTS = frozenset({"K_OUTAGE", "K_ENERGY"})
_UNKNOWN = "K_UNKNOWN"
_OVER_AFTER_EVENT = timedelta(hours=12)
# A site is only spoken of to customers once its request has been submitted.
# So many customers nearby have complained that "nothing is known" would be a lie, significant hotspot or not.
_SEVERAL = 5
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
        return _of_hotspot(config, answer, as_of, best["radius_m"], language)
    if answer["too_coarse"]:
        return told("too_coarse", {"radius": f"{best['radius_m']:.0f}"}, language)
    if coverage is None or (coverage["basis"] == "assumed" and coverage["level"] == "hole"):
        return told("unknown", {}, language)
    basis = {f"basis_{lang}": _BASIS[lang][coverage["basis"]] for lang in ("zh", "en")}
    numbers = {"rsrp": f"{coverage['rsrp_dbm']:.0f}", "indoor": f"{coverage['rsrp_indoor_dbm'] or np.nan:.0f}"}
    return told(_level_code(config, answer), numbers | basis | _around(answer), language)


def _level_code(config: Config, answer: Answer) -> str:
    """The level, unless it suffices: then quality and the neighbours' complaints have a word before "fine"."""
    coverage, near = answer["coverage"], answer.get("complaints_nearby")
    if coverage["level"] != "fine":
        return str(coverage["level"])
    if coverage.get("sinr_db") is not None and coverage["sinr_db"] < config["sinr_poor"]:
        return "poor_quality"
    return "fine_but_complaints" if near is not None and near["customers"] >= _SEVERAL else "fine"


def _around(answer: Answer) -> dict[str, Any]:
    """Numbers of quality and of the complaints nearby, as the sentences name them."""
    coverage, near = answer["coverage"], answer.get("complaints_nearby") or {}
    commonest = next(iter(near.get("classes") or {}), None)
    values: dict[str, Any] = {"nearby": near.get("customers"), "reach": f"{near.get('radius_m', 0):.0f}"}
    values |= {"days": near.get("days"), "sinr": _whole(coverage.get("sinr_db"))}
    named = {lang: names.name_of("classes", commonest, lang) if commonest else "?" for lang in ("zh", "en")}
    return values | {f"class_{lang}": name for lang, name in named.items()}


def _whole(value: float | None) -> str:
    """A whole number without the sign of a zero."""
    return "?" if value is None else f"{round(value):d}"


def _of_hotspot(config: Config, answer: Answer, as_of: datetime, radius_m: float, language: str) -> Answer:
    hotspot = answer["hotspot"]
    due = hotspot["due"] if hotspot["due"] and pd.Timestamp(hotspot["due"]) >= pd.Timestamp(as_of) else None
    values = {
        "rank": hotspot["rank"],
        "customers": hotspot["customers"],
        "since": day(config, hotspot["since"]),
        "to": last_day(config, hotspot["to"]),
        "radius": f"{radius_m:.0f}",
        "due": day(config, due) if due else "?",
        "request": hotspot["request"],
        "is_unclear": hotspot["cause"] == _UNKNOWN,
    }
    values |= {f"cause_{lang}": hotspot[f"cause_name_{lang}"] or "?" for lang in ("zh", "en")}
    return told(_hotspot_code(answer, as_of), values, language, hotspot["script"])


def _hotspot_code(answer: Answer, as_of: datetime) -> str:
    hotspot, coverage = answer["hotspot"], answer["coverage"]
    if not hotspot["inside"]:
        return "hotspot_near"
    event = hotspot["cause"] in _EVENTS
    patience = _OVER_AFTER_EVENT if event else _OVER_AFTER
    ended = pd.Timestamp(hotspot["to"]) < pd.Timestamp(as_of) - patience
    if ended and event:
        return "hotspot_over"
    # The signal that people complained of is as poor as it was: silence does not make it better.
    if ended and (coverage is None or coverage["level"] not in {"hole", "weak"}):
        return "hotspot_quiet"
    if hotspot["script"] == _BUILD_SCRIPT:
        return "hotspot_build" if hotspot["request_state"] in _PROMISED else "hotspot_survey"
    return "hotspot"


def told(code: str, values: Mapping[str, Any], language: str, script: str | None = None) -> Answer:
    """A verdict in both languages with what to say."""
    row = names.catalogue("verdicts")[code]
    texts = {lang: row[f"text_{lang}"].format(**_in_language(values, lang)) for lang in ("zh", "en")}
    # "Insufficient evidence" is for the handler: to the customer it says nothing.
    spoken = names.catalogue("verdicts").get(f"{code}.unclear", row) if values.get("is_unclear") else row
    said = {lang: _said(spoken, script, values, lang) for lang in ("zh", "en")}
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


def last_day(config: Config, end: str) -> str:
    """The last day of a period whose end is excluded."""
    return day(config, str(pd.Timestamp(end) - pd.Timedelta(seconds=1)))


def day(config: Config, moment: str) -> str:
    """A time as people say it: the local day."""
    return pd.Timestamp(moment).tz_convert(config.timezone).strftime("%Y-%m-%d")
