"""The catalogue of causes and the words of evidence, from ``reference/*.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause code with its names, the class of action it asks for, and its sentences (format strings)."""

    code: str
    name_zh: str
    name_en: str
    action_class: str
    sentence_zh: str
    sentence_en: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words of a piece of evidence: the table it comes from, its unit, zh and en."""

    what: str
    source: str
    unit: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What to measure when a table is missing."""

    table: str
    code: str
    zh: str
    en: str


@cache
def causes() -> Mapping[str, Cause]:
    """All causes by code."""
    return MappingProxyType({row["cause"]: Cause(*row.values()) for row in _rows("causes.csv")})


@cache
def labels() -> Mapping[str, Label]:
    """Words of every piece of evidence by code."""
    return MappingProxyType({row["what"]: Label(*row.values()) for row in _rows("evidence_labels.csv")})


@cache
def missing() -> Mapping[str, Missing]:
    """What to measure, by the table that lacks."""
    return MappingProxyType({row["table"]: Missing(*row.values()) for row in _rows("missing.csv")})


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("geoservice") / "reference" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
