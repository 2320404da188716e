"""Notes that we write in both languages, cut to the one asked for, in the formats that keep canonical names."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoservice.export.titles import Language
from geoservice.export.values import parse_json
from geoservice.export.words import BILINGUAL, side

# Lists of trials whose entries carry a reason.
_TRIALS = ("actions_tried", "alternatives", "tried")


def in_language(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """``frame`` with our own notes and reasons in one language; codes, names and texts of people as they are."""
    found = {name: frame[name].map(lambda text: _side(text, language)) for name in BILINGUAL & set(frame.columns)}
    found |= {name: frame[name].map(lambda listed: _trials(listed, language)) for name in _TRIALS if name in frame}
    return frame.assign(**found)


def _side(text: Any, language: Language) -> Any:
    return side(text, language) if isinstance(text, str) else text


def _trials(listed: Any, language: Language) -> Any:
    entries = parse_json(listed)
    if not isinstance(entries, list):
        return listed
    return [_reasoned(entry, language) for entry in entries]


def _reasoned(entry: Any, language: Language) -> Any:
    if not isinstance(entry, dict) or "reason" not in entry:
        return entry
    return {**entry, "reason": _side(entry["reason"], language)}
