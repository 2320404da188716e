"""One plain sentence, with numbers and units, for a cause."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

import pandas as pd

from geoservice.diagnosis.causes import causes, labels

UNKNOWN_NUMBER = "–"


class _Plain(Formatter):
    """Formats numbers with their unit's usual precision; anything unknown becomes a dash."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None or (not isinstance(value, list | dict) and pd.isna(value)):
            return UNKNOWN_NUMBER
        if format_spec == "%":
            return _percent(float(value))
        return str(format(value, format_spec)).replace("-", "−") if format_spec else str(value)


def _percent(share: float) -> str:
    digits = 0 if share >= 0.1 or share == 0 else 1
    return f"{100 * share:.{digits}f} %"


def cause_sentences(diagnosis: Mapping[str, Any], evidence: Mapping[str, Any]) -> tuple[str, str]:
    """The cause in one sentence, Chinese and English.

    Parameters
    ----------
    diagnosis : a row of DIAGNOSES.
    evidence : the row of EVIDENCE of the same subject.
    """
    cause = causes()[str(diagnosis["cause"])]
    values = {str(k): v for k, v in evidence.items()} | _combined(evidence)
    asked = list(diagnosis.get("missing") or [])
    zh = values | {"missing": "；".join(m["zh"] for m in asked) or UNKNOWN_NUMBER}
    en = values | {"missing": "; ".join(m["en"] for m in asked) or UNKNOWN_NUMBER}
    return _Plain().vformat(cause.sentence_zh, (), zh), _Plain().vformat(cause.sentence_en, (), en)


def _combined(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Figures that come from one of two places: observed before predicted, alarm before sleeping cell."""
    return {
        "overshooting_cgi": _first(evidence, "far_cgi", "overshoot_cgi"),
        "reach_ratio": _first(evidence, "far_ratio", "overshoot_ratio"),
        "neighbour_pair": _first(evidence, "missing_neighbour", "ho_fail_pair"),
        "alarm_object": _first(evidence, "alarm_object", "sleeping_cgi"),
        "alarm_share": _larger(evidence, "alarm_share", "sleeping_share"),
        "alarm_expected_share": evidence.get("alarm_expected_share"),
    }


def _first(evidence: Mapping[str, Any], *names: str) -> Any:
    return next((evidence[n] for n in names if n in evidence and not pd.isna(evidence[n])), None)


def _larger(evidence: Mapping[str, Any], *names: str) -> float:
    return max((float(evidence[n]) for n in names if n in evidence and not pd.isna(evidence[n])), default=float("nan"))


def label(what: str, language: str = "en") -> str:
    """Words of a piece of evidence by its code; the code itself when it has none."""
    found = labels().get(what)
    return what if found is None else (found.zh if language == "zh" else found.en)
