"""Codes, shares and nested values as a planner says them, Chinese or English.

The words are data: ``reference/words.csv`` for states, types and the like; causes, actions, classes
and departments have catalogues of their own.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from geoservice import names
from geoservice.export.titles import Language
from geoservice.export.values import Json, prose

_CATALOGUES = {
    "cause": "causes", "action": "actions", "department": "departments", "class": "classes", "what": "evidence_labels",
    "script": "scripts",
}  # fmt: skip
_ALIAS = {"rsrp_basis": "basis", "sinr_basis": "basis"}
_HAN = re.compile("[\u4e00-\u9fff]")
_PARTING = " / "
# Notes we write ourselves in both languages; texts of people are never cut.
BILINGUAL = frozenset({"tests_done", "competitor", "site_notes", "risk_notes"})
_DEGREES = {"elec_tilt_deg": "°", "mech_tilt_deg": "°", "azimuth_deg": "°", "rs_power_dbm": " dBm", "height_m": " m"}


def word(column: str, code: object, language: Language) -> str:
    """What a code in a column is called; the code itself where nothing is written.

    >>> word("state", "draft", "en"), word("cause", "K_HOLE", "zh")
    ('Draft', '覆盖空洞')
    """
    text = str(code)
    if column == "sla":
        return _deadline(text, language)
    if column in _CATALOGUES:
        return _catalogued(_CATALOGUES[column], text, language)
    found = _words().get((_ALIAS.get(column, column), text))
    return text if found is None else found[0 if language == "zh" else 1]


def side(text: str, language: Language) -> str:
    """The half of ``Chinese / English`` that is asked for; any other text as it is.

    Names stand in both halves, whatever is in them: of an odd number of slashes the middle one parts the languages.

    >>> side("未知 / unknown", "en"), side("a / b", "en")
    ('unknown', 'a / b')
    >>> side("依托 A / 乙；待勘 / on A / 乙; to be surveyed", "en")
    'on A / 乙; to be surveyed'
    """
    parts = text.split(_PARTING)
    middle = len(parts) // 2
    zh, en = (_PARTING.join(half) for half in (parts[:middle], parts[middle:]))
    if len(parts) % 2 or not _HAN.search(zh):
        return text
    return (zh if language == "zh" else en).strip()


def told(column: str, value: Json, language: Language) -> Json:
    """A value of a column in words; numbers, times and plain texts stay what they are."""
    if isinstance(value, bool):
        return word("value", "yes" if value else "no", language)
    if isinstance(value, str):
        return side(value, language) if column in BILINGUAL else word(column, value, language)
    teller = _TELLERS.get(column)
    if value is None or isinstance(value, int | float):
        return value
    if teller is not None:
        stop = "；" if language == "zh" else "; "
        return stop.join(part for part in teller(value, language) if part)
    return prose(value)


def option(code: str, language: Language) -> str:
    """What an alternative is called: an action by its name, a planned site, another type at another place."""
    head, _, rest = code.partition(" ")
    for column in ("action", "alternative", "type"):
        name = word(column, head, language)
        if name != head:
            return f"{name} {rest}".strip()
    return code


def moved(change: Mapping[str, Any], language: Language) -> str:
    """One parameter change: ``CGI electrical tilt 6° → 4°``."""
    field = str(change.get("field", ""))
    name, unit = word("field", field, language), _DEGREES.get(field, "")
    if field == "new":
        return f"{name} {change.get('cgi')} ({change.get('to')})"
    return f"{change.get('cgi')} {name} {_plain(change.get('from'))}{unit} → {_plain(change.get('to'))}{unit}"


def quantity(value: object, unit: object, language: Language) -> str:
    """A value with its unit: shares in per cent, everything else with a sensible number of digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if unit == "share":
        return f"{100 * value:.0f} %" if abs(value) >= 0.1 or value == 0 else f"{100 * value:.1f} %"
    if unit == "yes/no":
        return word("value", "yes" if value else "no", language)
    name = word("unit", unit, language) if unit else ""
    return f"{_plain(value)} {name}".strip()


def tried(entry: Mapping[str, Any], language: Language) -> str:
    """One alternative with what was changed, its net effect and why it does not do."""
    name = option(str(entry.get("option") or entry.get("action") or ""), language)
    changes = ", ".join(moved(c, language) for c in entry.get("changes") or [] if isinstance(c, Mapping))
    net = entry.get("net_customers", entry.get("net"))
    parts = [changes, _net(net, language), _reason(entry, language)]
    return f"{name}{'：' if language == 'zh' else ': '}" + ("，" if language == "zh" else ", ").join(
        p for p in parts if p
    )


def _net(net: object, language: Language) -> str:
    if not isinstance(net, int | float):
        return ""
    return f"净改善 {net:.0f} 名用户" if language == "zh" else f"{net:.0f} customers better off, net"


def _reason(entry: Mapping[str, Any], language: Language) -> str:
    return str(entry.get(f"why_{language}") or side(str(entry.get("reason") or ""), language))


