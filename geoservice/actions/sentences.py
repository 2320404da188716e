"""One plain sentence for an action, Chinese and English, with numbers and units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geoservice.actions.catalogue import actions
from geoservice.actions.search import Trial

DASH = "–"
# Customers are asked in a call back; "none" is the field test itself.
_NOT_OF_THE_FIELD = frozenset({"complaints", "none"})
FIELD_WORDS = {
    "elec_tilt_deg": ("电下倾", "electrical tilt", "°"),
    "azimuth_deg": ("方位角", "azimuth", "°"),
    "rs_power_dbm": ("参考信号功率", "RS power", " dBm"),
}


def action_sentences(
    action: str, evidence: Mapping[str, Any], diagnosis: Mapping[str, Any], trial: Trial | None
) -> tuple[str, str]:
    """The action in one sentence, Chinese and English; without a computed effect the catalogue's name stands."""
    found = actions()[action]
    if found.computed and trial is None and action != "A14":
        return f"{found.name_zh}。", f"{found.name_en}."
    zh, en = _values(evidence, diagnosis, trial, 0), _values(evidence, diagnosis, trial, 1)
    return found.sentence_zh.format(**zh), found.sentence_en.format(**en)


def _values(
    evidence: Mapping[str, Any], diagnosis: Mapping[str, Any], trial: Trial | None, language: int
) -> dict[str, str]:
    serving = evidence.get("serving")
    names = [str(s["cgi"]) for s in serving[:2]] if isinstance(serving, list) else []
    return {
        "cells": ("、" if language == 0 else ", ").join(names) or DASH,
        "object": _text(evidence, "alarm_object", "sleeping_cgi", "energy_cgi", "kpi_cgi"),
        "window": _text(evidence, "energy_window"),
        "pair": _text(evidence, "missing_neighbour", "ho_fail_pair", "mod3_pair"),
        "plan": _text(evidence, "planned_site"),
        "plan_m": _number(evidence.get("planned_site_m"), ".0f"),
        "ul_interf": _number(evidence.get("ul_interf_dbm"), ".0f"),
        "prb": _number(evidence.get("prb_busy"), ".0%"),
        "lacking": _lacking(diagnosis, language),
        "net": DASH if trial is None else f"{trial.net:.0f}",
        "changes": DASH if trial is None else describe(trial, language),
    }


def _lacking(diagnosis: Mapping[str, Any], language: int) -> str:
    """What the field test must bring besides; what only the customer knows is asked in the call back."""
    asked = [m for m in diagnosis.get("missing") or [] if m.get("table") not in _NOT_OF_THE_FIELD]
    if not asked:
        return ""
    if language == 0:
        return "；补充：" + "；".join(str(m["zh"]) for m in asked)
    return "; also obtain: " + "; ".join(str(m["en"]) for m in asked)


def describe(trial: Trial, language: int) -> str:
    """Changes in words: language 0 Chinese, 1 English."""
    parts = [_move(move, language) for move in trial.moves]
    return ("，" if language == 0 else ", ").join(dict.fromkeys(parts))


def _move(move: Mapping[str, object], language: int) -> str:
    words = FIELD_WORDS.get(str(move["field"]))
    if words is None:
        return ("新站 " if language == 0 else "new site at ") + str(move["to"])
    before, after = (_number(move[end], "g") + words[2] for end in ("from", "to"))
    return f"{move['cgi']} {words[language]} {before} → {after}"


def _text(evidence: Mapping[str, Any], *names: str) -> str:
    return next((str(evidence[n]) for n in names if isinstance(evidence.get(n), str)), DASH)


def _number(value: Any, spec: str) -> str:
    if value is None or pd.isna(value):
        return DASH
    return format(float(value), spec).replace("-", "−")
