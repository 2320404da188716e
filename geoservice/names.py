"""What codes are called in Chinese and English; the texts are data in ``reference/``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
# Classes of levels on maps and in dossiers: from "no usable level" (dark red) to "excellent" (dark blue).
LEVEL_EDGES_DBM = (-120.0, -110.0, -105.0, -95.0, -85.0)
LEVEL_COLOURS = ("#7f0000", "#d7301f", "#fdae61", "#fee99f", "#74add1", "#2c4f9e")


@cache
def catalogue(name: str) -> MappingProxyType[str, dict[str, str]]:
    """Rows of ``reference/<name>.csv`` by their first column (``classes``, ``causes``, ``actions``, ``scripts``)."""
    text = (files("geoservice") / "reference" / f"{name}.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    key = next(iter(rows[0]))
    return MappingProxyType({row[key]: row for row in rows})


def name_of(catalogue_name: str, code: str, language: str) -> str:
    """The name of a code in a language; the code itself when it is not catalogued."""
    row = catalogue(catalogue_name).get(code)
    return row[f"name_{language}"] if row else code


def class_group(code: str) -> str:
    """The group a complaint class is scanned in."""
    row = catalogue("classes").get(code)
    return row["group"] if row else "all"


def language_of(*wishes: str | None) -> Language:
    """The one rule for pages, API and command line: the first wish that names one of our languages, else Chinese.

    A wish is a code (``en``), a locale (``zh_CN.UTF-8``) or a list like ``Accept-Language`` (RFC 9110, 12.5.4).

    >>> language_of(None, "fr-FR, en;q=0.8, zh;q=0.9"), language_of("C.UTF-8"), language_of("en_GB.UTF-8", "zh")
    ('zh', 'zh', 'en')
    """
    for wish in wishes:
        for code in ranked(wish or ""):
            found = next((language for language in LANGUAGES if code[:2] == language), None)
            if found is not None and code[2:3] in ("", "-", "_", "."):
                return found
    return LANGUAGES[0]


def ranked(wish: str) -> list[str]:
    """The codes of a wish, most wanted first; those with weight 0 are not wanted (RFC 9110, 12.4.2)."""
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(wish.lower().split(",")[:20]):
        code, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), position, code))
        except ValueError:
            continue
    return [code for weight, _, code in sorted(ranked) if weight < 0]
