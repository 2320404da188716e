"""What codes are called in Chinese and English; the texts are data in ``reference/``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from types import MappingProxyType


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