def _classes(value: Json, language: Language) -> list[str]:
    found = value.items() if isinstance(value, dict) else ()
    ranked = sorted(found, key=lambda item: -float(str(item[1])))
    return [f"{word('class', code, language)} {_plain(count)}" for code, count in ranked]


def _terms(value: Json, language: Language) -> list[str]:
    if isinstance(value, dict):
        return [f"{word('priority', code, language)} {_plain(points)}" for code, points in value.items()]
    return [term(t, language) for t in _mappings(value)]


def term(entry: Mapping[str, Any], language: Language) -> str:
    """One priority term: its name, points and what they stand on."""
    name, points = word("priority", entry.get("item"), language), _plain(entry.get("points"))
    given = quantity(entry.get("input"), entry.get("unit"), language) + _full(entry, language)
    return f"{name} {points} 分（{given}）" if language == "zh" else f"{name} {points} points ({given})"


def _full(entry: Mapping[str, Any], language: Language) -> str:
    """Where a term counts no further, so that nobody wonders why 60 customers score no more than 10."""
    value, limit = entry.get("input"), entry.get("full_at")
    if not isinstance(value, int | float) or not isinstance(limit, int | float) or value <= limit:
        return ""
    most = quantity(limit, entry.get("unit"), language)
    return f"，{most} 即满分" if language == "zh" else f", full from {most}"


def _sites(value: Json, language: Language) -> list[str]:
    return [f"{site.get('site')} {float(site.get('distance_m') or 0):,.0f} m" for site in _mappings(value)]


def _support(value: Json, language: Language) -> list[str]:
    return [support(e, language) for e in _mappings(value)]


def support(entry: Mapping[str, Any], language: Language) -> str:
    """One piece of evidence: what, value with unit, threshold, measured or predicted."""
    name = word("what", entry.get("what"), language)
    # Yes-or-no evidence has no unit and the value 1: its name says it all.
    flag = not entry.get("unit") and entry.get("value") == 1
    given = "" if flag else quantity(entry.get("value"), entry.get("unit"), language)
    limit = _limit(entry.get("threshold"), entry.get("unit"), language)
    basis = word("basis", entry["basis"], language) if entry.get("basis") else ""
    inside = (", " if language == "en" else "，").join(part for part in (limit, basis) if part)
    said = f"{name} {given}".strip()
    return f"{said} ({inside})" if inside else said


def _limit(threshold: object, unit: object, language: Language) -> str:
    if not threshold:
        return ""
    text = str(threshold)
    if unit == "share":
        text = re.sub(r"-?\d+(?:\.\d+)?", lambda m: f"{100 * float(m[0]):g} %", text)
    return f"{'门限' if language == 'zh' else 'threshold'} {text}"


def _missing(value: Json, language: Language) -> list[str]:
    return [str(entry.get(language) or entry.get("what")) for entry in _mappings(value)]


def _trend(value: Json, language: Language) -> list[str]:
    rows = [s for s in value if isinstance(s, list) and len(s) >= 2] if isinstance(value, list) else []
    return [f"{str(s[0])[:10]}: {_plain(s[1])}" for s in rows if isinstance(s[1], int | float) and s[1] > 0]


def _listed(value: Json, language: Language) -> list[str]:
    items = value if isinstance(value, list) else []
    return [", ".join(str(i[0] if isinstance(i, list) and i else _plain(i)) for i in items)]


def _azimuths(value: Json, language: Language) -> list[str]:
    if not isinstance(value, list):
        return []
    turned = [f"{float(str(a)):.0f}°" for a in value if isinstance(a, int | float)]
    return [" / ".join(turned)] if turned else ["全向" if language == "zh" else "omni"]


def _mappings(value: Json) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _plain(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"


_TELLERS: Mapping[str, Callable[[Json, Language], list[str]]] = {
    "classes": _classes,
    "priority_terms": _terms,
    "nearest_sites": _sites,
    "actions_tried": lambda value, language: [tried(e, language) for e in _mappings(value)],
    "alternatives": lambda value, language: [tried(e, language) for e in _mappings(value)],
    "tried": lambda value, language: [tried(e, language) for e in _mappings(value)],
    "changes": lambda value, language: [moved(e, language) for e in _mappings(value)],
    "evidence": _support,
    "contradictions": _support,
    "missing": _missing,
    "trend": _trend,
    "hexes": _listed,
    "azimuths": _azimuths,
}


def _deadline(text: str, language: Language) -> str:
    """``5 WD`` in words."""
    amount, _, unit = text.partition(" ")
    name = word("sla_unit", unit, language)
    return f"{amount} {name}" if unit else text


def _catalogued(catalogue: str, code: str, language: Language) -> str:
    row = names.catalogue(catalogue).get(code)
    if row is None:
        return code
    return row.get(f"name_{language}") or row.get(language) or code


@cache
def _words() -> dict[tuple[str, str], tuple[str, str]]:
    text = (files("geoservice") / "reference" / "words.csv").read_text("utf-8")
    return {(row["column"], row["code"]): (row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}
